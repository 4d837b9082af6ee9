// Names of rows and columns: from V to what a fit and transform leave.
#include "cli_support.hpp"

namespace {

std::string numbered(const std::string& word, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += word + " " + std::to_string(i) + "\n";
  return text;
}

/// A folder with 40 x 12 counts in v, whose rows and columns have names.
struct NamedCounts {
  TemporaryFolder folder;
  const std::string rows = numbered("row", 40), columns = numbered("column", 12);

  NamedCounts() {
    const Ran ran = mpinmf(1, "generate sparse-counts --rows 40 --columns 12 --density 0.4 --output v");
    REQUIRE(ran.code == 0);
    write_text(folder / "v/documents.txt", rows);
    write_text(folder / "v/vocabulary.txt", columns);
  }
  Ran mpinmf(int ranks, const std::string& command) { return run(mpinmf_command(ranks, command), folder.path()); }
  std::string text(const std::string& file) { return read_text(folder / file); }
};

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

}  // namespace

TEST_CASE("A fit names its factors as V's rows and columns are called", "[names]") {
  NamedCounts v;
  for (const int ranks : {1, 3}) {
    REQUIRE(v.mpinmf(ranks, "fit v -k 3 --max-iterations 5 --force --output m").code == 0);
    CHECK(v.text("m/row_names.txt") == v.rows);
    CHECK(v.text("m/column_names.txt") == v.columns);
  }
  const auto written = read_json(v.folder / "m/run.json")["written"];
  CHECK(std::count(written.begin(), written.end(), "row_names.txt") == 1);
  CHECK(std::count(written.begin(), written.end(), "column_names.txt") == 1);

  REQUIRE(v.mpinmf(2, "fit v -k 3 --max-iterations 5 --transpose --output turned").code == 0);
  CHECK(v.text("turned/row_names.txt") == v.columns);
  CHECK(v.text("turned/column_names.txt") == v.rows);

  REQUIRE(v.mpinmf(1, "fit v -k 3 --max-iterations 5 --write h --output no-w").code == 0);
  CHECK_FALSE(exists(v.folder / "no-w/row_names.txt"));
  CHECK(v.text("no-w/column_names.txt") == v.columns);

  REQUIRE(v.mpinmf(1, "fit generate:swimmer -k 3 --max-iterations 2 --force --output m").code == 0);
  CHECK_FALSE(exists(v.folder / "m/row_names.txt"));  // those of the fit that was replaced
  CHECK_FALSE(exists(v.folder / "m/column_names.txt"));
}

TEST_CASE("Of several fits the names of rows stay where W does", "[names]") {
  NamedCounts v;
  REQUIRE(v.mpinmf(2, "fit v -k 2,3 --restarts 3 --max-iterations 5 --output s").code == 0);
  int with_w = 0;
  for (const std::string k : {"2", "3"}) {
    for (const std::string seed : {"0", "1", "2"}) {
      const std::string fit = v.folder / ("s/k" + k + "/seed" + seed);
      const bool has_w = exists(fit + "/W.npy");
      with_w += has_w ? 1 : 0;
      CHECK(exists(fit + "/row_names.txt") == has_w);
      CHECK(read_text(fit + "/column_names.txt") == v.columns);
      const auto written = read_json(fit + "/run.json")["written"];
      CHECK((std::count(written.begin(), written.end(), "row_names.txt") == 1) == has_w);
    }
  }
  CHECK(with_w == 2);
}

TEST_CASE("transform names its rows, and refuses columns of other names", "[names]") {
  NamedCounts v;
  REQUIRE(v.mpinmf(1, "fit v -k 3 --max-iterations 5 --output m").code == 0);
  REQUIRE(v.mpinmf(3, "transform v --model m --output t").code == 0);
  CHECK(v.text("t/row_names.txt") == v.rows);
  CHECK_FALSE(exists(v.folder / "t/column_names.txt"));
  write_text(v.folder / "v/vocabulary.txt", numbered("column", 11) + "other\n");
  const Ran ran = v.mpinmf(3, "transform v --model m --output t2");
  CHECK(ran.code == 3);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(
      contains(messages(ran.err)[0], "column 11 (counted from 0) is other, but m/column_names.txt has column 11"));
  CHECK_FALSE(exists(v.folder / "t2"));
}

TEST_CASE("Names that do not fit V are refused before anything is fitted", "[names]") {
  NamedCounts v;
  write_text(v.folder / "v/documents.txt", numbered("row", 39));
  const Ran ran = v.mpinmf(3, "fit v -k 3 --output m");
  CHECK(ran.code == 3);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(messages(ran.err)[0], "v: names 39 rows, but has 40"));
  CHECK_FALSE(exists(v.folder / "m"));
}

TEST_CASE("convert carries names, transposed with the matrix", "[names]") {
  NamedCounts v;
  REQUIRE(v.mpinmf(2, "convert v w --transpose").code == 0);
  CHECK(v.text("w/documents.txt") == v.columns);
  CHECK(v.text("w/vocabulary.txt") == v.rows);
  REQUIRE(v.mpinmf(1, "convert v w --force").code == 0);
  CHECK(v.text("w/documents.txt") == v.rows);
}

TEST_CASE("convert says when names are lost, and which formats keep them", "[names]") {
  TemporaryFolder folder;
  write_text(folder / "v.csv", "name,a,b\nx,1,2\ny,3,4\n");
  write_text(folder / "plain.csv", "1,2\n3,4\n");
  for (const int ranks : {1, 3}) {
    const auto notes = [&](const std::string& arguments) {
      const Ran ran = run(mpinmf_command(ranks, "convert " + arguments + " --force"), folder.path());
      INFO(arguments << "\n" << ran.err);
      CHECK(ran.code == 0);
      return lines_with(ran.err, "mpinmf: note: ");
    };
    for (const std::string to : {"v.npy", "v.npz", "v.mtx"}) {
      CHECK(notes("v.csv " + to) ==
            std::vector<std::string>{"mpinmf: note: names of rows and columns have no place in " + to +
                                     "; these keep them: csr, csv, tsv, h5, h5ad, loom, 10x-h5, 10x"});
      CHECK(notes("plain.csv " + to).empty());
    }
    for (const std::string to : {"v.csr", "v.h5", "v.h5ad", "v.tsv"}) {
      CHECK(notes("v.csv " + to).empty());
      CHECK(notes(to + " back.csv").empty());
      CHECK(read_text(folder / "back.csv") == ",a,b\nx,1,2\ny,3,4\n");
    }
  }
}
