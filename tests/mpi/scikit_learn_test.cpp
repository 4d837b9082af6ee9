// Multiplicative updates and coordinate descent step by step against scikit-learn 1.2.1 and plain NumPy, from the
// saved starts of the reference data sets.
#include <algorithm>

#include "catch.hpp"
#include "mpinmf/nmf.hpp"
#include "reference_set.hpp"

using namespace mpinmf;
using nlohmann::json;

namespace {

/// scikit-learn sets entries below float64's epsilon to 0.
constexpr double scikit_learn_zero = 2.220446049250313e-16;

Nmf<double> fitted(const ReferenceSet& set, const DataMatrix<double>& v, const Options& options) {
  const GivenStart start = set.start(v, options.components);
  Nmf<double> model(options);
  model.fit(v, start.w0.view(), start.h0.view());
  return model;
}

/// Costs after so many iterations: of a long run, and of one that ends after the first.
class Course {
 public:
  Course(const ReferenceSet& set, const DataMatrix<double>& v, Options options) : long_(fitted(set, v, options)) {
    options.max_iterations = 1;
    first_ = fitted(set, v, options).cost();
    check_falling(v);
  }
  /// Never by more than rounding: that of the identity, or of a sum of terms >= 0.
  void check_falling(const DataMatrix<double>& v) const {
    const auto& trace = long_.trace();
    for (std::size_t i = 1; i < trace.size(); ++i) {
      const double rounding = long_.options().loss.beta == 2
                                  ? 100 * std::numeric_limits<double>::epsilon() * v.summary().sum_squares
                                  : 1e-13 * trace[i - 1].cost.loss;
      CHECK(trace[i].cost.loss <= trace[i - 1].cost.loss + rounding);
    }
  }

  const Cost& at(Index iteration) const {
    if (iteration == 1) return first_;
    for (const TraceRow& row : long_.trace()) {
      if (row.iteration == iteration) return row.cost;
    }
    throw std::runtime_error("no such iteration in the trace");
  }

 private:
  Nmf<double> long_;
  Cost first_;
};

/// scikit-learn's solvers "mu" and "cd".
Options options_for(const ReferenceSet& set, Index k, const std::string& loss, const std::string& solver) {
  Options options = set.options(k, loss);
  options.zero_below = loss == "frobenius" ? 0 : scikit_learn_zero;
  if (solver == "mu") return options;
  options.rule = "hals";
  options.stop = Stop::scikit_learn_cd;
  options.revive = false;
  return options;
}

/// Every trace and 200-iteration result of a solver from the saved start with this k and loss.
void compare_with_scikit_learn(const ReferenceSet& set, const DataMatrix<double>& v, Index k,
                               const std::string& loss, const std::string& solver = "mu") {
  const Options options = options_for(set, k, loss, solver);
  const Course course(set, v, options);
  int compared = 0;
  const auto compare = [&](const json& run, Index iteration) {
    INFO(loss << ", k = " << k << ", iteration " << iteration);
    const Cost& cost = course.at(iteration);
    CHECK(cost.reconstruction_error == Approx(run["reconstruction_err"].get<double>()).epsilon(1e-9));
    CHECK(cost.loss == Approx(run["objective_half_square"].get<double>()).epsilon(1e-9));
    ++compared;
  };
  const auto is_ours = [&](const json& run) {
    return run["solver"] == solver && run["beta_loss"] == loss && run["init"] == "custom" && run["k"] == k;
  };
  for (const json& run : set.reference()["sklearn_trace_from_W0_H0"]) {
    if (is_ours(run)) compare(run, run["max_iter"]);
  }
  for (const json& run : set.reference()["sklearn"]) {
    if (!is_ours(run)) continue;
    if (run["n_iter"].get<Index>() % 10 == 0)
      compare(run, run["n_iter"]);  // a run with a tolerance is a shorter piece of the same trajectory
    if (run["tol"] == 0.0 && loss == "kullback-leibler" && is_for_long_fits()) {
      Options unclipped = options;
      unclipped.zero_below = 0;
      // where nothing is set to 0 the two are the same number, to rounding
      CHECK(fitted(set, v, unclipped).cost().loss <= run["objective_half_square"].get<double>() * (1 + 1e-12));
    }
    const bool is_new = solver == "mu" || run["n_iter"] < 200;  // else it is the trajectory that was compared
    if (run["tol"] > 0.0 && is_new && (loss == "frobenius" || v.rows_global() < 5001)) {
      Options stopping = options;
      stopping.tolerance = run["tol"];
      CHECK(fitted(set, v, stopping).iterations() == run["n_iter"].get<Index>());
    }
  }
  CHECK(compared >= 4);
}

/// Lee and Seung's updates, H first then W, in plain NumPy.
void compare_with_numpy(const ReferenceSet& set, const DataMatrix<double>& v, Index k) {
  Options options = set.options(k, "frobenius");
  options.order = Order::h_first;
  options.max_iterations = 100;
  const Course course(set, v, options);
  for (const auto& [iteration, costs] : set.reference()["numpy_mu_from_W0_H0"]["k=" + std::to_string(k)].items()) {
    INFO("k = " << k << ", iteration " << iteration);
    const Cost& cost = course.at(std::stoll(iteration));
    CHECK(cost.mean_row_norm == Approx(costs["mean_row_norm"].get<double>()).epsilon(1e-10));
    CHECK(cost.reconstruction_error == Approx(costs["frobenius"].get<double>()).epsilon(1e-10));
  }
}

/// Single precision from the same start, for as long as it can be held to double.
void compare_float(const ReferenceSet& set, const DataMatrix<double>& v, Index k, const std::string& loss) {
  Options options = set.options(k, loss);
  options.max_iterations = 50;
  const GivenStart start = set.start(v, k);
  const auto rounded = [](const Matrix<double>& x) {
    Matrix<float> result(x.rows(), x.columns());
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index j = 0; j < x.columns(); ++j) result(i, j) = static_cast<float>(x(i, j));
    }
    return result;
  };
  Nmf<float> model(options);
  model.fit(set.load_v<float>(loss == "itakura-saito"), rounded(start.w0).view(), rounded(start.h0).view());
  INFO(loss << ", k = " << k << ", float");
  CHECK(model.cost().loss == Approx(fitted(set, v, options).cost().loss).epsilon(1e-4));
}

/// A loss that was not run for every k.
void compare_divergence(const ReferenceSet& set, const DataMatrix<double>& v, const std::vector<Index>& components,
                        const std::string& loss) {
  int compared = 0;
  for (Index k : components) {
    const auto& runs = set.reference()["sklearn"];
    if (std::none_of(runs.begin(), runs.end(),
                     [&](const json& run) { return run["k"] == k && run["beta_loss"] == loss; })) {
      continue;
    }
    compare_with_scikit_learn(set, v, k, loss);
    if (is_for_long_fits()) compare_float(set, v, k, loss);
    ++compared;
  }
  CHECK(compared > 0);
}

void compare_set(const std::string& folder, const std::vector<Index>& components, bool has_itakura_saito) {
  const ReferenceSet set(folder);
  if (!set.is_there()) return;
  const DataMatrix<double> v = set.load_v();
  CHECK(v.summary().nonzeros == set.reference()["nnz"].get<Index>());
  CHECK(v.summary().sum == Approx(set.reference()["sum"].get<double>()).epsilon(1e-13));
  for (Index k : is_for_long_fits() ? components : std::vector<Index>{components.back()}) {
    compare_with_numpy(set, v, k);
    compare_with_scikit_learn(set, v, k, "frobenius");
    compare_with_scikit_learn(set, v, k, "frobenius", "cd");
    if (is_for_long_fits()) compare_float(set, v, k, "frobenius");
  }
  compare_divergence(set, v, components, "kullback-leibler");
  if (has_itakura_saito) compare_divergence(set, set.load_v(true), components, "itakura-saito");
}

}  // namespace

TEST_CASE("20 Newsgroups follows scikit-learn and NumPy", "[scikit_learn]") {
  compare_set("newsgroups20", {20}, false);
}
TEST_CASE("CBCL faces follow scikit-learn and NumPy", "[scikit_learn]") {
  if (!is_for_long_fits()) return;
  compare_set("cbcl_faces", {49}, false);
}
TEST_CASE("Golub follows scikit-learn and NumPy", "[scikit_learn]") {
  compare_set("golub", {3, 10}, true);
}
TEST_CASE("Jasper Ridge follows scikit-learn and NumPy", "[scikit_learn]") {
  compare_set("jasper_ridge", {4, 10}, true);
}
TEST_CASE("The piano follows scikit-learn and NumPy", "[scikit_learn]") {
  compare_set("piano_spectrogram", {8}, true);
}
TEST_CASE("MovieLens follows scikit-learn and NumPy", "[scikit_learn]") {
  if (!is_for_long_fits()) return;
  compare_set("movielens_small", {20}, false);
}

TEST_CASE("The tutorial's class: default_rng(2**1000), H first, 100 updates", "[scikit_learn]") {
  const ReferenceSet set("newsgroups20");
  if (!set.is_there()) return;
  const DataMatrix<double> v = set.load_v();
  Options options = set.options(20, "frobenius");
  options.order = Order::h_first;
  options.max_iterations = 100;
  options.start = Start::numpy;
  options.seed = Seed::parse("2**1000");
  for (const auto& [iteration, norm] : set.reference()["tutorial_class"]["mean_row_norm"].items()) {
    options.max_iterations = std::stoll(iteration);
    CHECK(Nmf<double>(options).fit(v).cost().mean_row_norm == Approx(norm.get<double>()).epsilon(1e-11));
  }
  options.max_iterations = 100;
  CHECK(Nmf<double>(options).fit(v).cost().mean_row_norm == Approx(10.900271385543).epsilon(1e-11));  // as printed
}

TEST_CASE("transform is exact", "[scikit_learn]") {
  const ReferenceSet set("newsgroups20");
  if (!set.is_there()) return;
  const DataMatrix<double> v = load<double>(world(), *reference_file("newsgroups20/X_test.mtx.gz"));
  Options options;
  options.components = 20;
  Nmf<double> model(options);
  model.set_components(io::read_npy<double>(*reference_file("newsgroups20/H_sklearn.npy")).view());
  TransformRecord record;
  const Matrix<double> w = model.transform(v, &record);
  CHECK(record.stop_reason == StopReason::exact);
  options.max_iterations = 0;  // the cost of the pair as it stands
  Nmf<double> cost(options);
  cost.fit(v, w.view(), model.components().view());
  CHECK(cost.reconstruction_error() ==
        Approx(set.reference()["transform"]["exact_nnls"].get<double>()).epsilon(1e-10));
}

namespace {

/// Runs from a start that is made of the SVD; scikit-learn's is randomised.
Nmf<double> from_svd(const ReferenceSet& set, const DataMatrix<double>& v, Index k, Start start, double tolerance,
                     const std::string& solver = "cd") {
  Options options = options_for(set, k, "frobenius", solver);
  options.start = start;
  options.tolerance = tolerance;
  Nmf<double> model(options);
  model.fit(v);
  return model;
}

void check_error_from_nndsvda(const std::string& folder, Index k, double epsilon,
                              const std::string& solver = "cd") {
  const ReferenceSet set(folder);
  if (!set.is_there()) return;
  const DataMatrix<double> v = set.load_v();
  const double ours = from_svd(set, v, k, Start::nndsvda, 0, solver).reconstruction_error();
  int compared = 0;
  for (const json& run : set.reference()["sklearn"]) {
    if (run["solver"] != solver || run["beta_loss"] != "frobenius") continue;
    if (run["init"] != "nndsvda" || run["k"] != k || run["tol"] != 0.0) continue;
    INFO(folder << ", k = " << k);
    CHECK(ours == Approx(run["reconstruction_err"].get<double>()).epsilon(epsilon));
    ++compared;
  }
  CHECK(compared == 1);
}

}  // namespace

TEST_CASE("The tutorial's headline: 20 Newsgroups, coordinate descent from nndsvda", "[scikit_learn]") {
  if (!is_for_long_fits()) return;
  const ReferenceSet set("newsgroups20");
  if (!set.is_there()) return;
  const DataMatrix<double> v = set.load_v();
  const Nmf<double> headline = from_svd(set, v, 20, Start::nndsvda, 1e-4);
  CHECK(headline.reconstruction_error() == Approx(1488.5033).epsilon(1e-6));
  CHECK(std::abs(headline.iterations() - 68) <= 2);
  const Nmf<double> without_fill = from_svd(set, v, 20, Start::nndsvd, 1e-4);
  CHECK(without_fill.reconstruction_error() == Approx(1488.4651).epsilon(1e-6));
  CHECK(std::abs(without_fill.iterations() - 196) <= 6);
  CHECK(from_svd(set, v, 20, Start::nndsvda, 0).reconstruction_error() == Approx(1488.464243).epsilon(1e-6));
}

TEST_CASE("Both solvers end from nndsvda where scikit-learn's do", "[scikit_learn]") {
  if (!is_for_long_fits()) return;
  check_error_from_nndsvda("newsgroups20", 20, 1e-5, "mu");
  check_error_from_nndsvda("golub", 3, 1e-6);
  check_error_from_nndsvda("piano_spectrogram", 8, 1e-6);
  check_error_from_nndsvda("jasper_ridge", 4, 1e-6);
  check_error_from_nndsvda("jasper_ridge", 10, 1e-4);
}

TEST_CASE("Where scikit-learn's rule stops far from a minimum ours goes on", "[scikit_learn]") {
  if (!is_for_long_fits()) return;
  for (const auto& [folder, k] : {std::pair{"cbcl_faces", Index{49}}, {"jasper_ridge", Index{10}}}) {
    const ReferenceSet set(folder);
    if (!set.is_there()) return;
    const DataMatrix<double> v = set.load_v();
    const Nmf<double> theirs = from_svd(set, v, k, Start::nndsvda, 1e-4);
    CHECK(theirs.iterations() <= 3);
    Options options = theirs.options();
    options.stop = Stop::loss;
    Nmf<double> ours(options);
    ours.fit(v);
    INFO(folder << ": " << ours.iterations() << " iterations");
    CHECK(ours.iterations() >= 50);
    CHECK(ours.reconstruction_error() < 0.7 * theirs.reconstruction_error());
  }
}
