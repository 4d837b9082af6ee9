#include "stability/decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "mpinmf/error.hpp"
#include "signed_ranks.hpp"

namespace mpinmf::stability {
namespace {

// Noise has gains of 1.0 to 1.8 times the median of those of larger k; planted parts had 28 times and more.
constexpr double times_later_gains = 2;
// The first component too many gained 0.1 to 5 % of what planted ones had gained, where noise has a mean of its
// own.
constexpr double share_of_earlier_gains = 0.1;

// Losses of held-out entries that W H meets to six digits: of data without noise they are 1e-29 of those of
// smaller k, and which of them is the least is chance.
constexpr double share_that_is_rounding = 1e-12;

constexpr const char* too_few_k =
    "three k or more with fits are needed: the first and the last have no neighbour to compare with";

struct Convention {
  const char* name;
  const char* measure;  // as a sentence has it
  double (*value)(const KFacts&);
  double (*error)(const KFacts&);
  double least;
  double slack;  // so much more a neighbour may have; infinite: k need not be a peak
};

double error_of(const KFacts& facts) {
  return facts.error;
}
double consensus_error_of(const KFacts& facts) {
  return facts.consensus_error;
}

constexpr std::array<Convention, 3> conventions = {{
    // 0.5: "a reasonable structure" begins there (Kaufman and Rousseeuw 1990)
    {"cNMF", "silhouette of the consensus", [](const KFacts& f) { return f.consensus_silhouette; },
     consensus_error_of, 0.5, 0.05},
    // T-ELF's threshold; pyDNMFk has 0.9
    {"NMFk", "least silhouette of a cluster", [](const KFacts& f) { return f.min_silhouette; }, error_of, 0.8,
     std::numeric_limits<double>::infinity()},
    // Brunet et al. 2004 take the k at which the coefficient begins to fall
    {"R NMF", "cophenetic coefficient", [](const KFacts& f) { return f.cophenetic; }, error_of, 0.95, 0.01},
}};

double gain(const std::vector<Index>& k, const std::vector<double>& error, std::size_t place) {
  return (error[place - 1] - error[place]) / static_cast<double>(k[place] - k[place - 1]);
}

double median_of_later_gains(const std::vector<Index>& k, const std::vector<double>& error, std::size_t place) {
  std::vector<double> gains;
  for (std::size_t later = place + 1; later < k.size(); ++later) gains.push_back(gain(k, error, later));
  std::sort(gains.begin(), gains.end());
  return (gains[(gains.size() - 1) / 2] + gains[gains.size() / 2]) / 2;
}

template <class Value>
auto column_of(const std::vector<KFacts>& table, Value value) {
  std::vector<decltype(value(table.front()))> column;
  for (const KFacts& facts : table) column.push_back(value(facts));
  return column;
}

/// Comparisons with NaN are false, so that a neighbour of which nothing is known is no higher one.
bool is_peak(const std::vector<double>& values, std::size_t place, double slack) {
  const double bound = values[place] + slack;
  return !(place > 0 && values[place - 1] > bound) && !(place + 1 < values.size() && values[place + 1] > bound);
}

std::string list_of(const std::vector<Index>& k) {
  return fmt::format("k = {}", fmt::join(k, ", "));
}

std::string reason_for_none(const Convention& convention, const std::vector<KFacts>& table,
                            const std::vector<std::size_t>& falling) {
  if (table.size() < 3) return too_few_k;
  if (falling.empty()) {
    return "from no k on does the error fall more slowly than up to it, which is so in noise, and where k lies "
           "outside "
           "of the table";
  }
  std::vector<Index> k;
  for (const std::size_t place : falling) k.push_back(table[place].k);
  double best = std::numeric_limits<double>::quiet_NaN();
  for (const std::size_t place : falling) best = std::fmax(best, convention.value(table[place]));
  if (std::isnan(best)) return fmt::format("the {} is not known", convention.measure);
  if (best < convention.least) {
    return fmt::format("the {} is at most {:.3g} where the error still falls ({}); {} is wanted",
                       convention.measure, best, list_of(k), convention.least);
  }
  return fmt::format("the {} has no peak of {} or more where the error still falls ({})", convention.measure,
                     convention.least, list_of(k));
}

Suggestion suggestion_of(const Convention& convention, const std::vector<KFacts>& table) {
  const std::vector<Index> k = column_of(table, [](const KFacts& f) { return f.k; });
  std::vector<double> errors = column_of(table, convention.error);
  // one that is not known for all k is no column to take gains of
  if (std::any_of(errors.begin(), errors.end(), [](double e) { return std::isnan(e); })) {
    errors = column_of(table, error_of);
  }
  const std::vector<double> values = column_of(table, convention.value);
  std::vector<std::size_t> falling;
  for (std::size_t place = 0; place < table.size(); ++place) {
    if (error_falls(k, errors, place)) falling.push_back(place);
  }
  for (auto place = falling.rbegin(); place != falling.rend(); ++place) {
    if (!(values[*place] >= convention.least) || !is_peak(values, *place, convention.slack)) continue;
    return {convention.name, k[*place],
            fmt::format("the largest k where the error still falls with a{} {} of {} or more: {:.3g}",
                        std::isinf(convention.slack) ? "" : " peak in the", convention.measure, convention.least,
                        values[*place])};
  }
  return {convention.name, std::nullopt, reason_for_none(convention, table, falling)};
}

/// pvalueAnalysis of pyDNMFk, which asks about the k before the one whose errors it tests.
Suggestion of_row_errors(const std::vector<KFacts>& table) {
  constexpr double least_silhouette = 0.9, most_p = 0.05, digits = 100;
  const std::vector<Index> k = column_of(table, [](const KFacts& f) { return f.k; });
  const std::vector<double> errors = column_of(table, error_of);
  Suggestion made{"pyDNMFk", std::nullopt, ""};
  std::size_t reference = 0;
  for (std::size_t next = 1; next < table.size(); ++next) {
    const KFacts& asked = table[next - 1];
    const bool is_stable = std::round(digits * asked.min_silhouette) / digits > least_silhouette;
    if (!is_stable || !error_falls(k, errors, next - 1)) continue;
    if (table[reference].row_errors.size() != table[next].row_errors.size() || table[next].row_errors.empty())
      continue;
    const double p = signed_rank_p(table[reference].row_errors, table[next].row_errors);
    if (!(p < most_p)) continue;
    made.k = asked.k;
    made.why = fmt::format(
        "the last k where the error still falls with a least silhouette above {}: {:.3g}; errors of rows for k = "
        "{} "
        "differ from those for k = {} (Wilcoxon, p = {:.2g})",
        least_silhouette, asked.min_silhouette, k[next], k[reference], p);
    reference = next;
  }
  if (made.k) return made;
  if (table.size() < 3) {
    made.why = too_few_k;
  } else {
    made.why = fmt::format(
        "no k where the error still falls has a least silhouette above {} and errors of rows that differ after it "
        "(Wilcoxon, p < {})",
        least_silhouette, most_p);
  }
  return made;
}

/// Held-out entries need no other k to be told from noise: too many components meet them worse.
Suggestion of_held_out(const std::vector<KFacts>& table, Index searched_up_to) {
  const auto of_held_out_loss = [](const KFacts& a, const KFacts& b) { return a.held_out_loss < b.held_out_loss; };
  const double rounding =
      share_that_is_rounding * std::max_element(table.begin(), table.end(), of_held_out_loss)->held_out_loss;
  // of several k that meet all exactly the smallest
  const auto exact = std::find_if(table.begin(), table.end(),
                                  [&](const KFacts& facts) { return facts.held_out_loss <= rounding; });
  const auto least = exact != table.end() ? exact : std::min_element(table.begin(), table.end(), of_held_out_loss);
  const bool is_searched = searched_up_to > 0;  // its neighbours were looked at, in the table or not
  Suggestion made{"held out", std::nullopt, ""};
  if (table.size() < 3 && !is_searched) {
    made.why = "three k or more with fits are needed: the least loss of held-out entries must lie between others";
  } else if (least == table.begin() && !is_searched) {
    made.why = fmt::format(
        "the loss of held-out entries is least for the first k, {}: more components meet them worse", least->k);
  } else if (least + 1 == table.end() && !is_searched) {
    made.why = fmt::format("the loss of held-out entries still falls at the last k, {}", least->k);
  } else {
    made.k = least->k;
    made.why = fmt::format("the loss of held-out entries is least: {:.4g}", least->held_out_loss);
    const auto smallest = std::find_if(table.begin(), least, [&](const KFacts& facts) {
      return facts.held_out_loss <= least->held_out_loss + least->held_out_error;
    });
    if (least->k == searched_up_to)
      made.why += fmt::format(", and may fall further: no k above {} was tried", searched_up_to);
    if (smallest != least)
      made.why += fmt::format("; that of k = {} is within one standard error of it", smallest->k);
  }
  return made;
}

}  // namespace

bool error_falls(const std::vector<Index>& k, const std::vector<double>& error, std::size_t place) {
  if (place == 0 || place + 1 >= k.size()) return false;
  const double own = gain(k, error, place);
  if (!(own > 0) || !(own >= times_later_gains * median_of_later_gains(k, error, place))) return false;
  if (place == 1) return true;
  const double earlier = (error.front() - error[place - 1]) / static_cast<double>(k[place - 1] - k.front());
  return own >= share_of_earlier_gains * earlier;
}

std::vector<Suggestion> suggestions(const std::vector<KFacts>& table, Index searched_up_to) {
  for (std::size_t place = 1; place < table.size(); ++place) {
    if (table[place].k <= table[place - 1].k)
      throw UsageError("A table of stabilities has its k in rising order.");
  }
  std::vector<Suggestion> all;
  for (const Convention& convention : conventions) all.push_back(suggestion_of(convention, table));
  const bool has_row_errors =
      std::any_of(table.begin(), table.end(), [](const KFacts& facts) { return !facts.row_errors.empty(); });
  if (has_row_errors) all.push_back(of_row_errors(table));
  const bool has_held_out = std::none_of(table.begin(), table.end(),
                                         [](const KFacts& facts) { return std::isnan(facts.held_out_loss); });
  if (has_held_out && !table.empty()) all.push_back(of_held_out(table, searched_up_to));
  return all;
}

}  // namespace mpinmf::stability
