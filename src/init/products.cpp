#include "products.hpp"

#include <algorithm>
#include <span>

#include "kernels/panel.hpp"

namespace mpinmf {
namespace {

/// In single precision sums over more rows than this would lose digits.
constexpr Index rows_between_flushes = 4096;

/// As many threads as have n x l sums that together do not outweigh this rank's slice of V, at least one.
template <class T>
int summing_threads(const DataMatrix<T>& v, Index columns, int threads) {
  const double sums = static_cast<double>(v.columns()) * static_cast<double>(columns) * sizeof(T);
  const double entry = sizeof(T) + (v.is_sparse() ? sizeof(ColumnIndex) : 0);
  const double slice = static_cast<double>(v.stored_before(v.rows_local())) * entry;
  return static_cast<int>(std::clamp(slice / std::max(sums, 1.0), 1.0, static_cast<double>(threads)));
}

}  // namespace

template <class T>
Products<T>::Products(const DataMatrix<T>& v, Index columns, int threads)
    : v_(v), threads_(threads), x_(Matrix<T>::padded(v.columns(), columns)) {
  sums_.resize(static_cast<std::size_t>(summing_threads(v, columns, threads)));
  for (Matrix<T>& sums : sums_) sums = Matrix<T>::padded(v.columns(), columns);
}

template <class T>
void Products<T>::multiply(ConstMatrixView<double> x, MatrixView<T> y) {
  for (Index j = 0; j < x.rows(); ++j) {
    for (Index c = 0; c < x.columns(); ++c) x_(j, c) = static_cast<T>(x(j, c));
  }
  const Index panels = v_.panels();
  const ConstMatrixView<T> features = std::as_const(x_).view();
#pragma omp parallel for num_threads(threads_) schedule(static)
  for (Index p = 0; p < panels; ++p) {
    const auto [first, count] = v_.panel_rows(p);
    cross<T>(v_.panel(p), features, y.middle_rows(first, count));
  }
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
  const Index panels = v_.panels(), at_once = rows_between_flushes / v_.partition().panel_height();
  const int parts = static_cast<int>(sums_.size());
  const Index share = (panels + parts - 1) / parts;  // panels of a thread
  // Loops over `parts` turns, so that a smaller team does the same work with the same bits.
#pragma omp parallel num_threads(parts)
  for (Index begin = 0; begin < share; begin += at_once) {
#pragma omp for schedule(static, 1)
    for (int part = 0; part < parts; ++part) {
      const Index end = std::min({part * share + begin + at_once, (part + 1) * share, panels});
      for (Index p = part * share + begin; p < end; ++p) {
        const auto [first, count] = v_.panel_rows(p);
        accumulate<T>(v_.panel(p), y.middle_rows(first, count), sums_[static_cast<std::size_t>(part)].view());
      }
    }
#pragma omp for schedule(static, 1)
    for (int part = 0; part < parts; ++part) flush(part, z);
  }
  v_.comm().sum(std::span(z.data(), static_cast<std::size_t>(z.rows() * z.columns())));
}

template class Products<float>;
template class Products<double>;

}  // namespace mpinmf
