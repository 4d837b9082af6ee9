#include "corpus_arguments.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "mpinmf/error.hpp"
#include "text/encoding.hpp"

namespace mpinmf::cli {
namespace {

using text::CorpusOptions;

void set_encoding(CorpusOptions& options, const std::string& name) {
  static_cast<void>(text::encoding_of(name));
  options.encoding = name;
}

void set_strip(CorpusOptions& options, const std::string& names) {
  constexpr std::array<std::pair<const char*, bool text::Strip::*>, 3> parts{
      {{"headers", &text::Strip::headers}, {"footers", &text::Strip::footers}, {"quotes", &text::Strip::quotes}}};
  options.strip = {};
  if (names == "none") return;
  for (const std::string& name : CLI::detail::split(names, ',')) {
    bool is_known = false;
    for (const auto& [part, member] : parts) {
      if (name != part) continue;
      options.strip.*member = true;
      is_known = true;
    }
    if (!is_known) {
      throw UsageError(
          fmt::format("--strip takes out headers, footers, quotes, several with commas, or none; not '{}'", name));
    }
  }
}

struct CorpusOption {
  const char* spellings;  ///< its long name first
  const char* help;
  void (*set)(CorpusOptions& options, const std::string& value);
};

constexpr std::array<CorpusOption, 5> options_of_corpus{{
    {"--field,--column",
     "the field of a JSON object, or the column of a table, that holds the text; default: text",
     [](CorpusOptions& options, const std::string& name) { options.field = name; }},
    {"--label,--target",
     "the field or column of the label; without it documents of a folder tree have their folder's name, others "
     "none",
     [](CorpusOptions& options, const std::string& name) { options.label = name; }},
    {"--id", "the field or column of the document's name; default: the file's path in the folder, or FILE:LINE",
     [](CorpusOptions& options, const std::string& name) { options.id = name; }},
    {"--encoding",
     "utf-8 (default), utf-16 (known by its mark, too) or latin-1; bad bytes become U+FFFD, are counted, "
     "and the first place is named",
     set_encoding},
    {"--strip,--remove",
     "take headers, footers, quotes out of news posts as scikit-learn's fetch_20newsgroups(remove=...) does: one "
     "or several with commas, or none",
     set_strip},
}};

std::string long_name_of(const CorpusOption& option) {
  const std::string spellings = option.spellings;
  return spellings.substr(0, spellings.find(','));
}

}  // namespace

void add_corpus(CLI::App& app, CorpusArguments& arguments) {
  app.add_option(
         "CORPUS", arguments.paths,
         "files and folders, also gzip'd: a folder tree with one document a file (its folder's name is the "
         "label), JSON lines, CSV or TSV with a header row, or one document a line")
      ->required();
  add_corpus_fields(app, arguments);
}

void add_corpus_fields(CLI::App& app, CorpusArguments& arguments) {
  for (const CorpusOption& option : options_of_corpus) {
    app.add_option_function<std::string>(
        option.spellings,
        [&typed = arguments.typed, name = long_name_of(option)](const std::string& value) { typed[name] = value; },
        option.help);
  }
}

text::CorpusOptions corpus_options(const CorpusArguments& arguments, const text::CorpusOptions& otherwise) {
  CorpusOptions options = otherwise;
  options.paths = arguments.paths;
  for (const CorpusOption& option : options_of_corpus) {
    const auto typed = arguments.typed.find(long_name_of(option));
    if (typed != arguments.typed.end()) option.set(options, typed->second);
  }
  return options;
}

}  // namespace mpinmf::cli
