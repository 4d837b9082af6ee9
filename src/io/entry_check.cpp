#include "entry_check.hpp"

#include <fmt/format.h>

#include <cmath>

#include "mpinmf/error.hpp"

namespace mpinmf::io {

template <class T>
void EntryCheck<T>::refuse(double value, Index row, Index column) const {
  if (transposed_) std::swap(row, column);
  const std::string place = fmt::format("in row {}, column {} (counted from 0{})", row, column,
                                        transposed_ ? ", before it is transposed" : "");
  if (std::isnan(value)) {
    throw BadData(fmt::format(
        "{}: not a number (NaN) {}; missing values are not supported yet: fill them in, or drop the row", name_,
        place));
  }
  if (value < 0) {
    throw BadData(fmt::format("{}: a negative entry {:g} {}; the factorization needs entries >= 0{}", name_, value,
                              place, add_ != 0 ? ", also before anything is added" : ""));
  }
  if (std::isinf(value)) {
    throw BadData(fmt::format("{}: an infinite entry {}; the factorization needs finite entries", name_, place));
  }
  const std::string entry = add_ != 0 ? fmt::format("{:g} + {:g}", value, add_) : fmt::format("{:g}", value);
  throw BadData(fmt::format("{}: {} {} is too large for {} precision; {}scale the matrix", name_, entry, place,
                            sizeof(T) == 4 ? "single" : "double",
                            sizeof(T) == 4 ? "use double precision or " : ""));
}

template class EntryCheck<float>;
template class EntryCheck<double>;

}  // namespace mpinmf::io
