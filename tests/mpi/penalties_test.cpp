// Penalties against scikit-learn 1.2.1 (reference/make_penalties.py), and what they do to every rule.
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;
using nlohmann::json;

namespace {

json reference() {
  return json::parse(std::ifstream(std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/penalties.json"));
}

Matrix<double> matrix_of(const json& rows) {
  Matrix<double> x(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.columns(); ++j)
      x(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }
  return x;
}

Options options_of(const json& all, const json& run) {
  Options options;
  options.components = 3;
  options.loss = Loss::parse(run["loss"]);
  options.rule = run["solver"] == "cd" ? "hals" : "mu";
  options.zero_below = options.loss.beta < 2 && options.loss.beta <= 1 ? 2.220446049250313e-16 : 0;
  options.tolerance = 0;
  options.max_iterations = all["iterations"];
  options.alpha_w = run["alpha_w"];
  if (!run["alpha_h"].is_null()) options.alpha_h = run["alpha_h"].get<double>();
  options.l1_ratio = run["l1_ratio"];
  return options;
}

/// This rank's rows of x.
Matrix<double> own_rows(const DataMatrix<double>& v, const Matrix<double>& x) {
  Matrix<double> own(v.rows_local(), x.columns());
  for (Index i = 0; i < own.rows(); ++i) std::copy_n(x.row(v.first_row() + i), x.columns(), own.row(i));
  return own;
}

}  // namespace

TEST_CASE("Penalties follow scikit-learn, for every loss and solver it has", "[penalties]") {
  const json all = reference();
  const Matrix<double> w0 = matrix_of(all["W0"]), h0 = matrix_of(all["H0"]);
  for (const json& run : all["runs"]) {
    INFO(run["solver"] << ", " << run["loss"] << ", " << run["data"] << ", alpha_W " << run["alpha_w"]
                       << ", alpha_H " << run["alpha_h"] << ", l1_ratio " << run["l1_ratio"]);
    const bool sparse = run["data"] == "sparse";
    const DataMatrix<double> v = spread(world(), matrix_of(all[sparse ? "sparse" : "dense"]), sparse);
    Nmf<double> model(options_of(all, run));
    model.fit(v, own_rows(v, w0).view(), h0.view());
    const Matrix<double> w = own_rows(v, matrix_of(run["W"])), h = matrix_of(run["H"]);
    CHECK(relative_difference<double>(world(), w.view(), model.w()) < 1e-9);
    CHECK(relative_difference<double>(Comm::self(), h.view(), model.components().view()) < 1e-9);
  }
}

TEST_CASE("What is minimised never rises with penalties, whatever the rule", "[penalties]") {
  const json all = reference();
  const DataMatrix<double> v = spread(world(), matrix_of(all["dense"]), false);
  const Matrix<double> w0 = matrix_of(all["W0"]), h0 = matrix_of(all["H0"]);
  for (const char* rule : {"mu", "amu", "hals", "ahals", "projected-gradient", "anls-bpp"}) {
    for (const bool extrapolated : {false, true}) {
      const std::string name = rule;
      if (extrapolated && name != "hals" && name != "ahals" && name != "anls-bpp") continue;
      INFO(name << (extrapolated ? ", extrapolated" : ""));
      Options options;
      options.components = 3;
      options.rule = name;
      options.extrapolate = extrapolated;
      options.final_w = false;
      options.tolerance = 0;
      options.max_iterations = 60;
      options.alpha_w = 0.02;
      options.alpha_h = 0.01;
      options.l1_ratio = 0.5;
      Nmf<double> model(options);
      model.fit(v, own_rows(v, w0).view(), h0.view());
      for (std::size_t i = 2; i < model.trace().size(); ++i) {
        const Cost &before = model.trace()[i - 1].cost, &now = model.trace()[i].cost;
        CHECK(now.loss + now.penalty <= (before.loss + before.penalty) * (1 + 1e-12));
      }
      const Cost& last = model.cost();
      double sum = 0, squares = 0;
      for (Index j = 0; j < model.ht().rows(); ++j) {
        for (Index c = 0; c < 3; ++c) {
          sum += model.ht()(j, c);
          squares += model.ht()(j, c) * model.ht()(j, c);
        }
      }
      double penalty = 17 * 0.01 * (0.5 * sum + 0.25 * squares);
      sum = squares = 0;
      for (Index i = 0; i < model.w().rows(); ++i) {
        for (Index c = 0; c < 3; ++c) {
          sum += model.w()(i, c);
          squares += model.w()(i, c) * model.w()(i, c);
        }
      }
      penalty += world().sum(11 * 0.02 * (0.5 * sum + 0.25 * squares));
      CHECK(last.penalty == Approx(penalty).epsilon(1e-12));
    }
  }
}
