// V of a model, and what lies beside it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/factor_files.hpp"
#include "cli/solver_arguments.hpp"
#include "mpinmf/data_matrix.hpp"
#include "topics/term_pairs.hpp"

namespace mpinmf::cli {

/// Where V is.
struct DataPlace {
  InputArguments input;  ///< its path is empty where V is not at hand
  std::string why_not;   ///< it is not
  /// The folder that V is, for what `vectorize` leaves there about the rows (text/corpus_folder.hpp); empty where
  /// V is none, or its rows are the columns of the model.
  std::string folder;

  bool is_there() const { return !input.path.empty(); }
  /// Whether the folder has such a file. Does not communicate.
  bool has(const char* file) const;
  std::string file(const char* file) const;
};

/// The V that `asked` names (none: no V), or else that of the model's run.json, if it is still there. Throws, on
/// every rank, what open_source does for one that was asked for. Collective.
DataPlace find_data(const Comm& comm, const Model& model, const std::string& asked);

/// V's rows of this rank, for what is counted in it; without V no more than how the rows are cut.
class ModelData {
 public:
  /// Reads V where it is at hand, in the model's precision. `rows` and model.h are what it must fit. Collective;
  /// throws ShapeMismatch, and what load does.
  ModelData(const Comm& comm, const DataPlace& place, const Model& model, Index rows);

  bool is_there() const { return !std::holds_alternative<std::monostate>(v_); }
  const Partition& partition() const { return partition_; }
  /// Collective, as the next. @pre is_there()
  std::vector<double> sums_of_columns() const;
  /// Nothing where no entry of V is 0: all rows have all features then.
  std::optional<topics::PairCounts> count_documents(const topics::TermPairs& pairs) const;

 private:
  template <class T>
  void load_as(const Comm& comm, const DataPlace& place, const LoadOptions& reading);

  std::variant<std::monostate, DataMatrix<float>, DataMatrix<double>> v_;
  Partition partition_;
};

}  // namespace mpinmf::cli
