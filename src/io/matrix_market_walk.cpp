#include "matrix_market_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "entry_batch.hpp"

namespace mpinmf::io {
namespace {

/// The lines of entries.
class MarketWalk {
 public:
  explicit MarketWalk(const MarketFile& file)
      : lines_(file.path), banner_(file.read_banner(lines_)), entries_(lines_, banner_, file.limits) {}

  const MatrixMarketBanner& banner() const { return banner_; }
  /// take(entry) as long as it says true.
  template <class Take>
  void coordinates(Take&& take) {
    for (Index found = 0; found < banner_.promised; ++found) {
      if (!take(entries_.coordinates(next(found)))) return;
    }
    require_end();
  }
  template <class Take>
  void array(Take&& take) {
    Index found = 0;
    for (Index column = 0; column < banner_.columns; ++column) {
      for (Index row = banner_.symmetric ? column : 0; row < banner_.rows; ++row, ++found) {
        take(row, column, entries_.array_value(next(found), row, column));
      }
    }
    require_end();
  }

 private:
  std::string_view next(Index found) {
    std::string_view line;
    if (!entries_.next(line)) throw fewer_than_promised(lines_, banner_, found);
    return line;
  }
  void require_end() {
    std::string_view line;
    if (entries_.next(line)) throw more_than_promised(lines_, banner_);
  }

  LineReader lines_;
  MatrixMarketBanner banner_;
  EntryLines entries_;
};

bool first_is_upper(const MarketFile& file) {
  bool is_upper = false;
  MarketWalk(file).coordinates([&](const ListedEntry& entry) {
    is_upper = entry.is_upper();
    return entry.row == entry.column;
  });
  return is_upper;
}

std::vector<ListedEntry> off_diagonal(const MarketFile& file) {
  std::vector<ListedEntry> entries;
  MarketWalk(file).coordinates([&](const ListedEntry& entry) {
    if (entry.row != entry.column) entries.push_back(entry);
    return true;
  });
  return entries;
}

/// Ascending. Throws BadData where an entry and its mirror image differ; entries of one place are summed.
std::vector<std::pair<Index, Index>> places_listed_twice(const std::string& path,
                                                         std::vector<ListedEntry> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const ListedEntry& a, const ListedEntry& b) {
    return std::pair(a.place(), a.is_upper()) < std::pair(b.place(), b.is_upper());
  });
  std::vector<std::pair<Index, Index>> twice;
  for (auto lower = entries.begin(); lower != entries.end();) {
    const auto place = lower->place();
    const auto end = std::find_if(lower, entries.end(), [&](const ListedEntry& e) { return e.place() != place; });
    const auto upper = std::find_if(lower, end, [](const ListedEntry& e) { return e.is_upper(); });
    const auto add = [](double sum, const ListedEntry& e) { return sum + e.value; };
    const double below = std::accumulate(lower, upper, 0.0, add), above = std::accumulate(upper, end, 0.0, add);
    if (lower != upper && upper != end) {
      if (below != above) {
        throw BadData(fmt::format(
            "{}, line {}: row {}, column {} (counted from 0) is {}, but its mirror image in line {} is {}; in a "
            "symmetric matrix they are equal: correct one of them, or, if the file lists every entry, the banner "
            "to "
            "general",
            path, upper->line, upper->row, upper->column, above, lower->line, below));
      }
      twice.push_back(place);
    }
    lower = end;
  }
  return twice;
}

}  // namespace

BadData more_than_promised(const LineReader& lines, const MatrixMarketBanner& banner) {
  return lines.fault(
      fmt::format("there are more entries than the {0} that {1} promises; correct {1} or remove the rest",
                  banner.promised, banner.sizes));
}

BadData fewer_than_promised(const LineReader& lines, const MatrixMarketBanner& banner, Index found) {
  return lines.fault(
      fmt::format("{} promises {} entries, but the file ends here after {}: it was cut short; copy it again",
                  banner.sizes, banner.promised, found));
}

bool Mirrors::count(const ListedEntry& entry) {
  if (entry.row == entry.column) return true;
  if (!list_upper_) list_upper_ = first_is_upper(file_);
  if (entry.is_upper() == *list_upper_) return true;
  if (!twice_) twice_ = places_listed_twice(file_.path, off_diagonal(file_));
  return !std::binary_search(twice_->begin(), twice_->end(), entry.place());
}

void walk_market_file(const MarketFile& file, const TakeEntries& take) {
  MarketWalk walk(file);
  const MatrixMarketBanner& banner = walk.banner();
  EntryBatch batch(take, banner.symmetric, file.transpose);
  Mirrors mirrors(file);
  if (banner.coordinate) {
    walk.coordinates([&](const ListedEntry& entry) {
      if (!banner.symmetric || mirrors.count(entry)) batch.add(entry.row, entry.column, entry.value);
      return true;
    });
  } else {
    walk.array([&](Index row, Index column, double value) { batch.add(row, column, value); });
  }
  batch.flush();
}

}  // namespace mpinmf::io
