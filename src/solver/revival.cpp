#include "revival.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "kernels/philox.hpp"

namespace mpinmf {
namespace {

/// Entries that are not 0, and squares, of each component.
struct ComponentSums {
  explicit ComponentSums(Index components) : numbers(2 * static_cast<std::size_t>(components) + 1) {}
  template <class T>
  void add(ConstMatrixView<T> x) {
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index c = 0; c < x.columns(); ++c) {
        const auto entry = static_cast<double>(x(i, c));
        numbers[2 * static_cast<std::size_t>(c)] += entry != 0 ? 1 : 0;
        numbers[2 * static_cast<std::size_t>(c) + 1] += entry * entry;
      }
    }
    numbers.back() += static_cast<double>(x.rows());
  }
  bool is_zero(Index c) const { return numbers[2 * static_cast<std::size_t>(c)] == 0; }
  double mean_square(Index c) const { return numbers[2 * static_cast<std::size_t>(c) + 1] / numbers.back(); }

  std::vector<double> numbers;  ///< the last one: rows
};

/// Components of a factor, and how large their entries become.
struct Scaled {
  const std::vector<Index>& components;
  double scale;
};
/// x(i, c) = scale |N(0,1)| of (seed, round, first_row + i, c).
template <class T>
void draw_components(const Revival& revival, const Scaled& drawn, Index first_row, MatrixView<T> x) {
  const std::uint64_t key = revival.seed.key();
  const Index counters = (x.columns() + numbers_at_once - 1) / numbers_at_once;
  for (Index i = 0; i < x.rows(); ++i) {
    for (const Index c : drawn.components) {
      const auto words =
          random_words(key, Stream::revival, first_row + i, revival.round * counters + c / numbers_at_once);
      x(i, c) =
          static_cast<T>(std::abs(normals(words)[static_cast<std::size_t>(c % numbers_at_once)]) * drawn.scale);
    }
  }
}
}  // namespace

bool has_dead_component(ConstMatrixView<double> gram_of_w, ConstMatrixView<double> gram_of_h,
                        const std::vector<Index>& fixed) {
  for (Index c = 0; c < gram_of_w.rows(); ++c) {
    const bool is_dead = gram_of_w(c, c) == 0 || gram_of_h(c, c) == 0;
    if (is_dead && !std::binary_search(fixed.begin(), fixed.end(), c)) return true;
  }
  return false;
}

template <class T>
LivingComponents living_components(const Comm& comm, ConstMatrixView<T> w, ConstMatrixView<T> ht) {
  ComponentSums of_w(w.columns()), of_h(ht.columns());
  of_w.add(w);
  comm.sum(of_w.numbers);
  of_h.add(ht);
  LivingComponents living;
  double squares_of_w = 0, squares_of_h = 0, alive = 0;
  for (Index c = 0; c < w.columns(); ++c) {
    if (of_w.is_zero(c) || of_h.is_zero(c)) {
      living.dead.push_back(c);
      continue;
    }
    squares_of_w += of_w.mean_square(c);
    squares_of_h += of_h.mean_square(c);
    alive += 1;
  }
  if (alive == 0) return living;
  living.scale_of_w = std::sqrt(squares_of_w / alive);
  living.scale_of_h = std::sqrt(squares_of_h / alive);
  return living;
}
template LivingComponents living_components(const Comm&, ConstMatrixView<float>, ConstMatrixView<float>);
template LivingComponents living_components(const Comm&, ConstMatrixView<double>, ConstMatrixView<double>);

template <class T>
std::vector<Index> revive(const Revival& revival, MatrixView<T> w, MatrixView<T> ht) {
  const LivingComponents living = living_components<T>(revival.comm, w, ht);
  std::vector<Index> dead;
  std::set_difference(living.dead.begin(), living.dead.end(), revival.fixed.begin(), revival.fixed.end(),
                      std::back_inserter(dead));
  if (revival.w_first) {
    draw_components<T>(revival, {dead, living.scale_of_h}, 0, ht);
    clear_components<T>(dead, w);
  } else {
    draw_components<T>(revival, {dead, living.scale_of_w}, revival.first_row, w);
    clear_components<T>(dead, ht);
  }
  return dead;
}
template std::vector<Index> revive(const Revival&, MatrixView<float>, MatrixView<float>);
template std::vector<Index> revive(const Revival&, MatrixView<double>, MatrixView<double>);

template <class T>
void clear_components(const std::vector<Index>& components, MatrixView<T> x) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (const Index c : components) x(i, c) = 0;
  }
}
template void clear_components(const std::vector<Index>&, MatrixView<float>);
template void clear_components(const std::vector<Index>&, MatrixView<double>);

}  // namespace mpinmf
