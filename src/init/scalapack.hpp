// Orthonormal columns of a tall matrix whose rows are spread over the ranks: the one user of BLACS and ScaLAPACK.
#pragma once

#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// Householder's QR factorization of m x l matrices on a grid of P x 1 ranks (PxGEQRF and PxORGQR; LAPACK's GEQRF
/// and ORGQR on one rank, which needs no MPI). Every rank's rows are padded with zero rows to the same height, at
/// least l, so that ranks may own any number of rows, none included, and R lies on the first rank.
template <class T>
class TallQr {
 public:
  /// Collective, as all members and the destructor. Throws SystemError where ScaLAPACK's 32-bit sizes do not
  /// suffice.
  /// @pre l = columns is the same on every rank
  TallQr(const Comm& comm, Index rows_local, Index columns);
  ~TallQr();
  /// Bytes that this allocates where no rank has more rows.
  static double bytes(Index rows, Index columns);
  TallQr(const TallQr&) = delete;
  TallQr& operator=(const TallQr&) = delete;

  /// x becomes Q of x = Q R. A column that depends on those before it, |R_jj| <= `negligible` max |R_ii|, becomes
  /// zero: its direction would be noise, which may lie in the padding. Throws BadData when x is not finite.
  /// @pre x is rows_local x l
  void orthonormalise(MatrixView<T> x, double negligible);

 private:
  void factorize();
  void form_q();

  Comm comm_;
  int rows_ = 0, columns_ = 0;  // of a rank's padded block
  int context_ = -1;            // BLACS's; none on one rank
  int descriptor_[9] = {};
  Matrix<T> block_;  // transposed: l x rows_, which is ScaLAPACK's order
  std::vector<T> scales_, work_;
};

}  // namespace mpinmf
