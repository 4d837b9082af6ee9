// Fits that do not see some entries of V, and how well they meet these.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/fit/series.hpp"
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

/// For each k and fold one fit, from the first seed, of V without that fold. Each is kept as soon as it has ended,
/// in cross-validation.json of the folder; the groups but the first have files of their own until the first
/// gathers what they hold. With --resume those that stand there are not fitted again. Entries are filled in by the
/// model (Missing::nan), or of ratings dropped, so that each rule works; starts from the SVD become random ones.
/// Members throw as a fit does, and UsageError where the folder has other such fits.
template <class T>
class CrossValidation {
 public:
  /// `settings` and `header` outlive it.
  CrossValidation(const CrossValidationArguments& settings, const MatrixHeader& header)
      : settings_(settings), header_(header) {}

  /// Tries k from 1 to arguments.searched_up_to. Returns those from half to twice the one with the least loss.
  /// Collective over all ranks.
  std::vector<Index> search(const SeriesState<T>& series);

  /// The fits that are left for these k, numbered from 0. Collective over all ranks.
  std::vector<GroupJob> jobs(const SeriesState<T>& series, std::span<const Index> all_k);
  /// Does the one with this number. Collective in the group.
  void fit(const SeriesState<T>& series, Index number);

  /// Does all that are left, and returns what is known of any k. Collective in the first group, when others do
  /// nothing.
  const std::vector<report::HeldOutFit>& finish(const SeriesState<T>& series, std::span<const Index> all_k);

 private:
  struct Fold {
    Index k, number;  // folds from 1
  };

  void begin(const SeriesState<T>& series);
  void share(const SeriesState<T>& series);
  void gather(const SeriesState<T>& series, bool resumes);
  void take(const std::string& path, bool resumes);
  void add(report::HeldOutFit fit);
  bool is_known(Index k, Index fold) const;
  bool is_complete(Index k) const;
  void do_all(const SeriesState<T>& series, const std::vector<GroupJob>& jobs);
  FitCheckpoints<T> checkpoints(const SeriesState<T>& series, const DataMatrix<T>& v, const Fold& fold,
                                Warnings& warnings) const;
  void write(const SeriesState<T>& series) const;

  const CrossValidationArguments& settings_;
  const MatrixHeader& header_;
  std::optional<FitArguments> arguments_;  // of such fits, from the first use on
  report::CrossValidation found_;          // as far as this group knows, by k and fold
  std::vector<Fold> jobs_;
};

}  // namespace mpinmf::cli
