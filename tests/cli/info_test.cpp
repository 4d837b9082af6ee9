#include <limits>
#include <map>

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

TEST_CASE("info says where whole numbers could be held in fewer bytes", "[info]") {
  TemporaryFolder folder;
  write_numbers(folder / "small.npy", 2, 3, {1, 255, 3, 0, 0, 2});
  write_numbers(folder / "large.npy", 2, 3, {1, 256, 3, 0, 0, 2});
  write_numbers(folder / "beyond.npy", 2, 3, {1, 65536, 3, 0, 0, 2});
  write_numbers(folder / "half.npy", 2, 3, {1, 2, 3, 0.5, 0, 2});
  write_text(folder / "sparse.mtx", "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 2 1\n");
  for (const auto& [asked, type] : std::map<std::string, std::string>{{"small.npy", "uint8"},
                                                                      {"large.npy", "uint16"},
                                                                      {"beyond.npy", ""},
                                                                      {"half.npy", ""},
                                                                      {"small.npy --storage-type double", ""},
                                                                      {"sparse.mtx", ""}}) {
    const Ran ran = run(mpinmf_command(asked == "half.npy" ? 3 : 1, "info " + asked), folder.path());
    INFO(asked << "\n" << ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "whole numbers: ") == !type.empty());
    if (!type.empty()) CHECK(contains(ran.out, "--storage-type " + type + " holds each in "));
  }
  // and so it does
  for (const std::string type : {"auto", "uint8"})
    REQUIRE(run(mpinmf_command(1, "fit small.npy -k 1 --max-iterations 3 --tolerance 0 --output " + type +
                                      " --storage-type " + type),
                folder.path())
                .code == 0);
  for (const std::string factor : {"/W.npy", "/H.npy"})
    CHECK((read_text(folder / ("auto" + factor)) == read_text(folder / ("uint8" + factor))));
}

TEST_CASE("info counts entries that are not known apart", "[info]") {
  TemporaryFolder folder;
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  write_numbers(folder / "v.npy", 2, 3, {1, unknown, 3, 0, unknown, 2});
  write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 1\n1 3 3\n2 3 2\n");
  for (const int ranks : {1, 3}) {
    for (const auto& [asked, said] : std::map<std::string, std::vector<std::string>>{
             {"v.npy --missing nan", {"nonzeros: 3\n", "range: 0 .. 3\n", "not known: 2\n", "empty columns: 1\n"}},
             {"v.mtx --missing zeros", {"file: 3\n", "range: 1 .. 3\n", "not known: 3\n"}}}) {
      const Ran ran = run(mpinmf_command(ranks, "info " + asked), folder.path());
      INFO(asked << "\n" << ran.out << ran.err);
      CHECK(ran.code == 0);
      for (const std::string& part : said) CHECK(contains(ran.out, part));
    }
  }
  const Ran dense = run(mpinmf_command(1, "info v.npy --missing zeros"), folder.path());
  CHECK(dense.code == 2);
  CHECK(contains(dense.err, "--missing zeros"));
}

TEST_CASE("info says how many groups --groups auto takes, and why", "[info]") {
  TemporaryFolder folder;
  const auto said = [&](const std::string& asked) {
    const Ran ran = run(mpinmf_command(1, "info --shape " + asked), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out;
  };
  CHECK(contains(said("8000x1000 --ranks 4"),
                 "--groups auto: up to 4, with 4 fits or more each, as a rank's share of "
                 "V is 15.3 MiB, at most 64.0 MiB"));
  CHECK(
      contains(said("80000x1000 --ranks 4"), "--groups auto: 1, as a rank's share of V is 152.6 MiB, more than"));
  CHECK(contains(said("18000x1000 --ranks 2"), "--groups auto: 1, as a rank's share of V is 68.7 MiB"));
  CHECK(contains(said("18000x1000 --ranks 2 --precision float"), "--groups auto: up to 2, "));
  CHECK_FALSE(contains(said("8000x1000 --ranks 1"), "--groups auto"));
  CHECK(contains(said("100x60000 -k 8 --restarts 20"), "comparing fits "));
  CHECK_FALSE(contains(said("100x60000 -k 8"), "comparing fits "));
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

namespace {

/// What follows `key` in a text, up to the end of the line.
std::string after(const std::string& text, const std::string& key) {
  const auto at = text.find(key);
  REQUIRE(at != std::string::npos);
  return text.substr(at + key.size(), text.find('\n', at) - at - key.size());
}

const std::string node = " --node-cores 32 --node-memory 64G ";

}  // namespace

TEST_CASE("info knows a matrix by its shape alone", "[info]") {
  TemporaryFolder folder;
  const auto info = [&](const std::string& arguments) {
    const Ran ran = run(mpinmf_command(1, "info " + arguments), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return ran.out;
  };
  CHECK(contains(info("--shape 1e6x200 -k 5"), "V: 1000000 x 200, dense"));
  CHECK(contains(info("--shape 1000000X200 --nonzeros 1e5 -k 5"), "V: 1000000 x 200, sparse"));
  CHECK(contains(info("--shape 300x200 --transpose"), "V: 200 x 300"));
  // the same as of a matrix that is there
  const std::string described = info("--shape 3000x200 --ranks 3 --threads 2 -k 9 --loss 1 --precision float");
  const std::string there = info(
      "generate:sparse-counts:rows=3000,columns=200,nonzeros=5000 --ranks 3 --threads 2 -k 9 --loss 1 --precision "
      "float --header-only");
  CHECK(after(described, "memory a rank needs") != after(there, "memory a rank needs"));  // dense
  CHECK(after(info("--shape 3000x200 --nonzeros 5e3 --ranks 3 --threads 2 -k 9 --loss 1 --precision float"),
              "memory a rank needs") == after(there, "memory a rank needs"));
}

TEST_CASE("info refuses shapes and nodes that make no sense", "[info]") {
  TemporaryFolder folder;
  struct Case {
    std::string arguments, said;
  };
  for (const Case& c :
       {Case{"", "give --shape"},
        Case{"generate:swimmer --shape 3x4", "exclude each other"},
        Case{"generate:swimmer --nonzeros 4", "belongs to --shape"},
        Case{"--shape 12", "two whole numbers"},
        Case{"--shape 0x4", "two whole numbers"},
        Case{"--shape 4x-1", "two whole numbers"},
        Case{"--shape 4x5x6", "two whole numbers"},
        Case{"--shape 1.5x4", "two whole numbers"},
        Case{"--shape nanx4", "two whole numbers"},
        Case{"--shape 1e10x1e10", "64 bits"},
        Case{"--shape 3x4e9", "use --transpose"},
        Case{"--shape 3x4 --nonzeros 13", "more than the 12 entries"},
        Case{"--shape 3x4 --nonzeros -1", "whole number from 0"},
        Case{"--shape 3x4 --nonzeros many", "whole number from 0"},
        Case{"--shape 3x4 --node-cores 4", "belong together"},
        Case{"--shape 3x4 --node-memory 4G", "belong together"},
        Case{"--shape 3x4 --node-cores 0 --node-memory 4G", "whole number from 1"},
        Case{"--shape 3x4 --node-cores 9999 --node-memory 4G", "at most 4096"},
        Case{"--shape 3x4 --node-cores 4 --node-memory 4X", "powers of 1024"},
        Case{"--shape 3x4 --node-cores 4 --node-memory G", "powers of 1024"},
        Case{"--shape 3x4 --node-cores 4 --node-memory 0", "powers of 1024"},
        Case{"--shape 3x4 --node-cores 4 --node-memory 4GG", "powers of 1024"},
        Case{"--shape 100x1e9 --nonzeros 1e9 -k 100 --node-cores 4 --node-memory 4G", "no number of nodes"}}) {
    const Ran ran = run(mpinmf_command(1, "info " + c.arguments), folder.path());
    INFO(c.arguments << "\n" << ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err)[0], c.said));
    CHECK(ran.out.empty());
  }
}

TEST_CASE("where no number of nodes would do, what is advised makes it less", "[info]") {
  TemporaryFolder folder;
  const auto info = [&](const std::string& arguments) {
    return run(mpinmf_command(1, "info " + arguments + " --node-cores 4 --node-memory 4G"), folder.path());
  };
  const std::string wide = "--shape 1000x1e9 --nonzeros 1e9 -k 100",
                    square = "--shape 1e9x1e9 --nonzeros 1e9 -k 100";
  const Ran refused = info(wide);
  CHECK(refused.code == 2);
  CHECK(contains(refused.err,
                 "a smaller -k, --precision float, V the other way round (with or without --transpose)"));
  CHECK(info(wide + " --transpose").code == 0);
  const Ran single = info(square + " --precision float");
  CHECK(single.code == 2);
  CHECK_FALSE(contains(single.err, "--precision float"));
  CHECK_FALSE(contains(single.err, "--transpose"));
}

TEST_CASE("info writes a Slurm script with ranks, threads and memory that fit the nodes", "[info]") {
  TemporaryFolder folder;
  struct Case {
    std::string arguments;
    bool one_rank;
  };
  for (const Case& c :
       {Case{"--shape 1e7x2000 -k 20", false},               // V is heavy: a rank a core
        Case{"--shape 1e6x1e6 --nonzeros 1e8 -k 50", true},  // H and its sums are: threads
        Case{"--shape 3e8x3000 --nonzeros 2e10 -k 20 --loss 1", false}, Case{"--shape 40x30 -k 2", true}}) {
    const Ran ran = run(mpinmf_command(1, "info " + c.arguments + node), folder.path());
    INFO(c.arguments << "\n" << ran.out << ran.err);
    REQUIRE(ran.code == 0);
    const int nodes = std::stoi(after(ran.out, "#SBATCH --nodes=")),
              ranks = std::stoi(after(ran.out, "#SBATCH --ntasks-per-node=")),
              threads = std::stoi(after(ran.out, "#SBATCH --cpus-per-task="));
    const double asked = std::stod(after(ran.out, "#SBATCH --mem="));  // in MiB
    CHECK(ranks * threads <= 32);
    CHECK((ranks == 1) == c.one_rank);
    CHECK(asked <= 64 * 1024);
    const std::string srun = after(ran.out, "srun --cpus-per-task=");
    CHECK(contains(srun, " mpinmf fit V -k "));
    CHECK(contains(srun, "--loss 1") == contains(c.arguments, "--loss 1"));
    // what it needs with these ranks and threads, and with a node less
    const auto need = [&](int of_nodes) {
      const Ran told =
          run(mpinmf_command(1, "info " + c.arguments + " --ranks " + std::to_string(of_nodes * ranks) +
                                    " --threads " + std::to_string(threads)),
              folder.path());
      std::istringstream text(after(told.out, "in double: "));
      double number = 0;
      std::string unit;
      text >> number >> unit;
      return ranks * number * (unit == "GiB" ? 1024 : 1);
    };
    CHECK(1.2 * need(nodes) <= 1.01 * asked);
    if (nodes > 1) CHECK(1.2 * need(nodes - 1) > 0.99 * 64 * 1024);
  }
}

TEST_CASE("the memory of a node may be spelt in many ways", "[info]") {
  TemporaryFolder folder;
  for (const std::string memory :
       {"2G", "2g", "2GB", "2GiB", "2048M", "2097152K", "2147483648", "2147483648B", "0.002T"}) {
    const Ran ran =
        run(mpinmf_command(1, "info --shape 400x30 -k 2 --node-cores 4 --node-memory " + memory), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(contains(ran.out, "job on nodes of 4 cores and 2.0 GiB"));
  }
}
