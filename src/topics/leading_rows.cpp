#include "leading_rows.hpp"

#include <algorithm>
#include <numeric>

namespace mpinmf::topics {
namespace {

bool leads(const RankedRow& a, const RankedRow& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.row < b.row;
}

/// Takes in one more row.
void insert(std::vector<RankedRow>& leading, const RankedRow& row, std::size_t most) {
  if (leading.size() == most && (most == 0 || !leads(row, leading.back()))) return;
  if (leading.size() == most) leading.pop_back();
  leading.insert(std::upper_bound(leading.begin(), leading.end(), row, leads), row);
}

struct Sent {
  Index component;
  RankedRow row;
};

}  // namespace

std::vector<std::vector<RankedRow>> leading_rows(const Comm& comm, ConstMatrixView<double> w_local,
                                                 Index first_row, std::span<const double> u, Index most) {
  const auto components = static_cast<std::size_t>(w_local.columns());
  const auto kept = static_cast<std::size_t>(most);
  std::vector<std::vector<RankedRow>> own(components);
  for (Index i = 0; i < w_local.rows(); ++i) {
    const double* w = w_local.row(i);
    const double size = std::inner_product(u.begin(), u.end(), w, 0.0);
    for (std::size_t c = 0; c < components; ++c) {
      if (w[c] > 0) insert(own[c], {first_row + i, w[c], size > 0 ? w[c] * u[c] / size : 0}, kept);
    }
  }
  std::vector<Sent> sent;
  for (std::size_t c = 0; c < components; ++c) {
    for (const RankedRow& row : own[c]) sent.push_back({static_cast<Index>(c), row});
  }
  std::vector<Index> counts(static_cast<std::size_t>(comm.size()));
  counts[0] = static_cast<Index>(sent.size());
  const Exchanged<Sent> all = comm.exchange(std::span<const Sent>(sent), counts);
  std::vector<std::vector<RankedRow>> leading(components);
  for (const Sent& s : all.values) insert(leading[static_cast<std::size_t>(s.component)], s.row, kept);
  return leading;
}

}  // namespace mpinmf::topics
