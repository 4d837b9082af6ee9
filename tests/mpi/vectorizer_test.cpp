// Vectorizers on any number of ranks, held to scikit-learn's (tests/reference/make_texts.py).
#include "text/vectorizer.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "contains.hpp"
#include "io/npy.hpp"
#include "mpi_support.hpp"
#include "shared_folder.hpp"
#include "text/stop_words.hpp"

using namespace mpinmf;
using namespace mpinmf::text;
using nlohmann::json;

namespace {

using Texts = std::vector<std::string>;

json texts_reference() {
  return json::parse(std::ifstream(std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/texts.json"));
}

/// This rank's share of the documents, some of which have labels.
NextDocument share_of(const Texts& all) {
  const auto ranks = static_cast<std::size_t>(world().size()), rank = static_cast<std::size_t>(world().rank());
  return
      [&all, at = all.size() * rank / ranks, end = all.size() * (rank + 1) / ranks](Document& document) mutable {
        if (at == end) return false;
        document = {"document " + std::to_string(at), at % 3 == 0 ? "third" : "", all[at]};
        ++at;
        return true;
      };
}

DocumentBound bound_in(const json& number) {
  return {number.get<double>(), number.is_number_float()};
}

VectorizerOptions options_in(const json& run, const std::string& vocabulary_file) {
  VectorizerOptions options;
  const json& asked = run["options"];
  options.lowercase = asked.value("lowercase", true);
  options.token_pattern = asked.value("token_pattern", std::string(default_token_pattern));
  options.words = stop_words(asked.value("stop_words", "none"));
  const auto range = asked.value("ngram_range", std::vector<int>{1, 1});
  options.shortest = range[0];
  options.longest = range[1];
  if (asked.contains("min_df")) options.selection.min_df = bound_in(asked["min_df"]);
  if (asked.contains("max_df")) options.selection.max_df = bound_in(asked["max_df"]);
  if (asked.contains("max_features")) options.selection.max_features = asked["max_features"].get<Index>();
  options.binary = asked.value("binary", false);
  if (asked.contains("vocabulary")) {
    if (world().is_root()) {
      std::ofstream file(vocabulary_file);
      for (const auto& term : asked["vocabulary"]) file << term.get<std::string>() << '\n';
    }
    world().wait_for_all();
    options.vocabulary = vocabulary_file;
  }
  if (run["tfidf"]) {
    options.tfidf = {asked.value("smooth_idf", true), asked.value("sublinear_tf", false), RowNorm::l2};
    if (asked.contains("norm")) {
      options.tfidf->norm = asked["norm"].is_null() ? RowNorm::none : norm_named(asked["norm"]);
    }
  }
  return options;
}

VectorizerOutput output_into(const SharedFolder& folder, CountLimits limits = {}) {
  return {[&](const std::string& name) { return folder / name; }, folder / "", limits};
}

Texts lines_of(const std::string& path) {
  Texts lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// What stands in the folder is the matrix that scikit-learn made, to rounding.
void check_matrix(const SharedFolder& folder, const json& expected, Index columns) {
  CHECK(io::read_npy_integers(folder / "indptr.npy") == expected["indptr"].get<std::vector<Index>>());
  CHECK(io::read_npy_integers(folder / "indices.npy") == expected["indices"].get<std::vector<Index>>());
  CHECK(io::read_npy_integers(folder / "shape.npy") ==
        std::vector<Index>{static_cast<Index>(expected["indptr"].size()) - 1, columns});
  const auto data = io::read_npy_numbers(folder / "data.npy"), known = expected["data"].get<std::vector<double>>();
  REQUIRE(data.size() == known.size());
  for (std::size_t i = 0; i < data.size(); ++i) CHECK(std::abs(data[i] - known[i]) <= 1e-15 * known[i]);
}

/// Words of a long-tailed law, the same for any number of ranks.
Texts made_up_texts(int documents, int words) {
  std::mt19937 generator(5);
  Texts texts;
  for (int i = 0; i < documents; ++i) {
    std::string text;
    for (int w = static_cast<int>(generator() % static_cast<unsigned>(words)); w > 0; --w) {
      const auto most = 2 + generator() % 400;
      text += " w" + std::to_string(generator() % most);
    }
    texts.push_back(text);
  }
  return texts;
}

/// By the definitions, on one rank.
struct Counts {
  std::map<std::string, Index> total, documents;
};
Counts count_plainly(const Texts& texts) {
  Counts counts;
  Analyzer analyzer({});
  for (const std::string& text : texts) {
    std::set<std::string> seen;
    for (const Term& term : analyzer.terms(text)) {
      ++counts.total[std::string(term.text)];
      seen.emplace(term.text);
    }
    for (const std::string& term : seen) ++counts.documents[term];
  }
  return counts;
}

}  // namespace

TEST_CASE("Counts and tf-idf are scikit-learn's, of the corpus and of new documents", "[vectorizer]") {
  const json reference = texts_reference();
  const auto documents = reference["documents"].get<Texts>(), new_documents = reference["new"].get<Texts>();
  for (const json& run : reference["runs"]) {
    INFO(run["options"].dump() << (run["tfidf"] ? " tf-idf" : ""));
    const SharedFolder folder, new_folder;
    const VectorizerOptions options = options_in(run, folder / "given");
    const VectorizerReport report = vectorize(world(), share_of(documents), options, output_into(folder));
    CHECK(report.documents == 10);
    CHECK(report.has_labels);
    VectorizerOptions for_new = options;
    for_new.model = folder / "";
    vectorize(world(), share_of(new_documents), for_new, output_into(new_folder));
    if (world().is_root()) {
      const auto terms = run["vocabulary"].get<Texts>();
      CHECK(lines_of(folder / "vocabulary.txt") == terms);
      CHECK(lines_of(folder / "documents.txt")[9] == "document 9");
      CHECK(lines_of(folder / "labels.txt") == Texts{"third", "", "", "third", "", "", "third", "", "", "third"});
      CHECK(lines_of(folder / "first_lines.txt")[4] == documents[4]);
      check_matrix(folder, run["x"], static_cast<Index>(terms.size()));
      check_matrix(new_folder, run["new"], static_cast<Index>(terms.size()));
      if (run["tfidf"]) {
        const auto idf = io::read_npy_numbers(folder / "idf.npy"), known = run["idf"].get<std::vector<double>>();
        REQUIRE(idf.size() == known.size());
        for (std::size_t i = 0; i < idf.size(); ++i) CHECK(std::abs(idf[i] - known[i]) <= 1e-15 * known[i]);
        CHECK(io::read_npy_numbers(new_folder / "idf.npy") == idf);
      }
    }
    world().wait_for_all();
  }
}

TEST_CASE("Many rounds and files count as one round in memory does", "[vectorizer]") {
  const Texts texts = made_up_texts(300, 60);
  VectorizerOptions options;
  options.longest = 2;
  const SharedFolder at_once, in_pieces;
  const VectorizerReport one = vectorize(world(), share_of(texts), options, output_into(at_once));
  const VectorizerReport many =
      vectorize(world(), share_of(texts), options, output_into(in_pieces, {.round = 30000, .rows = 2000}));
  CHECK(one.distinct == many.distinct);
  CHECK(one.tokens == many.tokens);
  CHECK(in_pieces.entries() == at_once.entries());  // nothing is left of the files between
  for (const std::string name : {"indptr.npy", "indices.npy", "data.npy", "vocabulary.txt"}) {
    CHECK(read_text(at_once / name) == read_text(in_pieces / name));
  }
}

TEST_CASE("The most frequent terms are kept, of equal ones the first, however they are spread", "[vectorizer]") {
  const Texts texts = made_up_texts(200, 40);
  const Counts counts = count_plainly(texts);
  std::vector<std::pair<Index, std::string>> order;
  for (const auto& [term, total] : counts.total) order.emplace_back(-total, term);
  std::sort(order.begin(), order.end());
  const auto distinct = static_cast<Index>(order.size());
  for (const Index most :
       {Index{1}, Index{2}, Index{17}, Index{150}, distinct / 2, distinct - 1, distinct, distinct + 9}) {
    INFO(most);
    VectorizerOptions options;
    options.selection.max_features = most;
    const SharedFolder folder;
    const VectorizerReport report = vectorize(world(), share_of(texts), options, output_into(folder));
    Texts expected;
    for (std::size_t i = 0; i < order.size() && i < static_cast<std::size_t>(most); ++i) {
      expected.push_back(order[i].second);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(lines_of(folder / "vocabulary.txt") == expected);
    CHECK(report.distinct == distinct);
    const bool cuts_a_tie = most < distinct && order[static_cast<std::size_t>(most - 1)].first ==
                                                   order[static_cast<std::size_t>(most)].first;
    REQUIRE(report.tie.has_value() == cuts_a_tie);
    if (!cuts_a_tie) continue;
    CHECK(report.tie->count == -order[static_cast<std::size_t>(most)].first);
    CHECK(report.tie->kept_terms.back() == order[static_cast<std::size_t>(most - 1)].second);
    CHECK(report.tie->left_out_terms.front() == order[static_cast<std::size_t>(most)].second);
  }
}

TEST_CASE("Pruning keeps the table small, and the counts lower bounds", "[vectorizer]") {
  const Texts texts = made_up_texts(300, 60);
  const Counts counts = count_plainly(texts);
  VectorizerOptions options;
  options.prune = 70;
  const SharedFolder folder;
  const VectorizerReport report =
      vectorize(world(), share_of(texts), options, output_into(folder, {.round = 20000, .rows = 2000}));
  CHECK(report.pruned > 0);
  CHECK(report.terms <= options.prune + world().size());
  CHECK(report.terms >= options.prune / 2);
  const Texts terms = lines_of(folder / "vocabulary.txt");
  std::vector<double> totals(terms.size());
  const auto columns = io::read_npy_integers(folder / "indices.npy");
  const auto data = io::read_npy_numbers(folder / "data.npy");
  for (std::size_t i = 0; i < data.size(); ++i) totals[static_cast<std::size_t>(columns[i])] += data[i];
  for (std::size_t j = 0; j < terms.size(); ++j) {
    CHECK(totals[j] >= 1);
    CHECK(totals[j] <= static_cast<double>(counts.total.at(terms[j])));
  }
}

TEST_CASE("Corpora without a term say why", "[vectorizer]") {
  const SharedFolder folder;
  const auto count = [&](const Texts& texts, const VectorizerOptions& options) {
    vectorize(world(), share_of(texts), options, output_into(folder));
  };
  VectorizerOptions options;
  CHECK_THROWS_WITH(count({}, options), Contains("no document"));
  CHECK_THROWS_WITH(count({"a b", "", "?"}, options), Contains("no document of 3 has a term"));
  options.words = stop_words("english");
  CHECK_THROWS_WITH(count({"the", "and of"}, options), Contains("stop words"));
  options.selection.min_df = {3, false};
  CHECK_THROWS_WITH(count({"red blue", "blue green"}, options), Contains("--min-df 3"));
  options.selection = {{1, false}, {0.5, true}, {}};
  CHECK_THROWS_WITH(count({"fox", "fox", "fox fox"}, options), Contains("1 in more than --max-df 0.5 of 3"));
}

TEST_CASE("One document is a corpus", "[vectorizer]") {
  const SharedFolder folder;
  const Texts one = {"\n\n  First\tline of it \r\nsecond"};
  CHECK(vectorize(world(), share_of(one), {}, output_into(folder)).terms == 5);
  CHECK(lines_of(folder / "first_lines.txt") == Texts{"First line of it"});
}
