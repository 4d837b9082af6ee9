// Fits by coordinate descent on any number of ranks.
#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

Options ccd_options(Index k) {
  Options options = fixed_options(k, 1, Order::w_first, 25);
  options.rule = "ccd";
  return options;
}

void compare_with_one_rank(Index m, Index n, Index k) {
  const Matrix<double> all = random_matrix<double>(m, n, 3, 0.6);
  for (const bool sparse : {false, true}) {
    INFO(m << " x " << n << ", k = " << k << (sparse ? ", sparse" : ", dense"));
    Nmf<double> model(ccd_options(k)), alone(ccd_options(k));
    model.fit(spread(world(), all, sparse));
    alone.fit(spread(Comm::self(), all, sparse));
    REQUIRE(model.trace().size() == alone.trace().size());
    for (std::size_t i = 0; i < model.trace().size(); ++i) {
      const double loss = model.trace()[i].cost.loss;
      CHECK(loss == Approx(alone.trace()[i].cost.loss).epsilon(1e-10));
      if (i > 0) CHECK(loss <= model.trace()[i - 1].cost.loss + 1e-13 * model.trace().front().cost.loss);
    }
  }
}

}  // namespace

TEST_CASE("ccd on any number of ranks gives the losses of one rank, and they never rise", "[ccd]") {
  compare_with_one_rank(210, 40, 6);
  compare_with_one_rank(90, 150, 20);
  compare_with_one_rank(3, 8, 2);  // fewer rows than ranks
}
