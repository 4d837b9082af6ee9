// Walks over V on several ranks: what becomes of a rule that throws, and one walk for what took three.
#include <cmath>
#include <functional>
#include <new>
#include <string>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "solver/factorize.hpp"
#include "solver/stationarity.hpp"
#include "solver/transform.hpp"

using namespace mpinmf;

namespace {

constexpr Index swept_rows = 90, swept_k = 6;

/// Which rank's rule throws; -1: every rank's; -2: none.
int throwing_rank = -1;

bool is_to_throw() {
  return throwing_rank == -1 || throwing_rank == world().rank();
}
double throw_bad_data(const HalfStep<double>&, const Statistics<double>&, RuleScratch<double>&,
                      const MovedRows<double>&) {
  if (is_to_throw()) throw BadData("a rule that fails in a sweep");
  return 0;
}
/// In the place of W's rule alone.
double throw_in_w(const Rule<double>&, const WalkedRows<double>&) {
  if (is_to_throw()) throw BadData("a rule that fails in a sweep");
  return 0;
}
double move_w_by_mu(const Rule<double>&, const WalkedRows<double>& w) {
  return gather_and_move(find_rule<double>("mu"), w);
}
/// Where the gradient rises.
double leave_near_zeros(const HalfStep<double>&, const Statistics<double>&, RuleScratch<double>&,
                        const MovedRows<double>& rows) {
  for (Index i = 0; i < rows.x.rows(); ++i) {
    for (Index c = 0; c < rows.x.columns(); ++c) rows.x(i, c) = c == i % swept_k ? 1e-14 : 10;
  }
  return 0;
}
double run_out_of_memory(const HalfStep<double>&, const Statistics<double>&, RuleScratch<double>&,
                         const MovedRows<double>&) {
  if (is_to_throw()) throw std::bad_alloc();
  return 0;
}

/// V with a pair of factors, and all that a walk over it needs.
struct Walked {
  DataMatrix<double> v;
  std::unique_ptr<PanelLoss<double>> loss;
  SharedH<double> h;
  Matrix<double> w;
  Sweep<double> sweep;
  Sums<double> sums;

  Walked(double beta, Index columns, bool sparse, int threads)
      : v(spread(world(), random_matrix<double>(swept_rows, columns, 3, beta > 0 ? 0.4 : 0), sparse)),
        loss(make_loss<double>({beta})),
        h(columns, swept_k),
        w(Matrix<double>::padded(v.rows_local(), swept_k)),
        sweep(v, *loss, swept_k, threads),
        sums(sweep.make_sums()) {
    const Matrix<double> all_w = random_matrix<double>(swept_rows, swept_k, 4, 0.2),
                         all_h = random_matrix<double>(columns, swept_k, 5, 0.2);
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(all_w.row(v.first_row() + i), swept_k, w.row(i));
    for (Index j = 0; j < columns; ++j) std::copy_n(all_h.row(j), swept_k, h.ht().row(j));
    h.refresh();
  }
  /// One walk by a rule and its sum over the ranks.
  void sum_by(const Rule<double>& rule, bool in_chunks) {
    HalfStep<double> half_step;
    begin_half_step(rule, {}, loss->statistics().has(Statistic::gram) ? h.gram() : ConstMatrixView<double>(),
                    half_step);
    sweep.use(rule);
    sums.clear();
    sweep.move_and_gather({half_step, {}}, h.fixed(), {w.view(), {}}, sums, CostOf::nothing);
    in_chunks ? sums.sum_head_over(world()) : sums.sum_over(world());
  }
  PairReview solve_by(const Rule<double>& rule, std::function<bool()> gives_up = {}) {
    HalfStep<double> half_step;
    begin_half_step(rule, {}, h.gram(), half_step);
    sweep.use(rule);
    return solve_and_review<double>({{}, {}, sweep, sums, std::move(gives_up)}, half_step, h, w.view());
  }
};

void check_equal(const PairReview& one, const PairReview& two) {
  CHECK(one.cost.loss == two.cost.loss);
  CHECK(one.cost.row_norms == two.cost.row_norms);
  CHECK(one.stationarity.w.residual() == two.stationarity.w.residual());
  CHECK(one.stationarity.h.residual() == two.stationarity.h.residual());
}

/// The message that every rank throws.
template <class F>
std::string message_on_all_ranks(ExitCode code, F&& work) {
  std::string message;
  try {
    work();
  } catch (const Error& error) {
    CHECK(error.has_met());
    CHECK(error.exit_code() == code);
    message = error.what();
  }
  std::string of_root = message;
  world().broadcast(of_root);
  CHECK(message == of_root);
  return message;
}

}  // namespace

TEST_CASE("A rule that throws in a sweep throws once on every rank, and the next sweep works", "[sweep]") {
  Rule<double> bad, full;
  bad.move = throw_bad_data;
  full.move = run_out_of_memory;
  for (const int threads : {1, 3}) {
    for (const Index columns : {20, 400}) {  // sums of each thread's own, and shared ones
      for (const bool in_chunks : {false, true}) {
        Walked walked(2, columns, false, threads);
        for (const int rank : {-1, 0, world().size() - 1}) {
          INFO(threads << " threads, " << columns << " columns, rank " << rank << (in_chunks ? ", chunks" : ""));
          throwing_rank = rank;
          CHECK(message_on_all_ranks(ExitCode::bad_data, [&] { walked.sum_by(bad, in_chunks); }) ==
                "a rule that fails in a sweep");
          CHECK(message_on_all_ranks(ExitCode::system, [&] {
                  walked.sum_by(full, in_chunks);
                }).find("has not enough memory") != std::string::npos);
        }
        Walked other(2, columns, false, threads);
        walked.sum_by(find_rule<double>("mu"), false);
        other.sum_by(find_rule<double>("mu"), false);
        CHECK(relative_difference<double>(Comm::self(), other.sums.of(Statistic::numerator),
                                          walked.sums.of(Statistic::numerator)) == 0);
      }
    }
  }
}

TEST_CASE("A fit whose rule throws in a sweep ends with one message on every rank", "[sweep]") {
  Rule<double> bad = find_rule<double>("mu");
  bad.move_w = throw_in_w;
  for (const Order order : {Order::w_first, Order::h_first}) {
    for (const Index height : {0, 7}) {  // H in one, and in chunks
      for (const int rank : {-1, 0, world().size() - 1}) {
        INFO((order == Order::w_first ? "W first" : "H first") << ", height " << height << ", rank " << rank);
        Walked walked(1, 20, true, 2);
        walked.sweep.use(bad);
        throwing_rank = -2;
        FitHooks<double> hooks;
        hooks.on_iteration = [&](const Progress& progress) {
          if (progress.iteration == 2) throwing_rank = rank;
        };
        const ResolvedOptions options = resolved_for(walked.v, fixed_options(swept_k, 1, order, 6));
        CHECK(message_on_all_ranks(ExitCode::bad_data, [&] {
                factorize_by(walked.sweep, options, walked.w.view(), walked.h, {20, height}, hooks);
              }) == "a rule that fails in a sweep");
      }
    }
  }
}

TEST_CASE("A fit whose rule throws where H moves ends with one message on every rank", "[sweep]") {
  Rule<double> bad = find_rule<double>("mu");
  bad.move = throw_bad_data;
  bad.move_w = move_w_by_mu;
  throwing_rank = -1;
  for (const Order order : {Order::w_first, Order::h_first}) {
    for (const Index height : {0, 7}) {  // H on the root, and in chunks
      INFO((order == Order::w_first ? "W first" : "H first") << ", height " << height);
      Walked walked(1, 20, true, 2);
      walked.sweep.use(bad);
      CHECK(message_on_all_ranks(ExitCode::bad_data, [&] {
              factorize_by(walked.sweep, resolved_for(walked.v, fixed_options(swept_k, 1, order, 6)),
                           walked.w.view(), walked.h, {20, height});
            }) == "a rule that fails in a sweep");
    }
  }
}

TEST_CASE("A rule that throws where nothing is gathered throws where it runs", "[sweep]") {
  Rule<double> bad;
  bad.move = throw_bad_data;
  throwing_rank = -1;
  for (const int threads : {1, 3}) {
    Walked walked(2, 20, true, threads);
    HalfStep<double> half_step;
    begin_half_step(bad, {}, walked.h.gram(), half_step);
    walked.sweep.use(bad);
    const auto move = [&] { walked.sweep.move({half_step, {}}, walked.h.fixed(), {walked.w.view(), {}}); };
    CHECK(message_on_all_ranks(ExitCode::bad_data, [&] { world().meet(move); }) == "a rule that fails in a sweep");
  }
}

TEST_CASE("One walk gives the cost that a walk for the cost gives, and the stationarity of any number of threads",
          "[sweep]") {
  for (const double beta : {2.0, 1.0, 0.5, 0.0}) {
    for (const bool sparse : {false, true}) {
      for (const Index columns : {20, 400}) {
        INFO("beta " << beta << (sparse ? ", sparse, " : ", dense, ") << columns << " columns");
        Walked alone(beta, columns, sparse, 1);
        const PairReview one = review<double>({{}, {}, alone.sweep, alone.sums}, alone.h, alone.w.view(), true);
        for (const int threads : {1, 2, 5}) {
          Walked walked(beta, columns, sparse, threads);
          const PairReview many =
              review<double>({{}, {}, walked.sweep, walked.sums}, walked.h, walked.w.view(), true);
          CHECK(many.cost.loss == sum_over(world(), walked.sweep.cost(walked.h.fixed(), walked.w.view())).loss);
          CHECK(many.stationarity.w.residual() == one.stationarity.w.residual());
          CHECK(many.stationarity.h.residual() == Approx(one.stationarity.h.residual()).epsilon(1e-10));
          CHECK(one.stationarity.w.residual() > 0);
        }
      }
    }
  }
}

TEST_CASE("A review that a rank gives up on tells the cost alone", "[sweep]") {
  for (const int threads : {1, 3}) {
    Walked walked(1, 30, true, threads);
    const double cost = sum_over(world(), walked.sweep.cost(walked.h.fixed(), walked.w.view())).loss;
    const bool gives_up = world().rank() == world().size() - 1;
    const PairReview found = review<double>({{}, {}, walked.sweep, walked.sums, [&] { return gives_up; }},
                                            walked.h, walked.w.view(), true);
    CHECK(found.cost.loss == cost);
    CHECK(std::isnan(found.stationarity.w.residual()));
    CHECK(std::isnan(found.stationarity.h.residual()));
  }
}

TEST_CASE("W is solved for and reviewed in one walk as in two", "[sweep]") {
  const Rule<double>& exact = default_rule<double>(DefaultFor::exact_half_steps);
  for (const bool sparse : {false, true}) {
    for (const Index columns : {20, 400}) {
      for (const int threads : {1, 2, 5}) {
        INFO((sparse ? "sparse, " : "dense, ") << columns << " columns, " << threads << " threads");
        Walked once(2, columns, sparse, threads), twice(2, columns, sparse, threads);
        const PairReview one = once.solve_by(exact);
        const ResolvedOptions options = resolved_for(twice.v, fixed_options(swept_k, 2, Order::w_first, 1));
        solve_w_exactly<double>(twice.v, options, twice.h.fixed(), twice.h.gram(), twice.w.view());
        CHECK(relative_difference<double>(world(), twice.w.view(), once.w.view()) == 0);
        const PairReview two = review<double>({{}, {}, twice.sweep, twice.sums}, twice.h, twice.w.view(), true);
        check_equal(one, two);
        CHECK(one.stationarity.w.residual() < 1e-13);
        CHECK(one.stationarity.h.residual() > 1e-3);
      }
    }
  }
}

TEST_CASE("Entries that count as zero once all of W is solved for are found in a second walk", "[sweep]") {
  Rule<double> rule = default_rule<double>(DefaultFor::exact_half_steps);
  rule.move = leave_near_zeros;
  for (const int threads : {1, 3}) {
    Walked walked(2, 20, false, threads);
    const PairReview one = walked.solve_by(rule);
    check_equal(one, review<double>({{}, {}, walked.sweep, walked.sums}, walked.h, walked.w.view(), true));
  }
}

TEST_CASE("A rank that gives up while W is solved for solves for all of it, and tells the cost", "[sweep]") {
  const Rule<double>& exact = default_rule<double>(DefaultFor::exact_half_steps);
  for (const int threads : {1, 3}) {
    for (const Index columns : {20, 400}) {
      Walked whole(2, columns, true, threads), given_up(2, columns, true, threads);
      const PairReview all = whole.solve_by(exact);
      int asked = 0;
      const auto gives_up = [&] { return ++asked > 1 && world().rank() == 0; };
      const PairReview cut = given_up.solve_by(exact, gives_up);
      CHECK(cut.cost.loss == all.cost.loss);
      CHECK(relative_difference<double>(world(), whole.w.view(), given_up.w.view()) == 0);
      CHECK(std::isnan(cut.stationarity.w.residual()));
      CHECK(std::isnan(cut.stationarity.h.residual()));
    }
  }
}

TEST_CASE("A rule that throws while W is solved for throws once on every rank", "[sweep]") {
  Rule<double> bad = default_rule<double>(DefaultFor::exact_half_steps);
  bad.move = throw_bad_data;
  for (const int rank : {-1, 0, world().size() - 1}) {
    throwing_rank = rank;
    Walked walked(2, 20, false, 2);
    CHECK(message_on_all_ranks(ExitCode::bad_data, [&] { walked.solve_by(bad); }) ==
          "a rule that fails in a sweep");
  }
}
