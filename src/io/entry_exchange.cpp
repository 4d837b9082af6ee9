#include "entry_exchange.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

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

  /// read(give): hands what this rank reads to `give`.
  template <class F>
  void read(F&& read) {
    const TakeEntries add_all = [&](std::span<const Entry> entries) { add(entries); };
    note([&] { read(add_all); });
    while (!share(true)) {
    }
    comm_.require_all(fault_);
  }

 private:
  static constexpr Index most_received = Index{1} << 18, least_at_once = 1000;  // entries

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

}  // namespace

void exchange_entries(const Comm& comm, EntryStream* stream, OfEntries what, const Partition& owners,
                      const TakeEntries& take) {
  EntryPieces* const pieces = stream == nullptr ? nullptr : stream->pieces();
  Index found = 0;
  const TakeEntries count_and_take = [&](std::span<const Entry> entries) {
    found += static_cast<Index>(entries.size());
    take(entries);
  };
  const auto read = [&](const TakeEntries& give) {
    if (pieces != nullptr) {
      read_piece(comm, *pieces, what, give);
    } else if (comm.is_root()) {
      stream->read_all(give);
    }
  };
  if (comm.size() > 1) {
    Rounds(comm, owners, count_and_take).read(read);
  } else {
    comm.meet([&] { read(count_and_take); });
  }
  if (pieces != nullptr) found += pieces->left_out();
  found = comm.sum(found);
  comm.meet_on_root([&] {
    if (pieces != nullptr) pieces->require_total(found);
  });
}

}  // namespace mpinmf::io
