// Dense row-major matrices: an owner and views.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace mpinmf {

/// Sizes and positions are 64-bit everywhere; columns inside a sparse panel are 32-bit.
using Index = std::int64_t;

/// A view of rows x columns numbers, row-major, rows `stride` elements apart. Does not own: good until the numbers
/// are freed or moved elsewhere. Copying it copies the view.
template <class T>
class MatrixView {
 public:
  MatrixView() = default;
  MatrixView(T* data, Index rows, Index columns, Index stride)
      : data_(data), rows_(rows), columns_(columns), stride_(stride) {
    assert(rows >= 0 && columns >= 0 && stride >= columns);
  }
  /// A view that may be written is also one that may be read.
  operator MatrixView<const T>() const requires(!std::is_const_v<T>) { return {data_, rows_, columns_, stride_}; }

  T* data() const { return data_; }
  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  Index stride() const { return stride_; }
  T* row(Index i) const {
    assert(i >= 0 && i < rows_);
    return data_ + i * stride_;
  }
  T& operator()(Index i, Index j) const {
    assert(j >= 0 && j < columns_);
    return row(i)[j];
  }
  /// Rows first .. first + count - 1.
  MatrixView middle_rows(Index first, Index count) const {
    assert(first >= 0 && count >= 0 && first + count <= rows_);
    return {data_ + first * stride_, count, columns_, stride_};
  }

 private:
  T* data_ = nullptr;
  Index rows_ = 0, columns_ = 0, stride_ = 0;
};

template <class T>
using ConstMatrixView = MatrixView<const T>;

/// Factors are padded to whole vectors of this many bytes; the padding is always zero.
inline constexpr Index vector_bytes = 64;

/// Numbers of so many bytes.
constexpr Index padded_columns(Index columns, Index element_bytes) {
  const Index lanes = vector_bytes / element_bytes;
  return (columns + lanes - 1) / lanes * lanes;
}
template <class T>
constexpr Index padded_to_vector(Index columns) {
  return padded_columns(columns, sizeof(T));
}

/// Bytes of a factor of r x c numbers. In double, which does not overflow for factors that nobody has room for.
template <class T>
constexpr double padded_bytes(Index rows, Index columns) {
  return static_cast<double>(rows) * static_cast<double>(padded_to_vector<T>(columns)) * sizeof(T);
}
/// The same without padding.
template <class T>
constexpr double plain_bytes(Index rows, Index columns) {
  return static_cast<double>(rows) * static_cast<double>(columns) * sizeof(T);
}

namespace detail {
/// Writes zeros, each OpenMP thread its share in order, so that pages lie near the cores that will use them.
void zero_by_threads(void* data, std::size_t bytes);
}  // namespace detail

/// Owns rows x columns numbers, row-major, aligned to a vector, zero at first. Moves, copies on request.
template <class T>
class Matrix {
 public:
  Matrix() = default;
  Matrix(Index rows, Index columns) : Matrix(rows, columns, columns) {}
  /// A factor: every row starts on a vector boundary.
  static Matrix padded(Index rows, Index columns) { return Matrix(rows, columns, padded_to_vector<T>(columns)); }
  Matrix(Matrix&&) noexcept = default;
  Matrix& operator=(Matrix&&) noexcept = default;

  Matrix copy() const {
    Matrix other(rows_, columns_, stride_);
    if (rows_ * stride_ > 0) {
      std::memcpy(other.data(), data(), static_cast<std::size_t>(rows_ * stride_) * sizeof(T));
    }
    return other;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  Index stride() const { return stride_; }
  T& operator()(Index i, Index j) { return view()(i, j); }
  const T& operator()(Index i, Index j) const { return view()(i, j); }
  T* row(Index i) { return view().row(i); }
  const T* row(Index i) const { return view().row(i); }
  /// Good while the numbers live, also in a matrix that this one is moved to.
  MatrixView<T> view() { return {data_.get(), rows_, columns_, stride_}; }
  ConstMatrixView<T> view() const { return {data_.get(), rows_, columns_, stride_}; }

 private:
  Matrix(Index rows, Index columns, Index stride) : rows_(rows), columns_(columns), stride_(stride) {
    assert(rows >= 0 && columns >= 0);
    const auto bytes = static_cast<std::size_t>(rows * stride) * sizeof(T);
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(::operator new (bytes, std::align_val_t{vector_bytes})));
    detail::zero_by_threads(data_.get(), bytes);
  }
  struct Free {
    void operator()(T* p) const { ::operator delete (p, std::align_val_t{vector_bytes}); }
  };
  std::unique_ptr<T[], Free> data_;
  Index rows_ = 0, columns_ = 0, stride_ = 0;
};

}  // namespace mpinmf
