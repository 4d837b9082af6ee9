#include "start.hpp"

#include <algorithm>
#include <cmath>

#include "mpinmf/error.hpp"
#include "numpy_random.hpp"
#include "philox.hpp"

namespace mpinmf {
namespace {

// Numbers that one counter gives.

/// x(i, c) = law(words of (seed, factor, first_row + i, c / 4))[c mod 4]
template <class T, class Law>
void fill_by_counter(const Seed& seed, Stream factor, Index first_row, MatrixView<T> x, Law law) {
  const std::uint64_t key = seed.key();
  for (Index i = 0; i < x.rows(); ++i) {
    T* row = x.row(i);
    for (Index c = 0; c < x.columns(); c += numbers_at_once) {
      const std::array<double, numbers_at_once> numbers =
          law(random_words(key, factor, first_row + i, c / numbers_at_once));
      const Index count = std::min(numbers_at_once, x.columns() - c);
      for (Index q = 0; q < count; ++q) row[c + q] = static_cast<T>(numbers[static_cast<std::size_t>(q)]);
    }
  }
}

/// The laws that do not care which factor they fill.
template <class T>
void fill(Start start, const Seed& seed, double scale, Stream factor, Index first_row, MatrixView<T> x) {
  switch (start) {
    case Start::random:
      fill_by_counter(seed, factor, first_row, x, [scale](const auto& words) {
        std::array<double, numbers_at_once> numbers = normals(words);
        for (double& number : numbers) number = std::abs(number) * scale;
        return numbers;
      });
      return;
    case Start::uniform:
      fill_by_counter(seed, factor, first_row, x, [](const auto& words) { return uniforms(words); });
      return;
    case Start::automatic:
    case Start::numpy:
    case Start::nndsvd:
    case Start::nndsvda:
    case Start::nndsvdar:
    case Start::nndsvdm:
    case Start::scikit_learn:
    case Start::given: break;
  }
  throw UsageError("this start has no law: pass W and H to the solver");
}

}  // namespace

template <class T>
void fill_w(Start start, const Seed& seed, double scale, Index first_row, MatrixView<T> w) {
  if (start != Start::numpy) return fill(start, seed, scale, Stream::start_w, first_row, w);
  NumpyUniform numbers(seed);
  numbers.skip(first_row * w.columns());
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index c = 0; c < w.columns(); ++c) w(i, c) = static_cast<T>(numbers.next());
  }
}

template <class T>
void fill_ht(Start start, const Seed& seed, double scale, Index rows_global, MatrixView<T> ht) {
  if (start != Start::numpy) return fill(start, seed, scale, Stream::start_h, 0, ht);
  NumpyUniform numbers(seed);
  numbers.skip(rows_global * ht.columns());
  for (Index c = 0; c < ht.columns(); ++c) {
    for (Index j = 0; j < ht.rows(); ++j) ht(j, c) = static_cast<T>(numbers.next());
  }
}

template void fill_w(Start, const Seed&, double, Index, MatrixView<float>);
template void fill_w(Start, const Seed&, double, Index, MatrixView<double>);
template void fill_ht(Start, const Seed&, double, Index, MatrixView<float>);
template void fill_ht(Start, const Seed&, double, Index, MatrixView<double>);

}  // namespace mpinmf
