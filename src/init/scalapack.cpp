#include "scalapack.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

// Debian has no headers for these; all integers are 32-bit (LP64).
extern "C" {
int Csys2blacs_handle(MPI_Comm comm);
void Cfree_blacs_system_handle(int handle);
void Cblacs_gridinit(int* context, const char* order, int rows, int columns);
void Cblacs_gridexit(int context);
void descinit_(int* descriptor, const int* m, const int* n, const int* mb, const int* nb, const int* first_row,
               const int* first_column, const int* context, const int* lld, int* info);
void psgeqrf_(const int* m, const int* n, float* a, const int* ia, const int* ja, const int* desca, float* tau,
              float* work, const int* lwork, int* info);
void pdgeqrf_(const int* m, const int* n, double* a, const int* ia, const int* ja, const int* desca, double* tau,
              double* work, const int* lwork, int* info);
void psorgqr_(const int* m, const int* n, const int* k, float* a, const int* ia, const int* ja, const int* desca,
              const float* tau, float* work, const int* lwork, int* info);
void pdorgqr_(const int* m, const int* n, const int* k, double* a, const int* ia, const int* ja, const int* desca,
              const double* tau, double* work, const int* lwork, int* info);
void sgeqrf_(const int* m, const int* n, float* a, const int* lda, float* tau, float* work, const int* lwork,
             int* info);
void dgeqrf_(const int* m, const int* n, double* a, const int* lda, double* tau, double* work, const int* lwork,
             int* info);
void sorgqr_(const int* m, const int* n, const int* k, float* a, const int* lda, const float* tau, float* work,
             const int* lwork, int* info);
void dorgqr_(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau, double* work,
             const int* lwork, int* info);
}

namespace mpinmf {
namespace {

/// Columns that are factorized before the rest is updated by matrix products.
constexpr int block_columns = 16;

/// The routines of one precision.
template <class T>
struct Routines;
template <>
struct Routines<float> {
  static constexpr auto pgeqrf = psgeqrf_;
  static constexpr auto porgqr = psorgqr_;
  static constexpr auto geqrf = sgeqrf_;
  static constexpr auto orgqr = sorgqr_;
};
template <>
struct Routines<double> {
  static constexpr auto pgeqrf = pdgeqrf_;
  static constexpr auto porgqr = pdorgqr_;
  static constexpr auto geqrf = dgeqrf_;
  static constexpr auto orgqr = dorgqr_;
};

/// Arguments are checked before the call, so a fault is one of the library, and of every rank.
void check_info(int info, const char* routine) {
  if (info == 0) return;
  SystemError error(std::string(routine) + " failed with INFO " + std::to_string(info));
  error.set_met();
  throw error;
}

/// Of a rank's block, of which no rank has more.
Index padded_rows(Index most_rows, Index columns) {
  return std::max({most_rows, columns, Index{1}});
}
Index work_numbers(Index rows, Index columns) {
  return block_columns * (rows + columns + block_columns);
}

/// ScaLAPACK counts rows, entries of a rank's block and work space in 32 bits. Every rank knows the same sizes.
void require_32_bits(Index rows, Index columns, Index ranks) {
  const Index entries = rows * columns + work_numbers(rows, columns);
  if (std::max(rows * ranks, entries) <= std::numeric_limits<int>::max()) return;
  SystemError error("the truncated SVD of " + std::to_string(ranks) + " blocks of " + std::to_string(rows) +
                    " rows with " + std::to_string(columns) +
                    " columns exceeds the 32-bit sizes of ScaLAPACK: use more ranks, fewer components or another "
                    "start (--init random)");
  error.set_met();
  throw error;
}

/// Every rank knows the same numbers.
void require_finite(const std::vector<double>& diagonal) {
  if (std::all_of(diagonal.begin(), diagonal.end(), [](double r) { return std::isfinite(r); })) return;
  BadData error(
      "the singular values of V overflow: scale V down, or, where it is in single precision, use --precision "
      "double");
  error.set_met();
  throw error;
}

}  // namespace

template <class T>
TallQr<T>::TallQr(const Comm& comm, Index rows_local, Index columns) : comm_(comm) {
  const Index rows = padded_rows(static_cast<Index>(comm_.max(static_cast<double>(rows_local))), columns);
  require_32_bits(rows, columns, comm_.size());
  rows_ = static_cast<int>(rows);
  columns_ = static_cast<int>(columns);
  comm_.meet([&] {
    block_ = Matrix<T>(columns, rows);
    scales_.resize(static_cast<std::size_t>(columns));
    work_.resize(static_cast<std::size_t>(work_numbers(rows, columns)));
  });
  if (comm_.size() == 1) return;
  // the grid keeps its own copy of the communicator
  const int handle = Csys2blacs_handle(comm_.handle());
  context_ = handle;
  Cblacs_gridinit(&context_, "C", comm_.size(), 1);
  Cfree_blacs_system_handle(handle);
  const int rows_all = rows_ * comm_.size(), nb = std::min(block_columns, columns_), zero = 0;
  int info = 0;
  descinit_(descriptor_, &rows_all, &columns_, &rows_, &nb, &zero, &zero, &context_, &rows_, &info);
  check_info(info, "DESCINIT");
}

template <class T>
double TallQr<T>::bytes(Index rows, Index columns) {
  const Index padded = padded_rows(rows, columns);
  return plain_bytes<T>(columns, padded) + plain_bytes<T>(1, columns + work_numbers(padded, columns));
}

template <class T>
TallQr<T>::~TallQr() {
  if (context_ >= 0) Cblacs_gridexit(context_);
}

template <class T>
void TallQr<T>::factorize() {
  const int rows_all = rows_ * comm_.size(), one = 1, room = static_cast<int>(work_.size());
  int info = 0;
  if (comm_.size() == 1) {
    Routines<T>::geqrf(&rows_, &columns_, block_.data(), &rows_, scales_.data(), work_.data(), &room, &info);
  } else {
    Routines<T>::pgeqrf(&rows_all, &columns_, block_.data(), &one, &one, descriptor_, scales_.data(), work_.data(),
                        &room, &info);
  }
  check_info(info, "GEQRF");
}

template <class T>
void TallQr<T>::form_q() {
  const int rows_all = rows_ * comm_.size(), one = 1, room = static_cast<int>(work_.size());
  int info = 0;
  if (comm_.size() == 1) {
    Routines<T>::orgqr(&rows_, &columns_, &columns_, block_.data(), &rows_, scales_.data(), work_.data(), &room,
                       &info);
  } else {
    Routines<T>::porgqr(&rows_all, &columns_, &columns_, block_.data(), &one, &one, descriptor_, scales_.data(),
                        work_.data(), &room, &info);
  }
  check_info(info, "ORGQR");
}

template <class T>
void TallQr<T>::orthonormalise(MatrixView<T> x, double negligible) {
  assert(x.rows() <= rows_ && x.columns() == columns_);
  for (Index j = 0; j < columns_; ++j) {
    T* column = block_.row(j);
    for (Index i = 0; i < x.rows(); ++i) column[i] = x(i, j);
    std::fill(column + x.rows(), column + rows_, T(0));
  }
  factorize();
  std::vector<double> diagonal;  // of R, on the first rank
  for (Index j = 0; j < columns_; ++j) diagonal.push_back(std::abs(static_cast<double>(block_(j, j))));
  comm_.broadcast(std::span(diagonal));
  require_finite(diagonal);
  form_q();
  const double largest = *std::max_element(diagonal.begin(), diagonal.end());
  for (Index j = 0; j < columns_; ++j) {
    const bool drops = diagonal[static_cast<std::size_t>(j)] <= negligible * largest;
    for (Index i = 0; i < x.rows(); ++i) x(i, j) = drops ? T(0) : block_(j, i);
  }
}

template class TallQr<float>;
template class TallQr<double>;

}  // namespace mpinmf
