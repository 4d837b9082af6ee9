#include "cli_support.hpp"

TEST_CASE("info says what a dense matrix is", "[info]") {
  TemporaryFolder folder;
  write_numbers(folder / "v.npy", 3, 4, {0, 0, 0, 0, 1, 0, 2.5, 0, 0.5, 0, 3, 0});
  for (const int ranks : {1, 3}) {
    const Ran ran = run(mpinmf_command(ranks, "info v.npy -k 2 --ranks 2"), folder.path());
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    for (const std::string part : {"3 x 4, dense", "nonzeros: 4\n", "density: 33.3333 %", "range: 0 .. 3\n",
                                   "empty rows: 1\n", "empty columns: 2\n", "k = 2 on 2 ranks"}) {
      CHECK(contains(ran.out, part));
    }
  }
}

TEST_CASE("info says what a sparse matrix is, either way round", "[info]") {
  TemporaryFolder folder;
  write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n3 4 2\n1 2 2.5\n3 2 1\n");
  REQUIRE(run(mpinmf_command(1, "convert v.mtx v.csr"), folder.path()).code == 0);
  for (const int ranks : {1, 3}) {
    for (const std::string file : {"v.mtx", "v.csr"}) {
      const Ran ran = run(mpinmf_command(ranks, "info " + file), folder.path());
      INFO(ran.out << ran.err);
      REQUIRE(ran.code == 0);
      for (const std::string part :
           {"3 x 4, sparse", "nonzeros: 2\n", "range: 0 .. 2.5\n", "empty rows: 1\n", "empty columns: 3\n"}) {
        CHECK(contains(ran.out, part));
      }
      const Ran other = run(mpinmf_command(ranks, "info --transpose " + file), folder.path());
      CHECK(contains(other.out, "4 x 3, sparse"));
      CHECK(contains(other.out, "empty rows: 3\n"));
    }
  }
}

TEST_CASE("info counts what fit would refuse", "[info]") {
  TemporaryFolder folder;
  write_numbers(folder / "v.npy", 2, 2, {1, -2, 3, std::numeric_limits<double>::quiet_NaN()});
  const Ran ran = run(mpinmf_command(1, "info v.npy"), folder.path());
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "negative entries: 1"));
  CHECK(contains(ran.out, "NaN entries: 1"));
}

TEST_CASE("more ranks need less memory each", "[info]") {
  TemporaryFolder folder;
  const auto need = [&](const std::string& ranks) {
    const Ran ran = run(
        mpinmf_command(1, "info generate:lowrank:rows=200000,columns=10,rank=2 --header-only --ranks " + ranks),
        folder.path());
    return ran.out.substr(ran.out.find("memory a rank needs"));
  };
  CHECK(contains(need("1"), "V 16.8 MiB"));
  CHECK(contains(need("8"), "V 2.1 MiB"));
}
