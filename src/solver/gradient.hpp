// The projected gradient of a factor, block of rows by block of rows.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/blas.hpp"
#include "kernels/rows.hpp"
#include "stationarity.hpp"

namespace mpinmf {

/// Of the largest in its component: above the floor at which scd and mu-newton hold entries, 1e-10 of the mean.
inline constexpr double counts_as_zero = 2e-10;
/// Rows whose products with a Gram matrix are made at once: enough for BLAS, few enough to look up in between.
inline constexpr Index rows_at_once = 64;

/// A factor's rows with what their gradient is made from: its falling part and its rising one.
template <class N>
struct Gradient {
  const RuleSettings& settings;
  ByStatistic<ConstMatrixView<N>> statistics;
};

/// X G of some rows, in double whatever the factor is, because the gradient is what is left of a difference.
class GramProduct {
 public:
  explicit GramProduct(Index components) : rows_(rows_at_once, components), product_(rows_at_once, components) {}

  template <class T>
  ConstMatrixView<double> of(ConstMatrixView<T> x, ConstMatrixView<double> gram) {
    for (Index i = 0; i < x.rows(); ++i) std::copy_n(x.row(i), x.columns(), rows_.row(i));
    multiply(std::as_const(rows_).view().middle_rows(0, x.rows()), gram, product_.view().middle_rows(0, x.rows()));
    return std::as_const(product_).view();
  }

 private:
  Matrix<double> rows_, product_;
};

/// Of at most rows_at_once rows, without components that are fixed. Where x = 0 only the negative part of the
/// gradient counts. Where rows sum up to 1, the gradient is that of the Lagrange function: less its mean, weighted
/// by x.
template <class T, class N>
Stationarity of_rows(const Gradient<N>& gradient, ConstMatrixView<T> x, std::span<const double> zeros,
                     ConstMatrixView<double> product) {
  Stationarity result;
  const RuleSettings& settings = gradient.settings;
  const ConstMatrixView<N> numerators = gradient.statistics[Statistic::numerator],
                           column_sums = gradient.statistics[Statistic::column_sums],
                           denominators = gradient.statistics[Statistic::denominator];
  const auto slope_at = [&](Index i, Index c) {
    double slope =
        settings.l1 + settings.l2 * static_cast<double>(x(i, c)) - static_cast<double>(numerators(i, c));
    if (product.rows() > 0) slope += product(i, c);
    if (column_sums.rows() > 0) slope += static_cast<double>(column_sums(0, c));
    if (denominators.rows() > 0) slope += static_cast<double>(denominators(i, c));
    return slope;
  };
  const auto multiplier_of = [&](Index i) {
    double weighted = 0, sum = 0;
    for (Index c = 0; c < x.columns(); ++c) {
      weighted += static_cast<double>(x(i, c)) * slope_at(i, c);
      sum += static_cast<double>(x(i, c));
    }
    return sum > 0 ? weighted / sum : 0;
  };
  for (Index i = 0; i < x.rows(); ++i) {
    const double multiplier = settings.sum_to_one ? multiplier_of(i) : 0;
    auto fixed = settings.fixed.begin();
    for (Index c = 0; c < x.columns(); ++c) {
      if (fixed != settings.fixed.end() && *fixed == c) {
        ++fixed;
        continue;
      }
      const double slope = slope_at(i, c) - multiplier;
      const bool is_positive = static_cast<double>(x(i, c)) > zeros[static_cast<std::size_t>(c)];
      result.projected.see(is_positive ? slope : std::min(0.0, slope));
      result.numerator.see(static_cast<double>(numerators(i, c)));
    }
  }
  return result;
}

/// What counts as zero in each component, as far as these rows tell.
template <class T>
void find_zeros(ConstMatrixView<T> x, std::vector<double>& zeros) {
  std::fill(zeros.begin(), zeros.end(), 0.0);
  for (Index i = 0; i < x.rows(); ++i) {
    for (std::size_t c = 0; c < zeros.size(); ++c) {
      zeros[c] = std::max(zeros[c], counts_as_zero * static_cast<double>(x.row(i)[c]));
    }
  }
}

/// Whether a rank has been asked to give up. What is asked from outside is asked on the first thread alone.
class Patience {
 public:
  explicit Patience(const std::function<bool()>& gives_up) : gives_up_(gives_up) {}
  bool is_over(int thread) {
    if (gives_up_ && thread == 0 && gives_up_()) is_over_ = true;
    return is_over_;
  }
  bool was_over() const { return is_over_; }

 private:
  const std::function<bool()>& gives_up_;
  std::atomic<bool> is_over_ = false;
};

/// Whether an entry is none, but counts as zero.
template <class T>
bool has_near_zeros(ConstMatrixView<T> x, std::span<const double> zeros) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (std::size_t c = 0; c < zeros.size(); ++c) {
      const auto entry = static_cast<double>(x.row(i)[c]);
      if (entry > 0 && entry <= zeros[c]) return true;
    }
  }
  return false;
}

/// The gradient of W, from what a walk reads. Tiles are put together to blocks of rows_at_once rows, whose places
/// do not depend on how rows are cut among threads.
template <class T>
class GradientOfW final : public Onlooker<T> {
 public:
  GradientOfW(const Sweep<T>& sweep, const RuleSettings& settings, const SharedH<T>& h, ConstMatrixView<T> w,
              Patience& patience)
      : statistics_(sweep.loss().statistics()),
        settings_(settings),
        h_(h),
        w_(w),
        patience_(patience),
        zeros_(static_cast<std::size_t>(w.columns())),
        seen_(static_cast<std::size_t>((w.rows() + rows_at_once - 1) / rows_at_once)) {
    for (const ThreadRanges::Range& rows : sweep.walk().ranges().rows) {
      own_.push_back(make_block(0));
      products_.emplace_back(w.columns());
      const Index first = rows.first / rows_at_once;
      const bool is_shared = rows.first % rows_at_once != 0 && rows.first < w.rows();
      if (is_shared && (shared_.empty() || shared_.back().number != first)) shared_.push_back(make_block(first));
    }
  }
  /// What counts as zero: 0 unless it is set before the walk.
  std::vector<double>& zeros() { return zeros_; }

  bool looks(int thread) override { return !patience_.is_over(thread); }
  void see(int thread, const ThreadRanges::Range& rows, const Statistics<T>& statistics) override {
    for (Index i = 0; i < rows.count;) {
      const Index row = rows.first + i, number = row / rows_at_once, place = row % rows_at_once;
      const Index count = std::min(rows.count - i, rows_at_once - place);
      const auto shared =
          std::find_if(shared_.begin(), shared_.end(), [&](const Block& b) { return b.number == number; });
      Block& block = shared != shared_.end() ? *shared : own_[static_cast<std::size_t>(thread)];
      (statistics_ & gradient_parts & large_statistics).for_each([&](Statistic s) {
        copy_rows<T>(statistics[s].middle_rows(i, count), block.large[s].view().middle_rows(place, count));
      });
      i += count;
      if (shared == shared_.end() && row + count == end_of(number)) settle(thread, number, block);
    }
  }
  /// After the walk: of all rows of this rank.
  const std::vector<Stationarity>& blocks() {
    for (const Block& block : shared_) settle(0, block.number, block);
    return seen_;
  }

 private:
  struct Block {
    Index number;
    ByStatistic<Matrix<T>> large;  // rows_at_once x k, padded
  };
  Block make_block(Index number) const {
    Block block{number, {}};
    (statistics_ & gradient_parts & large_statistics).for_each([&](Statistic s) {
      block.large[s] = Matrix<T>::padded(rows_at_once, w_.columns());
    });
    return block;
  }
  Index end_of(Index number) const { return std::min((number + 1) * rows_at_once, w_.rows()); }
  void settle(int thread, Index number, const Block& block) {
    const Index first = number * rows_at_once;
    const ConstMatrixView<T> x = w_.middle_rows(first, end_of(number) - first);
    Gradient<T> gradient{settings_, {}};
    (statistics_ & gradient_parts & large_statistics).for_each([&](Statistic s) {
      gradient.statistics[s] = block.large[s].view();
    });
    if (statistics_.has(Statistic::column_sums)) {
      gradient.statistics[Statistic::column_sums] = h_.fixed().column_sums;
    }
    ConstMatrixView<double> product;
    if (statistics_.has(Statistic::gram)) {
      product = products_[static_cast<std::size_t>(thread)].template of<T>(x, h_.gram());
    }
    seen_[static_cast<std::size_t>(number)] = of_rows<T, T>(gradient, x, zeros_, product);
  }

  StatisticsSet statistics_;
  RuleSettings settings_;
  const SharedH<T>& h_;
  ConstMatrixView<T> w_;
  Patience& patience_;
  std::vector<double> zeros_;
  std::vector<Stationarity> seen_;  // one a block
  std::vector<Block> own_;          // one a thread
  std::vector<Block> shared_;       // where the rows of one thread end and those of the next begin
  std::vector<GramProduct> products_;
};

}  // namespace mpinmf
