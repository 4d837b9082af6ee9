#include "kept_features.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpinmf/error.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// Which entries stay, and where.
class FeatureFilter {
 public:
  FeatureFilter(FeatureNumbers numbers, bool in_rows) : numbers_(std::move(numbers)), in_rows_(in_rows) {}

  bool in_rows() const { return in_rows_; }
  /// What of `entries` stays, until the next call.
  std::span<const Entry> operator()(std::span<const Entry> entries) {
    kept_.clear();
    for (Entry e : entries) {
      Index& feature = in_rows_ ? e.row : e.column;
      feature = numbers_[static_cast<std::size_t>(feature)];
      if (feature >= 0) kept_.push_back(e);
    }
    return kept_;
  }

 private:
  FeatureNumbers numbers_;
  bool in_rows_;
  std::vector<Entry> kept_;
};

class KeptOfStream final : public EntryStream {
 public:
  KeptOfStream(std::unique_ptr<EntryStream> all, FeatureFilter filter)
      : all_(std::move(all)), filter_(std::move(filter)) {}

  void read_all(const TakeEntries& take) override {
    all_->read_all([&](std::span<const Entry> entries) { take(filter_(entries)); });
  }

 private:
  std::unique_ptr<EntryStream> all_;
  FeatureFilter filter_;
};

class KeptOfPieces final : public EntryPieces {
 public:
  /// @pre all->pieces() is there
  KeptOfPieces(std::unique_ptr<EntryStream> all, FeatureFilter filter)
      : all_(std::move(all)), filter_(std::move(filter)) {}

  void read_all(const TakeEntries& take) override { all_->read_all(kept_of(take)); }
  void read(int part, int parts, const TakeEntries& take) override {
    all_->pieces()->read(part, parts, kept_of(take));
  }
  /// Who only counts rows may hand out any column.
  void read_places(int part, int parts, const TakeEntries& take) override {
    if (!filter_.in_rows()) return read(part, parts, take);
    all_->pieces()->read_places(part, parts, kept_of(take));
  }
  void require_total(Index found) override { all_->pieces()->require_total(found); }
  Index left_out() const override { return left_out_ + all_->pieces()->left_out(); }

 private:
  TakeEntries kept_of(const TakeEntries& take) {
    left_out_ = 0;
    return [this, &take](std::span<const Entry> entries) {
      const std::span<const Entry> kept = filter_(entries);
      left_out_ += static_cast<Index>(entries.size() - kept.size());
      take(kept);
    };
  }

  std::unique_ptr<EntryStream> all_;
  FeatureFilter filter_;
  Index left_out_ = 0;
};

class KeptOfRows final : public SparseRows {
 public:
  KeptOfRows(std::unique_ptr<SparseRows> all, FeatureFilter filter)
      : all_(std::move(all)), filter_(std::move(filter)) {}

  void lengths(Index first, std::span<Index> lengths) override {
    std::fill(lengths.begin(), lengths.end(), 0);
    read(first, static_cast<Index>(lengths.size()), [&](std::span<const Entry> entries) {
      for (const Entry& e : entries) ++lengths[static_cast<std::size_t>(e.row - first)];
    });
  }
  void read(Index first, Index count, const TakeEntries& take) override {
    all_->read(first, count, [&](std::span<const Entry> entries) { take(filter_(entries)); });
  }

 private:
  std::unique_ptr<SparseRows> all_;
  FeatureFilter filter_;
};

NameReader names_of_kept(NameReader all, const FeatureNumbers& numbers) {
  if (!all) return all;
  return [all = std::move(all), numbers](const auto& take) {
    std::size_t at = 0;
    all([&](std::string_view name) {
      if (at >= numbers.size() || numbers[at] >= 0) take(name);  // too many are found by who counts them
      ++at;
    });
  };
}

}  // namespace

FeatureNumbers features_of_type(const NameReader& types, const std::string& type, Index features,
                                const std::string& name) {
  if (!types) {
    throw UsageError(fmt::format("{}: says no types of features: leave out --feature-type {}", name, quote(type)));
  }
  FeatureNumbers numbers;
  std::vector<std::string> known;
  Index kept = 0;
  types([&](std::string_view of_this) {
    if (std::find(known.begin(), known.end(), of_this) == known.end()) known.emplace_back(of_this);
    numbers.push_back(of_this == type ? kept++ : -1);
  });
  if (static_cast<Index>(numbers.size()) != features) {
    throw BadData(fmt::format("{}: says the types of {} features, but has {}", name, numbers.size(), features));
  }
  if (kept > 0) return numbers;
  std::string list;
  constexpr std::size_t most = 10;
  for (std::size_t i = 0; i < std::min(most, known.size()); ++i) list += (i > 0 ? ", " : "") + quote(known[i]);
  throw UsageError(
      fmt::format("{}: has no features of the type {}; --feature-type may be {}", name, quote(type), list));
}

Source keep_features(Source source, FeatureNumbers numbers, bool transposed) {
  Index& features = transposed ? source.header.rows : source.header.columns;
  features = 1 + *std::max_element(numbers.begin(), numbers.end());
  source.header.reader_bytes += static_cast<double>(numbers.size() * 2 * sizeof(Index));  // labels have them, too
  source.labels.columns = names_of_kept(std::move(source.labels.columns), numbers);
  FeatureFilter filter(std::move(numbers), transposed);
  if (auto* rows = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    source.reader = std::make_unique<KeptOfRows>(std::move(*rows), std::move(filter));
    return source;
  }
  auto stream = std::get<std::unique_ptr<EntryStream>>(std::move(source.reader));
  if (stream->pieces() != nullptr) {
    source.reader = std::make_unique<KeptOfPieces>(std::move(stream), std::move(filter));
  } else {
    source.reader = std::make_unique<KeptOfStream>(std::move(stream), std::move(filter));
  }
  return source;
}

}  // namespace mpinmf::io
