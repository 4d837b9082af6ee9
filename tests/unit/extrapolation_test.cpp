// When a run is extrapolated, and by how much.
#include "solver/extrapolation.hpp"

#include "catch.hpp"

using namespace mpinmf;

TEST_CASE("iterations are extrapolated while what is minimised falls for certain", "[extrapolation]") {
  for (const bool is_exact : {false, true}) {
    Momentum momentum(is_exact);
    CHECK(momentum.value() == 0);  // the first one
    CHECK(momentum.accepts(100, 1));
    CHECK(momentum.value() == 0.5);
    CHECK(momentum.of_start() == (is_exact ? 0 : 0.5));
    CHECK(momentum.accepts(90, 1));
    CHECK(momentum.value() > 0.5);
    // two falls of less than the noise are a certain one
    CHECK(momentum.accepts(89.4, 1));
    CHECK(momentum.value() == 0);
    CHECK(momentum.accepts(88.9, 1));
    CHECK(momentum.value() > 0);
    // rises of less than the noise are borne, but do not add up
    CHECK(momentum.accepts(89.7, 1));
    CHECK(momentum.value() == 0);
    CHECK_FALSE(momentum.accepts(90.2, 1));
  }
}

TEST_CASE("a rise costs momentum, and where H alone cannot mend it the next iteration is plain",
          "[extrapolation]") {
  for (const bool is_exact : {false, true}) {
    Momentum momentum(is_exact);
    momentum.accepts(100, 0);
    CHECK_FALSE(momentum.accepts(101, 0));
    CHECK(momentum.accepts_redone(99, 0));
    CHECK(momentum.value() < 0.5);
    CHECK(momentum.value() > 0);
    CHECK(momentum.of_start() == 0);
    CHECK(momentum.of_redone() == (is_exact ? momentum.value() : 0));
    const double before = momentum.value();
    CHECK_FALSE(momentum.accepts(99.5, 0));
    CHECK_FALSE(momentum.accepts_redone(99.5, 0));
    CHECK(momentum.value() == 0);
    // a plain iteration from the pair itself cannot rise: what has risen is the noise
    CHECK(momentum.accepts(99.2, 0));
    CHECK(momentum.accepts(99.1, 0));
    CHECK(momentum.value() > 0);
    CHECK(momentum.value() < before);
  }
}
