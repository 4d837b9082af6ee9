#include <cmath>

#include "cli_support.hpp"

namespace {

/// Diagonal 4, 2, 1 below a zero row: singular values 4, 2, 1, squares 16, 4, 1 of 21.
void write_diagonal(const TemporaryFolder& folder) {
  write_numbers(folder / "d.npy", 4, 3, {0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 1});
}

std::vector<double> fields(const std::string& csv, int line) {
  std::istringstream lines(csv);
  std::string text;
  for (int i = 0; i <= line; ++i) std::getline(lines, text);
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream in(text);
  std::vector<double> values;
  for (double value = 0; in >> value;) values.push_back(value);
  return values;
}

}  // namespace

TEST_CASE("spectrum writes a table, a CSV and a picture", "[spectrum]") {
  for (const int ranks : {1, 3}) {
    TemporaryFolder folder;
    write_diagonal(folder);
    const Ran ran = run(mpinmf_command(ranks, "spectrum d.npy -k 3"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    for (const std::string part :
         {"singular value", "76.190476%", "95.238095%", "100.000000%", "d.npy.spectrum"}) {
      CHECK(contains(ran.out, part));
    }
    const std::string csv = read_text(folder / "d.npy.spectrum/spectrum.csv");
    CHECK(csv.rfind("component,singular_value,share,cumulative_share\n", 0) == 0);
    const double wanted[] = {4, 2, 1};
    double explained = 0;
    for (int c = 0; c < 3; ++c) {
      explained += wanted[c] * wanted[c] / 21;
      const auto row = fields(csv, c + 1);
      REQUIRE(row.size() == 4);
      CHECK(row[0] == c + 1);
      CHECK(row[1] == Approx(wanted[c]).epsilon(1e-12));
      CHECK(row[2] == Approx(wanted[c] * wanted[c] / 21).epsilon(1e-12));
      CHECK(row[3] == Approx(explained).epsilon(1e-12));
    }
    if (!has_gnuplot()) continue;
    CHECK(contains(read_text(folder / "d.npy.spectrum/spectrum.svg"), "Singular value"));
    CHECK(read_text(folder / "d.npy.spectrum/spectrum.png").rfind("\x89PNG", 0) == 0);
  }
}

TEST_CASE("spectrum of the transposed matrix, in float, on threads, into no folder", "[spectrum]") {
  TemporaryFolder folder;
  write_diagonal(folder);
  const auto before = contents(folder.path());
  const Ran ran = run(
      mpinmf_command(2, "spectrum d.npy -k 3 --transpose --precision float --threads 2 --seed 0x7 --output none"),
      folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "95.238"));
  CHECK(contents(folder.path()) == before);
}

TEST_CASE("a matrix of zeros has a spectrum of zeros", "[spectrum]") {
  TemporaryFolder folder;
  write_numbers(folder / "zero.npy", 3, 2, {0, 0, 0, 0, 0, 0});
  const Ran ran = run(mpinmf_command(2, "spectrum zero.npy -k 2 --output out"), folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(messages(ran.err).empty());
  CHECK(fields(read_text(folder / "out/spectrum.csv"), 2) == std::vector<double>{2, 0, 0, 0});
}

TEST_CASE("spectrum does not overwrite, and --force does", "[spectrum]") {
  TemporaryFolder folder;
  write_diagonal(folder);
  REQUIRE(run(mpinmf_command(1, "spectrum d.npy -k 3 --output out --quiet"), folder.path()).code == 0);
  const auto before = contents(folder.path());
  const Ran refused = run(mpinmf_command(3, "spectrum d.npy -k 2 --output out"), folder.path());
  CHECK(refused.code == 2);
  REQUIRE(messages(refused.err).size() == 1);
  CHECK(contains(refused.err, "--force"));
  CHECK(contents(folder.path()) == before);
  CHECK(run(mpinmf_command(3, "spectrum d.npy -k 2 --output out --force --quiet"), folder.path()).code == 0);
  CHECK(fields(read_text(folder / "out/spectrum.csv"), 3).empty());
}

TEST_CASE("what is wrong with a spectrum is said once, before V is read", "[spectrum]") {
  struct Case {
    std::string arguments, part;
  };
  const std::vector<Case> cases = {{"spectrum d.npy", "--components"},
                                   {"spectrum d.npy -k 4", "3 singular values"},
                                   {"spectrum d.npy -k 0", "at least 1"},
                                   {"spectrum d.npy -k 2 --outptu x", "--output"},
                                   {"spectrum d.npy -k 2 --seed minus", "minus"},
                                   {"spectrum d.npy -k 2 --threads -3", "threads"},
                                   {"fit d.npy -k 4 --init nndsvda", "--init random"},
                                   {"fit d.npy -k 2 --init nndsvd --w0 a.npy --h0 b.npy", "--w0"}};
  for (const int ranks : {1, 3}) {
    for (const Case& c : cases) {
      TemporaryFolder folder;
      write_diagonal(folder);
      const auto before = contents(folder.path());
      const Ran ran = run(mpinmf_command(ranks, c.arguments), folder.path());
      INFO(c.arguments << "\n" << ran.err);
      CHECK(ran.code == 2);
      REQUIRE(messages(ran.err).size() == 1);
      CHECK(contains(messages(ran.err)[0], c.part));
      CHECK(contents(folder.path()) == before);
    }
  }
}

TEST_CASE("fit starts from the SVD, transform refuses to", "[spectrum]") {
  const std::string v = "generate:lowrank:rows=60,columns=40,rank=4,noise=0.01,seed=3";
  for (const std::string init : {"nndsvd", "nndsvda", "nndsvdar", "nndsvdm"}) {
    TemporaryFolder folder;
    const std::string fit = "fit " + v + " -k 4 --max-iterations 40 --tolerance 0 --quiet --init " + init;
    REQUIRE(run(mpinmf_command(1, fit + " --output one"), folder.path()).code == 0);
    REQUIRE(run(mpinmf_command(3, fit + " --output three"), folder.path()).code == 0);
    const auto one = read_json(folder / "one/run.json"), three = read_json(folder / "three/run.json");
    CHECK(one["options"]["init"] == init);
    const double loss = one["loss"], of_three = three["loss"];
    CHECK(of_three == Approx(loss).epsilon(1e-8));
    const Ran refused =
        run(mpinmf_command(1, "transform " + v + " --model one --output new --init " + init), folder.path());
    CHECK(refused.code == 2);
    REQUIRE(messages(refused.err).size() == 1);
    CHECK(contains(refused.err, "--init"));
  }
}
