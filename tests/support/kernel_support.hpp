// What tests of the kernels start from: the kernels of every level, and blocks of numbers that notice when
// something is written beside them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "kernels/rounds_kernel.hpp"
#include "kernels/simd.hpp"
#include "kernels/vector_kernels.hpp"
#include "mpinmf/matrix.hpp"

// Compiled for the tests alone: the shapes of AVX-512 (64 bytes, 32 registers) with whatever this machine has.
namespace mpinmf::wide {
extern const VectorKernels<float> single_precision;
extern const VectorKernels<double> double_precision;
struct Level;
}  // namespace mpinmf::wide

template <class T>
struct KernelLevel {
  std::string name;
  const mpinmf::VectorKernels<T>* kernels;
};

/// The levels of this machine, and the wide one.
template <class T>
std::vector<KernelLevel<T>> kernel_levels() {
  using mpinmf::VectorLevel;
  std::vector<KernelLevel<T>> levels;
  const auto add = [&](std::string name, const mpinmf::VectorKernels<T>* kernels) {
    if (kernels != nullptr) levels.push_back({std::move(name), kernels});
  };
  add("baseline", mpinmf::kernels_of<T>(VectorLevel::baseline));
  add("v3", mpinmf::kernels_of<T>(VectorLevel::v3));
  add("v4", mpinmf::kernels_of<T>(VectorLevel::v4));
  if constexpr (sizeof(T) == 4) {
    add("wide", &mpinmf::wide::single_precision);
  } else {
    add("wide", &mpinmf::wide::double_precision);
  }
  return levels;
}

/// The kernel of a rule in the same levels.
template <class T>
struct RoundsLevel {
  std::string name;
  mpinmf::RoundsKernel<T> rounds;
};
template <class T, class Name>
std::vector<RoundsLevel<T>> rounds_levels() {
  using mpinmf::VectorLevel;
  std::vector<RoundsLevel<T>> levels;
  for (const auto& [name, level] : {std::pair<std::string, VectorLevel>{"baseline", VectorLevel::baseline},
                                    {"v3", VectorLevel::v3},
                                    {"v4", VectorLevel::v4}}) {
    if (mpinmf::kernels_of<T>(level) != nullptr) {
      levels.push_back({name, mpinmf::rounds_kernel<T, Name>(level)});
    }
  }
  levels.push_back({"wide", rounds_of<T>(mpinmf::RoundsFile<Name, mpinmf::wide::Level>())});
  return levels;
}

/// rows x columns numbers, 0 at first, among guards: before the first row, behind the last one, and between rows
/// from column `room` to the stride.
template <class T>
class Guarded {
 public:
  using Index = mpinmf::Index;

  /// A block that may be read and written up to the next whole line, and a line of guards behind each row.
  static Guarded padded(Index rows, Index columns, T guard = T(-777)) {
    const Index room = mpinmf::padded_to_vector<T>(columns);
    return Guarded(rows, columns, room, room + line, 0, guard);
  }
  /// A view as it may come: odd stride, rows that start anywhere, no padding.
  static Guarded unaligned(Index rows, Index columns, T guard = std::numeric_limits<T>::quiet_NaN()) {
    return Guarded(rows, columns, columns, columns + 3 - columns % 2, 1, guard);
  }

  T* row(Index i) { return data() + i * stride_; }
  T& operator()(Index i, Index j) { return row(i)[j]; }
  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  mpinmf::Block<T> block() { return {data(), rows_, columns_, stride_}; }
  mpinmf::Block<const T> read() { return {data(), rows_, columns_, stride_}; }

  template <class F>
  void fill(F&& value) {
    for (Index i = 0; i < rows_; ++i) {
      for (Index j = 0; j < columns_; ++j) (*this)(i, j) = static_cast<T>(value(i, j));
    }
  }

  /// Whether the padding is 0 and every guard as it was.
  bool is_intact() {
    for (Index q = 0; q < static_cast<Index>(numbers_.size()); ++q) {
      const Index place = q - before_, i = place / stride_, j = place % stride_;
      const bool is_inside = place >= 0 && i < rows_ && j < room_;
      if (is_inside && j < columns_) continue;
      if (is_inside ? numbers_[static_cast<std::size_t>(q)] != 0 : !is_guard(q)) return false;
    }
    return true;
  }

 private:
  static constexpr Index line = mpinmf::padded_to_vector<T>(1);

  Guarded(Index rows, Index columns, Index room, Index stride, Index shift, T guard)
      : rows_(rows), columns_(columns), room_(room), stride_(stride), before_(line + shift), guard_(guard) {
    numbers_.assign(static_cast<std::size_t>(before_ + rows * stride + line), guard);
    for (Index i = 0; i < rows; ++i) std::fill_n(row(i), room, T(0));
  }
  bool is_guard(Index q) const {
    const T number = numbers_[static_cast<std::size_t>(q)];
    return std::isnan(guard_) ? std::isnan(number) : number == guard_;
  }
  T* data() { return numbers_.data() + before_; }

  Index rows_, columns_, room_, stride_, before_;
  T guard_;
  std::vector<T> numbers_;
};

/// The largest of all factors by which numbers miss what they should be, in units of `allowed(i, j)`.
template <class T, class Expected, class Allowed>
double worst_error(Guarded<T>& result, Expected&& expected, Allowed&& allowed) {
  double worst = 0;
  for (mpinmf::Index i = 0; i < result.rows(); ++i) {
    for (mpinmf::Index j = 0; j < result.columns(); ++j) {
      const long double difference = std::fabs(static_cast<long double>(result(i, j)) - expected(i, j));
      const auto share = static_cast<double>(difference / allowed(i, j));
      if (!(share <= worst)) worst = std::isnan(share) ? std::numeric_limits<double>::infinity() : share;
    }
  }
  return worst;
}

/// A number in [0.01, 1.01) that depends on its arguments alone; 0 for about one in eight if `some_zeros`.
inline double number_at(unsigned seed, mpinmf::Index i, mpinmf::Index j, bool some_zeros = false) {
  auto bits = (static_cast<std::uint64_t>(seed) << 48) + (static_cast<std::uint64_t>(i) << 24) +
              static_cast<std::uint64_t>(j) + 1;
  for (int round = 0; round < 2; ++round) bits = (bits ^ (bits >> 29)) * 0x9E3779B97F4A7C15U;
  if (some_zeros && (bits >> 8) % 8 == 0) return 0;
  return 0.01 + static_cast<double>(bits >> 11) * 0x1.0p-53;
}
