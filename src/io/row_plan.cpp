#include "row_plan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "entry_exchange.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf::io {
namespace {

/// The weight of each panel, for consecutive rows that start on a panel's first row.
std::vector<double> panel_weights(std::span<const Index> lengths, Index height, Index components) {
  std::vector<double> weights((lengths.size() + static_cast<std::size_t>(height) - 1) /
                              static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    weights[i / static_cast<std::size_t>(height)] += sparse_row_weight(lengths[i], components);
  }
  return weights;
}

/// Where this rank has counted the rows of its share: what others own goes to them.
std::vector<Index> to_owners(const Comm& comm, const Partition& shares, const Partition& owners,
                             std::span<const Index> lengths) {
  const Index first = shares.begin(comm.rank()), last = shares.end(comm.rank());
  std::vector<Index> counts;
  for (int r = 0; r < comm.size(); ++r) {
    counts.push_back(std::max<Index>(0, std::min(last, owners.end(r)) - std::max(first, owners.begin(r))));
  }
  return comm.exchange(lengths, counts).values;
}

}  // namespace

RowPlan plan_rows(const Comm& comm, Source& source, Index panel_height, Index components) {
  const Index m = source.header.rows;
  const Partition shares = Partition::by_rows(m, panel_height, comm.size());
  const Index first = shares.begin(comm.rank());
  auto* const reader = std::get_if<std::unique_ptr<SparseRows>>(&source.reader);
  std::vector<Index> lengths;
  std::vector<double> weights;
  comm.meet([&] {
    lengths.resize(static_cast<std::size_t>(shares.rows(comm.rank())));
    weights.resize(static_cast<std::size_t>((m + panel_height - 1) / panel_height));
    if (reader != nullptr) (*reader)->lengths(first, lengths);
  });
  Index last = first;
  double way = 0;
  if (reader == nullptr) {
    EntryStream* const stream = std::get<std::unique_ptr<EntryStream>>(source.reader).get();
    exchange_entries(comm, stream, OfEntries::places, shares, [&](std::span<const Entry> entries) {
      for (const Entry& entry : entries) {
        ++lengths[static_cast<std::size_t>(entry.row - first)];
        way += std::abs(static_cast<double>(entry.row - last));
        last = entry.row;
      }
    });
  }
  const std::vector<double> own = panel_weights(lengths, panel_height, components);
  std::copy(own.begin(), own.end(), weights.begin() + (first + panel_height - 1) / panel_height);
  comm.sum(weights);
  RowPlan plan;
  plan.turns = comm.sum(way) / static_cast<double>(m);
  plan.partition = Partition::by_weight(m, panel_height, weights, comm.size());
  plan.lengths = to_owners(comm, shares, plan.partition, lengths);
  plan.weights = std::move(weights);
  return plan;
}

}  // namespace mpinmf::io
