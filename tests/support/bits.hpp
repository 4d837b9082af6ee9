// The bits of V on a rank, for tests that want the same ones.
#pragma once

#include <fmt/format.h>

#include <string>

#include "mpi_support.hpp"
#include "mpinmf/load.hpp"

/// What this rank holds, to the last bit.
template <class T>
std::string bits_of(const mpinmf::DataMatrix<T>& v) {
  using mpinmf::Index;
  std::string all =
      fmt::format("{} x {}, from {}: {}", v.rows_global(), v.columns(), v.first_row(), v.rows_local());
  const auto add = [&](const auto& value) { all.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (Index p = 0; p < v.panels(); ++p) {
    const mpinmf::RowPanel<T> panel = v.panel(p);
    for (Index i = 0; i < panel.rows(); ++i) {
      add(i);
      panel.for_stored(i, [&](Index j, T value) {
        add(j);
        add(value);
      });
    }
  }
  return all;
}

/// Collective.
template <class T>
std::string bits_of(const std::string& path, const mpinmf::LoadOptions& options) {
  return bits_of(mpinmf::load<T>(world(), path, options));
}

/// Of a matrix in single precision and, transposed, in double.
struct Bits {
  explicit Bits(const std::string& path, mpinmf::LoadOptions options = {})
      : single(bits_of<float>(path, options)) {
    options.transpose = !options.transpose;
    turned = bits_of<double>(path, options);
  }
  bool operator==(const Bits&) const = default;

  std::string single, turned;
};
