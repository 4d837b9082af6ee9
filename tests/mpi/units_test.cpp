// The unit of V does not matter: V in grams or in tonnes gives the same fit.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "rules/rule.hpp"

using namespace mpinmf;

namespace {

/// Three planted components and noise, nowhere 0.
Matrix<double> planted_with_noise() {
  std::mt19937 generator(2);
  std::uniform_real_distribution<double> uniform(0, 1);
  Matrix<double> w(40, 3), h(3, 15), v(40, 15);
  for (Matrix<double>* x : {&w, &h}) {
    for (Index i = 0; i < x->rows(); ++i) {
      for (Index j = 0; j < x->columns(); ++j) (*x)(i, j) = uniform(generator);
    }
  }
  for (Index i = 0; i < 40; ++i) {
    for (Index j = 0; j < 15; ++j) {
      v(i, j) = 0.05 * uniform(generator) + 1e-3;
      for (Index c = 0; c < 3; ++c) v(i, j) += w(i, c) * h(c, j);
    }
  }
  return v;
}

template <class T>
DataMatrix<T> scaled(const Matrix<double>& all, double scale, bool sparse) {
  Matrix<T> result(all.rows(), all.columns());
  for (Index i = 0; i < all.rows(); ++i) {
    for (Index j = 0; j < all.columns(); ++j) result(i, j) = static_cast<T>(all(i, j) * scale);
  }
  return spread(world(), result, sparse);
}

struct UnitsCase {
  std::string rule;
  double beta;
  Start start;
  Stop stop;
  bool extrapolate, sparse;
};

std::string text_of(const UnitsCase& c) {
  return c.rule + ", beta " + std::to_string(c.beta) + ", " + name_of(c.start) + ", " + name_of(c.stop) +
         (c.extrapolate ? ", extrapolated" : "") + (c.sparse ? ", sparse" : ", dense");
}

std::vector<UnitsCase> all_cases() {
  std::vector<UnitsCase> cases;
  for (const bool sparse : {false, true}) {
    if (sparse && world().size() > 1) continue;  // what ranks add up is of the same kind
    for (const Start start : {Start::automatic, Start::random, Start::nndsvd}) {
      for (const std::string& name : rule_names()) {
        const Rule<double>& rule = find_rule<double>(name);
        for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5}) {
          if (!fits(rule, facts_of({beta}))) continue;
          if (start == Start::nndsvd && beta != 2) continue;  // zeros of W H, which these losses do not allow
          cases.push_back({name, beta, start, Stop::loss, false, sparse});
          cases.push_back({name, beta, start, Stop::projected_gradient, false, sparse});
        }
        if (rule.extrapolates == Extrapolated::both_factors)
          cases.push_back({name, 2, start, Stop::loss, true, sparse});
        if (name == "hals") cases.push_back({name, 2, start, Stop::scikit_learn_cd, false, sparse});
      }
    }
  }
  return cases;
}

template <class T>
Nmf<T> model_of(const UnitsCase& c, const DataMatrix<T>& v) {
  Options options;
  options.components = 3;
  options.rule = c.rule;
  options.loss = {c.beta};
  options.start = c.start;
  options.stop = c.stop;
  options.extrapolate = c.extrapolate;
  options.max_iterations = 40;
  options.tolerance = 1e-3;
  Nmf<T> model(options);
  model.fit(v);
  return model;
}

/// log of loss / scale^beta, which no scale leaves the range of numbers by
template <class T>
double log_loss(const Nmf<T>& model, double beta, double scale) {
  return std::log(model.cost().loss) - beta * std::log(scale);
}

/// Powers of 4: W and H are scaled by powers of 2, without rounding.
template <class T>
void check_scales(const std::vector<double>& powers_of_4, double allowed) {
  const Matrix<double> all = planted_with_noise();
  for (const UnitsCase& c : all_cases()) {
    INFO(text_of(c) << ", " << sizeof(T) << " bytes");
    const Nmf<T> one = model_of<T>(c, scaled<T>(all, 1, c.sparse));
    for (const double power : powers_of_4) {
      INFO("V times 4^" << power);
      const Nmf<T> other = model_of<T>(c, scaled<T>(all, std::pow(4, power), c.sparse));
      CHECK(other.iterations() == one.iterations());
      CHECK(log_loss(other, c.beta, std::pow(4, power)) == Approx(log_loss(one, c.beta, 1)).margin(allowed));
      CHECK(other.kkt_w() == Approx(one.kkt_w()).margin(100 * allowed));
      CHECK(other.kkt_h() == Approx(one.kkt_h()).margin(100 * allowed));
    }
  }
}

}  // namespace

TEST_CASE("Every rule, loss, start and stopping rule scales with V, from 1e-100 to 1e100", "[units]") {
  if (world().size() == 1) return check_scales<double>({-166, -20, 7, 20, 166}, 1e-9);
  check_scales<double>({-166, 166}, 1e-9);
}

TEST_CASE("In single precision likewise, from 1e-12 to 1e12", "[units]") {
  check_scales<float>({-20, 20}, 1e-3);
}

TEST_CASE("Decimal units, with the starts from the SVD", "[units]") {
  const Matrix<double> all = planted_with_noise();
  for (const std::string rule : {"hals", "ahals", "projected-gradient", "ao-admm"}) {
    const UnitsCase c{rule, 2, Start::automatic, Stop::loss, false, false};
    const double error = model_of<double>(c, scaled<double>(all, 1, false)).cost().relative_error;
    CHECK(error < 0.03);
    for (const double scale : {1e-100, 1e-12, 1e4, 1e8, 1e12, 1e100}) {
      INFO(rule << ", V times " << scale);
      CHECK(model_of<double>(c, scaled<double>(all, scale, false)).cost().relative_error ==
            Approx(error).epsilon(1e-6));
    }
  }
}
