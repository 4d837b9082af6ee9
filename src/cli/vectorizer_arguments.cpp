#include "vectorizer_arguments.hpp"

#include <fmt/format.h>

#include <charconv>

#include "cli/sizes.hpp"
#include "mpinmf/error.hpp"
#include "text/stop_words.hpp"

namespace mpinmf::cli {
namespace {

using text::DocumentBound;
using text::VectorizerOptions;

enum class Takes { text, yes_or_no, nothing };

struct VectorizerRow {
  const char *name, *alias;  ///< ours, and scikit-learn's where it is another
  Takes takes;
  const char *default_text, *help;
  void (*set)(VectorizerOptions& options, const std::string& text);
};

DocumentBound bound_of(const std::string& option, const std::string& text) {
  if (text.find('.') == std::string::npos) {
    return {static_cast<double>(parse_count(option, text, 0)), false};
  }
  double share = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (error != std::errc() || end != text.data() + text.size() || !(share >= 0 && share <= 1)) {
    throw UsageError(fmt::format(
        "{} {}: must be a number of documents, or a share of them from 0.0 to 1.0 (1 is one document, 1.0 is all)",
        option, text));
  }
  return {share, true};
}

void set_ngram_range(VectorizerOptions& options, const std::string& text) {
  const std::size_t comma = text.find(',');
  const auto first = whole_number_in(text.substr(0, comma));
  const auto last = comma == std::string::npos ? first : whole_number_in(text.substr(comma + 1));
  constexpr Index most = 100;
  if (!first || !last || *first < 1 || *last < *first || *last > most) {
    throw UsageError(fmt::format(
        "--ngram-range {}: must be two numbers from 1 to {}, such as 1,2, the smaller one first", text, most));
  }
  options.shortest = static_cast<int>(*first);
  options.longest = static_cast<int>(*last);
}

text::TfidfOptions& tfidf_of(VectorizerOptions& options, const char* option) {
  if (!options.tfidf) throw UsageError(fmt::format("{} is for --tfidf, which is not given", option));
  return *options.tfidf;
}

bool is_yes(const std::string& text) {
  return text == "yes";
}

/// --tfidf stands before what refines it.
constexpr VectorizerRow rows[] = {
    {"--lowercase", nullptr, Takes::yes_or_no, "yes", "lower-case texts first",
     [](VectorizerOptions& o, const std::string& text) { o.lowercase = is_yes(text); }},
    {"--token-pattern", "--token_pattern", Takes::text, "(?u)\\b\\w\\w+\\b",
     "the regular expression of a token; if it has a group, the token is what the group holds",
     [](VectorizerOptions& o, const std::string& text) { o.token_pattern = text; }},
    {"--stop-words", "--stop_words", Takes::text, "none",
     "words to leave out: english (scikit-learn's list), none, or a file with one a line",
     [](VectorizerOptions& o, const std::string& text) { o.stop_words = text; }},
    {"--ngram-range", "--ngram_range", Takes::text, "1,1",
     "how many tokens that follow each other make a term: 1,2 takes single tokens and pairs", set_ngram_range},
    {"--min-df", "--min_df", Takes::text, "1",
     "leave out terms in fewer documents: a number of them, or a share (0.01)",
     [](VectorizerOptions& o, const std::string& text) { o.selection.min_df = bound_of("--min-df", text); }},
    {"--max-df", "--max_df", Takes::text, "1.0", "leave out terms in more documents: a number, or a share (0.5)",
     [](VectorizerOptions& o, const std::string& text) { o.selection.max_df = bound_of("--max-df", text); }},
    {"--max-features", "--max_features", Takes::text, "",
     "keep so many terms, those that occur most in all documents; default: all",
     [](VectorizerOptions& o, const std::string& text) {
       o.selection.max_features = parse_count("--max-features", text, 1);
     }},
    {"--vocabulary", nullptr, Takes::text, "",
     "a file with the terms of the columns, one a line; others are not counted",
     [](VectorizerOptions& o, const std::string& text) { o.vocabulary = text; }},
    {"--binary", nullptr, Takes::nothing, "", "1 for every term that a document has, however often",
     [](VectorizerOptions& o, const std::string&) { o.binary = true; }},
    {"--tfidf", nullptr, Takes::nothing, "",
     "weigh counts by how rare their terms are, as scikit-learn's TfidfVectorizer",
     [](VectorizerOptions& o, const std::string&) { o.tfidf = o.tfidf.value_or(text::TfidfOptions()); }},
    {"--smooth-idf", "--smooth_idf", Takes::yes_or_no, "yes",
     "with --tfidf: as if one more document had every term, ln((1 + documents) / (1 + documents with it)) + 1",
     [](VectorizerOptions& o, const std::string& text) { tfidf_of(o, "--smooth-idf").smooth_idf = is_yes(text); }},
    {"--sublinear-tf", "--sublinear_tf", Takes::nothing, "", "with --tfidf: ln(count) + 1 instead of the count",
     [](VectorizerOptions& o, const std::string&) { tfidf_of(o, "--sublinear-tf").sublinear_tf = true; }},
    {"--norm", nullptr, Takes::text, "l2", "with --tfidf: make the norm of each row 1: l1, l2 or none",
     [](VectorizerOptions& o, const std::string& text) { tfidf_of(o, "--norm").norm = text::norm_named(text); }},
    {"--prune", nullptr, Takes::text, "",
     "keep no more than so many distinct terms while counting, on all ranks together: those in the fewest "
     "documents "
     "are dropped, and it is said; default: all",
     [](VectorizerOptions& o, const std::string& text) { o.prune = parse_count("--prune", text, 1); }},
};

/// Calls take(row, text) for each option that was typed, in the order of the table.
template <class Take>
void for_each_typed(const VectorizerArguments& arguments, Take&& take) {
  for (const VectorizerRow& row : rows) {
    const auto typed = arguments.typed.find(row.name);
    if (typed != arguments.typed.end()) take(row, typed->second);
  }
}

}  // namespace

void add_vectorizer(CLI::App& app, VectorizerArguments& arguments) {
  for (const VectorizerRow& row : rows) {
    const std::string spellings = row.alias == nullptr ? row.name : fmt::format("{},{}", row.name, row.alias);
    const std::function<void(const std::string&)> keep =
        [&typed = arguments.typed, name = row.name](const std::string& text) { typed[name] = text; };
    if (row.takes == Takes::nothing) {
      app.add_flag_function(
          spellings, [keep](std::int64_t) { keep("yes"); }, row.help);
      continue;
    }
    CLI::Option* const option = app.add_option_function(spellings, keep, row.help)->default_str(row.default_text);
    if (row.takes == Takes::yes_or_no) option->check(CLI::IsMember({"yes", "no"}));
  }
}

VectorizerOptions vectorizer_options(const VectorizerArguments& arguments) {
  VectorizerOptions options;
  for_each_typed(arguments, [&](const VectorizerRow& row, const std::string& text) { row.set(options, text); });
  return options;
}

VectorizerOptions read_vectorizer_options(const VectorizerArguments& arguments) {
  VectorizerOptions options = vectorizer_options(arguments);
  options.words = text::stop_words(options.stop_words);
  return options;
}

void require_same_options(const VectorizerArguments& arguments, const VectorizerOptions& model) {
  for_each_typed(arguments, [&](const VectorizerRow& row, const std::string& text) {
    VectorizerOptions asked = model;
    row.set(asked, text);
    asked.words = asked.stop_words == model.stop_words ? model.words : text::stop_words(asked.stop_words);
    asked.stop_words = model.stop_words;
    if (asked == model) return;
    throw UsageError(
        fmt::format("{} {} is not what {} was made with; leave it out: documents are counted as the model's were",
                    row.name, row.takes == Takes::nothing ? "" : text, model.model));
  });
}

}  // namespace mpinmf::cli
