#include "nndsvd.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "kernels/philox.hpp"

namespace mpinmf {
namespace {

/// Smaller entries are set to 0: scikit-learn's, in its starts that are filled; in others for a V of mean 1.
constexpr double least_entry = 1e-6;
/// nndsvdm: of the mean of a factor. Measured from 0.01 to 1 on ten sets with four rules, 100 iterations each:
/// held against nndsvda, a tenth ended lower (by 0.1 to 91 %) in 24 cases, within 0.1 % in 12, and higher in 4;
/// 0.01 to 0.3 did about as well, 1 was behind after 20 iterations.
constexpr double least_share_of_mean = 0.1;
/// Parts of a symmetric pair weigh the same up to rounding; then the positive ones are taken, wherever it runs.
template <class T>
constexpr double equal_parts = sizeof(T) == 8 ? 1e-6 : 1e-3;
/// A start has no use for the last digits of a V whose singular values lie close together.
constexpr Index most_svd_iterations = 30;

/// Squared norms of the positive and the negative part of each column.
struct PartSquares {
  explicit PartSquares(Index columns) : squares(2 * static_cast<std::size_t>(columns)) {}
  template <class T>
  void add(ConstMatrixView<T> x) {
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index c = 0; c < x.columns(); ++c) {
        const double value = static_cast<double>(x(i, c));
        squares[2 * static_cast<std::size_t>(c) + (value < 0 ? 1 : 0)] += value * value;
      }
    }
  }
  double positive(std::size_t c) const { return std::sqrt(squares[2 * c]); }
  double negative(std::size_t c) const { return std::sqrt(squares[2 * c + 1]); }

  std::vector<double> squares;
};

/// How a singular vector becomes a column of a factor: scale times its positive part (sign 1), its negative part
/// (sign -1), or its absolute values (sign 0).
struct Part {
  double sign = 1, scale = 0;
};
struct Parts {
  std::vector<Part> w, h;
};

/// With m+ = |u+| |v+| and m- = |u-| |v-|, the larger of which is m, and u, v the parts that it belongs to:
/// w_c = sqrt(s_c m) u / |u|, h_c = sqrt(s_c m) v / |v|; the first pair is sqrt(s_0) |u_0|, sqrt(s_0) |v_0|.
template <class T>
Parts choose_parts(std::span<const double> values, const PartSquares& u, const PartSquares& v) {
  Parts parts;
  for (std::size_t c = 0; c < values.size(); ++c) {
    if (c == 0) {
      const Part whole{0, std::sqrt(values[0])};
      parts.w.push_back(whole);
      parts.h.push_back(whole);
      continue;
    }
    const bool positive = u.positive(c) * v.positive(c) >= (1 - equal_parts<T>)*u.negative(c) * v.negative(c);
    const double sign = positive ? 1 : -1;
    const double u_norm = positive ? u.positive(c) : u.negative(c);
    const double v_norm = positive ? v.positive(c) : v.negative(c);
    const double scale = std::sqrt(values[c] * u_norm * v_norm);
    // a triplet beyond the rank of V has no parts
    parts.w.push_back({sign, u_norm > 0 ? scale / u_norm : 0});
    parts.h.push_back({sign, v_norm > 0 ? scale / v_norm : 0});
  }
  return parts;
}

/// to = the parts of `from`, 0 where they are below `least`. @pre `to` may be `from`
template <class S, class T>
void take_parts(ConstMatrixView<S> from, std::span<const Part> parts, double least, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    for (Index c = 0; c < from.columns(); ++c) {
      const Part& part = parts[static_cast<std::size_t>(c)];
      const double x = static_cast<double>(from(i, c));
      const double value = part.scale * (part.sign == 0 ? std::abs(x) : std::max(part.sign * x, 0.0));
      to(i, c) = static_cast<T>(value < least ? 0 : value);
    }
  }
}

template <class T>
void fill_zeros(MatrixView<T> x, double value) {
  for (Index i = 0; i < x.rows(); ++i) std::replace(x.row(i), x.row(i) + x.columns(), T(0), static_cast<T>(value));
}

/// Over all ranks' rows.
template <class T>
double mean_entry(const Comm& comm, ConstMatrixView<T> x) {
  double sum = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) sum += static_cast<double>(x(i, c));
  }
  return comm.sum(sum) / (comm.sum(static_cast<double>(x.rows())) * static_cast<double>(x.columns()));
}

/// x <- max(x, least)
template <class T>
void raise(double least, MatrixView<T> x) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) x(i, c) = std::max(x(i, c), static_cast<T>(least));
  }
}

/// Zeros become scale |N(0,1)| of (seed, factor, first_row + i, c).
template <class T>
void fill_zeros_by_counter(const Seed& seed, Stream factor, Index first_row, double scale, MatrixView<T> x) {
  const std::uint64_t key = seed.key();
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); c += numbers_at_once) {
      const std::span<T> some(x.row(i) + c, static_cast<std::size_t>(std::min(numbers_at_once, x.columns() - c)));
      if (std::find(some.begin(), some.end(), T(0)) == some.end()) continue;
      const auto numbers = normals(random_words(key, factor, first_row + i, c / numbers_at_once));
      for (std::size_t q = 0; q < some.size(); ++q) {
        if (some[q] == 0) some[q] = static_cast<T>(std::abs(numbers[q]) * scale);
      }
    }
  }
}

}  // namespace

void require_svd_start_fits(Index rows, Index columns, Index components) {
  const Index most = std::min(rows, columns);
  if (components <= most) return;
  UsageError error("a start from the SVD needs k <= min(m, n), and V is " + std::to_string(rows) + " x " +
                   std::to_string(columns) + ": " + std::to_string(components) +
                   " components need another start (--init random)");
  error.set_met();
  throw error;
}

template <class T>
FactorPair<T> nndsvd_of(const DataMatrix<T>& v, const Start& start, const Seed& seed, TruncatedSvd<T> svd) {
  const Index k = svd.u.columns();
  PartSquares u_squares(k), v_squares(k);
  u_squares.add(std::as_const(svd.u).view());
  v.comm().sum(u_squares.squares);
  v_squares.add(std::as_const(svd.v).view());
  FactorPair<T> pair;
  const double mean = v.summary().sum / (static_cast<double>(v.rows_global()) * static_cast<double>(v.columns()));
  v.comm().meet([&] {
    const Parts parts = choose_parts<T>(svd.values, u_squares, v_squares);
    pair.ht = Matrix<T>::padded(v.columns(), k);
    const bool is_filled_by_mean = start == Start::nndsvda || start == Start::nndsvdar;
    const double least = is_filled_by_mean ? least_entry : least_entry * std::sqrt(mean);
    take_parts<double, T>(std::as_const(svd.v).view(), parts.h, least, pair.ht.view());
    pair.w = std::move(svd.u);
    take_parts<T, T>(std::as_const(pair.w).view(), parts.w, least, pair.w.view());
  });
  if (start == Start::nndsvdm) {
    raise(least_share_of_mean * mean_entry<T>(v.comm(), std::as_const(pair.w).view()), pair.w.view());
    raise(least_share_of_mean * mean_entry<T>(Comm::self(), std::as_const(pair.ht).view()), pair.ht.view());
  }
  if (start == Start::nndsvda) {
    fill_zeros(pair.w.view(), mean);
    fill_zeros(pair.ht.view(), mean);
  }
  if (start == Start::nndsvdar) {
    fill_zeros_by_counter(seed, Stream::nndsvd_w, v.first_row(), mean / 100, pair.w.view());
    fill_zeros_by_counter(seed, Stream::nndsvd_h, 0, mean / 100, pair.ht.view());
  }
  return pair;
}

template <class T>
FactorPair<T> nndsvd(const DataMatrix<T>& v, const Start& start, const SvdSettings& settings) {
  require_svd_start_fits(v.rows_global(), v.columns(), settings.components);
  SvdSettings limited = settings;
  limited.max_iterations = std::min(settings.max_iterations, most_svd_iterations);
  return nndsvd_of(v, start, settings.seed, truncated_svd(v, limited));
}

template FactorPair<float> nndsvd(const DataMatrix<float>&, const Start&, const SvdSettings&);
template FactorPair<double> nndsvd(const DataMatrix<double>&, const Start&, const SvdSettings&);
template FactorPair<float> nndsvd_of(const DataMatrix<float>&, const Start&, const Seed&, TruncatedSvd<float>);
template FactorPair<double> nndsvd_of(const DataMatrix<double>&, const Start&, const Seed&, TruncatedSvd<double>);

namespace {

template <class T, const Start& start>
StartRow<T> nndsvd_row(bool ignores_seed) {
  StartRow<T> row{.start = start, .facts = {.needs_svd = true, .ignores_seed = ignores_seed, .copies = 2}};
  row.make = [](const DataMatrix<T>& v, const StartSettings& settings) {
    return nndsvd(v, start, {settings.components, settings.seed, settings.threads});
  };
  return row;
}

}  // namespace

template <class T>
StartRow<T> start_row(StartFile<struct NndsvdStart>) {
  return nndsvd_row<T, Start::nndsvd>(true);
}
template StartRow<float> start_row(StartFile<struct NndsvdStart>);
template StartRow<double> start_row(StartFile<struct NndsvdStart>);

template <class T>
StartRow<T> start_row(StartFile<struct NndsvdWithMeans>) {
  return nndsvd_row<T, Start::nndsvda>(true);
}
template StartRow<float> start_row(StartFile<struct NndsvdWithMeans>);
template StartRow<double> start_row(StartFile<struct NndsvdWithMeans>);

template <class T>
StartRow<T> start_row(StartFile<struct NndsvdWithRandomNumbers>) {
  return nndsvd_row<T, Start::nndsvdar>(false);
}
template StartRow<float> start_row(StartFile<struct NndsvdWithRandomNumbers>);
template StartRow<double> start_row(StartFile<struct NndsvdWithRandomNumbers>);

template <class T>
StartRow<T> start_row(StartFile<struct NndsvdRaised>) {
  return nndsvd_row<T, Start::nndsvdm>(true);
}
template StartRow<float> start_row(StartFile<struct NndsvdRaised>);
template StartRow<double> start_row(StartFile<struct NndsvdRaised>);

}  // namespace mpinmf
