// Compiled once per vector level, with that level's instructions, into the namespace MPINMF_LEVEL.
#include "dense.hpp"
#include "gradient_rounds.hpp"
#include "newton.hpp"
#include "penalty_rounds.hpp"
#include "rounds.hpp"
#include "set_systems.hpp"
#include "sparse.hpp"

namespace mpinmf::MPINMF_LEVEL {

extern const VectorKernels<float> single_precision;
extern const VectorKernels<double> double_precision;

template <class T>
constexpr VectorKernels<T> kernels{multiply<T>,
                                   multiply_transposed<T>,
                                   cross<T>,
                                   accumulate<T>,
                                   cross_quotients<T>,
                                   accumulate_quotients<T>,
                                   quotients<T>,
                                   powers<T>,
                                   move<T>,
                                   coordinate_rounds<T>,
                                   multiplicative_rounds<T>,
                                   gradient_rounds<T>,
                                   penalty_rounds<T>,
                                   solve_sets,
                                   newton_rounds<T>,
                                   dense_newton_rounds<T>,
                                   row_products<T>};

const VectorKernels<float> single_precision = kernels<float>;
const VectorKernels<double> double_precision = kernels<double>;

}  // namespace mpinmf::MPINMF_LEVEL
