#include "known_components.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "checks.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf {

template <class T>
KnownComponents<T> known_components(const std::vector<Index>& components, ConstMatrixView<T> columns,
                                    const char* name) {
  const auto count = static_cast<Index>(components.size());
  if (count != columns.columns()) {
    throw ShapeMismatch(
        fmt::format("{} has {} components, but {} are named", name, columns.columns(), components.size()));
  }
  require_valid_factor(columns, name, 0);
  std::vector<std::size_t> order(components.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return components[a] < components[b]; });
  KnownComponents<T> known;
  known.columns = Matrix<T>(columns.rows(), count);
  for (const std::size_t from : order) {
    const Index c = components[from], to = static_cast<Index>(known.components.size());
    if (c < 0 || (to > 0 && known.components.back() == c)) {
      throw UsageError(fmt::format("{}: component {} is {}", name, c, c < 0 ? "below 0" : "named twice"));
    }
    known.components.push_back(c);
    for (Index i = 0; i < columns.rows(); ++i) known.columns(i, to) = columns(i, static_cast<Index>(from));
  }
  return known;
}

template <class T>
void require_known_fits(const KnownComponents<T>& known, const char* name, ConstMatrixView<T> x) {
  if (known.components.empty()) return;
  if (known.columns.rows() != x.rows()) {
    throw ShapeMismatch(fmt::format("what is known of {} has {} entries a component where V asks for {}", name,
                                    known.columns.rows(), x.rows()));
  }
  if (known.components.back() < x.columns()) return;
  throw UsageError(
      fmt::format("component {} of {} is known, but k is {}", known.components.back() + 1, name, x.columns()));
}

template <class T>
void put_known(const KnownComponents<T>& known, MatrixView<T> x) {
  for (std::size_t f = 0; f < known.components.size(); ++f) {
    const Index c = known.components[f];
    for (Index i = 0; i < x.rows(); ++i) x(i, c) = known.columns(i, static_cast<Index>(f));
  }
}

template KnownComponents<float> known_components(const std::vector<Index>&, ConstMatrixView<float>, const char*);
template KnownComponents<double> known_components(const std::vector<Index>&, ConstMatrixView<double>, const char*);
template void require_known_fits(const KnownComponents<float>&, const char*, ConstMatrixView<float>);
template void require_known_fits(const KnownComponents<double>&, const char*, ConstMatrixView<double>);
template void put_known(const KnownComponents<float>&, MatrixView<float>);
template void put_known(const KnownComponents<double>&, MatrixView<double>);

}  // namespace mpinmf
