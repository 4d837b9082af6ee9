// The one product of BLAS that the panels use, for row-major views.
#pragma once

#include <string>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// c = a b + add_to * c. @pre a is p x q, b is q x r, c is p x r; add_to is 0 or 1
void multiply(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<float> c, int add_to = 0);
void multiply(ConstMatrixView<double> a, ConstMatrixView<double> b, MatrixView<double> c, int add_to = 0);

/// c = a' b + add_to * c. @pre a is q x p, b is q x r, c is p x r
void multiply_transposed(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<float> c, int add_to = 0);
void multiply_transposed(ConstMatrixView<double> a, ConstMatrixView<double> b, MatrixView<double> c,
                         int add_to = 0);

/// c = a b' + add_to * c. @pre a is p x q, b is r x q, c is p x r
void multiply_by_transposed(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<float> c,
                            int add_to = 0);
void multiply_by_transposed(ConstMatrixView<double> a, ConstMatrixView<double> b, MatrixView<double> c,
                            int add_to = 0);

/// One thread inside BLAS: ranks own the cores. Acts on OpenBLAS, MKL and BLIS, wherever they are loaded.
void use_one_blas_thread();

/// How many cores one product keeps busy: processor time of the process over that of the calling thread, measured
/// in some milliseconds.
double cores_of_a_product();

/// With how many threads BLAS works inside: as OpenBLAS, MKL and BLIS say; others are measured. 1 when it has
/// none.
double threads_inside_blas();

/// The kernel that OpenBLAS took for this processor, such as Haswell; empty for any other BLAS.
std::string blas_kernel();

/// Vendor, version and kernel of the BLAS in use, as far as it tells.
std::string blas_description();

}  // namespace mpinmf
