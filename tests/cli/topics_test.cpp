// mpinmf topics and compare: what they say of models, write down, and refuse.
#include <cmath>

#include "cli_support.hpp"
#include "topics_reference.hpp"

namespace {

using nlohmann::json;

constexpr int rows = 60, columns = 12;

std::string numbered_lines(const std::string& word, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += word + std::to_string(i) + "\n";
  return text;
}

/// Counts of documents with names, labels (b, a, b, a, ...) and first lines in v, and a fit of it in m.
struct FittedTexts {
  TemporaryFolder folder;

  FittedTexts() {
    done("generate sparse-counts --rows 60 --columns 12 --density 0.4 --output v");
    write_text(folder / "v/documents.txt", numbered_lines("post ", rows));
    write_text(folder / "v/vocabulary.txt", "naïve\n日本語\n" + numbered_lines("term", columns - 2));
    std::string labels;
    for (int i = 0; i < rows; ++i) labels += i % 2 == 0 ? "b\n" : "a\n";
    write_text(folder / "v/labels.txt", labels);
    write_text(folder / "v/first_lines.txt", numbered_lines("Subject: ", rows));
    done("fit v -k 3 --max-iterations 30 --quiet --output m");
  }
  Ran mpinmf(int ranks, const std::string& command) { return run(mpinmf_command(ranks, command), folder.path()); }
  void done(const std::string& command, int ranks = 1) {
    const Ran ran = mpinmf(ranks, command);
    INFO(command << "\n" << ran.err);
    REQUIRE(ran.code == 0);
  }
  json topics(const std::string& in) { return read_json(folder / (in + "/topics.json")); }
  bool exists(const std::string& file) { return std::filesystem::exists(folder / file); }
};

void check_component(const json& component) {
  const json& terms = component["terms"];
  REQUIRE(terms.size() == 4);
  for (std::size_t r = 1; r < terms.size(); ++r) CHECK(terms[r - 1]["weight"] >= terms[r]["weight"]);
  const json& relevant = component["relevant_terms"];
  for (std::size_t r = 1; r < relevant.size(); ++r)
    CHECK(relevant[r - 1]["relevance"] >= relevant[r]["relevance"]);
  CHECK(component["umass"].is_number());
  CHECK(component["npmi"].is_null());
  CHECK(component["documents"].size() == 2);
  for (const json& document : component["documents"]) {
    const int row = document["row"];
    CHECK(document["name"] == "post " + std::to_string(row));
    CHECK(document["first_line"] == "Subject: " + std::to_string(row));
    CHECK(document["label"] == (row % 2 == 0 ? "b" : "a"));
    CHECK(document["proportion"] > 0);
    CHECK(document["proportion"] <= 1);
  }
}

/// The texts of gensim's reference, counted in v, and a model of them whose components are the reference's topics.
void make_reference_model(const TemporaryFolder& folder) {
  const json& reference = topics_reference()["coherence"];
  std::string lines;
  for (const std::string text : reference["texts"]) lines += text + "\n";
  write_text(folder / "texts.txt", lines);
  const Ran ran =
      run(mpinmf_command(1, "vectorize texts.txt --min-df 1 --max-df 1.0 --output v --quiet"), folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const std::vector<std::string> words = words_of(read_text(folder / "v/vocabulary.txt"));
  std::vector<double> h;
  for (const json& topic : reference["topics"]) {
    for (const std::string& word : words) {
      const auto place = std::find(topic.begin(), topic.end(), word);
      h.push_back(place == topic.end() ? 0 : static_cast<double>(topic.end() - place));
    }
  }
  const auto k = static_cast<int>(reference["topics"].size()), m = static_cast<int>(reference["texts"].size());
  std::filesystem::create_directory(folder.path() / "m");
  write_numbers(folder / "m/H.npy", k, static_cast<int>(words.size()), h);
  write_numbers(folder / "m/W.npy", m, k, counting(m, k));
}

void check_coherence(const json& found, const std::string& ours, const std::string& gensims) {
  const json& reference = topics_reference()["coherence"][gensims];
  REQUIRE(found["components"].size() == reference.size());
  for (std::size_t c = 0; c < reference.size(); ++c) {
    INFO(ours << " of component " << c);
    CHECK(found["components"][c][ours].get<double>() == Approx(reference[c].get<double>()).epsilon(1e-9).scale(0));
  }
  CHECK(found["coherence"][ours].is_number());
}

/// One message, of that exit code, once, and the folder as before.
void check_refused(FittedTexts& texts, int ranks, const std::string& command, int code, const std::string& part) {
  const auto before = contents(texts.folder.path());
  const Ran ran = texts.mpinmf(ranks, command);
  INFO(command << " on " << ranks << "\n" << ran.err);
  CHECK(ran.code == code);
  CHECK(ran.out.empty());
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(messages(ran.err)[0], part));
  CHECK(contents(texts.folder.path()) == before);
}

/// k x 6, each row with two entries that no other has.
std::vector<double> apart(const std::vector<int>& order) {
  std::vector<double> h;
  for (const int place : order) {
    for (int j = 0; j < 6; ++j) h.push_back(j / 2 == place ? 1 + j : 0);
  }
  return h;
}

}  // namespace

TEST_CASE("topics says what components are made of, in the same bytes for any number of ranks", "[topics]") {
  FittedTexts texts;
  const std::string topics = "topics m --terms 4 --documents 2 ";
  const Ran ran = texts.mpinmf(1, topics);
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.out, "results: m/topics.json"));
  CHECK(lines_with(ran.out, "component ").size() == 3);
  const json found = texts.topics("m");
  double shares = 0;
  for (const json& component : found["components"]) {
    check_component(component);
    CHECK(component["component"] == &component - &found["components"][0]);
    shares += component["share"].get<double>();
  }
  CHECK(shares == Approx(1));
  CHECK(found["term_frequencies"] == "data");
  const json& labels = found["labels"];
  CHECK(labels["names"] == json({"a", "b"}));
  CHECK(labels["rows"] == rows);
  CHECK(labels["purity"] >= 0.5);
  int counted = 0;
  for (const json& row : labels["table"]) counted += row[0].get<int>() + row[1].get<int>();
  CHECK(counted + labels["without_component"][0].get<int>() + labels["without_component"][1].get<int>() == rows);
  CHECK(contains(npy_header(texts.folder / "m/topic_proportions.npy"), "(60, 3)"));
  CHECK(contains(npy_header(texts.folder / "m/row_sizes.npy"), "(60, 1)"));
  CHECK(contains(npy_header(texts.folder / "m/term_proportions.npy"), "(3, 12)"));
  CHECK(lines_with(read_text(texts.folder / "m/topics.csv"), "0,weight,").size() == 4);
  for (const int ranks : {2, 3, 4, 7}) {
    texts.done(topics + "--quiet --output o", ranks);
    for (const std::string& file : names(texts.folder / "o")) {
      INFO(file << " of " << ranks << " ranks");
      CHECK(read_text(texts.folder / ("o/" + file)) == read_text(texts.folder / ("m/" + file)));
    }
    CHECK(names(texts.folder / "o").size() == 8);
  }
  const Ran printed = texts.mpinmf(2, topics + "--output none --json");
  CHECK(printed.out == read_text(texts.folder / "m/topics.json"));
}

TEST_CASE("Proportions, sizes and terms are the model itself, scaled as NumPy does", "[topics]") {
  const std::string python = python_with("numpy");
  if (python.empty()) return skip("python3 lacks numpy");
  TemporaryFolder folder;
  std::vector<double> v;
  for (int i = 0; i < 40 * 20; ++i) v.push_back(i / 20 == 7 ? 0 : (i * i + 3 * i) % 7);  // row 7 is 0
  write_numbers(folder / "v.npy", 40, 20, v);
  write_text(folder / "compare.py", R"(
import json, numpy as np, sys
V = np.load('v.npy').astype(float)
def kl(X):
    some = V > 0
    return np.sum(V[some] * np.log(V[some] / X[some])) - V.sum() + X.sum()
def same(a, b): return np.abs(a - b).max() <= 1e-12 * np.abs(b).max()
for folder in sys.argv[1:]:
    load = lambda name: np.load(f'{folder}/{name}.npy')
    W, H, L, s, F = map(load, ('W', 'H', 'topic_proportions', 'row_sizes', 'term_proportions'))
    loss = json.load(open(f'{folder}/run.json'))['loss']
    assert abs(kl(W @ H) / loss - 1) < 1e-12 and abs(kl(s * (L @ F)) / loss - 1) < 1e-12, folder
    assert same(L.sum(1), (np.arange(40) != 7) * 1.0) and same(F.sum(1), np.ones(3)), folder
    assert not L[7].any() and not s[7].any()
    u = H.sum(1)  # poisson2multinom
    sizes = (W * u).sum(1, keepdims=True)
    assert same(s, sizes) and same(F, H / u[:, None]) and same(L, W * u / np.where(sizes > 0, sizes, 1)), folder
    if folder.startswith('scaled'): assert same(u, np.ones(3)) and same(W.sum(1, keepdims=True), s), folder
print('compared', len(sys.argv) - 1)
)");
  std::string all;
  for (const int ranks : {1, 2, 3, 4, 7}) {
    const bool is_scaled = ranks % 2 == 0;  // H is F then
    const std::string model = (is_scaled ? "scaled" : "m") + std::to_string(ranks),
                      scales = is_scaled ? " --normalize l1 --normalize-factor h" : "",
                      rule = ranks == 3 ? " --rule mu" : "";
    for (const std::string& arguments :
         {"fit v.npy -k 3 --loss kullback-leibler --max-iterations 20 --quiet --output " + model + scales + rule,
          "topics --quiet " + model}) {
      const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
      INFO(arguments << '\n' << ran.err);
      REQUIRE(ran.code == 0);
    }
    all += " " + model;
  }
  const Ran compared = run(python + " compare.py" + all, folder.path());
  INFO(compared.err);
  CHECK(compared.out == "compared 5\n");
}

TEST_CASE("Columns of the text are aligned, whatever script names are written in", "[topics]") {
  FittedTexts texts;
  const Ran ran = texts.mpinmf(1, "topics m --terms 12 --documents 0 --output none");
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.out, "\n  naïve   "));
  CHECK(contains(ran.out, "\n  日本語  "));  // three wide characters, so as long as term10
}

TEST_CASE("Without V frequencies are those of the model, and a note says so", "[topics]") {
  FittedTexts texts;
  std::filesystem::rename(texts.folder.path() / "v", texts.folder.path() / "elsewhere");
  const Ran ran = texts.mpinmf(2, "topics m");
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "note: frequencies of features are those of W H"));
  json found = texts.topics("m");
  CHECK(found["term_frequencies"] == "model");
  CHECK(found["components"][0]["umass"].is_null());
  CHECK_FALSE(found["components"][0]["relevant_terms"].empty());
  CHECK(contains(found["components"][0]["documents"][0]["name"], "post "));  // the model knows them
  CHECK_FALSE(found.contains("labels"));
  CHECK_FALSE(texts.exists("m/topic_labels.csv"));
  texts.done("topics m --quiet --data elsewhere");
  found = texts.topics("m");
  CHECK(found["components"][0]["umass"].is_number());
  CHECK(found.contains("labels"));
  CHECK(texts.exists("m/topic_labels.csv"));
  texts.done("topics m --quiet --data none");
  CHECK_FALSE(texts.exists("m/topic_labels.csv"));  // of a run before
}

TEST_CASE("Features and rows of other data have numbers, or the names of a file", "[topics]") {
  FittedTexts texts;
  write_numbers(texts.folder / "V.npy", 50, 7, counting(50, 7));
  texts.done("fit V.npy -k 2 --quiet --output low");
  texts.done("topics low --quiet");
  json found = texts.topics("low");
  CHECK(found["is_text"] == false);
  CHECK(contains(found["components"][1]["terms"][0]["term"], "feature "));
  CHECK(contains(found["components"][1]["documents"][0]["name"], "row "));
  CHECK(found["components"][0]["umass"].is_null());  // V has no zeros
  CHECK(contains(found["notes"][0], "no entry of V is 0"));
  write_text(texts.folder / "pixels", numbered_lines("pixel ", 7));
  texts.done("topics low --quiet --feature-names pixels");
  CHECK(contains(texts.topics("low")["components"][1]["terms"][0]["term"], "pixel "));
}

TEST_CASE("A dead component has a share of 0 and no terms", "[topics]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "m");
  write_numbers(folder / "m/H.npy", 2, 3, {1, 2, 0, 0, 0, 0});
  write_numbers(folder / "m/W.npy", 4, 2, {1, 0, 2, 0, 0, 0, 3, 0});
  write_text(folder / "labels", "a\na\nb\nb\n");
  const Ran ran = run(mpinmf_command(2, "topics m --labels labels"), folder.path());
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.out, "component 1: 0.0 % of the data\n"));
  const json found = read_json(folder / "m/topics.json");
  CHECK(found["components"][0]["share"] == 1);
  CHECK(found["components"][0]["terms"].size() == 2);
  CHECK(found["components"][1]["terms"].empty());
  CHECK(found["components"][1]["documents"].empty());
  CHECK(found["labels"]["without_component"] == json({0, 1}));  // a row of W that is 0
}

TEST_CASE("A new fit removes the topics of the one before", "[topics]") {
  FittedTexts texts;
  texts.done("topics m --quiet");
  texts.done("fit v -k 2 --max-iterations 5 --quiet --force --output m");
  for (const std::string& file : names(texts.folder / "m")) {
    INFO(file);
    CHECK_FALSE(contains(file, "topic"));
    CHECK_FALSE(contains(file, "sizes"));
  }
}

TEST_CASE("Files that do not fit the model are refused, and nothing is written", "[topics]") {
  FittedTexts texts;
  texts.done("fit v -k 3 --max-iterations 5 --quiet --write h --output no-w");
  texts.done("generate sparse-counts --rows 60 --columns 11 --density 0.4 --output other");
  write_text(texts.folder / "short", "a\nb\n");
  for (const int ranks : {1, 3}) {
    check_refused(texts, ranks, "topics no-w", 4, "fitted with --write h");
    check_refused(texts, ranks, "topics nowhere", 4, "there is no folder nowhere");
    check_refused(texts, ranks, "topics m --feature-names short", 3, "short: has 2 lines, but there are 12");
    check_refused(texts, ranks, "topics m --labels short", 3, "short: has 2 lines, but W has 60 rows");
    check_refused(texts, ranks, "topics m --labels nothing", 4, "nothing");
    check_refused(texts, ranks, "topics m --data other", 3,
                  "other is 60 x 11, but the model in m is of a V of 60 x 12");
    check_refused(texts, ranks, "topics m --data nothing", 4, "nothing");
  }
  check_refused(texts, 1, "topics m --relevance 1.5", 2, "relevance");
  check_refused(texts, 1, "topics m --relevance nan", 2, "--relevance must be from 0 to 1");
  check_refused(texts, 1, "topics m --terms 0", 2, "--terms must be at least 1");
  write_text(texts.folder / "v/first_lines.txt", "only one\n");
  check_refused(texts, 3, "topics m", 3, "first_lines.txt: has 1 line, but W has 60 rows");
  check_refused(texts, 1, "topics m --output new", 3, "first_lines.txt");
  write_text(texts.folder / "m/row_names.txt", "only one\n");
  check_refused(texts, 1, "topics m", 3, "m/row_names.txt: has 1 line, but W has 60 rows");
}

TEST_CASE("compare finds the components of a model whose rows were shuffled", "[topics]") {
  const TemporaryFolder folder;
  const auto model = [&](const std::string& name, const std::vector<int>& order, const std::string& features) {
    std::filesystem::create_directory(folder.path() / name);
    write_numbers(folder / (name + "/H.npy"), static_cast<int>(order.size()), 6, apart(order));
    if (!features.empty()) write_text(folder / (name + "/column_names.txt"), features);
  };
  const std::string features = numbered_lines("f", 6);
  model("a", {0, 1, 2}, features);
  model("b", {2, 0, 1}, features);
  model("two", {2, 1}, "");
  model("renamed", {0, 1, 2}, "f0\ng1\nf2\nf3\nf4\nf5\n");
  write_numbers((std::filesystem::create_directory(folder.path() / "wide"), folder / "wide/H.npy"), 1, 7,
                std::vector<double>(7, 1.0));

  const Ran ran = run(mpinmf_command(3, "compare a b two --json c.json"), folder.path());
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(lines_with(ran.out, "mean cosine 1.0000; worst match ").size() == 2);
  CHECK(contains(ran.out, "0  1  1.0000  f1, f0      f1, f0"));
  CHECK(contains(ran.out, "unmatched: component 0 of A: f1, f0"));
  const json found = read_json(folder / "c.json");
  REQUIRE(found.size() == 2);
  const std::vector<int> expected = {1, 2, 0};
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(found[0]["pairs"][c]["a"] == c);
    CHECK(found[0]["pairs"][c]["b"] == expected[c]);
    CHECK(found[0]["pairs"][c]["cosine"].get<double>() == Approx(1));
  }
  CHECK(found[0]["unmatched_a"].empty());
  CHECK(found[1]["unmatched_a"] == json({0}));
  CHECK(found[1]["mean_cosine"].get<double>() == Approx(1));
  CHECK(run(mpinmf_command(1, "compare two a"), folder.path()).out.find("unmatched: component 0 of B") !=
        std::string::npos);

  CHECK(contains(run(mpinmf_command(1, "compare a renamed"), folder.path()).out,
                 "note: features have other names: column 1 (counted from 0) is f1 in A and g1 in B"));
  const Ran refused = run(mpinmf_command(3, "compare a wide --json c2.json"), folder.path());
  CHECK(refused.code == 3);
  CHECK(refused.out.empty());
  REQUIRE(messages(refused.err).size() == 1);
  CHECK(contains(messages(refused.err)[0], "a/H.npy has 6 columns, but wide/H.npy has 7"));
  CHECK_FALSE(std::filesystem::exists(folder / "c2.json"));
  CHECK(run(mpinmf_command(1, "compare a nowhere"), folder.path()).code == 4);
  CHECK(run(mpinmf_command(1, "compare a"), folder.path()).code == 2);
}

TEST_CASE("From a corpus to gensim's coherence", "[topics]") {
  const TemporaryFolder folder;
  make_reference_model(folder);
  std::string first;
  for (const int ranks : {1, 3, 7}) {
    const Ran ran = run(mpinmf_command(ranks, "topics m --data v --quiet"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const json found = read_json(folder / "m/topics.json");
    CHECK(found["is_text"] == true);
    check_coherence(found, "umass", "u_mass");
    check_coherence(found, "npmi", "c_npmi");
    check_coherence(found, "c_v", "c_v");
    CHECK(found["components"][0]["documents"][0].contains("first_line"));
    if (first.empty()) first = read_text(folder / "m/topics.json");
    CHECK(read_text(folder / "m/topics.json") == first);
  }
  std::filesystem::rename(folder.path() / "texts.txt", folder.path() / "moved.txt");
  const Ran without = run(mpinmf_command(3, "topics m --data v"), folder.path());
  CHECK(without.code == 0);
  CHECK(contains(without.out, "note: NPMI and C_v are computed from texts; --texts CORPUS names them"));
  CHECK(read_json(folder / "m/topics.json")["coherence"]["npmi"].is_null());
  REQUIRE(run(mpinmf_command(2, "topics --data v --texts moved.txt m --quiet"), folder.path()).code == 0);
  CHECK(read_text(folder / "m/topics.json") == first);
  CHECK(run(mpinmf_command(3, "topics m --data v --texts texts.txt"), folder.path()).code == 4);
}

TEST_CASE("A term that no text has leaves its component without NPMI and C_v", "[topics]") {
  const TemporaryFolder folder;
  make_reference_model(folder);
  write_text(folder / "other.txt", "sun moon star orbit comet über\nsun sun moon\n");
  REQUIRE(run(mpinmf_command(2, "topics m --data v --texts other.txt --quiet"), folder.path()).code == 0);
  const json found = read_json(folder / "m/topics.json");
  CHECK(found["components"][0]["npmi"].is_number());
  CHECK(found["components"][1]["npmi"].is_null());
  CHECK(found["components"][1]["c_v"].is_null());
  CHECK(found["components"][1]["umass"].is_number());
  REQUIRE(found["notes"].size() == 1);
  CHECK(contains(found["notes"][0], "a term that is no token of the texts: coach and "));
}

TEST_CASE("Other texts need no labels and names, though the counted ones had them", "[topics]") {
  const TemporaryFolder folder;
  write_text(folder / "other.txt", "patient doctor moon orbit bike engine\n");
  const auto done = [&](const std::string& arguments) {
    const Ran ran = run(mpinmf_command(2, arguments), folder.path());
    INFO(arguments << "\n" << ran.err);
    REQUIRE(ran.code == 0);
  };
  done("generate posts --rows 60 --output posts.jsonl");
  done("vectorize posts.jsonl --label label --id id --quiet --output v");
  done("fit v -k 2 --max-iterations 5 --quiet --output m");
  done("topics m --texts other.txt --quiet");
}
