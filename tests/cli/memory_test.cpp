// What `info` predicts beside what a fit takes, as the operating system counts it.
#include <cmath>

#include "cli_support.hpp"

namespace {

struct Case {
  std::string matrix, options;
  int ranks = 1, threads = 1, groups = 1;
};

/// Bytes that info says a rank needs.
double predicted(const Case& c, const TemporaryFolder& folder) {
  const Ran info = run(mpinmf_command(1, "info --header-only " + c.matrix + " " + c.options + " --ranks " +
                                             std::to_string(c.ranks) + " --threads " + std::to_string(c.threads) +
                                             " --groups " + std::to_string(c.groups)),
                       folder.path());
  INFO(info.err);
  const auto at = info.out.find(": ", info.out.find("memory a rank needs"));
  REQUIRE(at != std::string::npos);
  std::istringstream text(info.out.substr(at + 2));
  double mebibytes = 0;
  std::string unit;
  text >> mebibytes >> unit;
  REQUIRE(unit == "MiB");
  return mebibytes * 1024 * 1024;
}

void check(const Case& c, const TemporaryFolder& folder) {
  const Ran fit =
      run(mpinmf_command(c.ranks, "fit " + c.matrix + " " + c.options + " --max-iterations 2 --quiet " +
                                      "--force --output o --threads " + std::to_string(c.threads)),
          folder.path());
  INFO(fit.err);
  REQUIRE(fit.code == 0);
  const double peak = read_json(folder / "o/run.json")["peak_memory_bytes_per_rank"], need = predicted(c, folder);
  INFO(c.matrix << " " << c.options << " on " << c.ranks << " ranks with " << c.threads << " threads: predicted "
                << need << ", peak " << peak);
  CHECK(std::abs(need / peak - 1) <= 0.15);
}

/// Reading takes little besides what it leaves: V is never whole in a rank, neither as it was read nor as it was
/// sent. A fit that needs next to nothing itself shows it.
void check_reading(const std::string& arguments, const TemporaryFolder& folder) {
  constexpr double mebibyte = 1024 * 1024;
  const Ran fit = run(mpinmf_command(2, "fit " + arguments + " -k 1 --init random --max-iterations 1 --quiet " +
                                            "--force --output o"),
                      folder.path());
  INFO(arguments << "\n" << fit.err);
  REQUIRE(fit.code == 0);
  const Ran info = run(mpinmf_command(1, "info --header-only " + arguments + " -k 1 --ranks 2"), folder.path());
  const auto at = info.out.find("  V ");
  REQUIRE(at != std::string::npos);
  const double slice = std::stod(info.out.substr(at + 4)) * mebibyte,
               peak = read_json(folder / "o/run.json")["peak_memory_bytes_per_rank"];
  CHECK(peak <= 1.3 * slice + 64 * mebibyte);
}

}  // namespace

TEST_CASE("the memory predicted for a dense matrix is the peak", "[memory]") {
  TemporaryFolder folder;
  const std::string shape = "generate lowrank --columns 640 --rank 2 ";
  REQUIRE(run(mpinmf_command(1, shape + "--rows 20000 --output d.npy"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(1, shape + "--rows 40000 --precision float --output f.npy"), folder.path()).code ==
          0);
  for (const Case& c : {Case{"d.npy", "-k 4", 1, 1}, Case{"d.npy", "-k 64 --loss kullback-leibler", 1, 2},
                        Case{"d.npy", "-k 4 --loss 0.5", 2, 2}, Case{"f.npy", "-k 64", 2, 1},
                        Case{"d.npy", "-k 4 --precision float --transpose", 1, 1}}) {
    check(c, folder);
  }
  check_reading("d.npy --transpose", folder);
}

TEST_CASE("the memory predicted for a sparse matrix is the peak", "[memory]") {
  TemporaryFolder folder;
  REQUIRE(
      run(mpinmf_command(1, "generate sparse-counts --rows 60000 --columns 20000 --nonzeros 5e6 --output s.csr"),
          folder.path())
          .code == 0);
  for (const Case& c : {Case{"s.csr", "-k 4", 1, 1}, Case{"s.csr", "-k 64 --loss kullback-leibler", 4, 1},
                        Case{"s.csr", "-k 64 --precision float --init random", 1, 2}}) {
    check(c, folder);
  }
  for (const std::string file : {"s.mtx", "s.h5ad"}) {
    REQUIRE(run(mpinmf_command(1, "convert s.csr " + file), folder.path()).code == 0);
    check_reading(file + " --transpose", folder);
  }
  const std::string small = "generate:sparse-counts:rows=40000,columns=3000,nonzeros=4e6";
  check({small, "-k 4 --loss 0.5", 2, 2}, folder);  // n x k denominators, and dense work
}

TEST_CASE("the memory predicted for groups of ranks is the peak", "[memory]") {
  TemporaryFolder folder;
  for (const Case& c : {Case{"generate:lowrank:rows=40000,columns=640,rank=2", "-k 4", 2, 1, 2},
                        Case{"generate:sparse-counts:rows=60000,columns=20000,nonzeros=5e6", "-k 16", 4, 1, 2}}) {
    const Ran ran =
        run(mpinmf_command(c.ranks, "survey " + c.matrix + " " + c.options + " --restarts 2 --max-iterations 2 " +
                                        "--quiet --force --output s --groups " + std::to_string(c.groups)),
            folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const std::string k = contains(c.options, "16") ? "k16" : "k4";
    const double peak = read_json(folder / ("s/" + k + "/seed0/run.json"))["peak_memory_bytes_per_rank"],
                 need = predicted(c, folder);
    INFO(c.matrix << " " << c.options << ": predicted " << need << ", peak " << peak);
    CHECK(std::abs(need / peak - 1) <= 0.15);
  }
}

TEST_CASE("the memory predicted for comparing the fits of a survey is the peak", "[memory]") {
  TemporaryFolder folder;
  const std::string v = "generate:lowrank:rows=100,columns=60000,rank=2",
                    options = "-k 8 --restarts 20 --init random";
  const Ran ran = run(mpinmf_command(1, "survey " + v + " " + options + " --max-iterations 1 --quiet --output s"),
                      folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const double peak = read_json(folder / "s/k8/consensus/run.json")["peak_memory_bytes_per_rank"],
               need = predicted({v, options}, folder);
  INFO("predicted " << need << ", peak " << peak);
  CHECK(std::abs(need / peak - 1) <= 0.15);
}

TEST_CASE("the memory predicted for a start from the SVD is the peak", "[memory]") {
  TemporaryFolder folder;
  for (const Case& c : {Case{"generate:lowrank:rows=200000,columns=64,rank=3", "-k 16 --init nndsvda", 1, 1},
                        Case{"generate:lowrank:rows=64,columns=100000,rank=3", "-k 16 --init nndsvd", 2, 1},
                        Case{"generate:sparse-counts:rows=100000,columns=20000,nonzeros=4e6",
                             "-k 10 --init nndsvdar --precision float", 2, 2}}) {
    check(c, folder);
  }
}

TEST_CASE("the memory predicted for a fit that begins with a wider one is the peak", "[memory]") {
  TemporaryFolder folder;
  const std::string tall = "generate:lowrank:rows=200000,columns=64,rank=3";
  for (const Case& c : {Case{tall, "-k 32 --merge 16 --rule mu", 1, 1},
                        Case{tall, "-k 16 --merge 16 --loss kullback-leibler", 1, 2},
                        Case{"generate:lowrank:rows=64,columns=100000,rank=3", "-k 24 --merge 8", 2, 1}}) {
    check(c, folder);
  }
}

TEST_CASE("the memory predicted for a large H, a large k and a generator of its own is the peak", "[memory]") {
  TemporaryFolder folder;
  const std::string wide = "generate:lowrank:rows=64,columns=100000,rank=1";
  for (const Case& c :
       {Case{wide, "-k 32", 1, 2}, Case{wide, "-k 32 --loss 1", 4, 1}, Case{wide, "-k 16 --loss 0.5", 2, 2},
        Case{"generate:lowrank:rows=2000,columns=8000,rank=200", "-k 4", 1, 1},
        Case{"generate:lowrank:rows=100,columns=100,rank=2", "-k 600", 1, 1}}) {
    check(c, folder);
  }
}
