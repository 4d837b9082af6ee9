// Compiled once per vector level, with that level's instructions, into the namespace MPINMF_LEVEL.
#include "dense.hpp"
#include "lines.hpp"
#include "newton.hpp"
#include "observed.hpp"
#include "quotients.hpp"
#include "row_grams.hpp"
#include "set_systems.hpp"
#include "sparse.hpp"
#include "sparse_quotients.hpp"
#include "widen.hpp"

namespace mpinmf::MPINMF_LEVEL {

extern const VectorKernels<float> single_precision;
extern const VectorKernels<double> double_precision;

template <class T>
constexpr VectorKernels<T> kernels{
    .multiply = multiply<T>,
    .multiply_transposed = multiply_transposed<T>,
    .cross = cross<T>,
    .accumulate = accumulate<T>,
    .cross_lines = cross_lines<T>,
    .accumulate_lines = accumulate_lines<T>,
    .cross_quotients = cross_quotients<T>,
    .accumulate_quotients = accumulate_quotients<T>,
    .quotients = quotients<T>,
    .powers = powers<T>,
    .cross_observed = cross_observed<T>,
    .accumulate_observed = accumulate_observed<T>,
    .cross_grams = cross_grams<T>,
    .accumulate_grams = accumulate_grams<T>,
    .outer_products = outer_products<T>,
    .model_entries = model_entries<T>,
    .observed_powers = observed_powers<T>,
    .move = move<T>,
    .solve_sets = solve_sets,
    .newton_rounds = newton_rounds<T>,
    .dense_newton_rounds = dense_newton_rounds<T>,
    .row_products = row_products<T>,
    .widen_bytes = widen<T, std::uint8_t>,
    .widen_words = widen<T, std::uint16_t>,
    .widen_floats = widen<T, float>,
};

const VectorKernels<float> single_precision = kernels<float>;
const VectorKernels<double> double_precision = kernels<double>;

}  // namespace mpinmf::MPINMF_LEVEL
