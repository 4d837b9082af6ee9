#include "analyzer.hpp"

#include <fmt/format.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "mpinmf/error.hpp"
#include "term_filter.hpp"
#include "term_hash.hpp"
#include "token_pattern.hpp"

namespace mpinmf::text {
namespace {

enum class ByteKind : unsigned char { other, word, lead };  // lead: of a character beyond ASCII

constexpr bool is_ascii_word(int c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr auto byte_kinds = [] {
  std::array<ByteKind, 256> kinds = {};
  for (int c = 0; c < 256; ++c) {
    kinds[static_cast<std::size_t>(c)] = c >= 0x80          ? ByteKind::lead
                                         : is_ascii_word(c) ? ByteKind::word
                                                            : ByteKind::other;
  }
  return kinds;
}();

/// Python's str.isalnum: all of its letters and numbers are of these categories, and nothing else is (tried for
/// every code point with Python 3.11).
bool is_word(UChar32 c) {
  return c >= 0 && (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

/// Which of the 64 bytes from `at` on are ASCII word characters, a bit each, the lowest for the first. Those
/// behind the text's end count as none.
std::uint64_t word_bits(std::string_view text, std::size_t at) {
  constexpr std::size_t size = 64;
  std::array<char, size> tail;
  const char* bytes = text.data() + at;
  if (text.size() - at < size) {
    tail.fill(' ');
    text.copy(tail.data(), size, at);
    bytes = tail.data();
  }
  std::array<unsigned char, size> is_word;  // 0 or 1
  for (std::size_t i = 0; i < size; ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const bool is_letter = static_cast<unsigned char>((c | 0x20) - 'a') < 26;
    const bool is_digit = static_cast<unsigned char>(c - '0') < 10;
    is_word[i] = static_cast<unsigned char>(is_letter | is_digit | (c == '_'));  // without branches
  }
  // each product moves one of eight bits to its place in the highest byte
  constexpr std::uint64_t place =
      std::endian::native == std::endian::little ? 0x0102040810204080ULL : 0x8040201008040201ULL;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, is_word.data() + i, sizeof eight);
    bits |= (eight * place >> 56) << i;
  }
  return bits;
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return all < 0x80;
}

/// Behind the word characters that `text` has from `at` on; adds their number to `characters`.
std::size_t end_of_word(std::string_view text, std::size_t at, std::size_t& characters) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  while (at < text.size()) {
    const ByteKind kind = byte_kinds[bytes[at]];
    if (kind == ByteKind::other) return at;
    std::size_t next = at + 1;
    if (kind == ByteKind::lead) {
      UChar32 c = 0;
      next = at;
      U8_NEXT(bytes, next, text.size(), c);
      if (!is_word(c)) return at;
    }
    ++characters;
    at = next;
  }
  return at;
}

/// Behind the character at `at`, which is no word character.
std::size_t behind_character(std::string_view text, std::size_t at) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (byte_kinds[bytes[at]] == ByteKind::lead)
    U8_FWD_1(bytes, at, text.size());
  else
    ++at;
  return at;
}

/// ASCII letters to lower case. Returns whether all of the text is ASCII.
bool lower_ascii(std::string_view text, char* out) {
  unsigned char all = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    all = static_cast<unsigned char>(all | c);
    const bool is_upper = static_cast<unsigned char>(c - 'A') < 26;
    out[i] = static_cast<char>(is_upper ? c + 32 : c);
  }
  return all < 0x80;
}

}  // namespace

struct Analyzer::State {
  explicit State(AnalyzerOptions asked) : options(std::move(asked)), stop_words(options.stop_words) {
    if (options.shortest < 1 || options.longest < options.shortest) {
      throw UsageError(fmt::format("--ngram-range {},{}: must be two numbers from 1 on, the smaller one first",
                                   options.shortest, options.longest));
    }
    if (options.token_pattern != default_token_pattern) pattern.emplace(options.token_pattern);
    UErrorCode error = U_ZERO_ERROR;
    case_map.reset(ucasemap_open("", 0, &error));
    if (U_FAILURE(error) != 0) throw SystemError(fmt::format("ICU does not start: {}", u_errorName(error)));
  }

  std::string_view lower(std::string_view text);
  /// @pre all of it is ASCII
  void cut_ascii_words(std::string_view text);
  void cut_words(std::string_view text);
  void cut_by_pattern(std::string_view text);
  void join();
  void add(std::string_view text, std::size_t begin, std::size_t end) {
    if (count == tokens.size()) tokens.resize(2 * count + 64);
    const std::string_view token = text.substr(begin, end - begin);
    tokens[count] = {token, term_hash(token, text.size() - begin)};
    count += stop_words.has(tokens[count]) ? 0 : 1;
  }

  struct Close {
    void operator()(UCaseMap* map) const { ucasemap_close(map); }
  };

  AnalyzerOptions options;
  std::optional<TokenPattern> pattern;
  TermFilter stop_words;
  std::unique_ptr<UCaseMap, Close> case_map;
  std::string lowered, found, joined;
  std::vector<Term> tokens;  // the first `count`
  std::size_t count = 0;
  std::vector<Term> terms;
};

std::string_view Analyzer::State::lower(std::string_view text) {
  if (lowered.size() < text.size()) lowered.resize(text.size());
  if (lower_ascii(text, lowered.data())) return std::string_view(lowered).substr(0, text.size());
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    const std::int32_t size =
        ucasemap_utf8ToLower(case_map.get(), lowered.data(), static_cast<std::int32_t>(lowered.size()),
                             text.data(), static_cast<std::int32_t>(text.size()), &error);
    if (U_SUCCESS(error) != 0) return std::string_view(lowered).substr(0, static_cast<std::size_t>(size));
    if (error != U_BUFFER_OVERFLOW_ERROR) {
      throw BadData(fmt::format("a text of {} bytes cannot be lower-cased: {}", text.size(), u_errorName(error)));
    }
    lowered.resize(static_cast<std::size_t>(size));
  }
}

void Analyzer::State::cut_ascii_words(std::string_view text) {
  std::size_t begin = 0;
  bool is_inside = false;
  for (std::size_t block = 0; block < text.size(); block += 64) {
    const std::uint64_t word = word_bits(text, block);
    for (std::uint64_t turns = word ^ (word << 1 | (is_inside ? 1 : 0)); turns != 0; turns &= turns - 1) {
      const std::size_t at = block + static_cast<std::size_t>(std::countr_zero(turns));
      if (!is_inside) {
        begin = at;
      } else if (at - begin >= 2) {
        add(text, begin, at);
      }
      is_inside = !is_inside;
    }
  }
  if (is_inside && text.size() - begin >= 2) add(text, begin, text.size());
}

void Analyzer::State::cut_words(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t characters = 0;
    const std::size_t end = end_of_word(text, at, characters);
    if (characters >= 2) add(text, at, end);
    at = end < text.size() ? behind_character(text, end) : end;
  }
}

void Analyzer::State::cut_by_pattern(std::string_view text) {
  found.clear();
  std::vector<std::size_t> ends;
  pattern->find_all(text, [&](std::string_view token) {
    found += token;
    ends.push_back(found.size());
  });
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    add(found, begin, end);
    begin = end;
  }
}

/// The n-grams of the tokens.
void Analyzer::State::join() {
  terms.clear();
  if (options.shortest == 1) terms.assign(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
  joined.clear();
  std::vector<std::size_t> ends;
  for (auto n = static_cast<std::size_t>(std::max(options.shortest, 2));
       n <= static_cast<std::size_t>(options.longest) && n <= count; ++n) {
    for (std::size_t first = 0; first + n <= count; ++first) {
      for (std::size_t i = first; i < first + n; ++i) {
        if (i > first) joined += ' ';
        joined += tokens[i].text;
      }
      ends.push_back(joined.size());
    }
  }
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const std::string_view term = std::string_view(joined).substr(begin, end - begin);
    terms.push_back({term, term_hash(term)});
    begin = end;
  }
}

Analyzer::Analyzer(AnalyzerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Analyzer::~Analyzer() = default;
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;

std::span<const Term> Analyzer::tokens(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw BadData(
        fmt::format("a document has {} bytes, but 2^31 - 1 at most can be one text; cut it", text.size()));
  }
  State& s = *state_;
  s.count = 0;
  const std::string_view cased = s.options.lowercase ? s.lower(text) : text;
  if (s.pattern) {
    s.cut_by_pattern(cased);
  } else if (is_ascii(cased)) {
    s.cut_ascii_words(cased);
  } else {
    s.cut_words(cased);
  }
  return std::span(s.tokens).first(s.count);
}

std::span<const Term> Analyzer::terms(std::string_view text) {
  const std::span<const Term> tokens = this->tokens(text);
  if (state_->options.longest == 1) return tokens;
  state_->join();
  return state_->terms;
}

const AnalyzerOptions& Analyzer::options() const {
  return state_->options;
}

}  // namespace mpinmf::text
