#include "selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "count.hpp"

namespace mpinmf::text {
namespace {

constexpr std::size_t terms_named = 5;

/// A rank's terms that may be columns: places in `owned`.
using Places = std::vector<std::uint32_t>;

bool occurs_more(const OwnedTerms& owned, std::uint32_t a, std::uint32_t b) {
  return owned.known(a).count > owned.known(b).count;
}

/// The largest count that at least `most` terms of all ranks have or exceed. @pre there are as many terms;
/// `places` fall by count
Index cut_of_counts(const Comm& comm, const OwnedTerms& owned, const Places& places, Index most) {
  const auto with_at_least = [&](Index count) {
    const auto end = std::partition_point(places.begin(), places.end(),
                                          [&](std::uint32_t at) { return owned.known(at).count >= count; });
    return comm.sum(static_cast<Index>(end - places.begin()));
  };
  const double largest = places.empty() ? 0 : static_cast<double>(owned.known(places.front()).count);
  Index low = 0, high = static_cast<Index>(comm.max(largest)) + 1;  // low has enough, high has not
  while (high - low > 1) {
    const Index middle = low + (high - low) / 2;
    (with_at_least(middle) >= most ? low : high) = middle;
  }
  return low;
}

/// How many of this rank's `sorted` texts are among the first `most` of those of all ranks. @pre no text twice
Index first_of_all(const Comm& comm, const std::vector<std::string_view>& sorted, Index most) {
  auto low = sorted.begin(), high = sorted.end();  // those before low are, those from high on are not
  for (;;) {
    const std::vector<Index> open = comm.gather(static_cast<Index>(high - low));
    const auto largest = std::max_element(open.begin(), open.end());
    if (*largest == 0) return low - sorted.begin();
    const auto rank = static_cast<int>(largest - open.begin());
    std::string pivot;
    if (comm.rank() == rank) pivot = *(low + (high - low) / 2);
    comm.broadcast(pivot, rank);
    const auto at = std::lower_bound(low, high, std::string_view(pivot));
    const Index before = comm.sum(static_cast<Index>(at - sorted.begin()));
    if (before >= most) {
      high = at;
    } else {
      low = at != high && *at == pivot ? at + 1 : at;
    }
  }
}

/// A few texts of all ranks, the first or the last in their order. @pre `own` is sorted
std::vector<std::string> few_of_all(const Comm& comm, std::span<const std::string_view> own, bool last) {
  const std::size_t count = std::min(own.size(), terms_named);
  std::string packed;
  for (const std::string_view text : last ? own.last(count) : own.first(count)) {
    packed.append(text).push_back('\0');
  }
  std::vector<std::string> all;
  for (const std::string& of_rank : comm.gather(packed)) {
    for (std::size_t at = 0; at < of_rank.size(); at += all.back().size() + 1)
      all.emplace_back(of_rank.c_str() + at);
  }
  std::sort(all.begin(), all.end());
  if (all.size() > terms_named) {
    const auto surplus = static_cast<std::ptrdiff_t>(all.size() - terms_named);
    if (last) {
      all.erase(all.begin(), all.begin() + surplus);
    } else {
      all.resize(terms_named);
    }
  }
  return all;
}

/// Drops what occurs less often than `most` others of this rank, so that it cannot be among as many of all ranks.
void drop_hopeless(const OwnedTerms& owned, Places& places, Index most) {
  if (static_cast<Index>(places.size()) <= most || most == 0) return;
  const auto last = places.begin() + most - 1;
  std::nth_element(places.begin(), last, places.end(), [&](auto a, auto b) { return occurs_more(owned, a, b); });
  std::erase_if(places, [&, at = *last](std::uint32_t place) { return occurs_more(owned, at, place); });
}

/// Keeps the `most` of all ranks that occur most often.
std::optional<Tie> keep_most_frequent(const Comm& comm, const OwnedTerms& owned, Places& places, Index most) {
  if (comm.sum(static_cast<Index>(places.size())) <= most) return std::nullopt;
  drop_hopeless(owned, places, most);
  std::sort(places.begin(), places.end(), [&](auto a, auto b) { return occurs_more(owned, a, b); });
  const Index cut = cut_of_counts(comm, owned, places, most);
  const auto above = std::partition_point(places.begin(), places.end(),
                                          [&](std::uint32_t at) { return owned.known(at).count > cut; });
  const auto tied_end =
      std::partition_point(above, places.end(), [&](std::uint32_t at) { return owned.known(at).count == cut; });
  Places tied(above, tied_end);
  std::sort(tied.begin(), tied.end(), [&](auto a, auto b) { return owned.term(a).text < owned.term(b).text; });
  std::vector<std::string_view> texts;
  for (const std::uint32_t at : tied) texts.push_back(owned.term(at).text);
  const Index kept_above = comm.sum(static_cast<Index>(above - places.begin()));
  const Index kept = first_of_all(comm, texts, most - kept_above);
  const Index tied_global = comm.sum(static_cast<Index>(tied.size()));
  places.erase(above, places.end());
  places.insert(places.end(), tied.begin(), tied.begin() + kept);
  Tie tie{cut, most - kept_above, tied_global - (most - kept_above), {}, {}};
  if (tie.left_out == 0) return std::nullopt;
  const std::span<const std::string_view> all(texts);
  tie.kept_terms = few_of_all(comm, all.first(static_cast<std::size_t>(kept)), true);
  tie.left_out_terms = few_of_all(comm, all.subspan(static_cast<std::size_t>(kept)), false);
  return tie;
}

struct Row {
  std::uint64_t id;
  Index documents;
  std::uint32_t length;
};

/// Those of all ranks, on every rank, sorted.
void gather_terms(const Comm& comm, const OwnedTerms& owned, const Places& places, Selection& selection) {
  std::string packed;
  for (const std::uint32_t at : places) {
    const std::string_view text = owned.term(at).text;
    const Row row{term_id(owned.known(at).number, comm.rank(), comm.size()), owned.known(at).documents,
                  static_cast<std::uint32_t>(text.size())};
    packed.append(reinterpret_cast<const char*>(&row), sizeof row).append(text);
  }
  const std::vector<std::string> all = comm.gather(packed);
  std::vector<std::pair<std::string_view, Row>> rows;
  for (const std::string& of_rank : all) {
    for (std::string_view rest = of_rank; !rest.empty();) {
      Row row;
      std::memcpy(&row, rest.data(), sizeof row);
      rows.emplace_back(rest.substr(sizeof row, row.length), row);
      rest.remove_prefix(sizeof row + row.length);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [text, row] : rows) {
    selection.terms.emplace_back(text);
    selection.documents.push_back(row.documents);
    selection.ids.push_back(row.id);
  }
}

void require_some(const Comm& comm, const Selection& selection, Index selected, Index documents,
                  const SelectionOptions& options) {
  std::string fault;
  if (documents == 0) {
    fault = "the corpus has no document";
  } else if (selection.distinct == 0) {
    fault = fmt::format(
        "no document of {} has a term: all are empty, or have only stop words and what --token-pattern does not "
        "take",
        documents);
  } else if (selected == 0) {
    fault = fmt::format(
        "no term is left of {}: {} are in fewer documents than --min-df {}, {} in more than --max-df {} of {} "
        "documents; lower the one or raise the other",
        selection.distinct, selection.too_rare, options.min_df.to_string(), selection.too_common,
        options.max_df.to_string(), documents);
  } else if (selected > std::numeric_limits<ColumnIndex>::max()) {
    fault = fmt::format(
        "{} terms are left, but a matrix may have 2^31 - 1 columns at most; give --max-features, or a higher "
        "--min-df",
        selected);
  }
  if (!fault.empty()) comm.require_all(BadData(fault));
}

}  // namespace

std::string DocumentBound::to_string() const {
  if (!is_share) return fmt::format("{:.0f}", value);
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

Selection select_terms(const Comm& comm, const OwnedTerms& owned, Index documents,
                       const SelectionOptions& options) {
  const double least = options.min_df.documents(documents), most = options.max_df.documents(documents);
  Selection selection;
  Places places;
  for (std::uint32_t at = 0; at < owned.size(); ++at) {
    const auto in_documents = static_cast<double>(owned.known(at).documents);
    if (in_documents < least) {
      ++selection.too_rare;
    } else if (in_documents > most) {
      ++selection.too_common;
    } else {
      places.push_back(at);
    }
  }
  selection.distinct = comm.sum(static_cast<Index>(owned.size()));
  selection.too_rare = comm.sum(selection.too_rare);
  selection.too_common = comm.sum(selection.too_common);
  if (options.max_features) selection.tie = keep_most_frequent(comm, owned, places, *options.max_features);
  require_some(comm, selection, comm.sum(static_cast<Index>(places.size())), documents, options);
  gather_terms(comm, owned, places, selection);
  return selection;
}

}  // namespace mpinmf::text
