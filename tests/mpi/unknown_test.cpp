// Fits where some entries of V are NaN, beside plain loops, which every rank runs whole.
#include <algorithm>
#include <limits>

#include "api/evaluate.hpp"
#include "catch.hpp"
#include "known_entries.hpp"
#include "losses/loss_table.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

/// Nothing is known of one row, which has more entries than are filled in together (256), and of one column.
constexpr Index height = 21, width = 300, unseen_row = 5, unseen_column = 7;

/// Three components and noise.
template <class T>
Matrix<T> with_gaps(double share_of_zeros) {
  Matrix<T> v = random_matrix<T>(height, width, 11, share_of_zeros);
  const Matrix<T> w = random_matrix<T>(height, 3, 13, 0.4), h = random_matrix<T>(3, width, 14, 0.4);
  const Matrix<T> chance = random_matrix<T>(height, width, 12, 0);
  for (Index i = 0; i < height; ++i) {
    for (Index j = 0; j < width; ++j) {
      T model = 0;
      for (Index c = 0; c < 3; ++c) model += w(i, c) * h(c, j);
      v(i, j) *= T(0.2) + model;
      if (chance(i, j) < T(0.35) || i == unseen_row || j == unseen_column)
        v(i, j) = std::numeric_limits<T>::quiet_NaN();
    }
  }
  return v;
}

template <class T>
double known_loss(const Matrix<T>& v, const KnownPair& pair, double beta) {
  double loss = 0;
  for (Index i = 0; i < height; ++i) {
    for (Index j = 0; j < width; ++j) {
      if (v(i, j) == v(i, j)) loss += divergence(static_cast<double>(v(i, j)), pair.model(i, j), beta);
    }
  }
  return loss;
}

/// x <- x (numerator / denominator)^exponent for all rows of W, or all columns of H, of V with the model's entries
/// in its gaps.
template <class T>
void filled_step(const Matrix<T>& v, KnownPair& pair, double beta, bool of_w) {
  const double exponent = facts_of(Loss{beta}).exponent;
  const Index k = pair.w.columns();
  Matrix<double> above(of_w ? height : width, k), below(above.rows(), k);
  for (Index i = 0; i < height; ++i) {
    for (Index j = 0; j < width; ++j) {
      const double x = pair.model(i, j), power = x > 0 ? std::pow(x, beta - 1) : 0;
      const double value = v(i, j) == v(i, j) ? static_cast<double>(v(i, j)) : x;
      for (Index c = 0; c < k; ++c) {
        const double other = of_w ? pair.h(c, j) : pair.w(i, c);
        above(of_w ? i : j, c) += x > 0 ? value * power / x * other : 0;
        below(of_w ? i : j, c) += power * other;
      }
    }
  }
  for (Index r = 0; r < above.rows(); ++r) {
    for (Index c = 0; c < k; ++c) {
      double& entry = of_w ? pair.w(r, c) : pair.h(c, r);
      entry = below(r, c) > 0 ? entry * std::pow(above(r, c) / below(r, c), exponent) : 0;
    }
  }
}

/// Both start without what nothing is known of.
void clear_unseen(KnownPair& pair) {
  for (Index c = 0; c < pair.h.rows(); ++c) pair.w(unseen_row, c) = pair.h(c, unseen_column) = 0;
}

template <class T>
void check_filled(double beta, Index k, Order order, bool sparse) {
  INFO("beta " << beta << ", k " << k << ", " << name_of(order) << ", bytes " << sizeof(T)
               << (sparse ? ", sparse" : ""));
  const bool takes_zeros = beta >= 1;
  const Matrix<T> all = with_gaps<T>(takes_zeros ? 0.4 : 0);
  const auto v = spread(world(), all, sparse, Missing::nan);
  KnownPair pair{random_matrix<double>(height, k, 1, 0), random_matrix<double>(k, width, 2, 0)};
  Options options = fixed_options(k, beta, order, 4);
  options.loss.missing = Missing::nan;
  options.threads = beta == 2 ? 2 : 1;
  Nmf<T> model(options);
  model.fit(v, rows_of(cast<T>(pair.w), v.first_row(), v.rows_local()).view(), cast<T>(pair.h).view());
  clear_unseen(pair);
  for (Index i = 0; i < options.max_iterations; ++i) {
    filled_step(all, pair, beta, order == Order::w_first);
    filled_step(all, pair, beta, order != Order::w_first);
  }
  const double tolerance = sizeof(T) == 8 ? 1e-10 : 2e-4;
  CHECK(relative_difference<T>(world(), rows_of(cast<T>(pair.w), v.first_row(), v.rows_local()).view(),
                               model.w()) < tolerance);
  CHECK(relative_difference<T>(Comm::self(), cast<T>(pair.h).view(), model.components().view()) < tolerance);
  const double loss = known_loss(all, pair, beta);
  CHECK(model.cost().loss == Approx(loss).epsilon(tolerance));
  if (beta == 2)
    CHECK(model.cost().relative_error == Approx(std::sqrt(2 * loss / v.summary().sum_squares)).epsilon(tolerance));
  const Evaluation found = evaluate<T>(v, model.w(), model.ht(), options.loss, 1);
  CHECK(found.losses[1].loss == Approx(known_loss(all, pair, 1)).epsilon(tolerance));
  CHECK(found.losses[beta == 2 ? 0 : beta == 1 ? 1 : beta == 0 ? 2 : 3].loss == Approx(loss).epsilon(tolerance));
  CHECK(found.kkt_w == Approx(model.kkt_w()).epsilon(1e-4).margin(1e-6));
}

/// At an entry of a factor: the gradient of the loss of what is known, and its falling part for filled rows.
struct Slope {
  double gradient = 0, falling = 0;
};
Slope slope_at(const Matrix<double>& v, const KnownPair& pair, double beta, bool of_w, Index r, Index c) {
  Slope slope;
  for (Index s = 0; s < (of_w ? width : height); ++s) {
    const Index i = of_w ? r : s, j = of_w ? s : r;
    const double x = pair.model(i, j), other = of_w ? pair.h(c, j) : pair.w(i, c);
    const bool is_known = v(i, j) == v(i, j);
    const double value = is_known ? v(i, j) : x, rising = std::pow(x, beta - 1) * other;
    const double falling = value > 0 ? value * std::pow(x, beta - 2) * other : 0;
    if (is_known) slope.gradient += rising - falling;
    slope.falling += falling;
  }
  return slope;
}

/// Norm of the projected gradient over the norm of its falling part.
double kkt_by_loops(const Matrix<double>& v, const KnownPair& pair, double beta, bool of_w) {
  double projected = 0, falling = 0;
  const Index k = pair.h.rows();
  for (Index c = 0; c < k; ++c) {
    double largest = 0;
    for (Index r = 0; r < (of_w ? height : width); ++r)
      largest = std::max(largest, of_w ? pair.w(r, c) : pair.h(c, r));
    for (Index r = 0; r < (of_w ? height : width); ++r) {
      const Slope slope = slope_at(v, pair, beta, of_w, r, c);
      const double entry = of_w ? pair.w(r, c) : pair.h(c, r);
      const double counted = entry > 2e-10 * largest ? slope.gradient : std::min(0.0, slope.gradient);
      projected += counted * counted;
      falling += slope.falling * slope.falling;
    }
  }
  return std::sqrt(projected / falling);
}

/// Every rank's rows of W and H.
KnownPair whole_pair(const DataMatrix<double>& v, ConstMatrixView<double> w, ConstMatrixView<double> ht) {
  const Index k = ht.columns();
  KnownPair pair{Matrix<double>(height, k), Matrix<double>(k, width)};
  for (Index i = 0; i < w.rows(); ++i) std::copy_n(w.row(i), k, pair.w.row(v.first_row() + i));
  world().sum(std::span<double>(pair.w.data(), static_cast<std::size_t>(height * k)));
  for (Index j = 0; j < width; ++j) {
    for (Index c = 0; c < k; ++c) pair.h(c, j) = ht(j, c);
  }
  return pair;
}

}  // namespace

TEST_CASE("A fit with unknown entries is that of plain loops over filled rows", "[unknown]") {
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    for (const bool sparse : {false, true}) {
      for (const Index k : {1, 3, 20}) check_filled<double>(beta, k, Order::w_first, sparse);
      check_filled<float>(beta, 3, Order::w_first, sparse);
      check_filled<double>(beta, 3, Order::h_first, sparse);
    }
  }
}

TEST_CASE("Every rule lowers the loss of what is known, and its KKT residual is that of known entries",
          "[unknown]") {
  for (const auto& [rule, beta] :
       {std::pair("mu", 2.0), std::pair("amu", 2.0), std::pair("hals", 2.0), std::pair("ahals", 2.0),
        std::pair("anls-bpp", 2.0), std::pair("projected-gradient", 2.0), std::pair("", 2.0),
        std::pair("scd", 1.0), std::pair("mu", 1.0), std::pair("", 1.0), std::pair("mu-newton", 1.5)}) {
    for (const bool sparse : {false, true}) {
      INFO(rule << ", beta " << beta << (sparse ? ", sparse" : ""));
      const Matrix<double> all = with_gaps<double>(0.05);
      const auto v = spread(world(), all, sparse, Missing::nan);
      Options options = fixed_options(3, beta, Order::w_first, 40);
      options.order.reset();
      options.rule = rule;
      options.loss.missing = Missing::nan;
      options.trace_every = 1;
      Nmf<double> model(options);
      model.fit(v);
      double before = std::numeric_limits<double>::infinity();
      for (const TraceRow& row : model.trace()) {
        CHECK(row.cost.loss <= before * (1 + 1e-12));
        before = row.cost.loss;
      }
      const KnownPair pair = whole_pair(v, model.w(), model.ht());
      CHECK(model.cost().loss == Approx(known_loss(all, pair, beta)).epsilon(1e-10));
      CHECK(model.kkt_w() == Approx(kkt_by_loops(all, pair, beta, true)).epsilon(1e-6));
      CHECK(model.kkt_h() == Approx(kkt_by_loops(all, pair, beta, false)).epsilon(1e-6));
      CHECK(std::max(model.kkt_w(), model.kkt_h()) < 0.1);
      // some rules hold entries of what they move a little above 0
      for (Index c = 0; c < 3; ++c) CHECK(std::max(pair.w(unseen_row, c), pair.h(c, unseen_column)) < 1e-8);
    }
  }
}

TEST_CASE("A V that may have gaps and has none is fitted as any other", "[unknown]") {
  const Matrix<double> all = random_matrix<double>(height, width, 3, 0.3);
  for (const bool sparse : {true, false}) {
    const auto v = spread(world(), all, sparse, Missing::nan), plain = spread(world(), all, sparse);
    for (const double beta : {2.0, 1.0, 1.5}) {
      Options options = fixed_options(4, beta, Order::w_first, 20);
      Nmf<double> model(options);
      model.fit(plain);
      options.loss.missing = Missing::nan;
      Nmf<double> other(options);
      other.fit(v);
      CHECK(relative_difference<double>(world(), model.w(), other.w()) == 0);
      CHECK(relative_difference<double>(Comm::self(), model.ht(), other.ht()) == 0);
      CHECK(other.cost().loss == Approx(model.cost().loss).epsilon(1e-12));
    }
  }
}

TEST_CASE("transform solves for rows by the entries that are numbers", "[unknown]") {
  for (const bool sparse : {true, false}) {
    for (const double beta : {2.0, 1.0, 1.5, 3.0}) {
      INFO("beta " << beta << (sparse ? ", sparse" : ""));
      const Matrix<double> all = with_gaps<double>(0.4);
      const auto v = spread(world(), all, sparse, Missing::nan);
      Options options = fixed_options(5, beta, Order::w_first, 10);
      options.loss.missing = Missing::nan;
      options.tolerance = 1e-9;
      Nmf<double> model(options);
      const Matrix<double> h = random_matrix<double>(5, width, 4, 0.2);
      model.set_components(h.view());
      TransformRecord record;
      const Matrix<double> w = model.transform(v, &record);
      CHECK(record.unconverged == 0);
      KnownPair pair{Matrix<double>(height, 5), h.copy()};
      for (Index i = 0; i < w.rows(); ++i) std::copy_n(w.row(i), 5, pair.w.row(v.first_row() + i));
      for (Index r = v.first_row(); r < v.first_row() + v.rows_local(); ++r) {
        for (Index c = 0; c < 5; ++c) {
          const auto [gradient, falling] = slope_at(all, pair, beta, true, r, c);
          CHECK((pair.w(r, c) > 1e-9 ? std::abs(gradient) : std::max(0.0, -gradient)) <= 1e-7 * falling);
        }
      }
      for (Index i = 0; i < w.rows(); ++i) {
        if (v.first_row() + i != unseen_row) continue;
        for (Index c = 0; c < 5; ++c) CHECK(w(i, c) == 0);
      }
    }
  }
}

TEMPLATE_TEST_CASE("transform solves for shares by the entries that are numbers", "[unknown]", float, double) {
  using T = TestType;
  const Matrix<T> all = with_gaps<T>(0.4);
  Options options = fixed_options(2, 2, Order::w_first, 10);
  options.rule = "anls-bpp";
  options.loss.missing = Missing::nan;
  options.sum_to_one = SumToOne::w;
  for (const bool sparse : {true, false}) {
    const auto v = spread(world(), all, sparse, Missing::nan);
    Nmf<T> model(options);
    const Matrix<T> h = random_matrix<T>(2, width, 4, 0.2);
    model.set_components(h.view());
    const Matrix<T> w = model.transform(v);
    for (Index i = 0; i < w.rows(); ++i) {
      double above = 0, below = 0;  // v - h_2 is t (h_1 - h_2)
      for (Index j = 0; j < width; ++j) {
        const double value = all(v.first_row() + i, j), apart = double{h(0, j)} - double{h(1, j)};
        if (value != value) continue;
        above += (value - double{h(1, j)}) * apart;
        below += apart * apart;
      }
      const double share = below > 0 ? std::clamp(above / below, 0.0, 1.0) : 0.5;
      CHECK(double{w(i, 0)} == Approx(share).margin(sizeof(T) == 4 ? 1e-6 : 1e-12));
      CHECK(double{w(i, 1)} == Approx(1 - share).margin(sizeof(T) == 4 ? 1e-6 : 1e-12));
    }
  }
}

TEST_CASE("Unknown entries are refused where they are not expected, or are all", "[unknown]") {
  const Matrix<double> all = with_gaps<double>(0);
  const auto refused = [](auto&& f) { return message_of(f, ExitCode::bad_data); };
  CHECK_THAT(refused([&] { spread(world(), all, false); }), Catch::Contains("--missing nan"));
  CHECK_THAT(refused([&] { spread(world(), all, true); }), Catch::Contains("--missing nan"));
  const auto v = spread(world(), all, false, Missing::nan);
  CHECK(v.summary().unknown > height * width / 4);
  Options options = fixed_options(2, 2, Order::w_first, 5);
  CHECK_THAT(refused([&] { Nmf<double>(options).fit(v); }), Catch::Contains("are unknown"));
  Matrix<double> nothing(height, width);
  for (Index i = 0; i < height; ++i) std::fill_n(nothing.row(i), width, std::nan(""));
  CHECK_THAT(refused([&] { spread(world(), nothing, false, Missing::nan); }),
             Catch::Contains("none of its entries"));
  options.loss.missing = Missing::nan;
  options.start = Start::nndsvd;
  CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("--init nndsvd"));
  options.start = Start::random;
  options.rule = "hals";
  options.extrapolate = true;
  CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("--extrapolate"));
  options.extrapolate.reset();
  options.final_w = true;
  CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("--final-w"));
}
