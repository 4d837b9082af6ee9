#include "products.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "kernels/blas.hpp"

namespace mpinmf::bench {
namespace {

template <class T>
Matrix<T> without_padding(ConstMatrixView<T> from) {
  Matrix<T> to(from.rows(), from.columns());
  for (Index i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.columns(), to.row(i));
  return to;
}

/// Of two matrices of the same size without padding.
template <class T>
double inner_product(const Matrix<T>& a, const Matrix<T>& b) {
  return std::inner_product(a.data(), a.data() + a.rows() * a.columns(), b.data(), 0.0, std::plus<>(),
                            [](T x, T y) { return static_cast<double>(x) * static_cast<double>(y); });
}

/// Calls take(row, column, value) for the stored entries of this rank, and end(row) after each row.
template <class T, class Take, class End>
void for_rows(const DataMatrix<T>& v, const Take& take, const End& end) {
  for (Index p = 0; p < v.panels(); ++p) {
    const RowPanel<T> panel = v.panel(p);
    for (Index i = 0; i < panel.rows(); ++i) {
      const Index row = v.panel_rows(p).first + i;
      panel.for_stored(i, [&](Index j, T value) { take(row, j, value); });
      end(row);
    }
  }
}

/// Rows, factors and results; how a thread multiplies its rows is left open.
template <class T>
class OnRows : public TwoProducts<T> {
 public:
  void run() override {
    const int threads = static_cast<int>(own_.size());
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int t = 0; t < threads; ++t) {
      const Index first = begins_[static_cast<std::size_t>(t)];
      const Index count = begins_[static_cast<std::size_t>(t) + 1] - first;
      times_ht(first, v_ht_.view().middle_rows(first, count));
      transposed_times_w(first, count, own_[static_cast<std::size_t>(t)].view());
    }
    for (int t = 1; t < threads; ++t) {
      const Matrix<T>& other = own_[static_cast<std::size_t>(t)];
      std::transform(own_[0].data(), own_[0].data() + other.rows() * other.columns(), other.data(), own_[0].data(),
                     std::plus<T>());
    }
  }
  double disagreement() const override {
    const double by_rows = inner_product(w_, v_ht_), by_columns = inner_product(ht_, own_[0]);
    return by_rows == 0 ? std::abs(by_columns) : std::abs(by_rows - by_columns) / by_rows;
  }

 protected:
  OnRows(ConstMatrixView<T> w, ConstMatrixView<T> ht, int threads)
      : w_(without_padding(w)), ht_(without_padding(ht)), v_ht_(w.rows(), w.columns()) {
    for (int t = 0; t < threads; ++t) own_.emplace_back(ht.rows(), ht.columns());
    for (int t = 0; t <= threads; ++t) begins_.push_back(w.rows() * t / threads);
  }
  /// out = V_t H' for rows first .. first + out.rows() - 1
  virtual void times_ht(Index first, MatrixView<T> out) const = 0;
  /// out = V_t' W_t for the same rows
  virtual void transposed_times_w(Index first, Index count, MatrixView<T> out) const = 0;

  Matrix<T> w_, ht_;

 private:
  Matrix<T> v_ht_;
  std::vector<Matrix<T>> own_;  // W'V of each thread
  std::vector<Index> begins_;   // threads + 1 rows
};

template <class T>
class DenseProducts final : public OnRows<T> {
 public:
  DenseProducts(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, int threads)
      : OnRows<T>(w, ht, threads), v_(v.rows_local(), v.columns()) {
    for_rows(
        v, [&](Index i, Index j, T value) { v_.row(i)[j] = value; }, [](Index) {});
  }

 private:
  void times_ht(Index first, MatrixView<T> out) const override {
    multiply(v_.view().middle_rows(first, out.rows()), this->ht_.view(), out);
  }
  void transposed_times_w(Index first, Index count, MatrixView<T> out) const override {
    multiply_transposed(v_.view().middle_rows(first, count), this->w_.view().middle_rows(first, count), out);
  }

  Matrix<T> v_;
};

template <class T>
class CsrProducts final : public OnRows<T> {
 public:
  CsrProducts(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, int threads)
      : OnRows<T>(w, ht, threads), offsets_{0} {
    const std::span<const ColumnIndex> order = v.column_order();
    std::vector<std::pair<Index, T>> row;
    const auto take = [&](Index, Index j, T value) {
      row.emplace_back(order.empty() ? j : order[static_cast<std::size_t>(j)], value);
    };
    const auto end_row = [&](Index) {
      std::sort(row.begin(), row.end());  // by column of V
      for (const auto& [column, value] : row) {
        columns_.push_back(column);
        values_.push_back(value);
      }
      offsets_.push_back(static_cast<Index>(columns_.size()));
      row.clear();
    };
    for_rows(v, take, end_row);
  }

 private:
  // y_i = sum over the entries of row i: v_ij h_j
  void times_ht(Index first, MatrixView<T> out) const override {
    const Index k = out.columns();
    for (Index i = 0; i < out.rows(); ++i) {
      T* y = out.row(i);
      std::fill_n(y, k, T(0));
      for (Index q = begin(first + i); q < begin(first + i + 1); ++q) {
        const T* h = this->ht_.data() + columns_[static_cast<std::size_t>(q)] * k;
        const T value = values_[static_cast<std::size_t>(q)];
        for (Index c = 0; c < k; ++c) y[c] += value * h[c];
      }
    }
  }
  // s_j += v_ij w_i for the entries of row i
  void transposed_times_w(Index first, Index count, MatrixView<T> out) const override {
    const Index k = out.columns();
    std::fill_n(out.data(), out.rows() * k, T(0));
    for (Index i = first; i < first + count; ++i) {
      const T* w = this->w_.data() + i * k;
      for (Index q = begin(i); q < begin(i + 1); ++q) {
        T* s = out.data() + columns_[static_cast<std::size_t>(q)] * k;
        const T value = values_[static_cast<std::size_t>(q)];
        for (Index c = 0; c < k; ++c) s[c] += value * w[c];
      }
    }
  }
  Index begin(Index row) const { return offsets_[static_cast<std::size_t>(row)]; }

  std::vector<Index> offsets_, columns_;
  std::vector<T> values_;
};

}  // namespace

template <class T>
std::unique_ptr<TwoProducts<T>> make_two_products(const DataMatrix<T>& v, ConstMatrixView<T> w,
                                                  ConstMatrixView<T> ht, int threads) {
  if (v.is_sparse()) return std::make_unique<CsrProducts<T>>(v, w, ht, threads);
  return std::make_unique<DenseProducts<T>>(v, w, ht, threads);
}

template std::unique_ptr<TwoProducts<float>> make_two_products(const DataMatrix<float>&, ConstMatrixView<float>,
                                                               ConstMatrixView<float>, int);
template std::unique_ptr<TwoProducts<double>> make_two_products(const DataMatrix<double>&, ConstMatrixView<double>,
                                                                ConstMatrixView<double>, int);

}  // namespace mpinmf::bench
