#include "both_orders.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/blocks.hpp"

namespace mpinmf::bench {
namespace {

/// As in fastTopics.
constexpr int most_newton_rounds = 4;
/// A row is done when a round moves it by less than a tenth of the first.
constexpr double least_square_share = 0.01;
/// Entries are held at this share of their component's mean: one at 0 could not be carried on.
constexpr double floor_of_mean = 1e-10;
/// Losses that differ by less are equal but for rounding.
constexpr double loss_rounding = 1e-13;
/// Every so many passes one is plain.
constexpr int passes_between_plain = 20;

std::vector<double> column_sums(ConstMatrixView<double> x) {
  std::vector<double> sums(static_cast<std::size_t>(padded_to_vector<double>(x.columns())));
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) sums[static_cast<std::size_t>(c)] += x(i, c);
  }
  return sums;
}

void hold_at_floor(MatrixView<double> x) {
  const std::vector<double> sums = column_sums(x);
  const double share = floor_of_mean / static_cast<double>(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) x(i, c) = std::max(x(i, c), share * sums[static_cast<std::size_t>(c)]);
  }
}

void copy_rows(ConstMatrixView<double> from, MatrixView<double> to) {
  for (Index i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.columns(), to.row(i));
}
Matrix<double> padded_copy(ConstMatrixView<double> x) {
  Matrix<double> copied = Matrix<double>::padded(x.rows(), x.columns());
  copy_rows(x, copied.view());
  return copied;
}

/// One factor and what it is carried on by.
class CarriedFactor {
 public:
  explicit CarriedFactor(MatrixView<double> x)
      : x_(x), before_(padded_copy(x)), stands_(padded_copy(x)), stands_before_(padded_copy(x)) {}

  MatrixView<double> view() const { return x_; }
  /// x <- max(x / 100, x + beta (x - what it was the last time)): a step that would cross 0 ends near it.
  void carry_on(double beta) {
    for (Index i = 0; i < x_.rows(); ++i) {
      for (Index c = 0; c < x_.columns(); ++c) {
        const double x = x_(i, c);
        x_(i, c) = std::max(0.01 * x, x + beta * (x - before_(i, c)));
        before_(i, c) = x;
      }
    }
  }
  void scale(const std::vector<double>& factors) {
    for (MatrixView<double> x : {x_, before_.view()}) {
      for (Index i = 0; i < x.rows(); ++i) {
        for (Index c = 0; c < x.columns(); ++c) x(i, c) *= factors[static_cast<std::size_t>(c)];
      }
    }
  }
  void stand() {
    copy_rows(x_, stands_.view());
    copy_rows(before_.view(), stands_before_.view());
  }
  void go_back() {
    copy_rows(stands_.view(), x_);
    copy_rows(stands_before_.view(), before_.view());
  }

 private:
  MatrixView<double> x_;
  Matrix<double> before_, stands_, stands_before_;
};

/// The rows of one factor that has V or V' by rows, given the other.
class HalfStepByNewton {
 public:
  explicit HalfStepByNewton(const CsrRows<double>& v) : v_(v) {
    for (std::size_t i = 1; i < v.offsets.size(); ++i) {
      longest_ = std::max(longest_, v.offsets[i] - v.offsets[i - 1]);
    }
  }
  void move(MatrixView<double> x, ConstMatrixView<double> other) {
    const std::vector<double> sums = column_sums(other);
    scratch_.resize(static_cast<std::size_t>(newton_scratch(x.columns(), longest_)));
    const NewtonSettings<double> settings{
        0, 0, most_newton_rounds, least_square_share, 0, std::numeric_limits<double>::min()};
    vector_kernels<double>().newton_rounds(
        {v_.rows(), v_.offsets.data(), v_.offsets.data() + 1, v_.indices.data(), v_.values.data()}, block(x),
        read(other), {sums.data(), 1, x.columns(), static_cast<Index>(sums.size())}, settings, scratch_.data());
    hold_at_floor(x);
  }

 private:
  const CsrRows<double>& v_;
  Index longest_ = 0;
  std::vector<double> scratch_;
};

/// Gives each component the same sum in both factors, which leaves W H as it is: momentum never ceases to move
/// what the loss does not feel, and in the end beyond all bounds.
void balance(CarriedFactor& w, CarriedFactor& h) {
  std::vector<double> of_w = column_sums(w.view()), of_h = column_sums(h.view());
  for (std::size_t c = 0; c < of_w.size(); ++c) {
    const double ratio = of_w[c] > 0 && of_h[c] > 0 ? std::sqrt(of_h[c] / of_w[c]) : 1;
    of_w[c] = ratio;
    of_h[c] = 1 / ratio;
  }
  w.scale(of_w);
  h.scale(of_h);
}

/// beta and its bound (Ang and Gillis 2019), as fastTopics and ours take them.
class PassMomentum {
 public:
  /// For the next pass.
  double beta() const { return is_plain_ ? 0 : beta_; }
  void fell() {
    if (!is_plain_) {
      beta_ = std::min(most_, 1.1 * beta_);
      most_ = std::min(1.0, 1.05 * most_);
    }
    is_plain_ = ++since_ % passes_between_plain == 0;
  }
  void rose() {
    most_ = beta_;
    beta_ *= 0.75;
    is_plain_ = true;
    since_ = 0;
  }

 private:
  double beta_ = 0.5, most_ = 1;
  bool is_plain_ = true;
  int since_ = 0;
};

}  // namespace

CsrRows<double> transposed(const CsrRows<double>& v) {
  CsrRows<double> t;
  t.columns = v.rows();
  t.offsets.assign(static_cast<std::size_t>(v.columns) + 1, 0);
  t.indices.resize(v.indices.size());
  t.values.resize(v.values.size());
  for (const ColumnIndex j : v.indices) ++t.offsets[static_cast<std::size_t>(j) + 1];
  std::partial_sum(t.offsets.begin(), t.offsets.end(), t.offsets.begin());
  std::vector<Index> next = t.offsets;
  for (Index i = 0; i < v.rows(); ++i) {
    for (Index q = v.offsets[static_cast<std::size_t>(i)]; q < v.offsets[static_cast<std::size_t>(i) + 1]; ++q) {
      const auto from = static_cast<std::size_t>(q);
      const auto to = static_cast<std::size_t>(next[static_cast<std::size_t>(v.indices[from])]++);
      t.indices[to] = static_cast<ColumnIndex>(i);
      t.values[to] = v.values[from];
    }
  }
  return t;
}

double kullback_leibler(const CsrRows<double>& v, ConstMatrixView<double> w, ConstMatrixView<double> ht) {
  const std::vector<double> w_sums = column_sums(w), h_sums = column_sums(ht);
  // sum of all x
  double loss = std::inner_product(w_sums.begin(), w_sums.end(), h_sums.begin(), 0.0);
  for (Index i = 0; i < v.rows(); ++i) {
    double of_row = 0;
    for (Index q = v.offsets[static_cast<std::size_t>(i)]; q < v.offsets[static_cast<std::size_t>(i) + 1]; ++q) {
      const double value = v.values[static_cast<std::size_t>(q)];
      if (!(value > 0)) continue;
      const double* h = ht.row(v.indices[static_cast<std::size_t>(q)]);
      const double x = std::inner_product(h, h + ht.columns(), w.row(i), 0.0);
      of_row += value * std::log(value / x) - value;
    }
    loss += of_row;
  }
  return loss;
}

void minimise_in_both_orders(const CsrRows<double>& v, MatrixView<double> w, MatrixView<double> ht,
                             const std::function<bool(double loss)>& goes_on) {
  const CsrRows<double> v_by_columns = transposed(v);
  HalfStepByNewton w_step(v), h_step(v_by_columns);
  hold_at_floor(w);
  hold_at_floor(ht);
  CarriedFactor carried_w(w), carried_h(ht);
  PassMomentum momentum;
  double stands = kullback_leibler(v, w, ht);
  while (goes_on(stands)) {
    carried_h.carry_on(momentum.beta());
    w_step.move(w, ht);
    carried_w.carry_on(momentum.beta());
    h_step.move(ht, w);
    const double loss = kullback_leibler(v, w, ht);
    if (loss <= stands * (1 + loss_rounding)) {
      stands = std::min(stands, loss);
      balance(carried_w, carried_h);
      carried_w.stand();
      carried_h.stand();
      momentum.fell();
    } else {
      carried_w.go_back();
      carried_h.go_back();
      momentum.rose();
    }
  }
}

}  // namespace mpinmf::bench
