#include "vectorizer_record.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "corpus_folder.hpp"
#include "stop_words.hpp"

namespace mpinmf::text {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const CorpusOptions& corpus) {
  Json paths = Json::array();
  for (const std::string& path : corpus.paths) {
    std::error_code error;
    const auto whole = std::filesystem::absolute(path, error).lexically_normal();
    paths.push_back(error ? path : whole.string());
  }
  return {
      {"paths", paths},
      {"field", corpus.field},
      {"label", corpus.label},
      {"id", corpus.id},
      {"encoding", corpus.encoding},
      {"strip",
       {{"headers", corpus.strip.headers}, {"footers", corpus.strip.footers}, {"quotes", corpus.strip.quotes}}}};
}

CorpusOptions corpus_of(const Json& json) {
  CorpusOptions corpus;
  corpus.paths = json.at("paths").get<std::vector<std::string>>();
  corpus.field = json.at("field");
  corpus.label = json.at("label");
  corpus.id = json.at("id");
  corpus.encoding = json.at("encoding");
  const Json& strip = json.at("strip");
  corpus.strip = {strip.at("headers"), strip.at("footers"), strip.at("quotes")};
  return corpus;
}

Json json_of(const DocumentBound& bound) {
  return bound.is_share ? Json(bound.value) : Json(static_cast<Index>(bound.value));
}
/// As in Python, 1.0 is a share and 1 a number.
DocumentBound bound_of(const Json& json) {
  return {json.get<double>(), json.is_number_float()};
}

/// They are kept: the file may be gone later.
bool has_own_words(const VectorizerOptions& options) {
  return options.stop_words != "english" && options.stop_words != "none";
}

Json json_of(const VectorizerOptions& options) {
  const TfidfOptions tfidf = options.tfidf.value_or(TfidfOptions());
  const SelectionOptions& selection = options.selection;
  return {{"lowercase", options.lowercase},
          {"token_pattern", options.token_pattern},
          {"stop_words", options.stop_words},
          {"words", has_own_words(options) ? options.words : std::vector<std::string>()},
          {"ngram_range", {options.shortest, options.longest}},
          {"min_df", json_of(selection.min_df)},
          {"max_df", json_of(selection.max_df)},
          {"max_features", selection.max_features ? Json(*selection.max_features) : Json()},
          {"binary", options.binary},
          {"vocabulary", options.vocabulary.empty() ? Json() : Json(options.vocabulary)},
          {"model", options.model.empty() ? Json() : Json(options.model)},
          {"tfidf", options.tfidf.has_value()},
          {"smooth_idf", tfidf.smooth_idf},
          {"sublinear_tf", tfidf.sublinear_tf},
          {"norm", name_of(tfidf.norm)},
          {"prune", options.prune}};
}

VectorizerOptions options_of(const Json& json) {
  VectorizerOptions options;
  options.lowercase = json.at("lowercase");
  options.token_pattern = json.at("token_pattern");
  options.stop_words = json.at("stop_words");
  options.words =
      has_own_words(options) ? json.at("words").get<std::vector<std::string>>() : stop_words(options.stop_words);
  options.shortest = json.at("ngram_range").at(0);
  options.longest = json.at("ngram_range").at(1);
  options.selection.min_df = bound_of(json.at("min_df"));
  options.selection.max_df = bound_of(json.at("max_df"));
  if (!json.at("max_features").is_null()) options.selection.max_features = json.at("max_features").get<Index>();
  options.binary = json.at("binary");
  if (json.at("tfidf").get<bool>()) {
    options.tfidf = {json.at("smooth_idf"), json.at("sublinear_tf"), norm_named(json.at("norm"))};
  }
  options.prune = json.at("prune");
  return options;
}

Json json_of(const Tie& tie) {
  return {{"count", tie.count},
          {"kept", tie.kept},
          {"left_out", tie.left_out},
          {"last_kept", tie.kept_terms},
          {"first_left_out", tie.left_out_terms}};
}

/// Calls `take` with the record in `folder`. Throws SystemError, BadData.
template <class Take>
void read_record(const std::string& folder, const Take& take) {
  const std::string path = folder + "/" + record_file;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    throw SystemError(fmt::format("{}: cannot read it; --model is the --output of mpinmf vectorize", path));
  }
  try {
    take(Json::parse(text.str()));
  } catch (const nlohmann::json::exception& error) {
    throw BadData(fmt::format("{}: is not what mpinmf vectorize writes: {}", path, error.what()));
  }
}

}  // namespace

std::string vectorizer_record(const CorpusOptions& corpus, const VectorizerOptions& options,
                              const VectorizerReport& report) {
  const BadBytes& bad = report.bad_bytes;
  const Json json = {{"command", "vectorize"},
                     {"mpinmf", MPINMF_VERSION},
                     {"corpus", json_of(corpus)},
                     {"options", json_of(options)},
                     {"documents", report.documents},
                     {"terms", report.terms},
                     {"stored", report.stored},
                     {"tokens", report.tokens},
                     {"text_bytes", report.text_bytes},
                     {"distinct_terms", report.distinct},
                     {"too_rare", report.too_rare},
                     {"too_common", report.too_common},
                     {"pruned", report.pruned},
                     {"empty_documents", report.empty_documents},
                     {"tie", report.tie ? json_of(*report.tie) : Json()},
                     {"bad_bytes", {{"count", bad.count}, {"documents", bad.documents}, {"first", bad.first}}},
                     {"notes", report.notes}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

FittedVectorizer load_vectorizer(const std::string& folder) {
  FittedVectorizer fitted;
  read_record(folder, [&](const Json& json) {
    fitted = {corpus_of(json.at("corpus")), options_of(json.at("options"))};
  });
  fitted.options.model = folder;
  return fitted;
}

bool is_record_of(const std::string& folder, const CorpusOptions& corpus, const VectorizerOptions& options) {
  bool is_same = false;
  read_record(folder, [&](const Json& json) {
    is_same = json.at("corpus") == json_of(corpus) && json.at("options") == json_of(options);
  });
  return is_same;
}

}  // namespace mpinmf::text
