#include "products.hpp"

#include <algorithm>
#include <span>

#include "kernels/panel.hpp"

namespace mpinmf {
namespace {

/// In single precision sums over more rows than this would lose digits.
constexpr Index rows_between_flushes = 4096;

}  // namespace

template <class T>
Products<T>::Products(const DataMatrix<T>& v, Index columns, int threads)
    : rows_(v, ranges_of_panels(v, threads)),
      sums_of_rows_(v, ranges_of_panels(v, threads_with_sums(v, columns, threads))),
      x_(Matrix<T>::padded(v.columns(), columns)) {
  sums_.resize(static_cast<std::size_t>(sums_of_rows_.threads()));
  for (Matrix<T>& sums : sums_) sums = Matrix<T>::padded(v.columns(), columns);
}

template <class T>
double Products<T>::bytes(Index features, Index columns, int threads, double entry_bytes) {
  const int sums = threads_with_sums(plain_bytes<T>(features, columns), entry_bytes, threads);
  return (1 + sums) * padded_bytes<T>(features, columns);
}

template <class T>
void Products<T>::multiply(ConstMatrixView<double> x, MatrixView<T> y) {
  for (Index j = 0; j < x.rows(); ++j) {
    for (Index c = 0; c < x.columns(); ++c) x_(j, c) = static_cast<T>(x(j, c));
  }
  const ConstMatrixView<T> features = std::as_const(x_).view();
  rows_.each([&](int, const ThreadRanges::Range& rows) {
    cross<T>(rows_.read(rows), features, y.middle_rows(rows.first, rows.count));
  });
}

/// Moves the sums of all threads to z, for the features of one part.
template <class T>
void Products<T>::flush(int part, MatrixView<double> z) {
  const Index n = z.rows(), parts = static_cast<Index>(sums_.size());
  for (Index j = n * part / parts; j < n * (part + 1) / parts; ++j) {
    for (Matrix<T>& sums : sums_) {
      for (Index c = 0; c < z.columns(); ++c) z(j, c) += static_cast<double>(sums(j, c));
      std::fill_n(sums.row(j), z.columns(), T(0));
    }
  }
}

template <class T>
void Products<T>::multiply_transposed(ConstMatrixView<T> y, MatrixView<double> z) {
  assert(z.stride() == z.columns());
  std::fill_n(z.data(), z.rows() * z.columns(), 0.0);
  const Walk<T>& walk = sums_of_rows_;
  const Index at_once = rows_between_flushes / walk.ranges().tile_rows, most_tiles = walk.most_tiles();
  Team team(walk.threads());
  team.run([&] {
    for (Index begin = 0; begin < most_tiles; begin += at_once) {
      team.share([&](int part) {
        for (Index t = begin; t < std::min(begin + at_once, walk.tiles(part)); ++t) {
          const auto rows = walk.tile(part, t);
          accumulate<T>(walk.read(rows), y.middle_rows(rows.first, rows.count),
                        sums_[static_cast<std::size_t>(part)].view());
        }
      });
      team.share([&](int part) { flush(part, z); });
    }
  });
  walk.v().comm().sum(std::span(z.data(), static_cast<std::size_t>(z.rows() * z.columns())));
}

template class Products<float>;
template class Products<double>;

}  // namespace mpinmf
