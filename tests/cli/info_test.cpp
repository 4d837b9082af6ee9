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
      for (const std::string& part : std::vector<std::string>{
               "3 x 4, sparse", file == "v.mtx" ? "nonzero entries in the file: 2\n" : "nonzeros: 2\n",
               "range: 0 .. 2.5\n", "empty rows: 1\n", "empty columns: 3\n"}) {
        CHECK(contains(ran.out, part));
      }
      const Ran other = run(mpinmf_command(ranks, "info --transpose " + file), folder.path());
      CHECK(contains(other.out, "4 x 3, sparse"));
      CHECK(contains(other.out, "empty rows: 3\n"));
    }
  }
}

TEST_CASE("info refuses what fit would refuse, in every format", "[info]") {
  TemporaryFolder folder;
  write_numbers(folder / "v.npy", 2, 2, {1, -2.5, 3, 1});
  write_numbers(folder / "nan.npy", 2, 2, {1, std::numeric_limits<double>::quiet_NaN(), 3, 1});
  write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 -2.5\n2 2 1\n");
  for (const std::string file : {"v.npy", "nan.npy", "v.mtx"}) {
    const Ran ran = run(mpinmf_command(1, "info " + file), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 3);
    CHECK(ran.out.empty());
    CHECK(contains(ran.err, "row 0, column 1"));
    CHECK(run(mpinmf_command(1, "info --header-only " + file), folder.path()).code == 0);
  }
}

TEST_CASE("info notices entries that come twice", "[info]") {
  TemporaryFolder folder;
  write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 2.5\n1 2 1\n");
  CHECK(contains(run(mpinmf_command(1, "info v.mtx"), folder.path()).out, "nonzero entries in the file: 2\n"));
}

TEST_CASE("info refuses a k out of range", "[info]") {
  TemporaryFolder folder;
  for (const std::string k : {"0", "2147483648", "99999999999999999999"}) {
    const Ran ran = run(mpinmf_command(1, "info generate:swimmer -k " + k), folder.path());
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "at most 2147483647, not " + k));
    CHECK(ran.out.empty());
  }
}

TEST_CASE("the memory predicted holds the peak", "[info]") {
  TemporaryFolder folder;
  constexpr double base = 64.0 * 1024 * 1024;
  struct Case {
    std::string shape, options;
  };
  for (const Case& c : {Case{"rows=100,columns=100,rank=2", "-k 600 --max-iterations 3"},
                        Case{"rows=64,columns=20000,rank=2", "-k 64 --loss 0.5 --max-iterations 3"},
                        Case{"rows=20000,columns=200,rank=2", "-k 8 --max-iterations 3"}}) {
    REQUIRE(
        run(mpinmf_command(1, "fit generate:lowrank:" + c.shape + " " + c.options + " --quiet --force --output o"),
            folder.path())
            .code == 0);
    const std::string options = c.options.substr(0, c.options.find(" --max"));
    const Ran info =
        run(mpinmf_command(1, "info --header-only generate:lowrank:" + c.shape + " " + options), folder.path());
    const auto at = info.out.find(": ", info.out.find("memory a rank needs"));
    std::istringstream text(info.out.substr(at + 2));
    double mebibytes = 0;
    std::string unit;
    text >> mebibytes >> unit;
    REQUIRE(unit == "MiB");
    const double predicted = mebibytes * 1024 * 1024;
    const double peak = read_json(folder / "o/run.json")["peak_memory_bytes_per_rank"];
    INFO(c.shape << ": predicted " << predicted << ", peak " << peak);
    CHECK(predicted >= peak);
    CHECK(predicted <= 2 * peak + base);
  }
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
