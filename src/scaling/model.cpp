#include "model.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "rules/active_set.hpp"

namespace mpinmf::scaling {
namespace {

using Terms = FittedPhase::Terms;
constexpr std::size_t most_terms = FittedPhase::most_terms;

/// Below this share of the product of its diagonal the determinant of A'A is rounding: its columns are parallel.
constexpr double least_determinant = 1e-9;
/// Pivots and gradients below this share of what they are made of count as 0.
constexpr double least_share = 1e-12;

double dot(const Terms& a, const Terms& b) {
  double sum = 0;
  for (std::size_t t = 0; t < most_terms; ++t) sum += a[t] * b[t];
  return sum;
}

/// Student's t that is exceeded in 1 of 40 cases (5 % on both sides): a table where it is far from the normal
/// distribution's, elsewhere the expansion of Cornish and Fisher in 1 / freedom.
double student_t(double freedom) {
  constexpr std::array<double, 5> first = {12.706, 4.303, 3.182, 2.776, 2.571};
  constexpr double z = 1.95996;
  if (freedom < 1) return std::numeric_limits<double>::infinity();
  if (freedom < static_cast<double>(first.size())) {
    const double below = std::floor(freedom), part = freedom - below;
    const auto at = static_cast<std::size_t>(below) - 1;
    return first[at] + part * (first[at + 1] - first[at]);
  }
  const double z3 = z * z * z, z5 = z3 * z * z;
  return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

/// Steps of a tree over so many ranks.
double steps(int ranks) {
  double count = 0;
  for (int reached = 1; reached < ranks; reached += std::min(reached, ranks - reached)) ++count;
  return count;
}

Terms sweep_terms(const RankLoad& load) {
  return {load.sweep_share, 0};
}
Terms rule_terms(const RankLoad& load) {
  return {load.rule_share, 0};
}
Terms communication_terms(const RankLoad& load) {
  const double p = load.ranks;
  return {load.messages * steps(load.ranks), load.bytes * 2 * (p - 1) / p};
}

template <class F, class G>
std::vector<FittedPhase::Equation> equations(std::span<const ScalingSample> samples, F&& terms, G&& seconds) {
  std::vector<FittedPhase::Equation> all;
  for (const ScalingSample& sample : samples) all.push_back({terms(sample.load), seconds(sample)});
  return all;
}

}  // namespace

FittedPhase::FittedPhase(std::span<const Equation> equations, std::size_t terms) : terms_(terms) {
  std::vector<Equation> used;
  std::copy_if(equations.begin(), equations.end(), std::back_inserter(used),
               [](const Equation& equation) { return equation.seconds > 0; });
  used_ = static_cast<int>(used.size());
  if (used_ == 0) return;
  // relative to what was measured first, and then to what was fitted: else a run that was slowed down, whose error
  // is a small share of its own time, would count less than one that was not
  constexpr int passes = 4;
  std::vector<double> scales;
  for (const Equation& equation : used) scales.push_back(equation.seconds);
  for (int pass = 0; pass < passes; ++pass) {
    fit(used, scales);
    for (std::size_t i = 0; i < used.size(); ++i) {
      const double fitted = seconds(used[i].terms);
      scales[i] = fitted > 0 ? fitted : used[i].seconds;
    }
  }
  invert_gram();
  if (freedom() < 1) return;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const double error = (used[i].seconds - seconds(used[i].terms)) / scales[i];
    noise_ += error * error / freedom();
  }
}

/// In units in which the diagonal of A'A is 1.
void FittedPhase::fit(std::span<const Equation> equations, std::span<const double> scales) {
  gram_ = {};
  right_ = {};
  for (std::size_t i = 0; i < equations.size(); ++i) {
    const Equation& equation = equations[i];
    const double weight = 1 / (scales[i] * scales[i]);
    for (std::size_t a = 0; a < terms_; ++a) {
      right_[a] += weight * equation.terms[a] * equation.seconds;
      for (std::size_t b = 0; b < terms_; ++b) gram_[a][b] += weight * equation.terms[a] * equation.terms[b];
    }
  }
  const auto k = static_cast<Index>(terms_);
  Terms unit = {};
  for (std::size_t t = 0; t < terms_; ++t) unit[t] = gram_[t][t] > 0 ? 1 / std::sqrt(gram_[t][t]) : 0;
  Matrix<double> gram(k, k);
  std::vector<double> right(terms_), x(terms_), numbers(static_cast<std::size_t>(active_set_numbers(k)));
  std::vector<Index> places(static_cast<std::size_t>(active_set_places(k)));
  for (std::size_t a = 0; a < terms_; ++a) {
    right[a] = right_[a] * unit[a];
    for (std::size_t b = 0; b < terms_; ++b) {
      gram(static_cast<Index>(a), static_cast<Index>(b)) = gram_[a][b] * unit[a] * unit[b];
    }
  }
  minimise_by_active_set({std::as_const(gram).view(), least_share, 0}, right, x, numbers.data(), places.data());
  for (std::size_t t = 0; t < terms_; ++t) constants_[t] = x[t] * unit[t];
}

void FittedPhase::invert_gram() {
  const double determinant = gram_[0][0] * gram_[1][1] - gram_[0][1] * gram_[1][0];
  if (terms_ == 2 && determinant > least_determinant * gram_[0][0] * gram_[1][1]) {
    inverse_ = {{{gram_[1][1] / determinant, -gram_[0][1] / determinant},
                 {-gram_[1][0] / determinant, gram_[0][0] / determinant}}};
  } else {
    for (std::size_t t = 0; t < terms_; ++t) fit_alone(t);
  }
}

/// Which of two parallel terms the seconds belong to cannot be told: all to this one is as good.
void FittedPhase::fit_alone(std::size_t term) {
  if (!(gram_[term][term] > 0)) return;
  inverse_[term][term] = 1 / gram_[term][term];
  if (terms_ == 1) return;
  alternatives_.emplace_back();
  alternatives_.back()[term] = right_[term] / gram_[term][term];
}

double FittedPhase::seconds(const Terms& x) const {
  return dot(constants_, x);
}

double FittedPhase::variance(const Terms& x) const {
  if (!is_known()) return 0;
  if (freedom() < 1) return std::numeric_limits<double>::infinity();
  double constants = 0, doubt = 0;
  for (std::size_t a = 0; a < most_terms; ++a) constants += x[a] * dot(inverse_[a], x);
  const double own = seconds(x);
  for (const Terms& other : alternatives_) doubt = std::max(doubt, std::fabs(dot(other, x) - own));
  return noise_ * (own * own + constants) + doubt * doubt;
}

ScalingModel::ScalingModel(std::span<const ScalingSample> samples)
    : sweep_(equations(samples, sweep_terms, [](const ScalingSample& s) { return s.sweep; }), 1),
      rule_(equations(samples, rule_terms, [](const ScalingSample& s) { return s.rule; }), 1),
      communication_(equations(samples, communication_terms,
                               [](const ScalingSample& s) { return s.load.ranks > 1 ? s.communication : 0; }),
                     2) {}

Prediction ScalingModel::predict(const RankLoad& load) const {
  const Terms sweep = sweep_terms(load), rule = rule_terms(load), communication = communication_terms(load);
  Prediction prediction;
  prediction.communication = communication_.seconds(communication);
  prediction.seconds = sweep_.seconds(sweep) + rule_.seconds(rule) + prediction.communication;
  double variance = 0, weighted = 0;  // Welch and Satterthwaite: the freedom of a sum of variances
  const auto add = [&](const FittedPhase& phase, const Terms& x) {
    const double part = phase.variance(x);
    variance += part;
    if (part > 0) weighted += part * part / std::max(1, phase.freedom());
  };
  add(sweep_, sweep);
  add(rule_, rule);
  if (load.ranks > 1) add(communication_, communication);
  const double freedom = weighted > 0 ? variance * variance / weighted : 1;
  const double half = !std::isfinite(variance) ? std::numeric_limits<double>::infinity()
                                               : student_t(freedom) * std::sqrt(variance);
  prediction.low = std::max(0.0, prediction.seconds - half);
  prediction.high = prediction.seconds + half;
  return prediction;
}

std::optional<int> ranks_of_half_communication(const ScalingModel& model,
                                               const std::function<RankLoad(int ranks)>& load_of, int most) {
  const auto is_half = [&](int ranks) {
    const Prediction prediction = model.predict(load_of(ranks));
    return 2 * prediction.communication >= prediction.seconds;
  };
  int below = 1, from = std::min(2, most);  // of these, the first has not and the second may have
  while (from > below && !is_half(from)) {
    below = from;
    from = from > most / 2 ? most : 2 * from;
  }
  if (from == below) return std::nullopt;
  while (from - below > 1) {
    const int middle = below + (from - below) / 2;
    (is_half(middle) ? from : below) = middle;
  }
  return from;
}

}  // namespace mpinmf::scaling
