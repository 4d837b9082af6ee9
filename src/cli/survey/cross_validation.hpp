// Fits that do not see some entries of V, and how well they meet these.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/fit/checkpoints.hpp"
#include "cli/fit/data.hpp"
#include "cli/process/output_folder.hpp"
#include "mpinmf/holdout.hpp"
#include "report/cross_validation.hpp"

namespace mpinmf::cli {

struct CrossValidationArguments {
  double share = 0;        ///< of the entries of V that a fit does not see; 0: there is no cross-validation
  Index folds = 3;         ///< fits of each k, each without others
  std::string of = "all";  ///< which entries: "all", or "stored"

  bool is_wanted() const { return share > 0; }
  /// Throws UsageError.
  void check() const;
  Index one_in() const;
};

/// What is fitted, and where results go.
template <class T>
struct CrossValidated {
  const FitArguments& arguments;
  const CrossValidationArguments& settings;
  const MatrixHeader& header;
  const FitData<T>& data;
  OutputFolder& folder;
  RunLimits& limits;
};

/// For each k and fold one fit, from the first seed, of V without that fold; in the folder cross-validation.json
/// grows by it as soon as it has ended. With --resume those that stand there are not fitted again. Entries are
/// filled in by the model (Missing::nan), or of ratings dropped, so that each rule works; starts from the SVD
/// become random ones. Returns all that stands there. Collective. Throws as a fit does.
template <class T>
std::vector<report::HeldOutFit> cross_validate(const CrossValidated<T>& fits, std::span<const Index> all_k);

/// The same for the k that a search tries up to arguments.searched_up_to. Returns those from half to twice the one
/// with the least loss.
template <class T>
std::vector<Index> search_components(const CrossValidated<T>& fits);

}  // namespace mpinmf::cli
