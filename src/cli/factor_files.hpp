// Factors in .npy files: the start of a fit, and the model that a fit left.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"
#include "report/run_json.hpp"

namespace mpinmf::cli {

struct Shape {
  Index rows = 0, columns = 0;
};

/// The shape of a two-dimensional .npy file. Throws SystemError, BadData. Does not communicate.
Shape factor_shape(const std::string& path);

/// Throws ShapeMismatch on every rank, with both shapes, unless the file has the wanted one. Collective.
/// `what` is "W0 (rows of V x k)".
void require_factor_shape(const Comm& comm, const std::string& path, Shape wanted, const std::string& what);

/// All of a factor on every rank, read once. Collective. Throws BadData, naming file, row and column, for an entry
/// that is negative or not finite.
template <class T>
Matrix<T> read_factor_everywhere(const Comm& comm, const std::string& path);

/// A factor's rows first .. first + count - 1; the same is asked of its entries. Collective.
template <class T>
Matrix<T> read_factor_rows(const Comm& comm, const std::string& path, Index first, Index count);

/// The folder a fit wrote. Where it has no run.json (factors of another program), the usual values are assumed.
struct Model {
  std::string folder, w_path, h_path, d_path;
  Shape h;  ///< k x columns
  report::ModelFacts facts;
  bool has_record = false;  ///< run.json is there
  std::string v_path;       ///< V, where run.json says
  std::string mask;         ///< which of its entries were unknown, where it says so
  FileReading v_reading;    ///< as it was read
};
/// The model in `folder`, or in the best of the fits that it holds; which one is said unless `quiet`. Collective.
Model open_model(const Comm& comm, const std::string& folder, bool quiet);
/// H of the model on every rank, k x columns; D H where the fit kept D apart. Collective. Throws as
/// read_factor_everywhere.
template <class T>
Matrix<T> read_model_h(const Comm& comm, const Model& model);
/// Throws SystemError, saying why, when the folder holds no W. Does not communicate.
void require_w(const Model& model);

}  // namespace mpinmf::cli
