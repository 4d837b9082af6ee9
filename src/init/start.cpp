#include "start.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/philox.hpp"
#include "mpinmf/error.hpp"
#include "numpy_random.hpp"
#include "start_table.hpp"

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

template <class T>
void fill_random(const Seed& seed, double scale, Stream factor, Index first_row, MatrixView<T> x) {
  fill_by_counter(seed, factor, first_row, x, [scale](const auto& words) {
    std::array<double, numbers_at_once> numbers = normals(words);
    for (double& number : numbers) number = std::abs(number) * scale;
    return numbers;
  });
}

template <class T>
void fill_uniform(const Seed& seed, Stream factor, Index first_row, MatrixView<T> x) {
  fill_by_counter(seed, factor, first_row, x, [](const auto& words) { return uniforms(words); });
}

template <class T>
void fill_w_by_numpy(const Seed& seed, double, Index first_row, MatrixView<T> w) {
  NumpyUniform numbers(seed);
  numbers.skip(first_row * w.columns());
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index c = 0; c < w.columns(); ++c) w(i, c) = static_cast<T>(numbers.next());
  }
}

template <class T>
void fill_ht_by_numpy(const Seed& seed, double, Index rows_global, MatrixView<T> ht) {
  NumpyUniform numbers(seed);
  numbers.skip(rows_global * ht.columns());
  for (Index c = 0; c < ht.columns(); ++c) {
    for (Index j = 0; j < ht.rows(); ++j) ht(j, c) = static_cast<T>(numbers.next());
  }
}

[[noreturn]] void refuse_without_law() {
  throw UsageError("this start has no law: pass W and H to the solver");
}

}  // namespace

template <class T>
StartRow<T> start_row(StartFile<struct RandomStart>) {
  StartRow<T> row{.start = Start::random};
  row.fill_w = [](const Seed& seed, double scale, Index first_row, MatrixView<T> w) {
    fill_random(seed, scale, Stream::start_w, first_row, w);
  };
  row.fill_ht = [](const Seed& seed, double scale, Index, MatrixView<T> ht) {
    fill_random(seed, scale, Stream::start_h, 0, ht);
  };
  return row;
}
template StartRow<float> start_row(StartFile<struct RandomStart>);
template StartRow<double> start_row(StartFile<struct RandomStart>);

template <class T>
StartRow<T> start_row(StartFile<struct UniformStart>) {
  StartRow<T> row{.start = Start::uniform};
  row.fill_w = [](const Seed& seed, double, Index first_row, MatrixView<T> w) {
    fill_uniform(seed, Stream::start_w, first_row, w);
  };
  row.fill_ht = [](const Seed& seed, double, Index, MatrixView<T> ht) {
    fill_uniform(seed, Stream::start_h, 0, ht);
  };
  return row;
}
template StartRow<float> start_row(StartFile<struct UniformStart>);
template StartRow<double> start_row(StartFile<struct UniformStart>);

template <class T>
StartRow<T> start_row(StartFile<struct NumpyStart>) {
  StartRow<T> row{.start = Start::numpy};
  row.fill_w = fill_w_by_numpy<T>;
  row.fill_ht = fill_ht_by_numpy<T>;
  return row;
}
template StartRow<float> start_row(StartFile<struct NumpyStart>);
template StartRow<double> start_row(StartFile<struct NumpyStart>);

template <class T>
void fill_w(const Start& start, const Seed& seed, double scale, Index first_row, MatrixView<T> w) {
  const StartRow<T>& row = row_of<T>(start);
  if (row.fill_w == nullptr) refuse_without_law();
  row.fill_w(seed, scale, first_row, w);
}

template <class T>
void fill_ht(const Start& start, const Seed& seed, double scale, Index rows_global, MatrixView<T> ht) {
  const StartRow<T>& row = row_of<T>(start);
  if (row.fill_ht == nullptr) refuse_without_law();
  row.fill_ht(seed, scale, rows_global, ht);
}

template void fill_w(const Start&, const Seed&, double, Index, MatrixView<float>);
template void fill_w(const Start&, const Seed&, double, Index, MatrixView<double>);
template void fill_ht(const Start&, const Seed&, double, Index, MatrixView<float>);
template void fill_ht(const Start&, const Seed&, double, Index, MatrixView<double>);

}  // namespace mpinmf
