#include "entry_exchange.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf::io {
namespace {

void read_piece(const Comm& comm, EntryPieces& pieces, OfEntries what, const TakeEntries& take) {
  what == OfEntries::all ? pieces.read(comm.rank(), comm.size(), take)
                         : pieces.read_places(comm.rank(), comm.size(), take);
}

/// The rounds of an exchange.
class Rounds {
 public:
  Rounds(const Comm& comm, const Partition& owners, const TakeEntries& take)
      : comm_(comm),
        owners_(owners),
        take_(take),
        at_once_(std::max(least_at_once, most_received / comm.size())) {}

  void read(EntryPieces& pieces, OfEntries what) {
    const auto add_all = [&](std::span<const Entry> entries) { add(entries); };
    note([&] { read_piece(comm_, pieces, what, add_all); });
    while (!share(true)) {
    }
    comm_.require_all(fault_);
  }

 private:
  static constexpr Index most_received = Index{1} << 20, least_at_once = 1000;  // entries

  void add(std::span<const Entry> entries) {
    while (!entries.empty()) {
      const auto room = static_cast<std::size_t>(at_once_) - waiting_.size();
      const std::span<const Entry> some = entries.first(std::min(room, entries.size()));
      waiting_.insert(waiting_.end(), some.begin(), some.end());
      entries = entries.subspan(some.size());
      if (static_cast<Index>(waiting_.size()) == at_once_) share(false);
    }
  }

  template <class F>
  void note(F&& work) {
    try {
      Comm::self().meet(work);  // whatever flies becomes an Error
    } catch (const Error& error) {
      if (!fault_) fault_ = error;
    }
  }

  /// One round. Whether all ranks have nothing more to send.
  bool share(bool is_last) {
    const std::vector<Index> counts = sort_by_owner();
    const Exchanged<Entry> received = comm_.exchange(std::span<const Entry>(sorted_), counts);
    if (!fault_) note([&] { take_(received.values); });
    return comm_.sum(Index{is_last ? 0 : 1}) == 0;
  }

  /// What waits goes to sorted_. How many entries are whose.
  std::vector<Index> sort_by_owner() {
    std::vector<Index> counts(static_cast<std::size_t>(comm_.size()));
    owner_.clear();
    for (const Entry& entry : waiting_) {
      owner_.push_back(owner_of(entry.row));
      ++counts[static_cast<std::size_t>(owner_.back())];
    }
    std::vector<Index> next(counts.size());
    std::exclusive_scan(counts.begin(), counts.end(), next.begin(), Index{0});
    sorted_.resize(waiting_.size());
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      sorted_[static_cast<std::size_t>(next[static_cast<std::size_t>(owner_[i])]++)] = waiting_[i];
    }
    waiting_.clear();
    return counts;
  }
  /// Neighbours in a file often have the same owner.
  int owner_of(Index row) {
    if (row < owners_.begin(last_owner_) || row >= owners_.end(last_owner_)) last_owner_ = owners_.owner(row);
    return last_owner_;
  }

  const Comm& comm_;
  const Partition& owners_;
  const TakeEntries& take_;
  Index at_once_;
  std::vector<Entry> waiting_, sorted_;
  std::vector<int> owner_;
  int last_owner_ = 0;
  std::optional<Error> fault_;
};

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

void exchange_entries(const Comm& comm, EntryPieces& pieces, OfEntries what, const Partition& owners,
                      const TakeEntries& take) {
  Index found = 0;
  const TakeEntries count_and_take = [&](std::span<const Entry> entries) {
    found += static_cast<Index>(entries.size());
    take(entries);
  };
  if (comm.size() > 1) {
    Rounds(comm, owners, count_and_take).read(pieces, what);
  } else {
    comm.meet([&] { read_piece(comm, pieces, what, count_and_take); });
  }
  found = comm.sum(found);
  comm.meet_on_root([&] { pieces.require_total(found); });
}

std::vector<double> panel_weights(std::span<const Index> lengths, Index height, Index components) {
  std::vector<double> weights((lengths.size() + static_cast<std::size_t>(height) - 1) /
                              static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    weights[i / static_cast<std::size_t>(height)] += sparse_row_weight(lengths[i], components);
  }
  return weights;
}

RowPlan plan_pieces(const Comm& comm, EntryPieces& pieces, Index m, Index height, Index components) {
  const Partition shares = Partition::by_rows(m, height, comm.size());
  const Index first = shares.begin(comm.rank());
  std::vector<Index> lengths;
  std::vector<double> weights;
  comm.meet([&] {
    lengths.resize(static_cast<std::size_t>(shares.rows(comm.rank())));
    weights.resize(static_cast<std::size_t>((m + height - 1) / height));
  });
  exchange_entries(comm, pieces, OfEntries::places, shares, [&](std::span<const Entry> entries) {
    for (const Entry& entry : entries) ++lengths[static_cast<std::size_t>(entry.row - first)];
  });
  const std::vector<double> own = panel_weights(lengths, height, components);
  std::copy(own.begin(), own.end(), weights.begin() + (first + height - 1) / height);
  comm.sum(weights);
  RowPlan plan;
  plan.partition = Partition::by_weight(m, height, weights, comm.size());
  plan.lengths = to_owners(comm, shares, plan.partition, lengths);
  return plan;
}

}  // namespace mpinmf::io
