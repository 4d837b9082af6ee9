#include "entry_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "mpinmf/error.hpp"

namespace mpinmf::io {

namespace {

std::string place_text(Index row, Index column, bool transposed) {
  if (transposed) std::swap(row, column);
  return fmt::format("in row {}, column {} (counted from 0{})", row, column,
                     transposed ? ", as the file has them" : "");
}

}  // namespace

template <class T>
void EntryCheck<T>::refuse(double value, Index row, Index column) const {
  const std::string place = place_text(row, column, transposed_);
  if (std::isnan(value)) {
    throw BadData(
        fmt::format("{}: not a number (NaN) {}; where NaN stands for what is not known, fit with --missing nan",
                    name_, place));
  }
  if (value < 0) {
    throw BadData(fmt::format("{}: a negative entry {:g} {}; the factorization needs entries >= 0{}{}", name_,
                              value, place, add_ != 0 ? ", also before anything is added" : "",
                              clip_advice(value)));
  }
  if (std::isinf(value)) {
    throw BadData(fmt::format("{}: an infinite entry {}; the factorization needs finite entries", name_, place));
  }
  const std::string entry = add_ != 0 ? fmt::format("{:g} + {:g}", value, add_) : fmt::format("{:g}", value);
  throw BadData(fmt::format("{}: {} {} is too large for {} precision; {}scale the matrix", name_, entry, place,
                            sizeof(T) == 4 ? "single" : "double",
                            sizeof(T) == 4 ? "use double precision or " : ""));
}

template <class T>
void EntryCheck<T>::refuse_to_hold(T value, Index row, Index column) const {
  const bool is_byte = storage_type_ == StorageType::uint8,
             is_whole = is_byte || storage_type_ == StorageType::uint16;
  throw BadData(fmt::format("{}: {} {} is not {}, as --storage-type {} needs it; use {}auto", name_, value,
                            place_text(row, column, transposed_),
                            is_whole ? fmt::format("a whole number up to {}", is_byte ? 255 : 65535)
                                     : "in the range of single precision",
                            is_byte    ? "uint8"
                            : is_whole ? "uint16"
                                       : "float",
                            is_byte && value <= 65535 && value == std::floor(value) ? "uint16, or " : ""));
}

std::string clip_advice(double value) {
  // 1e-9 is far above the round-off of ordinary numbers, and what is below -1e-3 was rarely made by it
  constexpr std::array<double, 7> thresholds = {1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3};
  const auto* const enough =
      std::find_if(thresholds.begin(), thresholds.end(), [&](double t) { return value >= -t; });
  if (enough == thresholds.end()) return "";
  return fmt::format("; where round-off made such entries, --clip-negative {:g} sets them to 0", *enough);
}

template class EntryCheck<float>;
template class EntryCheck<double>;

}  // namespace mpinmf::io
