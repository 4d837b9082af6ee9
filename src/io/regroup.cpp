#include "regroup.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace mpinmf::io {

Regrouping::Range Regrouping::common(const Range& a, const Range& b) {
  const Range both = {std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return both.begin < both.end ? both : Range{};
}

Regrouping::Regrouping(const Comm& comm, const Partition& from, const Comm& group, const Partition& to)
    : comm_(comm),
      rows_here_(from.rows(comm.rank())),
      first_row_there_(to.begin(group.rank())),
      rows_there_(to.rows(group.rank())) {
  const auto counted_from = [](Index first, Range rows) {
    return rows.end == 0 ? rows : Range{rows.begin - first, rows.end - first};
  };
  const Range here = {from.begin(comm.rank()), from.end(comm.rank())},
              there = {first_row_there_, first_row_there_ + rows_there_};
  const std::vector<Index> begins = comm.gather(there.begin), ends = comm.gather(there.end);
  for (int r = 0; r < comm.size(); ++r) {
    const auto of_rank = static_cast<std::size_t>(r);
    sent_.push_back(counted_from(here.begin, common(here, {begins[of_rank], ends[of_rank]})));
    received_.push_back(counted_from(there.begin, common(there, {from.begin(r), from.end(r)})));
  }
}

template <class U>
void Regrouping::move(const Numbers<U>& numbers) const {
  constexpr Index most_at_once = Index{1} << 20;
  const Index all = numbers.before_here(rows_here_);
  std::vector<Range> sent;
  std::vector<Index> next;
  Index copies = 1;
  for (const Range& rows : sent_) {
    sent.push_back({numbers.before_here(rows.begin), numbers.before_here(rows.end)});
    if (rows.end > rows.begin) ++copies;
  }
  for (const Range& rows : received_) next.push_back(numbers.before_there(rows.begin));
  const Index at_once = std::max<Index>(1, most_at_once / copies);
  const auto rounds = static_cast<Index>(comm_.max(static_cast<double>((all + at_once - 1) / at_once)));
  std::vector<U> leaving;
  for (Index round = 0; round < rounds; ++round) {
    const Range window = {std::min(all, round * at_once), std::min(all, (round + 1) * at_once)};
    std::vector<Index> counts;
    comm_.meet([&] {
      leaving.clear();
      for (const Range& of_rank : sent) {
        const Range some = common(window, of_rank);
        counts.push_back(some.end - some.begin);
        leaving.resize(leaving.size() + static_cast<std::size_t>(counts.back()));
        if (counts.back() > 0)
          numbers.read(some.begin, counts.back(), leaving.data() + leaving.size() - counts.back());
      }
    });
    const Exchanged<U> come = comm_.exchange(std::span<const U>(leaving), counts);
    std::span<const U> values = come.values;
    for (std::size_t r = 0; r < next.size(); ++r) {
      const auto count = static_cast<std::size_t>(come.counts[r]);
      if (count > 0) numbers.write(next[r], values.first(count));
      next[r] += come.counts[r];
      values = values.subspan(count);
    }
  }
}

template <class T>
DenseRoom<T> regrouped(const Regrouping& groups, DenseRoom<T> rows, const LoadOptions& options) {
  const Index columns = rows.columns();
  DenseRoom<T> made;
  groups.comm().meet(
      [&] { made = DenseRoom<T>(options, groups.first_row_there(), groups.rows_there(), columns); });
  const auto before = [&](Index row) { return row * columns; };
  groups.move<T>({before, before, [&](Index begin, Index count, T* out) { rows.read(begin, count, out); },
                  [&](Index begin, std::span<const T> values) { made.write(begin, values); }});
  return made;
}

namespace {

/// Room for compressed rows of the lengths that rows of `here` have, and which of these it is for.
template <class T>
CsrMemory<T> room_there(const Regrouping& groups, const OwnCsr<T>& here, const LoadOptions& options) {
  std::vector<Index> offsets;
  groups.comm().meet([&] { offsets.resize(static_cast<std::size_t>(groups.rows_there()) + 1); });
  const auto row_itself = [](Index row) { return row; };
  groups.move<Index>({row_itself, row_itself,
                      [&](Index begin, Index count, Index* out) {
                        const Index* const first = here.offsets.data() + begin;
                        for (Index i = 0; i < count; ++i) out[i] = first[i + 1] - first[i];
                      },
                      [&](Index begin, std::span<const Index> lengths) {
                        std::copy(lengths.begin(), lengths.end(), offsets.begin() + begin + 1);
                      }});
  CsrMemory<T> made;
  groups.comm().meet([&] {
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    made = room_for<T>(options, here.columns, offsets.back());
    if (made.placed) return made.placed->take_offsets(std::move(offsets));
    made.plain.offsets = std::move(offsets);
  });
  return made;
}

template <class T>
void let_go_entries(const OwnCsr<T>& rows, Index begin, Index count) {
  if (rows.placed != nullptr) rows.placed->let_go_entries(begin, begin + count);
}

}  // namespace

template <class T>
CsrMemory<T> regrouped(const Regrouping& groups, CsrMemory<T> rows, const LoadOptions& options) {
  const OwnCsr<T> here = rows.own();
  CsrMemory<T> made = room_there(groups, here, options);
  const OwnCsr<T> there = made.own();
  const auto before_here = [&](Index row) { return here.offsets[static_cast<std::size_t>(row)]; };
  const auto before_there = [&](Index row) { return there.offsets[static_cast<std::size_t>(row)]; };
  groups.move<ColumnIndex>({before_here, before_there,
                            [&](Index begin, Index count, ColumnIndex* out) {
                              std::copy_n(here.indices.data() + begin, count, out);
                              let_go_entries(here, begin, count);
                            },
                            [&](Index begin, std::span<const ColumnIndex> columns) {
                              std::copy(columns.begin(), columns.end(), there.indices.data() + begin);
                              let_go_entries(there, begin, static_cast<Index>(columns.size()));
                            }});
  groups.move<T>({before_here, before_there,
                  [&](Index begin, Index count, T* out) {
                    if (here.narrow != nullptr) {
                      here.narrow->read(begin, count, out);
                    } else {
                      std::copy_n(here.values.data() + begin, count, out);
                    }
                    let_go_entries(here, begin, count);
                  },
                  [&](Index begin, std::span<const T> values) {
                    auto at = static_cast<std::size_t>(begin);
                    for (const T value : values) there.set_value(at++, value);
                    let_go_entries(there, begin, static_cast<Index>(values.size()));
                  }});
  return made;
}

template DenseRoom<float> regrouped(const Regrouping&, DenseRoom<float>, const LoadOptions&);
template DenseRoom<double> regrouped(const Regrouping&, DenseRoom<double>, const LoadOptions&);
template CsrMemory<float> regrouped(const Regrouping&, CsrMemory<float>, const LoadOptions&);
template CsrMemory<double> regrouped(const Regrouping&, CsrMemory<double>, const LoadOptions&);

}  // namespace mpinmf::io
