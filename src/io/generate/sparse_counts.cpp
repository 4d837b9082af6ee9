// Counts as of words in documents: rows of very different lengths, columns of very different weights, topics.
//
// Row i is a text of tokens. Half of them come from a vocabulary common to all rows, the others from three topics
// of the row. A vocabulary is a Zipf-Mandelbrot law over ranks, and an affine permutation of its own that says
// which column has which rank, so that nothing as long as a row of V is stored. Tokens are drawn until the row has
// as many distinct columns as a log-normal law wants; the entry is how often its column was drawn.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "generators.hpp"
#include "kernels/philox.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf::io {
namespace {

constexpr double length_sigma = 0.6;   // of the logarithm of a row's length
constexpr double zipf_shift = 2.7;     // Mandelbrot's, for English
constexpr std::size_t row_topics = 3;  // a row's own vocabularies
constexpr double common_share = 0.5;   // of the tokens of a row; its topics have .6, .3 and .1 of the rest
constexpr double first_share = common_share + 0.6 * (1 - common_share);
constexpr double second_share = first_share + 0.3 * (1 - common_share);
constexpr std::size_t batch_entries = std::size_t{1} << 14;

/// rank -> column, one to one.
struct Vocabulary {
  Index factor, shift;  // factor has no divisor in common with the number of columns
};

/// The law of the matrix.
class Counts {
 public:
  explicit Counts(const GeneratorSettings& settings);

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  /// The expected number of entries; a row that is nearly full, or whose columns are too hard to find, has fewer.
  double expected_entries() const { return mean_length_ * static_cast<double>(rows_); }
  /// How many distinct columns row i should have; it has fewer only where they are too hard to find.
  Index wanted_length(Index i) const;
  /// Calls take(column) for each token of row i until it returns false, at most `limit` times.
  template <class F>
  void draw_tokens(Index i, Index limit, F&& take) const;

 private:
  Vocabulary make_vocabulary(Index topic) const;
  ColumnIndex column(const Vocabulary& vocabulary, std::uint64_t word) const;

  Index rows_, columns_;
  double mean_length_;
  std::uint64_t key_;
  double log_range_;  // of the continuous Zipf law
  Vocabulary common_;
  std::vector<Vocabulary> vocabularies_;  // of the topics
};

Counts::Counts(const GeneratorSettings& settings)
    : rows_(settings.count("rows")),
      columns_(settings.count("columns", GeneratorSettings::greatest_columns)),
      key_(settings.seed().key()),
      log_range_(std::log1p(static_cast<double>(columns_) / zipf_shift)) {
  constexpr Index most_topics = 1000000;  // 16 bytes each on every rank
  const auto entries = static_cast<double>(rows_) * static_cast<double>(columns_);
  if (settings.has("nonzeros") && settings.has("density")) {
    throw UsageError(fmt::format("{}: give density or nonzeros, not both", settings.text()));
  }
  const double density = settings.number_or("density", 0.01, 0, 1);
  mean_length_ = settings.number_or("nonzeros", density * entries, 0, entries) / static_cast<double>(rows_);
  const Index topics = settings.has("rank") ? settings.count("rank", most_topics) : 50;
  common_ = make_vocabulary(topics);
  for (Index topic = 0; topic < topics; ++topic) vocabularies_.push_back(make_vocabulary(topic));
}

Vocabulary Counts::make_vocabulary(Index topic) const {
  const auto words = random_words(key_, Stream::counts_topic, topic, 0);
  const auto columns = static_cast<std::uint64_t>(columns_);
  Vocabulary vocabulary{static_cast<Index>(words[0] % columns), static_cast<Index>(words[1] % columns)};
  while (std::gcd(vocabulary.factor, columns_) != 1) vocabulary.factor = (vocabulary.factor + 1) % columns_;
  return vocabulary;
}

ColumnIndex Counts::column(const Vocabulary& vocabulary, std::uint64_t word) const {
  // the inverse of log(1 + x / shift) / log(1 + n / shift), the distribution of a density 1 / (x + shift) on [0,
  // n)
  const double x = zipf_shift * std::expm1(unit_interval(word) * log_range_);
  const Index rank = std::min(static_cast<Index>(x), columns_ - 1);
  return static_cast<ColumnIndex>((rank * vocabulary.factor + vocabulary.shift) % columns_);
}

Index Counts::wanted_length(Index i) const {
  const auto words = random_words(key_, Stream::counts_row, i, 0);
  // log-normal with mean 1
  const double factor = std::exp(length_sigma * normals(words)[0] - length_sigma * length_sigma / 2);
  // rounded up or down by chance, so that short rows keep their mean
  const double length = std::floor(mean_length_ * factor + unit_interval(words[2]));
  return static_cast<Index>(std::min(length, static_cast<double>(columns_)));
}

template <class F>
void Counts::draw_tokens(Index i, Index limit, F&& take) const {
  const auto own = random_words(key_, Stream::counts_row, i, 1);
  std::array<Vocabulary, row_topics> topics;
  for (std::size_t t = 0; t < row_topics; ++t) topics[t] = vocabularies_[own[t] % vocabularies_.size()];
  for (Index token = 0; token < limit; token += 2) {
    const auto words = random_words(key_, Stream::counts_token, i, token / 2);
    for (std::size_t w = 0; w < 4; w += 2) {
      const double share = unit_interval(words[w]);
      const Vocabulary& vocabulary = share < common_share   ? common_
                                     : share < first_share  ? topics[0]
                                     : share < second_share ? topics[1]
                                                            : topics[2];
      if (!take(column(vocabulary, words[w + 1]))) return;
    }
  }
}

/// Makes one row at a time; counts in a hash table of the row's own size.
class RowMaker {
 public:
  explicit RowMaker(const Counts& counts) : counts_(counts) {}

  /// The number of distinct columns of row i.
  Index length(Index i) {
    draw(i);
    return static_cast<Index>(used_.size());
  }
  /// Appends row i, columns ascending.
  void append(Index i, std::vector<Entry>& entries) {
    draw(i);
    const auto begin = static_cast<std::ptrdiff_t>(entries.size());
    for (std::size_t slot : used_)
      entries.push_back({i, slots_[slot].column, static_cast<double>(slots_[slot].count)});
    std::sort(entries.begin() + begin, entries.end(),
              [](const Entry& a, const Entry& b) { return a.column < b.column; });
  }

 private:
  struct Slot {
    ColumnIndex column = 0;
    std::int32_t count = 0;
  };

  void draw(Index i) {
    const Index wanted = counts_.wanted_length(i);
    clear(static_cast<std::size_t>(wanted));
    if (wanted == 0) return;
    // where the columns that are left are rare, do not search for ever
    const Index limit = 8 * wanted + 64;
    counts_.draw_tokens(i, limit, [&](ColumnIndex column) {
      count(column);
      return static_cast<Index>(used_.size()) < wanted;
    });
  }
  void clear(std::size_t wanted) {
    for (std::size_t slot : used_) slots_[slot] = Slot();
    used_.clear();
    while (slots_.size() < 2 * wanted) {  // at most half full
      slots_.assign(2 * slots_.size(), Slot());
      --shift_;
    }
  }
  void count(ColumnIndex column) {
    constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15U;  // Knuth's multiplicative hash
    std::size_t slot = static_cast<std::size_t>(static_cast<std::uint64_t>(column) * golden_ratio >> shift_);
    while (slots_[slot].count != 0 && slots_[slot].column != column) slot = (slot + 1) & (slots_.size() - 1);
    if (slots_[slot].count++ == 0) {
      slots_[slot].column = column;
      used_.push_back(slot);
    }
  }

  const Counts& counts_;
  std::vector<Slot> slots_ = std::vector<Slot>(2);  // a power of two, 2^(64 - shift)
  int shift_ = 63;
  std::vector<std::size_t> used_;
};

class SparseCounts : public SparseRows {
 public:
  explicit SparseCounts(const Counts& counts) : counts_(counts), maker_(counts_) {}
  SparseCounts(const SparseCounts&) = delete;
  SparseCounts& operator=(const SparseCounts&) = delete;

  void lengths(Index first, std::span<Index> lengths) override {
    for (Index& length : lengths) length = maker_.length(first++);
  }
  void read(Index first, Index count, const std::function<void(std::span<const Entry>)>& take) override {
    batch_.clear();
    for (Index i = first; i < first + count; ++i) {
      maker_.append(i, batch_);
      if (batch_.size() < batch_entries && i + 1 < first + count) continue;
      take(batch_);
      batch_.clear();
    }
  }

 private:
  Counts counts_;
  RowMaker maker_;
  std::vector<Entry> batch_;
};

/// The same entries with row and column exchanged.
class TransposedCounts : public EntryStream {
 public:
  explicit TransposedCounts(const Counts& counts) : rows_(counts.rows()), source_(counts) {}

  void read_all(const std::function<void(std::span<const Entry>)>& take) override {
    std::vector<Entry> turned;
    source_.read(0, rows_, [&](std::span<const Entry> entries) {
      turned.clear();
      for (const Entry& entry : entries) turned.push_back({entry.column, entry.row, entry.value});
      take(turned);
    });
  }

 private:
  Index rows_;
  SparseCounts source_;
};

Source open_sparse_counts(const GeneratorSettings& settings, bool transpose) {
  const Counts counts(settings);
  constexpr Index most_columns = GeneratorSettings::greatest_columns;
  if (transpose && counts.rows() > most_columns) {
    throw UsageError(fmt::format("{}: transposed it has {} columns; sparse matrices have at most {}",
                                 settings.text(), counts.rows(), most_columns));
  }
  MatrixHeader header = generated_header(settings, counts.rows(), counts.columns(), transpose);
  header.sparse = true;
  header.stored = std::min(header.stored, static_cast<Index>(std::round(counts.expected_entries())));
  if (transpose) return {settings.text(), header, std::make_unique<TransposedCounts>(counts)};
  return {settings.text(), header, std::make_unique<SparseCounts>(counts)};
}

}  // namespace

template <class Row>
Row generator_row(GeneratorFile<struct SparseCountsGenerator>) {
  return {{"sparse-counts", "rows=M,columns=N,density=0.01 (or nonzeros=Z),rank=50,seed=0",
           "sparse word counts: log-normal row lengths, Zipf-distributed columns, topics"},
          {"rows", "columns", "density", "nonzeros", "rank", "seed"},
          open_sparse_counts,
          {}};
}
template Generator generator_row(GeneratorFile<struct SparseCountsGenerator>);

}  // namespace mpinmf::io
