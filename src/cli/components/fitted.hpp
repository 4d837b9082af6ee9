// A model, and V beside it, as pictures want them. Without MPI.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "cli/factor_files.hpp"
#include "mpinmf/load.hpp"

namespace mpinmf::cli {

class Fitted {
 public:
  /// Opens the model and reads H (D H where D is kept apart). Throws as open_model and read_model_h.
  explicit Fitted(const ComponentsArguments& arguments);

  const ComponentsArguments& asked() const { return a_; }
  const Model& model() const { return model_; }
  ConstMatrixView<double> h() const { return h_.view(); }
  Index components() const { return h_.rows(); }
  Index columns() const { return h_.columns(); }

  bool has_w() const;
  /// Throws SystemError where there is no W, ShapeMismatch where it does not fit H.
  Index w_rows() const;
  Matrix<double> read_w(Index first, Index count) const;
  /// All rows of W in order, read in pieces.
  void walk_w(const std::function<void(std::span<const double>)>& take) const;

  /// Where V is, and how it was read. Throws UsageError where no one says, SystemError where it is not there,
  /// ShapeMismatch where it does not fit the model.
  const std::string& data() const;
  LoadOptions data_options() const;

  /// Of the columns: from --feature-names, the model's folder or V's; nothing where there are none. Throws BadData
  /// where there are not n.
  std::optional<std::vector<std::string>> feature_names() const;
  /// The numbers of --axis, n; none where it is not given. Throws SystemError, BadData.
  std::vector<double> axis() const;
  /// What they are: the name of its file without ending; without it "column".
  std::string axis_name() const;

 private:
  const ComponentsArguments& a_;
  Model model_;
  Matrix<double> h_;
  std::string data_path_;     // empty: not known
  void prepare_data() const;  // where that has not been done

  mutable LoadOptions data_options_;
};

}  // namespace mpinmf::cli
