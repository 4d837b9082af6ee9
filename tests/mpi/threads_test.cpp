// How many threads a rank takes: asked for, from the environment, or its share of the host's cores. And that
// results do not depend on their number.
#include <omp.h>
#include <sched.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "catch.hpp"
#include "machine/threads.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/sweep.hpp"

using namespace mpinmf;

namespace {

/// A variable of the environment for as long as the object lives; nothing unsets it.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* old = std::getenv(name);
    if (old != nullptr) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }

 private:
  void set(const char* value) const { value == nullptr ? ::unsetenv(name_) : ::setenv(name_, value, 1); }

  const char* name_;
  std::optional<std::string> old_;
};

/// Binds this thread to one processor for as long as the object lives.
class Bound {
 public:
  explicit Bound(int processor) {
    REQUIRE(sched_getaffinity(0, sizeof old_, &old_) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  }
  ~Bound() { sched_setaffinity(0, sizeof old_, &old_); }

 private:
  cpu_set_t old_;
};

/// The first processor that this test may use, and how many there are.
int first_processor() {
  cpu_set_t set;
  REQUIRE(sched_getaffinity(0, sizeof set, &set) == 0);
  int p = 0;
  while (!CPU_ISSET(p, &set)) ++p;
  return p;
}

struct ThreadsCase {
  Index rows, columns, components;
  bool sparse;
  double share_of_zeros;
};

/// Few features against rows, so that each thread has sums of its own; and many, so that all share one; sparse V
/// wide enough for an order of columns of its own; fewer panels than threads; ranks without rows (from 3 ranks
/// on).
constexpr ThreadsCase cases[] = {
    {300, 40, 6, false, 0.2}, {300, 40, 6, true, 0.6},
    {40, 2000, 20, false, 0}, {60, 4500, 20, true, 0.9},
    {9, 30, 1, false, 0},     {9, 30, 1, true, 0},
    {120, 25, 1, true, 0.5},  {24, 4200, 20, true, 0 /* for losses that need all entries > 0 */},
};

Options options_of(const ThreadsCase& c, double beta, Order order) {
  Options options = fixed_options(c.components, beta, order, 6);
  options.seed = Seed(5);
  return options;
}

template <class T>
bool is_shared(const DataMatrix<T>& v, double beta, const ThreadsCase& c, int threads) {
  const auto loss = make_loss<T>({beta});
  return thread_ranges(v, loss->statistics(), c.components, threads).share_sums;
}

template <class T>
void check_same(const Nmf<T>& one, const Nmf<T>& other, double rounding) {
  CHECK(relative_difference<T>(world(), one.w(), other.w()) <= rounding);
  CHECK(relative_difference<T>(Comm::self(), one.ht(), other.ht()) <= rounding);
  REQUIRE(one.trace().size() == other.trace().size());
  for (std::size_t i = 0; i < one.trace().size(); ++i) {
    const double loss = one.trace()[i].cost.loss;
    CHECK(std::fabs(other.trace()[i].cost.loss - loss) <= rounding * std::fabs(loss));
  }
}

/// Fits with each of these numbers of threads against one thread; twice with the last.
template <class T>
void check_agreement(const DataMatrix<T>& v, Options options, const std::vector<int>& numbers, double rounding) {
  options.threads = 1;
  Nmf<T> reference(options);
  reference.fit(v);
  for (const int threads : numbers) {
    INFO(threads << " threads");
    options.threads = threads;
    Nmf<T> model(options);
    model.fit(v);
    CHECK(model.threads().threads == threads);
    check_same(reference, model, rounding);
    if (threads != numbers.back()) continue;
    Nmf<T> again(options);
    again.fit(v);
    check_same(model, again, 0);
    const Matrix<T> w = model.transform(v), w_again = again.transform(v), w_alone = reference.transform(v);
    CHECK(relative_difference<T>(world(), w_alone.view(), w.view()) < 10 * rounding);
    CHECK(relative_difference<T>(world(), w.view(), w_again.view()) == 0);
  }
}

template <class T>
void check_cases(const std::vector<double>& betas, const std::vector<int>& numbers, double rounding) {
  Index shared = 0, own = 0;
  for (const ThreadsCase& c : cases) {
    const DataMatrix<T> v = spread(world(), random_matrix<T>(c.rows, c.columns, 3, c.share_of_zeros), c.sparse);
    CHECK(v.column_order().empty() == (!c.sparse || c.columns < 4096));
    for (const double beta : betas) {
      if (beta == 0 && c.share_of_zeros > 0) continue;
      for (const int threads : numbers) ++(is_shared(v, beta, c, threads) ? shared : own);
      for (const Order order : {Order::w_first, Order::h_first}) {
        INFO(c.rows << " x " << c.columns << ", k = " << c.components << (c.sparse ? ", sparse" : ", dense")
                    << ", beta " << beta << (order == Order::w_first ? ", W first" : ", H first"));
        check_agreement(v, options_of(c, beta, order), numbers, rounding);
      }
    }
  }
  CHECK((shared > 0 && own > 0));
}

}  // namespace

TEST_CASE("threads that are asked for win, then those of the environment", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", "3,2");
  CHECK(threads_for(world(), 5).threads == 5);
  const ThreadPlan plan = threads_for(world(), 0);
  CHECK(plan.threads == 3);
  CHECK(plan.least == 3);
  CHECK(plan.most == 3);
}

TEST_CASE("a rank without the variable takes the root's, one with it its own", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", world().is_root() ? "3" : world().rank() == 1 ? "2" : nullptr);
  const ThreadPlan plan = threads_for(world(), 0);
  CHECK(plan.threads == (world().rank() == 1 ? 2 : 3));
  CHECK(plan.least == (world().size() > 1 ? 2 : 3));
  CHECK(plan.most == 3);
}

TEST_CASE("a variable that is not a number is refused on every rank", "[threads]") {
  for (const char* bad : {"many", "0", "-1", "2x", "99999", ",2"}) {
    const Variable environment("OMP_NUM_THREADS", world().rank() == world().size() - 1 ? bad : "1");
    CHECK_THROWS_AS(threads_for(world(), 0), UsageError);
    CHECK(threads_for(world(), 1).threads == 1);
  }
}

TEST_CASE("ranks that may use the same cores share them", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", nullptr);
  const ThreadPlan alone = threads_for(Comm::self(), 0);
  const ThreadPlan shared = threads_for(world(), 0);
  CHECK(alone.threads == alone.cores);
  CHECK(shared.threads == std::max(1, alone.cores / world().size()));
  CHECK(!shared.oversubscribed);
}

TEST_CASE("a rank that is bound to a core has one thread", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", "");
  const Bound bound(first_processor());
  const ThreadPlan plan = threads_for(world(), 0);
  CHECK(plan.threads == 1);
  CHECK(!plan.oversubscribed);
  CHECK(threads_for(world(), 2).oversubscribed);
}

TEST_CASE("numbers of threads out of range are refused", "[threads]") {
  for (const int threads : {-1, most_threads + 1}) {
    Options options = fixed_options(2, 2, Order::w_first, 1);
    options.threads = threads;
    CHECK_THROWS_AS(options.check(), UsageError);
  }
}

TEST_CASE("any number of threads agrees with one, and the same number gives the same bits", "[threads]") {
  check_cases<double>({2, 1, 0}, {2, 5, 3}, 1e-10);
}

TEST_CASE("any number of threads agrees with one in single precision", "[threads]") {
  check_cases<float>({2, 1}, {3}, 1e-4);
}

TEST_CASE("ranks that bring no rows have threads with nothing to do", "[threads]") {
  const Matrix<double> all = random_matrix<double>(50, 600, 4, 0.5);
  // rows on the last rank and, from three ranks on, on the second
  const bool is_last = world().rank() == world().size() - 1, is_second = world().size() > 2 && world().rank() == 1;
  const Index cut = world().size() > 2 ? 21 : 0;
  const Matrix<double> own = rows_of(all, is_last ? cut : 0, is_last ? 50 - cut : is_second ? cut : 0);
  for (const bool sparse : {false, true}) {
    const DataMatrix<double> v = sparse ? DataMatrix<double>::from_rows(world(), compressed(own))
                                        : DataMatrix<double>::from_rows(world(), own.copy());
    for (const double beta : {2.0, 1.0, 1.5}) {
      for (const Index k : {1, 20}) {
        INFO((sparse ? "sparse" : "dense") << ", beta " << beta << ", k = " << k);
        check_agreement(v, options_of({50, 600, k, sparse, 0.5}, beta, Order::w_first), {4}, 1e-10);
      }
    }
  }
}

TEST_CASE("a team smaller than asked for does the same work with the same bits", "[threads]") {
  const int levels = omp_get_max_active_levels();
  for (const ThreadsCase& c : {cases[1], cases[2], cases[3]}) {
    const DataMatrix<double> v = spread(world(), random_matrix<double>(c.rows, c.columns, 3, 0.5), c.sparse);
    for (const double beta : {2.0, 1.0, 1.5}) {
      Options options = options_of(c, beta, Order::h_first);
      options.threads = 3;
      Nmf<double> whole(options), alone(options);
      whole.fit(v);
      omp_set_max_active_levels(0);  // teams of one
      alone.fit(v);
      omp_set_max_active_levels(levels);
      check_same(whole, alone, 0);
    }
  }
}

TEST_CASE("threads share panels and features without gaps, by their work", "[threads]") {
  for (const ThreadsCase& c : cases) {
    const DataMatrix<double> v = spread(world(), random_matrix<double>(c.rows, c.columns, 3, 0.5), c.sparse);
    for (const int threads : {1, 2, 3, 5, 64}) {
      const ThreadRanges ranges = thread_ranges(v, facts_of(Loss{2}).offers, c.components, threads);
      Index row = 0, feature = 0, most = 0;
      REQUIRE(ranges.rows.size() == static_cast<std::size_t>(threads));
      for (const ThreadRanges::Range& range : ranges.rows) {
        CHECK(range.first == row);
        row += range.count;
        most = std::max(most, range.count);
      }
      CHECK(row == v.rows_local());
      CHECK(most <= v.rows_local() / threads + 4 * v.partition().panel_height());
      for (const ThreadRanges::Range& range : ranges.features) {
        CHECK(range.first == feature);
        feature += range.count;
      }
      CHECK(feature == (ranges.share_sums ? v.columns() : 0));
    }
  }
}
