#include "truncated_svd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "kernels/blas.hpp"
#include "kernels/philox.hpp"
#include "kernels/simd.hpp"
#include "products.hpp"
#include "scalapack.hpp"
#include "small_svd.hpp"

namespace mpinmf {
namespace {

/// Relative to each singular value, and to the first.
template <class T>
constexpr double value_tolerance = sizeof(T) == 8 ? 1e-10 : 1e-6;
template <class T>
constexpr double vector_tolerance = sizeof(T) == 8 ? 1e-9 : 1e-5;
/// Singular values are not known better than this share of the first.
template <class T>
constexpr double rounding = 8 * static_cast<double>(std::numeric_limits<T>::epsilon());
/// Values nearer to each other than this share of the first are equal: rounding turns vectors by epsilon over the
/// distance of their values.
template <class T>
constexpr double equal_values = sizeof(T) == 8 ? 1e-7 : 1e-4;

/// Singular values below this share of the first are 0 to rounding, whose errors add up like a random walk.
template <class T>
double negligible_share(Index rows, Index columns) {
  const auto longest = static_cast<double>(std::max(rows, columns));
  return static_cast<double>(std::numeric_limits<T>::epsilon()) * std::min(longest, 8 * std::sqrt(longest));
}

/// x(j, c) = N(0,1) of (seed, feature j, c).
void fill_test_matrix(const Seed& seed, MatrixView<double> x) {
  const std::uint64_t key = seed.key();
  for (Index j = 0; j < x.rows(); ++j) {
    for (Index c = 0; c < x.columns(); c += numbers_at_once) {
      const auto numbers = normals(random_words(key, Stream::svd_test, j, c / numbers_at_once));
      std::copy_n(numbers.begin(), std::min(numbers_at_once, x.columns() - c), x.row(j) + c);
    }
  }
}

ConstMatrixView<double> leading_columns(const Matrix<double>& x, Index count) {
  return {x.data(), x.rows(), count, x.stride()};
}

/// One run of the iteration, its parts in the order in which they run.
template <class T>
class SubspaceIteration {
 public:
  SubspaceIteration(const DataMatrix<T>& v, const SvdSettings& settings)
      : v_(v),
        comm_(v.comm()),
        settings_(settings),
        columns_(svd_columns(v.rows_global(), v.columns(), settings.components)),
        negligible_(negligible_share<T>(v.rows_global(), v.columns())),
        qr_(comm_, v.rows_local(), columns_) {}

  TruncatedSvd<T> run() {
    TruncatedSvd<T> result;
    Matrix<T> q;       // rows_local x l: a basis of the range of V X
    Matrix<double> z;  // n x l: V' Q
    std::optional<Products<T>> products;
    comm_.meet([&] {
      vector_level();  // throws where this rank's processor lacks what MPINMF_SIMD asks for
      q = Matrix<T>::padded(v_.rows_local(), columns_);
      z = Matrix<double>(v_.columns(), columns_);
      products.emplace(v_, columns_, settings_.threads);
      now_ = SmallSvd(v_.columns(), columns_);
      next_ = SmallSvd(v_.columns(), columns_);
      fill_test_matrix(settings_.seed, now_.x.view());
      v_.take_in(now_.x.view());
    });
    while (!result.converged && result.iterations < settings_.max_iterations) {
      products->multiply(std::as_const(now_.x).view(), q.view());
      qr_.orthonormalise(q.view(), negligible_);
      products->multiply_transposed(std::as_const(q).view(), z.view());
      ++result.iterations;
      result.converged = advance(z.view(), result.iterations == 1);
    }
    comm_.meet([&] { finish(q, result); });
    fix_signs(result);
    return result;
  }

 private:
  /// z = X diag(values) W' gives u = Q W, so that V' u = values X holds exactly. The decomposition is small
  /// (l is some 2 k), so LAPACK on one rank serves better than ScaLAPACK on all. Returns whether it has converged.
  bool advance(MatrixView<double> z, bool is_first) {
    bool converged = false;
    comm_.meet_on_root([&] {
      decompose(z, next_);
      converged = !is_first && has_settled(z);
    });
    std::swap(now_, next_);
    const auto all = [](Matrix<double>& x) {
      return std::span(x.data(), static_cast<std::size_t>(x.rows() * x.columns()));
    };
    comm_.broadcast_value(converged);
    comm_.broadcast(std::span(now_.values));
    comm_.broadcast(all(now_.x));
    comm_.broadcast(all(now_.rotation));
    return converged;
  }

  /// Number of values that are not zero to rounding.
  Index rank_of(const std::vector<double>& values) const {
    const double least = negligible_ * values[0];
    return std::find_if(values.begin(), values.end(), [&](double value) { return value <= least; }) -
           values.begin();
  }
  /// The same among the first k.
  Index known_of(const std::vector<double>& values) const {
    return std::min(rank_of(values), settings_.components);
  }

  /// Whether the values stand and the subspace that was iterated contains the new vectors x_c: its distance from
  /// them, weighed by values_c, is what is wrong with V ~ u diag(values) x'.
  /// @pre scratch is n x l
  bool has_settled(MatrixView<double> scratch) const {
    const SmallSvd& next = next_;
    const Index known = known_of(next.values);
    const auto value = [](const SmallSvd& svd, Index c) { return svd.values[static_cast<std::size_t>(c)]; };
    const double first = value(next, 0);
    for (Index c = 0; c < known; ++c) {
      const double change = std::abs(value(next, c) - value(now_, c));
      if (change > value_tolerance<T> * value(next, c) + rounding<T> * first) return false;
    }
    // X_new - X (X' X_new)
    Matrix<double> inside(columns_, known);
    const MatrixView<double> outside(scratch.data(), scratch.rows(), known, scratch.stride());
    multiply_transposed(std::as_const(now_.x).view(), leading_columns(next.x, known), inside.view());
    multiply(std::as_const(now_.x).view(), std::as_const(inside).view(), outside);
    for (Index c = 0; c < known; ++c) {
      double square = 0;
      for (Index j = 0; j < outside.rows(); ++j) {
        const double distance = next.x(j, c) - outside(j, c);
        square += distance * distance;
      }
      if (value(next, c) * std::sqrt(square) > vector_tolerance<T> * first) return false;
    }
    return true;
  }

  /// The first k triplets, u = Q W, the features in V's order.
  void finish(const Matrix<T>& q, TruncatedSvd<T>& result) {
    const Index k = settings_.components, known = known_of(now_.values);
    settle_equal_values(now_, k, rank_of(now_.values), equal_values<T> * now_.values[0]);
    Matrix<T> rotation(k, columns_);
    for (Index c = 0; c < known; ++c) {
      for (Index j = 0; j < columns_; ++j) rotation(c, j) = static_cast<T>(now_.rotation(c, j));
    }
    result.u = Matrix<T>::padded(v_.rows_local(), k);
    multiply_by_transposed(q.view(), std::as_const(rotation).view(), result.u.view());
    result.v = Matrix<double>(v_.columns(), k);
    for (Index j = 0; j < result.v.rows(); ++j) std::copy_n(now_.x.row(j), known, result.v.row(j));
    v_.give_out(result.v.view());
    result.values.assign(now_.values.begin(), now_.values.begin() + known);
    result.values.resize(static_cast<std::size_t>(k));
  }

  /// Makes the largest entry of each u_c positive; of several that are as large, to rounding, the first.
  void fix_signs(TruncatedSvd<T>& svd) const {
    const auto k = static_cast<std::size_t>(settings_.components);
    const double nearly = 1 - std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
    std::vector<double> largest(k), rows(k, std::numeric_limits<double>::infinity()), signs(k);
    const auto for_entries = [&](auto&& f) {
      for (Index i = 0; i < svd.u.rows(); ++i) {
        for (std::size_t c = 0; c < k; ++c) f(i, c, static_cast<double>(svd.u(i, static_cast<Index>(c))));
      }
    };
    for_entries([&](Index, std::size_t c, double u) { largest[c] = std::max(largest[c], std::abs(u)); });
    comm_.max(largest);
    for_entries([&](Index i, std::size_t c, double u) {
      const double row = static_cast<double>(v_.first_row() + i);
      if (std::abs(u) < nearly * largest[c] || row > rows[c]) return;
      rows[c] = row;
      signs[c] = u < 0 ? -1 : 1;
    });
    std::vector<double> first = rows;
    comm_.min(first);
    for (std::size_t c = 0; c < k; ++c) signs[c] = rows[c] == first[c] ? signs[c] : 0;
    comm_.sum(signs);
    for (std::size_t c = 0; c < k; ++c) {
      if (signs[c] >= 0) continue;
      const auto column = static_cast<Index>(c);
      for (Index i = 0; i < svd.u.rows(); ++i) svd.u(i, column) = -svd.u(i, column);
      for (Index j = 0; j < svd.v.rows(); ++j) svd.v(j, column) = -svd.v(j, column);
    }
  }

  const DataMatrix<T>& v_;
  const Comm& comm_;
  const SvdSettings& settings_;
  Index columns_;      // l
  double negligible_;  // relative to the first singular value
  TallQr<T> qr_;
  SmallSvd now_, next_;
};

}  // namespace

Index svd_columns(Index rows, Index columns, Index components) {
  constexpr Index least_oversampling = 10;
  return std::min({2 * components + least_oversampling, rows, columns});
}

template <class T>
double truncated_svd_bytes(const SvdSizes& sizes, Index components) {
  const Index n = sizes.columns, k = components, l = svd_columns(sizes.rows, n, k);
  const double q = padded_bytes<T>(sizes.rows_local, l), z = plain_bytes<double>(n, l);
  const double result = padded_bytes<T>(sizes.rows_local, k) + plain_bytes<double>(n + 1, k);
  const double rotation =
      plain_bytes<T>(k, l) + plain_bytes<double>(l, k);  // in working precision; in has_settled
  return q + z + result + rotation + TallQr<T>::bytes(sizes.rows_local, l) +
         Products<T>::bytes(n, l, sizes.threads, sizes.entry_bytes) + 2 * SmallSvd::bytes(n, l) +
         bytes_of_decomposing(l);
}
template double truncated_svd_bytes<float>(const SvdSizes&, Index);
template double truncated_svd_bytes<double>(const SvdSizes&, Index);

void require_singular_values(Index rows, Index columns, Index components) {
  const Index most = std::min(rows, columns);
  if (components >= 1 && components <= most) return;
  UsageError error("V of " + std::to_string(rows) + " x " + std::to_string(columns) + " has " +
                   std::to_string(most) + " singular values: -k cannot be " + std::to_string(components));
  error.set_met();
  throw error;
}

template <class T>
TruncatedSvd<T> truncated_svd(const DataMatrix<T>& v, const SvdSettings& settings) {
  require_singular_values(v.rows_global(), v.columns(), settings.components);
  return SubspaceIteration<T>(v, settings).run();
}

template TruncatedSvd<float> truncated_svd(const DataMatrix<float>&, const SvdSettings&);
template TruncatedSvd<double> truncated_svd(const DataMatrix<double>&, const SvdSettings&);

}  // namespace mpinmf
