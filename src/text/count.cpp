#include "count.hpp"

#include <algorithm>
#include <numeric>

#include "term_hash.hpp"

namespace mpinmf::text {
namespace {

/// How often each number occurs in a document.
class DocumentCounter {
 public:
  /// @pre all below `size`
  void add(std::span<const std::uint32_t> numbers, std::size_t size) {
    if (counts_.size() < size) counts_.resize(std::max(size, 2 * counts_.size()));
    if (seen_.size() < distinct_ + numbers.size()) seen_.resize(distinct_ + numbers.size());
    // whether a term is new is hard to foretell: no branch
    for (const std::uint32_t number : numbers) {
      seen_[distinct_] = number;
      distinct_ += counts_[number]++ == 0 ? 1 : 0;
    }
  }
  std::size_t distinct() const { return distinct_; }
  /// Calls take(number, count) for each and forgets it.
  template <class Take>
  void take_all(bool binary, Take&& take) {
    for (const std::uint32_t number : std::span(seen_).first(distinct_)) {
      take(number, binary ? 1U : counts_[number]);
      counts_[number] = 0;
    }
    distinct_ = 0;
  }
  void forget_numbers() { counts_.clear(); }

 private:
  std::vector<std::uint32_t> counts_, seen_;  // by number; of the first distinct_ only
  std::size_t distinct_ = 0;
};

/// Documents and terms between two exchanges. Terms have numbers of their own.
class Round {
 public:
  explicit Round(const CountOptions& options) : options_(options) {}

  /// Puts the document into `rows`.
  void count(std::span<const Term> terms, CountedRows& rows) {
    terms_.insert(terms, numbers_);
    counter_.add(numbers_, terms_.size());
    news_.resize(terms_.size());
    ++documents_;
    pairs_ += static_cast<Index>(counter_.distinct());
    rows.begin_row(counter_.distinct());
    counter_.take_all(options_.binary, [&](std::uint32_t number, std::uint32_t count) {
      rows.add(number, count);
      news_[number].count += count;
      ++news_[number].documents;
    });
  }
  bool is_full() const {
    constexpr Index row_bytes = 8, pair_bytes = 8;  // about, of what is told about them
    return terms_.bytes() + documents_ * row_bytes + pairs_ * pair_bytes +
               static_cast<Index>(news_.size() * sizeof(TermNews)) >=
           options_.limits.round;
  }

  /// Tells the owners, and `rows` what the ids are. Collective.
  void finish(const Comm& comm, OwnedTerms& owned, CountedRows& rows);

 private:
  std::vector<std::uint64_t> exchange(const Comm& comm, OwnedTerms& owned) const;

  const CountOptions& options_;
  TermTable terms_;
  DocumentCounter counter_;
  std::vector<std::uint32_t> numbers_;  // of the terms of a document
  std::vector<TermNews> news_;          // by number
  Index documents_ = 0, pairs_ = 0;     // pairs of a document and a term
};

/// By owner, then by number: where each rank's terms begin, and the numbers.
struct ByOwner {
  std::vector<Index> terms, characters;  // of each rank
  std::vector<std::uint32_t> numbers;
};

ByOwner sort_by_owner(const TermTable& terms, int ranks) {
  ByOwner result{std::vector<Index>(static_cast<std::size_t>(ranks)),
                 std::vector<Index>(static_cast<std::size_t>(ranks)), std::vector<std::uint32_t>(terms.size())};
  for (std::uint32_t number = 0; number < terms.size(); ++number) {
    const auto owner = static_cast<std::size_t>(owner_of(terms[number].hash, ranks));
    ++result.terms[owner];
    result.characters[owner] += static_cast<Index>(terms[number].text.size());
  }
  std::vector<Index> next(static_cast<std::size_t>(ranks));
  std::exclusive_scan(result.terms.begin(), result.terms.end(), next.begin(), Index{0});
  for (std::uint32_t number = 0; number < terms.size(); ++number) {
    const auto owner = static_cast<std::size_t>(owner_of(terms[number].hash, ranks));
    result.numbers[static_cast<std::size_t>(next[owner]++)] = number;
  }
  return result;
}

/// The terms whose texts follow each other.
std::vector<Term> cut_terms(std::string_view texts, std::span<const TermNews> news) {
  std::vector<Term> terms;
  terms.reserve(news.size());
  for (const TermNews& one : news) {
    const std::string_view text = texts.substr(0, one.length);
    texts.remove_prefix(one.length);
    terms.push_back({text, term_hash(text)});
  }
  return terms;
}

/// The id of each number.
std::vector<std::uint64_t> Round::exchange(const Comm& comm, OwnedTerms& owned) const {
  const ByOwner sorted = sort_by_owner(terms_, comm.size());
  std::vector<TermNews> news;
  std::string characters;
  comm.meet([&] {
    news.reserve(sorted.numbers.size());
    characters.reserve(
        static_cast<std::size_t>(std::accumulate(sorted.characters.begin(), sorted.characters.end(), Index{0})));
    for (const std::uint32_t number : sorted.numbers) {
      const std::string_view text = terms_[number].text;
      news.push_back({static_cast<std::uint32_t>(text.size()), news_[number].documents, news_[number].count});
      characters += text;
    }
  });
  const Exchanged<TermNews> told = comm.exchange(std::span<const TermNews>(news), sorted.terms);
  const Exchanged<char> texts = comm.exchange(std::span<const char>(characters), sorted.characters);
  std::vector<std::uint64_t> answers;
  comm.meet([&] {
    const std::string_view text(texts.values.data(), texts.values.size());
    answers.reserve(told.values.size());
    for (const Index number : owned.add(cut_terms(text, told.values), told.values)) {
      answers.push_back(term_id(number, comm.rank(), comm.size()));
    }
    owned.prune();
  });
  const Exchanged<std::uint64_t> ids = comm.exchange(std::span<const std::uint64_t>(answers), told.counts);
  std::vector<std::uint64_t> of_number(sorted.numbers.size());
  for (std::size_t i = 0; i < sorted.numbers.size(); ++i) of_number[sorted.numbers[i]] = ids.values[i];
  return of_number;
}

void Round::finish(const Comm& comm, OwnedTerms& owned, CountedRows& rows) {
  const std::vector<std::uint64_t> ids = exchange(comm, owned);
  comm.meet([&] {
    rows.end_round(documents_, ids);
    terms_.clear();
    counter_.forget_numbers();
    news_.clear();
    documents_ = 0;
    pairs_ = 0;
  });
}

/// What all kinds of counting do with a document.
std::span<const Term> take_document(const Document& document, Analyzer& analyzer, CountedDocuments& counted) {
  const std::span<const Term> terms = analyzer.terms(document.text);
  ++counted.documents;
  counted.tokens += static_cast<Index>(terms.size());
  counted.text_bytes += static_cast<Index>(document.text.size());
  counted.names.add(document);
  return terms;
}

}  // namespace

CountedDocuments count_documents(const Comm& comm, const NextDocument& next, Analyzer& analyzer, OwnedTerms& owned,
                                 const CountOptions& options) {
  CountedDocuments counted(options);
  Round round(options);
  Document document;
  bool has_more = true;
  while (comm.sum(has_more ? Index{1} : Index{0}) > 0) {
    comm.meet([&] {
      while (has_more && !round.is_full()) {
        has_more = next(document);
        if (has_more) round.count(take_document(document, analyzer, counted), counted.rows);
      }
    });
    round.finish(comm, owned, counted.rows);
  }
  return counted;
}

CountedDocuments count_known_terms(const Comm& comm, const NextDocument& next, Analyzer& analyzer,
                                   const TermTable& vocabulary, std::span<Index> documents_with,
                                   const CountOptions& options) {
  CountedDocuments counted(options);
  comm.meet([&] {
    Document document;
    DocumentCounter counter;
    std::vector<std::uint32_t> numbers;
    while (next(document)) {
      numbers.clear();
      for (const Term& term : take_document(document, analyzer, counted)) {
        const std::uint32_t number = vocabulary.find(term);
        if (number != TermTable::none) numbers.push_back(number);
      }
      counter.add(numbers, vocabulary.size());
      counted.rows.begin_row(counter.distinct());
      counter.take_all(options.binary, [&](std::uint32_t number, std::uint32_t count) {
        counted.rows.add(number, count);
        ++documents_with[number];
      });
    }
    std::vector<std::uint64_t> ids(vocabulary.size());
    std::iota(ids.begin(), ids.end(), std::uint64_t{0});
    counted.rows.end_round(counted.documents, ids);
  });
  return counted;
}

}  // namespace mpinmf::text
