// H's update in chunks of features against the one message, and what both hand to MPI.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "solver/chunked_h.hpp"
#include "solver/factorize.hpp"
#include "solver/pair.hpp"

using namespace mpinmf;

namespace {

/// A factorization from a start that every rank knows.
template <class T>
struct Fitted {
  Matrix<T> w;
  SharedH<T> h;
  RunRecord record;

  Fitted(const DataMatrix<T>& v, const Options& options, const Chunks& chunks, int threads = 1)
      : w(Matrix<T>::padded(v.rows_local(), options.components)), h(v.columns(), options.components, threads) {
    const Index k = options.components;
    const Matrix<T> first_w = random_matrix<T>(v.rows_global(), k, 11, 0),
                    first_h = random_matrix<T>(v.columns(), k, 12, 0);
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(first_w.row(v.first_row() + i), k, w.row(i));
    for (Index j = 0; j < v.columns(); ++j) std::copy_n(first_h.row(j), k, h.ht().row(j));
    h.refresh();
    record = factorize_in_chunks(v, resolved_for(v, options), w.view(), h, chunks);
  }
  ConstMatrixView<T> ht() const { return h.ht(); }
};

template <class T>
bool has_same_bits_everywhere(std::span<const T> own) {
  std::vector<T> of_root(own.begin(), own.end());
  world().broadcast(std::span<T>(of_root));
  const bool same = std::memcmp(of_root.data(), own.data(), own.size_bytes()) == 0;
  return world().min(same ? 1.0 : 0.0) == 1;
}

/// H with its padding, H H' and the sums that sweeps use.
template <class T>
bool is_same_everywhere(const SharedH<T>& h) {
  const FixedH<T> fixed = h.fixed();
  bool same = true;
  for (const ConstMatrixView<T>& x : {fixed.ht, fixed.gram, fixed.column_sums}) {
    same = has_same_bits_everywhere<T>({x.data(), static_cast<std::size_t>(x.rows() * x.stride())}) && same;
  }
  const ConstMatrixView<double> gram = h.gram();
  return has_same_bits_everywhere<double>({gram.data(), static_cast<std::size_t>(gram.rows() * gram.columns())}) &&
         same;
}

// Loss, row norms, zero models, violation, penalty, and requests to stop and to save; what the root decides.
constexpr Index cost_numbers = 7, decision_numbers = 12;

/// Bytes and messages of an iteration, spelled out. With H first the decision is told by itself.
CommCounts::Kind by_hand(double beta, Index n, Index k, Index element, const Chunks& chunks, Order order) {
  const Index padded = (k * element + 63) / 64 * 64, denominator = beta == 2 ? k * k : beta == 1 ? k : n * k;
  if (world().size() == 1) return {0, 0};
  if (!chunks.pipelined()) {
    const Index tail_rows = (8 * (k * k + k + decision_numbers) + padded - 1) / padded;
    const Index told = order == Order::h_first ? 1 : 0;
    return {2 + told,
            8 * (n * k + denominator + cost_numbers + told * decision_numbers) + (n + tail_rows) * padded};
  }
  const Index count = (n + chunks.height - 1) / chunks.height;
  const bool matrix = denominator == n * k && beta != 2 && beta != 1;
  const Index sums = 8 * (n * k + denominator + cost_numbers),
              broadcasts = n * padded + count * 8 * (k * k + k + 4 + 1) + 8 * decision_numbers;
  return {1 + count * (matrix ? 2 : 1) + 2 * count + 1, sums + broadcasts};
}

template <class T>
void check_counts(const Communication& c, double beta, Index n, Index k, const Chunks& chunks, Order order) {
  const CommCounts::Kind expected = by_hand(beta, n, k, sizeof(T), chunks, order);
  CHECK(c.bytes_per_iteration == expected.bytes);
  CHECK(c.messages_per_iteration == expected.messages);
  CHECK(c.bytes_by_formula == expected.bytes);
  CHECK(c.messages_by_formula == expected.messages);
  CHECK(c.pipelined == (chunks.pipelined() && world().size() > 1));
  CHECK_FALSE(c.formula.empty());
}

/// Single precision rounds what it is given: partial sums in another order may end on the neighbouring float.
template <class T>
constexpr double close_enough = sizeof(T) == 8 ? 1e-10 : 2e-5;

template <class T>
void compare(Index m, Index n, Index k, std::initializer_list<Index> heights) {
  const DataMatrix<T> v = spread(world(), random_matrix<T>(m, n, 1, 0.3), false);
  const DataMatrix<T> positive = spread(world(), random_matrix<T>(m, n, 1, 0), false);
  for (double beta : {2.0, 1.0, 0.0}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      const Options options = fixed_options(k, beta, order, 6);
      const DataMatrix<T>& data = beta == 0 ? positive : v;
      const Fitted<T> plain(data, options, {n, 0});
      CHECK(is_same_everywhere(plain.h));
      check_counts<T>(plain.record.communication, beta, n, k, {n, 0}, order);
      for (Index height : heights) {
        INFO(m << " x " << n << ", k = " << k << ", beta = " << beta << ", chunks of " << height << ", "
               << (order == Order::w_first ? "W first, " : "H first, ") << sizeof(T) << " bytes");
        const Fitted<T> chunked(data, options, {n, height});
        CHECK(is_same_everywhere(chunked.h));
        check_counts<T>(chunked.record.communication, beta, n, k, {n, height}, order);
        CHECK(relative_difference<T>(Comm::self(), plain.ht(), chunked.ht()) < close_enough<T>);
        CHECK(relative_difference<T>(world(), plain.w.view(), chunked.w.view()) < close_enough<T>);
        // residuals are what is left of differences
        CHECK(std::fabs(chunked.record.kkt_w - plain.record.kkt_w) < 100 * close_enough<T>);
        CHECK(std::fabs(chunked.record.kkt_h - plain.record.kkt_h) < 100 * close_enough<T>);
        CHECK(chunked.record.kkt_h > 0);
        REQUIRE(chunked.record.trace.size() == plain.record.trace.size());
        for (std::size_t i = 0; i < plain.record.trace.size(); ++i) {
          CHECK(chunked.record.trace[i].cost.loss ==
                Approx(plain.record.trace[i].cost.loss).epsilon(close_enough<T>));
        }
      }
    }
  }
}

/// Gram matrices of rows travel beside numerators and denominators.
void compare_known_entries(Index n, Index k, Index height) {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(40, n, 1, 0.5), true);
  Options options = fixed_options(k, 2, Order::w_first, 6);
  options.loss.missing = Missing::zeros;
  options.rule = "hals";
  const Fitted<double> plain(v, options, {n, 0}), chunked(v, options, {n, height});
  CHECK(is_same_everywhere(chunked.h));
  CHECK(relative_difference<double>(Comm::self(), plain.ht(), chunked.ht()) < 1e-10);
  CHECK(relative_difference<double>(world(), plain.w.view(), chunked.w.view()) < 1e-10);
  for (const Fitted<double>* fit : {&plain, &chunked}) {
    const Communication& c = fit->record.communication;
    CHECK(c.bytes_per_iteration == c.bytes_by_formula);
    CHECK(c.messages_per_iteration == c.messages_by_formula);
    const Index tiles = (k + 7) / 8, sums = 8 * n * (2 * k + 64 * tiles * (tiles + 1) / 2);
    CHECK((world().size() == 1 || c.bytes_by_formula > sums + n * k * 8));
  }
}

}  // namespace

TEST_CASE("Chunks of features that have Gram matrices of their own are one sum", "[pipeline]") {
  compare_known_entries(50, 3, 7);
  compare_known_entries(33, 9, 16);
}

TEST_CASE("Chunks of any size give what one message gives, the same bits on every rank", "[pipeline]") {
  compare<double>(60, 45, 1, {1, 10});
  compare<double>(60, 45, 7, {1, 4, 45, 1000});  // chunks < and > ranks, of one feature, of more than all
  compare<float>(60, 45, 7, {4, 23});
  compare<double>(90, 31, 20, {5, 16});
  compare<float>(90, 31, 20, {7});
  compare<double>(40, 600, 20, {299});  // more rows than a block
  compare<double>(120, 113, 100, {30});
  compare<float>(120, 113, 100, {50});
}

TEST_CASE("The number of threads does not change a bit of H's update", "[pipeline]") {
  const Index n = 1400, k = 5;
  const DataMatrix<double> v = spread(world(), random_matrix<double>(30, n, 1, 0.2), false);
  for (double beta : {2.0, 1.0, 1.5}) {
    const Options options = fixed_options(k, beta, Order::w_first, 4);
    for (Index height : {0, 600}) {
      const Fitted<double> one(v, options, {n, height}, 1), four(v, options, {n, height}, 4);
      CHECK(std::memcmp(one.ht().data(), four.ht().data(),
                        sizeof(double) * static_cast<std::size_t>(n * one.ht().stride())) == 0);
      CHECK(one.record.trace.back().cost.loss == four.record.trace.back().cost.loss);
    }
  }
}

TEST_CASE("Stops are the same in chunks: a tolerance, late or not, and a limit in seconds", "[pipeline]") {
  const Index n = 40, k = 4;
  const DataMatrix<double> v = spread(world(), random_matrix<double>(60, n, 9, 0.5), false);
  for (double beta : {2.0, 1.0}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      Options options = fixed_options(k, beta, order, 500);
      options.tolerance = 1e-3;
      const Fitted<double> plain(v, options, {n, 0}), chunked(v, options, {n, 7});
      CHECK(chunked.record.iterations == plain.record.iterations);
      CHECK(chunked.record.stop_reason == StopReason::tolerance);
      CHECK(chunked.record.iterations < 500);
      CHECK(relative_difference<double>(Comm::self(), plain.ht(), chunked.ht()) < 1e-9);
      options.tolerance = 0;
      options.max_seconds = 0;
      const Fitted<double> stopped(v, options, {n, 7});
      CHECK(stopped.record.stop_reason == StopReason::max_seconds);
      CHECK(stopped.record.iterations == 1);
      CHECK(is_same_everywhere(stopped.h));
    }
  }
}

TEST_CASE("A factor that overflows in one chunk ends every rank with one message", "[pipeline]") {
  const Index n = 20, k = 2, m = 40;
  // only the sums of the last column overflow
  Matrix<float> all = random_matrix<float>(m, n, 3, 0);
  for (Index i = m - 8; i < m; ++i) all(i, n - 1) = std::numeric_limits<float>::max();
  const DataMatrix<float> v = spread(world(), all, false);
  for (double beta : {2.0, 1.0, 0.5}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      for (Index height : {0, 3}) {
        INFO("beta = " << beta << (order == Order::w_first ? ", W first" : ", H first") << ", chunks of "
                       << height);
        bool has_thrown = false;
        try {
          const Fitted<float> fitted(v, fixed_options(k, beta, order, 300), {n, height});
        } catch (const BadData& error) {
          // the loss of the pair before may be the first to leave the range of numbers
          const std::string what = error.what();
          has_thrown = error.has_met() && (what.find("a factor overflowed") != std::string::npos ||
                                           what.find("is not a finite number") != std::string::npos);
        }
        CHECK(has_thrown);
        CHECK(world().sum(Index{1}) == world().size());  // all are here, and nothing is left under way
      }
    }
  }
}

namespace {

/// Some sums of a known W, over the ranks.
struct ChunkedUpdate {
  static constexpr Index n = 23, k = 3;
  Sums<double> sums{{Statistic::numerator, Statistic::denominator}, n, k};
  SharedH<double> h{n, k};
  Chunks chunks{n, 4};
  PhaseSeconds seconds;
  ChunkedH<double> exchange{world(), chunks, k, seconds};

  ChunkedUpdate() {
    for (Index j = 0; j < n; ++j) std::fill_n(h.ht().row(j), k, 1.0);
    h.refresh();
  }
  /// Every rank adds 2 to numerators and 1 to denominators, so that H doubles.
  void gather() {
    sums.clear();
    const GatheredSums<double> partial = sums.partial();
    for (Index j = 0; j < n; ++j) {
      std::fill_n(partial.large[Statistic::numerator].row(j), k, 2.0);
      std::fill_n(partial.large[Statistic::denominator].row(j), k, 1.0);
    }
  }
  bool move(const Rule<double>& rule) {
    PlainHStart<double> start(h);
    HMover<double> mover(h, rule, {}, start, sums.statistics());
    sums.flush();
    exchange.sum(sums);
    return exchange.move({}, sums, mover);
  }
  bool every_entry_is(double x) const {
    const ConstMatrixView<double> ht = h.ht();
    for (Index j = 0; j < n; ++j) {
      for (Index c = 0; c < k; ++c) {
        if (ht(j, c) != x) return false;
      }
    }
    return true;
  }
};

double throw_on_last_rank(const HalfStep<double>&, const Statistics<double>&, RuleScratch<double>&,
                          const MovedRows<double>&) {
  if (world().rank() == world().size() - 1) throw BadData("a rule that fails on the last rank");
  return 0;
}

}  // namespace

TEST_CASE("One update in chunks sums, moves and gives the statistics of the new H", "[pipeline]") {
  ChunkedUpdate update;
  update.gather();
  CHECK(update.move(find_rule<double>("mu")));
  CHECK(update.every_entry_is(2));
  CHECK(update.h.gram()(0, 2) == 4 * ChunkedUpdate::n);
  CHECK(update.h.fixed().column_sums(0, 1) == 2 * ChunkedUpdate::n);
  CHECK(update.h.moved().linear == 2.0 * world().size() * 2 * ChunkedUpdate::n * ChunkedUpdate::k);
}

TEST_CASE("A rule that throws on one rank throws on all, and the next update works", "[pipeline]") {
  ChunkedUpdate update;
  update.gather();
  try {
    Rule<double> rule;
    rule.move = throw_on_last_rank;
    update.move(rule);
    // with more ranks than chunks the last one has no turn
    CHECK(static_cast<Index>(world().size()) > update.chunks.count());
  } catch (const BadData& error) {
    CHECK(error.has_met());
    CHECK(std::string(error.what()) == "a rule that fails on the last rank");
  }
  for (Index j = 0; j < ChunkedUpdate::n; ++j) std::fill_n(update.h.ht().row(j), ChunkedUpdate::k, 1.0);
  update.gather();
  CHECK(update.move(find_rule<double>("mu")));
  CHECK(update.every_entry_is(2));
}

TEST_CASE("A denominator that is not finite is known to every rank, whoever owns it", "[pipeline]") {
  for (Index feature : {0, 9, 22}) {
    ChunkedUpdate update;
    update.gather();
    if (world().rank() == 0) {
      update.sums.partial().large[Statistic::denominator](feature, 1) = std::numeric_limits<double>::infinity();
    }
    CHECK_FALSE(update.move(find_rule<double>("mu")));
    update.gather();
    CHECK(update.move(find_rule<double>("mu")));
  }
}

TEST_CASE("H's statistics are those of plain loops, for features of several blocks and segments", "[pipeline]") {
  for (const auto& [n, k] : {std::pair<Index, Index>{1000, 3}, {1000, 300}, {257, 100}, {5, 7}}) {
    INFO(n << " features, k = " << k);
    Sums<double> sums({Statistic::numerator, Statistic::column_sums}, n, k);
    SharedH<double> h(n, k, 2);
    const Matrix<double> numerators = random_matrix<double>(n, k, 5, 0.2);
    const GatheredSums<double> partial = sums.partial();
    std::fill_n(partial.small[Statistic::column_sums].data(), k, 1.0);
    for (Index j = 0; j < n; ++j) {
      std::copy_n(numerators.row(j), k, partial.large[Statistic::numerator].row(j));
      std::fill_n(h.ht().row(j), k, 1.0);
    }
    sums.flush();
    sums.sum_over(Comm::self());
    PlainHStart<double> start(h);
    HMover<double> mover(h, find_rule<double>("mu"), {}, start, sums.statistics());
    mover.move({}, sums);
    double linear = 0, gram = 0;
    for (Index j = 0; j < n; ++j) {
      for (Index c = 0; c < k; ++c) linear += numerators(j, c) * h.ht()(j, c);
      gram += h.ht()(j, 0) * h.ht()(j, k - 1);
    }
    CHECK(relative_difference<double>(Comm::self(), numerators.view(), h.ht()) == 0);
    CHECK(h.moved().linear == Approx(linear).epsilon(1e-13));
    CHECK(h.gram()(0, k - 1) == Approx(gram).epsilon(1e-13));
    h.refresh();
    CHECK(h.gram()(0, k - 1) == Approx(gram).epsilon(1e-13));
  }
}
