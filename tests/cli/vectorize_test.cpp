// mpinmf vectorize from outside: the tutorial's corpus, ranks, models, faults, ends by force.
#include <sys/mount.h>

#include <cmath>
#include <cstring>

#include "cli_support.hpp"

namespace {

/// A corpus of JSON lines, some with what is hard to cut.
std::string json_lines(int documents) {
  const std::string words[] = {
      "fox", "dog", "Stra\u00dfe", "caf\u00e9", "\u6771\u4eac", "quick", "lazy", "the", "\u039f\u0394\u039f\u03a3",
      "x1_y"};
  std::string lines;
  for (int i = 0; i < documents; ++i) {
    lines += R"({"text": ")";
    for (int w = 0; w < i * i % 23; ++w) lines += words[(i * 7 + w * w * (1 + i % 5)) % 10] + " ";
    lines += R"(", "group": "g)" + std::to_string(i % 4) + R"(", "name": "n)" + std::to_string(i) + "\"}\n";
  }
  return lines;
}

/// The elements of a vector in a .npy file.
template <class T>
std::vector<T> npy_elements(const std::filesystem::path& path) {
  constexpr std::size_t header = 128;
  const std::string bytes = read_text(path);
  std::vector<T> elements((bytes.size() - header) / sizeof(T));
  std::memcpy(elements.data(), bytes.data() + header, elements.size() * sizeof(T));
  return elements;
}

/// Entries of a folder of counts by row and term.
std::set<std::tuple<int, std::string, double>> entries_of(const std::filesystem::path& folder) {
  std::vector<std::string> terms;
  std::istringstream lines(read_text(folder / "vocabulary.txt"));
  for (std::string term; std::getline(lines, term);) terms.push_back(term);
  const auto offsets = npy_elements<std::int64_t>(folder / "indptr.npy");
  const auto columns = npy_elements<std::int32_t>(folder / "indices.npy");
  const auto values = npy_elements<double>(folder / "data.npy");
  std::set<std::tuple<int, std::string, double>> entries;
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row) {
    for (auto e = static_cast<std::size_t>(offsets[row]); e < static_cast<std::size_t>(offsets[row + 1]); ++e) {
      entries.emplace(static_cast<int>(row), terms.at(static_cast<std::size_t>(columns[e])), values[e]);
    }
  }
  return entries;
}

Ran vectorize_in(const TemporaryFolder& folder, const std::string& arguments, int ranks = 1) {
  return run(mpinmf_command(ranks, "vectorize " + arguments), folder.path());
}

struct VectorizeFault {
  std::string arguments;
  int code;
  std::vector<std::string> said;
};

}  // namespace

TEST_CASE("The tutorial's posts have scikit-learn's counts", "[vectorize]") {
  const auto posts = reference_file("newsgroups20/train.jsonl.gz");
  const auto counts = reference_file("newsgroups20/X_train.mtx.gz");
  const auto vocabulary = reference_file("newsgroups20/vocabulary.txt");
  if (!posts || !counts || !vocabulary) return;
  const TemporaryFolder folder;
  const std::string fields =
      *posts + " --field text --label group --id id --stop-words english --min-df 2 --max-df 0.5 ";
  const Ran ran = vectorize_in(folder, fields + "--max-features 1000 --output counts", 2);
  REQUIRE(ran.code == 0);
  INFO(ran.out << ran.err);
  CHECK(contains(ran.out, "11314 documents x 1000 terms"));
  CHECK(contains(ran.err,
                 "8 terms that occur 318 times each: the first 2 in the order of code points (drugs, extra)"));
  CHECK(read_text(folder / "counts/labels.txt") == read_text(*reference_file("newsgroups20/train_labels.txt")));
  // given scikit-learn's columns, all is as it made it
  REQUIRE(vectorize_in(folder, fields + "--vocabulary " + *vocabulary + " --output given").code == 0);
  REQUIRE(run("\"$MPINMF_PROGRAM\" convert " + *counts + " known", folder.path()).code == 0);
  for (const std::string name : {"/indptr.npy", "/indices.npy", "/data.npy", "/shape.npy"}) {
    CHECK(read_text(folder / ("given" + name)) == read_text(folder / ("known" + name)));
  }
  // by itself it has the 998 columns above the tie
  auto found = entries_of(folder / "counts"), known = entries_of(folder / "given");
  const std::set<std::string> tied = {"drugs", "extra", "mass", "studies"};
  for (auto* entries : {&found, &known}) {
    std::erase_if(*entries, [&](const auto& entry) { return tied.contains(std::get<1>(entry)); });
  }
  CHECK(known.size() > 485000);
  CHECK(found == known);
}

TEST_CASE("Any number of ranks leaves the same bytes", "[vectorize]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl", json_lines(97));
  const std::string arguments =
      "a.jsonl --label group --id name --stop-words english --ngram-range 1,2 --min-df 2 --max-df 0.9 "
      "--max-features 20 "
      "--tfidf --sublinear-tf ";
  for (const int ranks : {1, 2, 3, 4, 7}) {
    INFO(ranks);
    const std::string name = std::to_string(ranks);
    const Ran ran = vectorize_in(folder, arguments + "--output out" + name, ranks);
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    REQUIRE(vectorize_in(folder, "a.jsonl --model out" + name + " --output new" + name, ranks).code == 0);
    for (const std::string& file : names(folder / "out1")) {
      CHECK(read_text(folder / ("out" + name + "/" + file)) == read_text(folder / ("out1/" + file)));
      if (file == "vectorizer.json") continue;
      // documents counted again with their own model are what they were
      CHECK(read_text(folder / ("new" + name + "/" + file)) == read_text(folder / ("out1/" + file)));
    }
  }
  CHECK(names(folder / "out1") == std::vector<std::string>{"data.npy", "documents.txt", "first_lines.txt",
                                                           "idf.npy", "indices.npy", "indptr.npy", "labels.txt",
                                                           "shape.npy", "vectorizer.json", "vocabulary.txt"});
  const auto record = read_json(folder / "out1/vectorizer.json");
  CHECK(record["documents"] == 97);
  CHECK(record["options"]["ngram_range"] == std::vector<int>{1, 2});
  CHECK(record["corpus"]["label"] == "group");
  CHECK(run("\"$MPINMF_PROGRAM\" fit out1 -k 2 --output fitted --quiet", folder.path()).code == 0);
}

TEST_CASE("--force replaces a folder of counts, and nothing of it is left", "[vectorize]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl", json_lines(20));
  write_text(folder / "b.txt", "one two\nthree\n");
  REQUIRE(vectorize_in(folder, "a.jsonl --label group --tfidf --output out").code == 0);
  CHECK(vectorize_in(folder, "b.txt --output out").code == 2);
  REQUIRE(vectorize_in(folder, "b.txt --output out --force").code == 0);
  CHECK(read_text(folder / "out/documents.txt") == "b.txt:1\nb.txt:2\n");
  CHECK(names(folder / "out").size() == 8);  // neither labels nor idf
}

TEST_CASE("New documents need not have the labels and names of the model's", "[vectorize]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl", json_lines(20));
  write_text(folder / "b.txt", "fox dog\nlazy\n");
  write_text(folder / "c.jsonl", "{\"text\": \"fox dog\"}\n");
  REQUIRE(vectorize_in(folder, "a.jsonl --label group --id name --output model").code == 0);
  REQUIRE(vectorize_in(folder, "b.txt --model model --output of-lines", 2).code == 0);
  CHECK(read_text(folder / "of-lines/documents.txt") == "b.txt:1\nb.txt:2\n");
  CHECK(vectorize_in(folder, "b.txt --model model --label group --output out").code == 2);
  const Ran without = vectorize_in(folder, "c.jsonl --model model --output out");
  CHECK(without.code == 3);
  CHECK(contains(without.err, "--label NAME says which to take (--label '': none)"));
  CHECK(vectorize_in(folder, "c.jsonl --model model --label '' --id '' --output of-json").code == 0);
}

TEST_CASE("Faults of vectorize are one message, on every rank, and leave nothing", "[vectorize]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl", json_lines(20));
  write_text(folder / "twice.txt", "fox\ndog\nfox\n");
  write_text(folder / "blank.txt", "fox\n\ndog\n");
  write_text(folder / "tab.txt", "fox\nlazy\tdog\n");
  REQUIRE(vectorize_in(folder, "a.jsonl --output model").code == 0);
  const std::vector<VectorizeFault> faults = {
      {"a.jsonl --vocabulary twice.txt --output out", 3, {"twice.txt, line 3", "\"fox\"", "line 1"}},
      {"a.jsonl --vocabulary blank.txt --output out", 3, {"blank.txt, line 2"}},
      {"a.jsonl --vocabulary tab.txt --output out", 3, {"tab.txt, line 2", "control character"}},
      {"a.jsonl --vocabulary nothing.txt --output out", 4, {"nothing.txt"}},
      {"a.jsonl --min-df 21 --output out", 3, {"no term is left", "--min-df 21"}},
      {"a.jsonl --token-pattern ZZZ --output out", 3, {"no document of 20 has a term"}},
      {"a.jsonl --token-pattern '(a)(b)' --output out", 2, {"2 groups"}},
      {"a.jsonl --token-pattern '[a' --output out", 2, {"no regular expression"}},
      {"a.jsonl --min-df 1.5 --output out", 2, {"--min-df 1.5", "from 0.0 to 1.0"}},
      {"a.jsonl --ngram-range 2,1 --output out", 2, {"--ngram-range 2,1"}},
      {"a.jsonl --norm l1 --output out", 2, {"--norm", "--tfidf"}},
      {"a.jsonl --stop-words nothing.txt --output out", 4, {"nothing.txt"}},
      {"a.jsonl --model nothing --output out", 4, {"nothing/vectorizer.json", "mpinmf vectorize"}},
      {"a.jsonl --model model --binary --output out", 2, {"--binary", "model"}},
      {"a.jsonl --model model --output model --force", 2, {"the model would be lost"}},
  };
  const auto before = contents(folder.path());
  for (const VectorizeFault& fault : faults) {
    for (const int ranks : {1, 3}) {
      const Ran ran = vectorize_in(folder, fault.arguments, ranks);
      INFO(fault.arguments << " on " << ranks << " ranks\n" << ran.out << ran.err);
      CHECK(ran.code == fault.code);
      CHECK(messages(ran.err).size() == 1);
      for (const std::string& part : fault.said) CHECK(contains(ran.err, part));
      CHECK(contents(folder.path()) == before);
    }
  }
}

TEST_CASE("Counts on a full disk, or killed on the way, are not there", "[vectorize]") {
  const TemporaryFolder folder;
  write_text(folder / "a.jsonl", json_lines(100000));
  int cut = 0;
  for (const std::string signal : {"TERM", "KILL"}) {
    for (int ms = 110; ms <= 290; ms += 20) {
      // in the foreground it waits for what it kills, which holds the lock as long as it is there
      run("timeout --foreground -s " + signal + " 0." + std::to_string(ms) +
              " \"$MPINMF_PROGRAM\" vectorize a.jsonl --output out",
          folder.path());
      const bool is_done = std::filesystem::exists(folder / "out/vectorizer.json");
      cut += is_done ? 0 : 1;
      CHECK(std::filesystem::exists(folder / "out/indptr.npy") == is_done);
      if (is_done) std::filesystem::remove_all(folder / "out");
      if (signal == "KILL") continue;  // what is left the next run removes
      const auto left =
          std::filesystem::exists(folder / "out") ? names(folder / "out") : std::vector<std::string>();
      // a signal just behind its making leaves the lock, which is taken over
      CHECK((left.empty() || left == std::vector<std::string>{".mpinmf-running"}));
      std::filesystem::remove_all(folder / "out");
    }
  }
  CHECK(cut > 0);
  REQUIRE(vectorize_in(folder, "a.jsonl --output out --force").code == 0);
  CHECK(names(folder / "out").size() == 8);
  std::filesystem::create_directory(folder / "disk");
  if (::mount("tmpfs", (folder / "disk").c_str(), "tmpfs", 0, "size=512k") != 0) {
    skip("only root can mount a small disk");
    return;
  }
  for (const int ranks : {1, 3}) {
    const Ran ran = vectorize_in(folder, "a.jsonl --output disk/out", ranks);
    INFO(ran.err);
    CHECK(ran.code == 4);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, "disk"));
    CHECK(names(folder / "disk").empty());
  }
  ::umount((folder / "disk").c_str());
}
