// How many threads a rank takes: asked for, from the environment, or its share of the host's cores.
#include <omp.h>
#include <sched.h>

#include <cstdlib>
#include <string>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "solver/threads.hpp"

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

Options with_threads(int threads) {
  Options options;
  options.threads = threads;
  return options;
}

}  // namespace

TEST_CASE("threads that are asked for win, then those of the environment", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", "3,2");
  CHECK(threads_for(world(), with_threads(5)).threads == 5);
  const ThreadPlan plan = threads_for(world(), with_threads(0));
  CHECK(plan.threads == 3);
  CHECK(plan.least == 3);
  CHECK(plan.most == 3);
}

TEST_CASE("a rank without the variable takes the root's, one with it its own", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", world().is_root() ? "3" : world().rank() == 1 ? "2" : nullptr);
  const ThreadPlan plan = threads_for(world(), with_threads(0));
  CHECK(plan.threads == (world().rank() == 1 ? 2 : 3));
  CHECK(plan.least == (world().size() > 1 ? 2 : 3));
  CHECK(plan.most == 3);
}

TEST_CASE("a variable that is no number is refused on every rank", "[threads]") {
  for (const char* bad : {"many", "0", "-1", "2x", "99999", ",2"}) {
    const Variable environment("OMP_NUM_THREADS", world().rank() == world().size() - 1 ? bad : "1");
    CHECK_THROWS_AS(threads_for(world(), with_threads(0)), UsageError);
    CHECK(threads_for(world(), with_threads(1)).threads == 1);
  }
}

TEST_CASE("ranks that may use the same cores share them", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", nullptr);
  const ThreadPlan alone = threads_for(Comm::self(), with_threads(0));
  const ThreadPlan shared = threads_for(world(), with_threads(0));
  CHECK(alone.threads == alone.cores);
  CHECK(shared.threads == std::max(1, alone.cores / world().size()));
  CHECK(!shared.oversubscribed);
}

TEST_CASE("a rank that is bound to a core has one thread", "[threads]") {
  const Variable environment("OMP_NUM_THREADS", "");
  const Bound bound(first_processor());
  const ThreadPlan plan = threads_for(world(), with_threads(0));
  CHECK(plan.threads == 1);
  CHECK(!plan.oversubscribed);
  CHECK(threads_for(world(), with_threads(2)).oversubscribed);
}

TEST_CASE("numbers of threads out of range are refused", "[threads]") {
  for (const int threads : {-1, most_threads + 1}) {
    Options options = fixed_options(2, 2, Order::w_first, 1);
    options.threads = threads;
    CHECK_THROWS_AS(options.check(), UsageError);
  }
}
