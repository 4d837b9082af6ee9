#include "row_newton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/denormals.hpp"
#include "kernels/panel.hpp"
#include "rules/rounds.hpp"

namespace mpinmf {
namespace {

/// Rows of H that are weighed at a time for the curvature.
constexpr Index weighed_rows = 64;
/// Added to the diagonal of the curvature, which is 1: directions that change W H by less are left alone, so that
/// a step is small where H does not tell components apart.
constexpr double least_curvature = 1e-10;
/// A model this far below the mean of the row counts as this in powers of it, which stay finite then.
constexpr double least_model = 1e-100;
/// The same in the curvature of x^beta for 1 < beta < 2, which is infinite at 0 and would hold w there.
constexpr double least_curved_model = 1e-8;
/// An entry of W H under v > 0 keeps this share of itself in a step, because v has no model at 0.
constexpr double least_share_kept = 1e-3;
/// What a step promises, as a share of what is minimised, below which nothing but rounding is left; and tolerances
/// below this ask for it.
constexpr double least_promise = 1e-20, least_tolerance = 1e-10;
constexpr int most_lengths = 60;

double dot(const double* a, const double* b, Index count) {
  return std::inner_product(a, a + count, b, 0.0);
}

}  // namespace

RowNewton::RowNewton(const RowProblem& problem, bool has_gaps, Index longest_row)
    : problem_(problem),
      pivoting_(default_rule<double>(DefaultFor::exact_half_steps)),
      k_(problem.ht.columns()),
      gathers_(gathers(problem.beta, problem.is_observed, has_gaps)),
      sums_(static_cast<std::size_t>(k_)),
      scales_(sums_.size()) {
  const Index n = problem.ht.rows(), room = gathers_ ? longest_row : n;
  if (gathers_) gathered_ = Matrix<double>::padded(room, k_);
  for (auto* numbers : {&v_, &x_, &power_, &weight_, &next_power_, &next_weight_, &change_, &work_}) {
    numbers->resize(static_cast<std::size_t>(room));
  }
  for (auto* row : {&w_, &gradient_, &above_, &step_, &scaled_, &numerator_}) *row = Matrix<double>::padded(1, k_);
  curvature_ = Matrix<double>::padded(k_, k_);
  block_ = Matrix<double>::padded(weighed_rows, k_);
  scratch_ = make_rule_scratch(pivoting_, 1, k_);
  h_ = problem.ht;
  sum_rows();
}

void RowNewton::sum_rows() {
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (Index j = 0; j < h_.rows(); ++j) {
    for (Index c = 0; c < k_; ++c) sums_[static_cast<std::size_t>(c)] += h_(j, c);
  }
}

double RowNewton::bytes(bool gathers, const PanelSizes& sizes, Index components) {
  constexpr Index arrays = 8, padded_rows = 6, sums_and_scales = 2;
  const Index room = gathers ? sizes.longest_row : sizes.columns;
  const Rule<double>& pivoting = default_rule<double>(DefaultFor::exact_half_steps);
  return padded_bytes<double>((gathers ? room : 0) + padded_rows + components + weighed_rows, components) +
         plain_bytes<double>(arrays, room) + plain_bytes<double>(sums_and_scales, components) +
         half_step_bytes(pivoting, components) + rule_scratch_bytes(pivoting, 1, components);
}

template <class T>
RowOutcome RowNewton::solve(Entries row, bool has_start, T* w) {
  const FlushDenormals flush;
  take_row(row);
  double* own = w_.row(0);
  RowOutcome outcome;
  if (problem_.settings.sum_to_one) {
    solve_on_simplex();
  } else {
    for (Index c = 0; c < k_; ++c) own[c] = has_start ? static_cast<double>(w[c]) : 0;
    if (!has_start || !is_possible()) start();
    outcome = descend();
  }
  for (Index c = 0; c < k_; ++c) {
    const T value = static_cast<T>(own[c]);
    w[c] = own[c] < problem_.settings.zero_below || value < std::numeric_limits<T>::min() ? T(0) : value;
  }
  return outcome;
}

void RowNewton::take_row(Entries row) {
  if (gathers_) {
    entries_ = 0;
    for (const auto& [j, value] : row) {
      v_[static_cast<std::size_t>(entries_)] = value;
      std::copy_n(problem_.ht.row(j), k_, gathered_.row(entries_++));
    }
    h_ = std::as_const(gathered_).view().middle_rows(0, entries_);
    if (problem_.is_observed) sum_rows();
  } else {
    entries_ = problem_.ht.rows();
    std::fill(v_.begin(), v_.end(), 0.0);
    for (const auto& [j, value] : row) v_[static_cast<std::size_t>(j)] = value;
    h_ = problem_.ht;
  }
  const double sum = std::accumulate(v_.begin(), v_.begin() + entries_, 0.0);
  mean_ = entries_ == 0 ? 0 : sum / static_cast<double>(entries_);
}

void RowNewton::start() {
  const auto components = std::count_if(sums_.begin(), sums_.end(), [](double sum) { return sum > 0; });
  const double share = mean_ * static_cast<double>(entries_) / static_cast<double>(std::max<Index>(components, 1));
  for (Index c = 0; c < k_; ++c) {
    const double sum = sums_[static_cast<std::size_t>(c)];
    w_(0, c) = sum > 0 ? share / sum : 0;
  }
}

/// Whether w has a model for all v > 0 that H has one for.
bool RowNewton::is_possible() {
  vector_kernels<double>().row_products(block(h_), {w_.row(0), 1, k_, 0}, x_.data());
  for (Index j = 0; j < entries_; ++j) {
    const auto at = static_cast<std::size_t>(j);
    if (v_[at] > 0 && x_[at] <= 0 && std::any_of(h_.row(j), h_.row(j) + k_, [](double h) { return h > 0; })) {
      return false;
    }
  }
  return true;
}

RowOutcome RowNewton::descend() {
  if (mean_ == 0) {  // every term is least at x = 0
    std::fill_n(w_.row(0), k_, 0.0);
    return {};
  }
  for (Index steps = 0;; ++steps) {
    gather_slopes();
    gather_curvature();
    const double promise = aim();
    if (has_arrived(promise)) {
      // the last step is small: taken as it is, it leaves an error of its square
      if (promise > 0) move(promise);
      return {steps + 1, true};
    }
    if (steps == most_steps || !(promise > 0)) return {steps, false};
    move(promise);
  }
}

/// x^(beta-1) and v x^(beta-2). For Kullback-Leibler the former is 1: it is in the sums of H.
void RowNewton::weigh(const double* x, double* power, double* weight) const {
  const double least = least_model * mean_;
  for (Index j = 0; j < entries_; ++j) power[j] = std::max(x[j], least);
  if (problem_.beta == 1) {
    for (Index j = 0; j < entries_; ++j) weight[j] = std::min(v_[static_cast<std::size_t>(j)] / power[j], 1e280);
    std::fill_n(power, entries_, 0.0);
  } else {
    vector_kernels<double>().powers(problem_.beta, {v_.data(), power, weight, nullptr, entries_},
                                    largest_quotient<double>, nullptr);
  }
}

/// x = w H, powers of it, and the gradient (x^(beta-1) - v x^(beta-2)) H' + l1 + l2 w.
void RowNewton::gather_slopes() {
  const VectorKernels<double>& kernels = vector_kernels<double>();
  kernels.row_products(block(h_), {w_.row(0), 1, k_, 0}, x_.data());
  weigh(x_.data(), power_.data(), weight_.data());
  const auto sum_up = [&](const std::vector<double>& of_entries, Matrix<double>& sums) {
    kernels.multiply({of_entries.data(), 1, entries_, entries_}, block(h_), {sums.row(0), 1, k_, sums.stride()},
                     false);
  };
  sum_up(power_, above_);
  sum_up(weight_, gradient_);
  const RuleSettings& s = problem_.settings;
  for (Index c = 0; c < k_; ++c) {
    if (problem_.beta == 1) above_(0, c) = sums_[static_cast<std::size_t>(c)];
    above_(0, c) += s.l1 + s.l2 * w_(0, c);
    gradient_(0, c) = above_(0, c) - gradient_(0, c);
  }
}

/// H diag(d'') H' + l2 I of the convex part of d: (beta - 1) x^(beta-2) for beta > 1, and (2 - beta) v x^(beta-3)
/// for beta < 2.
void RowNewton::gather_curvature() {
  const double beta = problem_.beta, of_power = std::max(0.0, beta - 1), of_weight = std::max(0.0, 2 - beta);
  const double least = least_model * mean_, least_of_power = beta < 2 ? least_curved_model * mean_ : least;
  for (Index j = 0; j < entries_; ++j) {
    const auto at = static_cast<std::size_t>(j);
    const double one = of_power == 0 ? 0 : of_power * power_[at] / std::max(x_[at], least_of_power);
    const double other = of_weight * weight_[at] / std::max(x_[at], least);
    work_[at] = std::sqrt(std::min(one + other, 1e280));
  }
  for (Index c = 0; c < k_; ++c) std::fill_n(curvature_.row(c), k_, 0.0);
  for (Index first = 0; first < entries_; first += weighed_rows) {
    const Index count = std::min(weighed_rows, entries_ - first);
    for (Index r = 0; r < count; ++r) {
      const double root = work_[static_cast<std::size_t>(first + r)];
      const double* h = h_.row(first + r);
      double* to = block_.row(r);
      for (Index c = 0; c < k_; ++c) to[c] = root * h[c];
    }
    const Block<const double> rows{block_.row(0), count, k_, block_.stride()};
    vector_kernels<double>().multiply_transposed(rows, rows, block(curvature_.view()), 0);
  }
  for (Index c = 0; c < k_; ++c) curvature_(c, c) += problem_.settings.l2;
}

/// Sets `step` to the way to the minimum over w >= 0 of the quadratic model, in units where its diagonal is 1.
/// Returns how much the model promises to fall, to first order.
double RowNewton::aim() {
  for (Index c = 0; c < k_; ++c) {
    scales_[static_cast<std::size_t>(c)] = curvature_(c, c) > 0 ? std::sqrt(curvature_(c, c)) : 1;
    scaled_(0, c) = w_(0, c) * scales_[static_cast<std::size_t>(c)];
  }
  for (Index a = 0; a < k_; ++a) {
    for (Index b = 0; b < k_; ++b) {
      curvature_(a, b) /= scales_[static_cast<std::size_t>(a)] * scales_[static_cast<std::size_t>(b)];
    }
    curvature_(a, a) += least_curvature;
  }
  for (Index c = 0; c < k_; ++c) {
    numerator_(0, c) =
        dot(scaled_.row(0), curvature_.row(c), k_) - gradient_(0, c) / scales_[static_cast<std::size_t>(c)];
  }
  begin_half_step(pivoting_, {}, std::as_const(curvature_).view(), half_step_);
  move_by_pivoting(scaled_);
  double promise = 0;
  for (Index c = 0; c < k_; ++c) {
    scaled_(0, c) /= scales_[static_cast<std::size_t>(c)];
    step_(0, c) = scaled_(0, c) - w_(0, c);
    promise -= step_(0, c) * gradient_(0, c);
  }
  return promise;
}

/// The step is small compared with w, and no component that ought to grow is held back by its curvature.
bool RowNewton::has_arrived(double promise) const {
  const double tolerance = std::max(problem_.tolerance, least_tolerance);
  double largest = 0, largest_step = 0, size = 0;
  for (Index c = 0; c < k_; ++c) {
    const double scale = scales_[static_cast<std::size_t>(c)];
    if (-gradient_(0, c) > tolerance * above_(0, c)) return false;
    largest = std::max({largest, w_(0, c) * scale, scaled_(0, c) * scale});
    largest_step = std::max(largest_step, std::fabs(step_(0, c)) * scale);
    size += w_(0, c) * above_(0, c);
  }
  return largest_step <= tolerance * largest || promise <= least_promise * size;
}

/// As far along the step as the convex part of what is minimised, with the tangent of the rest, still falls.
void RowNewton::move(double promise) {
  vector_kernels<double>().row_products(block(h_), {step_.row(0), 1, k_, 0}, change_.data());
  double length = longest_length();
  for (int i = 0; i < most_lengths; ++i) {
    const double slope = slope_at(length);
    if (slope <= 0) break;
    const double secant = length * promise / (promise + slope);  // where a line through both slopes is 0
    length = std::clamp(0.999 * secant, 0.1 * length, 0.999 * length);
  }
  for (Index c = 0; c < k_; ++c) {
    w_(0, c) = length == 1 ? scaled_(0, c) : std::max(0.0, w_(0, c) + length * step_(0, c));
  }
}

double RowNewton::longest_length() const {
  double length = 1;
  if (problem_.beta == 2) return length;  // finite at 0, and the model is exact
  for (std::size_t j = 0; j < static_cast<std::size_t>(entries_); ++j) {
    if (v_[j] > 0 && x_[j] > 0 && x_[j] + length * change_[j] < least_share_kept * x_[j]) {
      length = (least_share_kept - 1) * x_[j] / change_[j];
    }
  }
  return length;
}

double RowNewton::slope_at(double length) {
  for (std::size_t j = 0; j < static_cast<std::size_t>(entries_); ++j) {
    work_[j] = std::max(0.0, x_[j] + length * change_[j]);
  }
  weigh(work_.data(), next_power_.data(), next_weight_.data());
  const std::vector<double>& power = problem_.beta < 1 ? power_ : next_power_;
  const std::vector<double>& weight = problem_.beta > 2 ? weight_ : next_weight_;
  double slope = 0;
  for (std::size_t j = 0; j < static_cast<std::size_t>(entries_); ++j)
    slope += (power[j] - weight[j]) * change_[j];
  const RuleSettings& s = problem_.settings;
  for (Index c = 0; c < k_; ++c) {
    const double of_model = problem_.beta == 1 ? sums_[static_cast<std::size_t>(c)] : 0;
    slope += step_(0, c) * (of_model + s.l1 + s.l2 * (w_(0, c) + length * step_(0, c)));
  }
  return slope;
}

template RowOutcome RowNewton::solve(Entries, bool, float*);
template RowOutcome RowNewton::solve(Entries, bool, double*);

}  // namespace mpinmf
