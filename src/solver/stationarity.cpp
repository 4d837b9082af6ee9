#include "stationarity.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/blas.hpp"

namespace mpinmf {
namespace {

constexpr double counts_as_zero = 1e-12;
/// Rows whose products with a Gram matrix are made at once: enough for BLAS, few enough to look up in between.
constexpr Index rows_at_once = 64;

/// A factor's rows with what their gradient is made from: its falling part and its rising one.
template <class N>
struct Gradient {
  RuleSettings settings;
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

/// Of at most rows_at_once rows. Where x = 0 only the negative part of the gradient counts.
template <class T, class N>
Stationarity of_rows(const Gradient<N>& gradient, ConstMatrixView<T> x, std::span<const double> zeros,
                     ConstMatrixView<double> product) {
  Stationarity result;
  const RuleSettings& settings = gradient.settings;
  const ConstMatrixView<N> numerators = gradient.statistics[Statistic::numerator],
                           column_sums = gradient.statistics[Statistic::column_sums],
                           denominators = gradient.statistics[Statistic::denominator];
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) {
      const auto entry = static_cast<double>(x(i, c)), numerator = static_cast<double>(numerators(i, c));
      double slope = settings.l1 + settings.l2 * entry - numerator;
      if (product.rows() > 0) slope += product(i, c);
      if (column_sums.rows() > 0) slope += static_cast<double>(column_sums(0, c));
      if (denominators.rows() > 0) slope += static_cast<double>(denominators(i, c));
      const double projection = entry > zeros[static_cast<std::size_t>(c)] ? slope : std::min(0.0, slope);
      result.projected.see(projection);
      result.numerator.see(numerator);
    }
  }
  return result;
}

/// What counts as zero in each component.
template <class T>
std::vector<double> zeros_of(ConstMatrixView<T> x) {
  std::vector<double> zeros(static_cast<std::size_t>(x.columns()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (std::size_t c = 0; c < zeros.size(); ++c) {
      zeros[c] = std::max(zeros[c], counts_as_zero * static_cast<double>(x.row(i)[c]));
    }
  }
  return zeros;
}

/// Blocks of rows among threads and their sum in the order of the blocks, whatever the number of threads; the same
/// over the ranks. Ends early where a rank gives up.
class BlockSum {
 public:
  BlockSum(int threads, const std::function<bool()>& gives_up) : threads_(threads), gives_up_(gives_up) {}

  /// work(thread, b) gives the share of block b.
  template <class F>
  void add(Index blocks, F&& work) {
    if (is_over()) return;  // a rank without rows is asked, too
    std::vector<Stationarity> seen(static_cast<std::size_t>(blocks));
#pragma omp parallel for num_threads(threads_) schedule(static, 1)
    for (int thread = 0; thread < threads_; ++thread) {
      for (Index b = thread; b < blocks && !is_over(); b += threads_) {
        seen[static_cast<std::size_t>(b)] = work(static_cast<std::size_t>(thread), b);
      }
    }
    for (const Stationarity& own : seen) sum_ += own;
  }
  /// Collective.
  Stationarity over(const Comm& comm) const {
    Stationarity total = sum_;
    total.projected.sum_over(comm);
    total.numerator.sum_over(comm);
    if (comm.max(given_up_ ? 1.0 : 0.0) > 0) total.projected.see(Cost::unknown);
    return total;
  }

 private:
  /// What is asked from outside is asked on the first thread alone.
  bool is_over() {
    if (gives_up_ && omp_get_thread_num() == 0 && gives_up_()) given_up_ = true;
    return given_up_;
  }

  int threads_;
  const std::function<bool()>& gives_up_;
  std::atomic<bool> given_up_ = false;
  Stationarity sum_;
};

template <class T>
Stationarity of_w(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w) {
  const DataMatrix<T>& v = walk.v;
  std::vector<double> zeros = zeros_of<T>(w);
  v.comm().max(zeros);
  const int threads = walk.sums.threads();
  std::vector<PanelScratch<T>> scratch(static_cast<std::size_t>(threads));
  std::vector<GramProduct> products;
  v.comm().meet([&] {
    for (auto& own : scratch) {
      own = make_scratch(v, walk.loss, w.columns(), rows_at_once);
      products.emplace_back(w.columns());
    }
  });
  BlockSum sum(threads, walk.gives_up);
  sum.add((v.rows_local() + rows_at_once - 1) / rows_at_once, [&](std::size_t thread, Index b) {
    const Index first = b * rows_at_once;
    const PanelRows<T> rows = rows_with_factor(v, first, std::min(rows_at_once, v.rows_local() - first), w);
    const Statistics<T> s = walk.loss.gather_w(rows, h.fixed(), scratch[thread], nullptr);
    const bool has_gram = walk.loss.statistics().has(Statistic::gram);
    return of_rows<T, T>({walk.of_w, s}, rows.w, zeros,
                         has_gram ? products[thread].of<T>(rows.w, h.gram()) : ConstMatrixView<double>());
  });
  return sum.over(v.comm());
}

/// Ranks take features in turn: all have the same H and sums.
template <class T>
Stationarity of_h(const StationarityWalk<T>& walk, const SharedH<T>& h) {
  const Comm& comm = walk.v.comm();
  const ConstMatrixView<T> ht = h.ht();
  const std::vector<double> zeros = zeros_of<T>(ht);
  const StatisticsSet gathered = walk.loss.statistics();
  const int threads = walk.sums.threads();
  std::vector<GramProduct> products;
  comm.meet([&] {
    for (int thread = 0; thread < threads; ++thread) products.emplace_back(ht.columns());
  });
  const Index blocks = (ht.rows() + rows_at_once - 1) / rows_at_once, ranks = comm.size(),
              own_blocks = (blocks - comm.rank() + ranks - 1) / ranks;
  BlockSum sum(threads, walk.gives_up);
  sum.add(own_blocks, [&](std::size_t thread, Index b) {
    const Index first = (comm.rank() + b * ranks) * rows_at_once,
                count = std::min(rows_at_once, ht.rows() - first);
    const ConstMatrixView<T> x = ht.middle_rows(first, count);
    Gradient<double> gradient{walk.of_h, {}};
    gathered.for_each([&](Statistic s) {
      const ConstMatrixView<double> all = walk.sums.of(s);
      gradient.statistics[s] = is_large(s) ? all.middle_rows(first, count) : all;
    });
    const bool has_gram = gathered.has(Statistic::gram);
    return of_rows<T, double>(
        gradient, x, zeros,
        has_gram ? products[thread].of<T>(x, gradient.statistics[Statistic::gram]) : ConstMatrixView<double>());
  });
  return sum.over(comm);
}

}  // namespace

void Norm2::raise(double largest) {
  if (!(largest > largest_)) return;
  const double share = largest_ / largest;
  sum_ *= share * share;
  largest_ = largest;
}
void Norm2::see(double x) {
  if (x == 0) return;
  raise(std::fabs(x));
  const double share = x / largest_;  // what is not a number stays so
  sum_ += share * share;
}
void Norm2::see(const Norm2& other) {
  if (other.sum_ == 0) return;
  raise(other.largest_);
  const double share = other.largest_ / largest_;
  sum_ += other.sum_ * share * share;
}
double Norm2::value() const {
  return largest_ * std::sqrt(sum_);
}
void Norm2::sum_over(const Comm& comm) {
  raise(comm.max(largest_));
  sum_ = comm.sum(sum_);
}

double Stationarity::residual() const {
  const double whole = numerator.value();
  return whole > 0 ? projected.value() / whole : projected.value();
}

template <class T>
PairStationarity stationarity(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w) {
  PairStationarity result;
  result.w = result.h = of_w(walk, h, w);
  if (std::isnan(result.w.projected.value())) return result;
  walk.sums.clear();
  walk.sweep.gather(h.fixed(), w, walk.sums, CostOf::nothing);
  walk.sums.sum_over(walk.v.comm());
  result.h = of_h(walk, h);
  return result;
}

template PairStationarity stationarity(const StationarityWalk<float>&, const SharedH<float>&, MatrixView<float>);
template PairStationarity stationarity(const StationarityWalk<double>&, const SharedH<double>&,
                                       MatrixView<double>);

}  // namespace mpinmf
