#include "cli_support.hpp"

namespace {

const std::string fit_small = "fit generate:lowrank:rows=40,columns=30,rank=4 --max-iterations 5 ";

}  // namespace

TEST_CASE("a picture of one fit, and one of two", "[plot]") {
  if (!has_gnuplot()) return;
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(2, fit_small + "-k 2 --output \"it's a\""), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(1, fit_small + "-k 3 --output b"), folder.path()).code == 0);
  for (const std::string name : {"it's a/cost.svg", "b/cost.svg"}) {
    const std::string svg = read_text(folder / name);
    CHECK(contains(svg, "Reconstruction error"));
    CHECK(contains(svg, "Number of updates"));
  }
  CHECK(read_text(folder / "b/cost.png").rfind("\x89PNG", 0) == 0);

  std::filesystem::remove(folder / "b/cost.svg");
  REQUIRE(run(mpinmf_command(1, "plot b"), folder.path()).code == 0);
  CHECK(std::filesystem::exists(folder / "b/cost.svg"));
  const auto before = names(folder.path());
  REQUIRE(run(mpinmf_command(1, "plot \"it's a\" b --output both"), folder.path()).code == 0);
  CHECK(names(folder.path()).size() == before.size() + 2);
  CHECK(contains(read_text(folder / "both.svg"), "it's a"));
}

TEST_CASE("logarithmic axes, where the curve has something to show on them", "[plot]") {
  if (!has_gnuplot()) return;
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, fit_small + "-k 2 --tolerance 0 --output a"), folder.path()).code == 0);
  std::set<std::string> pictures;
  for (const std::string log : {"", "--log", "--log x", "--log y"}) {
    REQUIRE(run(mpinmf_command(1, "plot a " + log + " --output p"), folder.path()).code == 0);
    pictures.insert(read_text(folder / "p.svg"));
  }
  CHECK(pictures.size() == 4);
  REQUIRE(run(mpinmf_command(1, "plot a --log both --output q"), folder.path()).code == 0);
  CHECK(pictures.contains(read_text(folder / "q.svg")));
  CHECK(run(mpinmf_command(1, "plot a --log z"), folder.path()).code == 2);
  std::filesystem::create_directory(folder / "without");
  std::filesystem::copy_file(folder / "a/run.json", folder / "without/run.json");
  const Ran without = run(mpinmf_command(1, "plot without"), folder.path());
  INFO(without.err);
  CHECK(without.code == 2);
  CHECK(contains(without.err, "without: has no trace.csv to draw"));
  // W H = V from the start: there is nothing above 0
  write_numbers(folder / "w.npy", 2, 1, {1, 1});
  write_numbers(folder / "h.npy", 1, 2, {1, 1});
  write_numbers(folder / "v.npy", 2, 2, {1, 1, 1, 1});
  REQUIRE(run(mpinmf_command(1, "fit v.npy -k 1 --w0 w.npy --h0 h.npy --max-iterations 1 --output exact"),
              folder.path())
              .code == 0);
  CHECK(run(mpinmf_command(1, "plot exact --log --output e"), folder.path()).code == 0);
  CHECK(contains(read_text(folder / "e.svg"), "Number of updates"));
}

TEST_CASE("a missing gnuplot costs one hint", "[plot]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "bin");
  // every program but gnuplot: Open MPI needs some of them
  const Ran linked = run("ln -s /usr/bin/* bin/ && rm -f bin/gnuplot", folder.path());
  REQUIRE(linked.code == 0);
  const Ran ran =
      run("PATH=" + (folder / "bin") + " " + mpinmf_command(1, fit_small + "-k 2 --tolerance 0 --output out"),
          folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "gnuplot is not installed"));
  CHECK(names(folder.path() / "out") == std::vector<std::string>{"H.npy", "W.npy", "run.json", "trace.csv"});
}

TEST_CASE("plot starts no MPI and says what is missing", "[plot]") {
  TemporaryFolder folder;
  const Ran ran = run("OMPI_MCA_pml=nothing " + mpinmf_command(3, "plot nothing"), folder.path());
  CHECK(ran.code == 4);
  CHECK(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "nothing/trace.csv"));
}

TEST_CASE("a picture that cannot be written is a fault", "[plot]") {
  TemporaryFolder folder;
  for (const std::string name : {"x/same", "y/same"}) {
    REQUIRE(run(mpinmf_command(1, fit_small + "-k 2 --quiet --output " + name), folder.path()).code == 0);
  }
  const Ran ran = run(mpinmf_command(1, "plot x/same --output /proc/nothing/cost"), folder.path());
  CHECK(ran.code == 4);
  CHECK(messages(ran.err).size() == 1);
  if (!has_gnuplot()) return;
  REQUIRE(run(mpinmf_command(1, "plot x/same y/same --output both"), folder.path()).code == 0);
  const std::string svg = read_text(folder / "both.svg");
  CHECK(contains(svg, "x/same"));
  CHECK(contains(svg, "y/same"));
}
