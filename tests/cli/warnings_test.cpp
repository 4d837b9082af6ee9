// What slows a run, and what may be wrong with its result, is said once, with its cure, and noted in run.json; a
// good run is warned of nothing.
#include <cstdlib>
#include <fstream>

#include "cli_support.hpp"

namespace {

const std::string swimmer = "fit generate:swimmer -k 3 --max-iterations 2 --tolerance 0 --force --output out ";

/// The one warning of a run, or nothing. The same stands in run.json.
std::string warning_of(const TemporaryFolder& folder, const std::string& start, int ranks,
                       const std::string& arguments) {
  const Ran loud = run(start + mpinmf_command(ranks, arguments), folder.path());
  INFO(arguments << "\n" << loud.err);
  CHECK(loud.code == 0);
  const std::vector<std::string> said = warnings(loud.err);
  CHECK(said.size() <= 1);
  const nlohmann::json noted = read_json(folder / "out/run.json")["warnings"];
  REQUIRE(noted.size() == said.size());
  for (std::size_t i = 0; i < said.size(); ++i)
    CHECK(said[i] == "mpinmf: warning: " + noted[i].get<std::string>());
  return said.empty() ? "" : said[0];
}

std::string warning_of(int ranks, const std::string& arguments) {
  return warning_of(TemporaryFolder(), "", ranks, arguments);
}

/// Of this host, that a run may use.
struct Cores {
  int count = 0;
  std::string first;
};
Cores cores() {
  const TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, swimmer + "--quiet"), folder.path()).code == 0);
  const nlohmann::json place = read_json(folder / "out/run.json")["placement"][0];
  const std::string all = place["cores"];
  return {place["cores_each"], all.substr(0, all.find_first_of(",-"))};
}

/// A sparse matrix whose first `heavy_rows` rows have all the others' entries a hundred times.
void write_uneven(const std::string& path, int heavy_rows) {
  constexpr int rows = 64, columns = 20000, light = 200;
  std::ofstream out(path);
  out << "%%MatrixMarket matrix coordinate integer general\n"
      << rows << " " << columns << " " << heavy_rows * columns + (rows - heavy_rows) * light << "\n";
  for (int i = 0; i < rows; ++i) {
    const int stride = i < heavy_rows ? 1 : columns / light;
    for (int j = 0; j < columns; j += stride) out << i + 1 << " " << j + 1 << " " << 1 + (i * j) % 5 << "\n";
  }
}

/// The texts of warnings that a fit's folder keeps.
std::vector<std::string> noted_in(const std::string& folder) {
  return read_json(folder + "/run.json")["warnings"].get<std::vector<std::string>>();
}

}  // namespace

TEST_CASE("a good run is warned of nothing", "[warnings]") {
  CHECK(warning_of(1, swimmer + "--threads 1").empty());
  if (cores().count < 2) {
    skip("one core");
    return;
  }
  CHECK(warning_of(2, swimmer).empty());
  CHECK(warning_of(1, swimmer + "--threads 2").empty());
}

TEST_CASE("more threads than cores bring the option that cures it", "[warnings]") {
  const Cores here = cores();
  const std::string many = swimmer + "--threads 100";
  const std::string alone = warning_of(1, many);
  CHECK(contains(alone, "100 threads of rank 0"));
  CHECK(contains(alone, "take --threads " + std::to_string(here.count)));
  CHECK(!contains(alone, "mpirun"));
  const std::string two = warning_of(2, many);
  CHECK(contains(two, "200 threads of 2 ranks"));
  CHECK(contains(two, "mpirun --map-by slot:PE=100 --bind-to core"));
  CHECK(contains(warning_of(TemporaryFolder(), "SLURM_STEP_NUM_TASKS=1 ", 1, many), "srun -c 100"));
}

TEST_CASE("a quiet run keeps its warning for run.json", "[warnings]") {
  const TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(2, swimmer + "--threads 100 --quiet"), folder.path());
  CHECK(ran.code == 0);
  CHECK(lines_with(ran.err, "mpinmf: ").empty());
  CHECK(read_json(folder / "out/run.json")["warnings"].size() == 1);
}

TEST_CASE("more ranks than cores bring the number that fits", "[warnings]") {
  const Cores here = cores();
  if (here.count > 8) {
    skip("as many ranks as would not fit here are too many for a test");
    return;
  }
  const std::string said = warning_of(here.count + 1, swimmer);
  CHECK(contains(said, std::to_string(here.count + 1) + " ranks"));
  CHECK(contains(said, "start at most " + std::to_string(here.count) + " rank"));
}

TEST_CASE("ranks that are bound to one core while others are idle are told what binds them", "[warnings]") {
  const Cores here = cores();
  if (here.count < 2 || run("taskset --version", "/").code != 0) {
    skip("one core, or no taskset");
    return;
  }
  const TemporaryFolder folder;
  const std::string on_first = "taskset -c " + here.first + " ";
  const std::string said = warning_of(folder, on_first, 2, swimmer);
  CHECK(contains(said, "binding holds the 2 threads of 2 ranks on core " + here.first + " of "));
  CHECK(contains(said, "--bind-to core"));
  CHECK(contains(said, "taskset"));
  CHECK(contains(warning_of(folder, on_first, 1, swimmer + "--threads 2"), "2 threads of rank 0 on core"));
  CHECK(warning_of(folder, on_first, 1, swimmer).empty());
  // the cure that is named
  const Ran bound =
      run("mpirun -n 2 --map-by slot:PE=1 --bind-to core " + mpinmf_command(1, swimmer), folder.path());
  INFO(bound.err);
  CHECK(bound.code == 0);
  CHECK(warnings(bound.err).empty());
  CHECK(read_json(folder / "out/run.json")["placement"][0]["cores_each"] == 1);
}

TEST_CASE("a rank with far more work than the others is named", "[warnings]") {
  TemporaryFolder folder;
  write_uneven(folder / "even.mtx", 0);
  write_uneven(folder / "uneven.mtx", 8);
  const std::string options = " -k 4 --max-iterations 2 --tolerance 0 --force --output out";
  const auto of_work = [&](const std::string& matrix) {
    const Ran ran = run(mpinmf_command(3, "fit " + matrix + options), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 0);
    const std::vector<std::string> found = messages(ran.err);
    std::vector<std::string> work;
    for (const std::string& line : found) {
      if (contains(line, "mean work")) work.push_back(line);
    }
    return work;
  };
  CHECK(of_work("even.mtx").empty());
  const std::vector<std::string> said = of_work("uneven.mtx");
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], " has 2.8 times the mean work"));
  CHECK(contains(said[0], "160000 of 171200 entries"));
  CHECK(contains(said[0], "shuffle the rows"));
  const nlohmann::json run_json = read_json(folder / "out/run.json");
  CHECK(run_json["work"]["imbalance"] > 2.7);
  CHECK(run_json["work"]["stored_entries"]["max"] == 160000);
  CHECK(contains(run_json["warnings"].back().get<std::string>(), "mean work"));
}

TEST_CASE("a BLAS that keeps threads of its own is noticed by what it does", "[warnings]") {
  TemporaryFolder folder;
  const Ran version = run(mpinmf_command(1, "--version"), folder.path());
  if (!contains(version.out, "BLAS: OpenBLAS") || cores().count < 2) {
    skip("not OpenBLAS, or one core");
    return;
  }
  const std::string deaf = std::string(std::getenv("MPINMF_BUILD")) + "/tests/libdeaf_blas.so";
  REQUIRE(std::filesystem::exists(deaf));
  const std::string threads = "OPENBLAS_NUM_THREADS=2 ";
  CHECK(warning_of(folder, threads, 1, swimmer).empty());  // mpinmf sets it to one
  const std::string said = warning_of(folder, threads + "LD_PRELOAD=" + deaf + " ", 1, swimmer);
  CHECK(contains(said, "BLAS has threads of its own"));
  CHECK(contains(said, "OPENBLAS_NUM_THREADS=1"));
  CHECK(warning_of(folder, "OPENBLAS_NUM_THREADS=1 LD_PRELOAD=" + deaf + " ", 1, swimmer).empty());
}

TEST_CASE("an OpenBLAS that does not know the processor is named, with the cure, by version, fit and report",
          "[warnings]") {
  TemporaryFolder folder;
  const std::string old = std::string(std::getenv("MPINMF_BUILD")) + "/tests/libold_blas.so";
  REQUIRE(std::filesystem::exists(old));
  const std::string unknown = "unset OPENBLAS_CORETYPE; export LD_PRELOAD=" + old + "; ";
  const Ran version = run(unknown + mpinmf_command(1, "--version"), folder.path());
  if (!contains(version.out, "DYNAMIC_ARCH") || contains(version.out, "vectors: baseline")) {
    skip("the kernel of this BLAS cannot be chosen, or no vector level is above its least");
    return;
  }
  const std::string better = contains(version.out, "vectors: v4") ? "SkylakeX" : "Haswell",
                    cure = "set OPENBLAS_CORETYPE=" + better;
  CHECK(contains(version.out, "warning: OpenBLAS works with its kernel Prescott"));
  CHECK(contains(version.out, cure));

  const std::string said = warning_of(folder, unknown, 2, swimmer + "--threads 1");
  CHECK(contains(said, "kernel Prescott"));
  CHECK(contains(said, cure));
  CHECK(read_json(folder / "out/run.json")["versions"]["blas_kernel"] == "Prescott");
  const Ran report = run(mpinmf_command(1, "report out"), folder.path());
  CHECK(contains(report.out, "(kernel Prescott)"));
  CHECK(contains(report.out, cure));
  const Ran quiet = run(unknown + mpinmf_command(1, swimmer + "--quiet"), folder.path());
  CHECK(warnings(quiet.err).empty());

  // the cure, a cure for lesser vectors, and vectors for which the kernel suffices
  CHECK(warning_of(folder, unknown + "OPENBLAS_CORETYPE=" + better + " ", 1, swimmer + "--threads 1").empty());
  CHECK(read_json(folder / "out/run.json")["versions"]["blas_kernel"] == better);
  CHECK(contains(warning_of(folder, unknown + "MPINMF_SIMD=v3 ", 1, swimmer + "--threads 1"),
                 "OPENBLAS_CORETYPE=Haswell"));
  CHECK(warning_of(folder, unknown + "MPINMF_SIMD=baseline ", 1, swimmer + "--threads 1").empty());
  // what is advised has to run on all ranks
  const std::string least = "sh -c 'test $OMPI_COMM_WORLD_RANK = 0 || export MPINMF_SIMD=v3; exec \"$@\"' _ ";
  std::string mixed = mpinmf_command(2, swimmer + "--threads 1");
  mixed.insert(mixed.rfind("'" + std::string(std::getenv("MPINMF_PROGRAM"))), least);
  const std::vector<std::string> of_mixed = warnings(run(unknown + mixed, folder.path()).err);
  REQUIRE(of_mixed.size() == 1);
  CHECK(contains(of_mixed[0], "OPENBLAS_CORETYPE=Haswell"));
}

TEST_CASE("transform and spectrum warn as well", "[warnings]") {
  TemporaryFolder folder;
  REQUIRE(
      run(mpinmf_command(1, "fit generate:swimmer -k 3 --max-iterations 2 --tolerance 0 --quiet --output model"),
          folder.path())
          .code == 0);
  CHECK(contains(
      warning_of(folder, "", 1, "transform generate:swimmer --model model --threads 100 --force --output out"),
      "100 threads of rank 0"));
  const Ran spectrum =
      run(mpinmf_command(1, "spectrum generate:swimmer -k 3 --threads 100 --output none"), folder.path());
  CHECK(spectrum.code == 0);
  CHECK(warnings(spectrum.err).size() == 1);
}

TEST_CASE("a fit that has not converged is told so, with the cure", "[warnings]") {
  const std::string counts =
      "fit generate:sparse-counts:rows=300,columns=80,density=0.05 -k 6 --loss kullback-leibler --rule mu "
      "--max-iterations 12 "
      "--force --output out ";
  for (const int ranks : {1, 2}) {
    const std::string said = warning_of(ranks, counts);
    CHECK(contains(said, "not converged after 12 iterations (KKT residual "));
    CHECK(contains(said, "--max-iterations, or --rule scd"));
  }
  CHECK(warning_of(1, counts + "--tolerance 0").empty());  // a number that was asked for
  const std::string dense = "fit generate:swimmer -k 3 --force --output out ";
  CHECK(contains(warning_of(1, dense + "--max-iterations 2"), "not converged after 2 iterations"));
  CHECK(!contains(warning_of(1, dense + "--max-iterations 2 --rule hals"), "scd"));
  CHECK(warning_of(1, dense + "--max-iterations 1000 --rule hals").empty());
}

TEST_CASE("a pair that moves no more has converged, whatever the tolerance says", "[warnings]") {
  TemporaryFolder folder;
  write_numbers(folder / "V.npy", 3, 2, {1, 2, 2, 4, 3, 6});
  CHECK(warning_of(folder, "", 1, "fit V.npy -k 1 --rule hals --max-iterations 5 --tolerance 1e-9 --output out")
            .empty());
}

TEST_CASE("a penalty on one factor alone is named", "[warnings]") {
  for (const std::string of_w : {"--alpha-w 0.01 --alpha-h 0", "--alpha-h 0.01"}) {
    const std::string said = warning_of(1, swimmer + of_w);
    CHECK(contains(said, contains(of_w, "-w") ? "a penalty on W alone" : "a penalty on H alone"));
  }
  CHECK(warning_of(1, swimmer + "--alpha-w 0.01").empty());  // that of H is the same
  CHECK(warning_of(1, swimmer + "--alpha-w 0.01 --alpha-h 0.001").empty());
}

TEST_CASE("components that explain nothing are counted and named, for every loss and rule", "[warnings]") {
  TemporaryFolder folder;
  std::vector<double> w0 = counting(12, 3), h0 = counting(3, 5);
  for (std::size_t i = 0; i < 12; ++i) w0[i * 3 + 1] = 0;
  for (std::size_t j = 0; j < 5; ++j) h0[5 + j] = 0;
  write_numbers(folder / "V.npy", 12, 5, counting(12, 5));
  write_numbers(folder / "w0.npy", 12, 3, w0);
  write_numbers(folder / "h0.npy", 3, 5, h0);
  const std::string fit =
      "fit V.npy -k 3 --w0 w0.npy --h0 h0.npy --max-iterations 3 --tolerance 0 --force --output out ";
  for (const std::string how :
       {"--rule mu", "--rule amu", "--loss 1", "--loss 1 --rule mu", "--loss 0.5", "--loss 0"}) {
    for (const int ranks : {1, 2}) {
      INFO(how << " on " << ranks << " ranks");
      const std::string said = warning_of(folder, "", ranks, fit + how);
      CHECK(contains(said, "1 of 3 components is 0 and explains nothing"));
      CHECK(contains(said, "--seed"));
      CHECK(read_json(folder / "out/run.json")["dead_components"] == 1);
    }
  }
  CHECK(warning_of(folder, "", 1, "fit V.npy -k 3 --rule mu --max-iterations 3 --tolerance 0 --force --output out")
            .empty());
  CHECK(read_json(folder / "out/run.json")["dead_components"] == 0);
}

TEST_CASE("a penalty that leaves nothing of V is named", "[warnings]") {
  for (const std::string rule : {"mu", "hals", "anls-bpp"}) {
    INFO(rule);
    TemporaryFolder folder;
    const std::string said = warning_of(folder, "", 1,
                                        "fit generate:swimmer -k 3 --alpha-w 10 --l1-ratio 1 --max-iterations 50 "
                                        "--tolerance 0 --output out --rule " +
                                            rule);
    CHECK(contains(said, "W H is 0 everywhere: the penalty outweighs V"));
    CHECK(read_json(folder / "out/run.json")["dead_components"] == 3);
    const Ran report = run(mpinmf_command(1, "report out"), folder.path());
    CHECK(contains(report.out, "W H is 0 everywhere"));
  }
}

TEST_CASE("more components than V has rows or columns are named", "[warnings]") {
  const std::string fit =
      "fit generate:lowrank:rows=30,columns=8,rank=3,noise=0.2 --rule mu --max-iterations 2 --tolerance 0 --force "
      "--output out ";
  CHECK(contains(warning_of(1, fit + "-k 9"), "k = 9 is more than min(m, n) = 8"));
  CHECK(warning_of(1, fit + "-k 8").empty());
}

TEST_CASE("what several fits are warned of stands in the run.json of each, and once in what is said",
          "[warnings]") {
  TemporaryFolder folder;
  const Ran ran =
      run(mpinmf_command(1, "fit generate:swimmer -k 2,3 --max-iterations 2 --alpha-h 0.01 --output out"),
          folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(lines_with(ran.err, "mpinmf: warning: a penalty on H alone").size() == 1);
  for (const std::string k : {"2", "3"}) {
    CHECK(lines_with(ran.err, "mpinmf: warning: k = " + k + ", seed 0: not converged").size() == 1);
    const std::vector<std::string> noted = noted_in(folder / ("out/k" + k + "/seed0"));
    REQUIRE(noted.size() == 2);
    CHECK(contains(noted[0], "a penalty on H alone"));
    CHECK(noted[1].rfind("not converged after 2 iterations", 0) == 0);
  }
}

TEST_CASE("what a fit is warned of on its way is in run.json, and what it says in the end, too", "[warnings]") {
  TemporaryFolder folder;
  const std::string fit =
      "fit generate:lowrank:rows=170000,columns=16,rank=4 -k 16 --rule mu --max-iterations 4 --write h "
      "--checkpoint "
      "--checkpoint-every 3 --output out";
  const Ran ran = run("ulimit -f 40000; " + mpinmf_command(1, fit), folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
  const std::vector<std::string> noted = noted_in(folder / "out"), said = warnings(ran.err);
  REQUIRE(noted.size() == 3);
  REQUIRE(said.size() == noted.size());
  for (std::size_t i = 0; i < said.size(); ++i) CHECK(said[i] == "mpinmf: warning: " + noted[i]);
  CHECK(contains(noted[0], "no checkpoint at iteration 3"));
  CHECK(contains(noted[2], "not converged after 4 iterations"));
  const Ran report = run(mpinmf_command(1, "report out"), folder.path());
  for (const std::string& text : noted) CHECK(contains(report.out, text));
}

TEST_CASE("negative entries of round-off are counted, printed and in run.json", "[warnings]") {
  TemporaryFolder folder;
  write_text(folder / "v.mtx",
             "%%MatrixMarket matrix coordinate real general\n4 3 6\n1 1 1\n2 2 1\n3 3 1\n4 1 2\n4 2 -1e-17\n4 3 "
             "-1e-12\n");
  const std::string fit = "fit v.mtx -k 2 --tolerance 0 --max-iterations 3 --output out";
  const Ran refused = run(mpinmf_command(2, fit), folder.path());
  CHECK(refused.code == 3);
  CHECK(contains(refused.err, "--clip-negative 1e-09"));
  const std::string text = "negative entries of V that were taken as 0, as --clip-negative asks: 2";
  CHECK(contains(warning_of(folder, "", 2, fit + " --clip-negative 1e-9"), text));
  CHECK(noted_in(folder / "out").front() == text);
  const auto input = read_json(folder / "out/run.json")["input"];
  CHECK(input["clipped"] == 2);
  CHECK(input["clip_negative"] == 1e-9);
  CHECK(input["summed"] == 0);
  // as the fit was told
  CHECK(contains(warning_of(folder, "", 2, "transform v.mtx --model out --output t"), text));
}

TEST_CASE("entries in the same place are noted once, by every command that reads V, and in run.json",
          "[warnings]") {
  TemporaryFolder folder;
  const std::string head = "%%MatrixMarket matrix coordinate real general\n";
  write_text(folder / "v.mtx", head + "4 3 9\n1 1 1\n2 2 1\n2 2 1\n3 3 1\n4 1 2\n4 2 1\n4 1 2\n4 1 3\n4 2 0\n");
  write_text(folder / "one.mtx", head + "2 2 4\n1 1 1\n2 2 1\n1 2 1\n1 2 1\n");
  const std::string text = "3 entries of v.mtx stand in the same place as others: summed";
  for (const int ranks : {1, 3}) {
    const auto said = [&](const std::string& arguments) {
      const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
      INFO(arguments << "\n" << ran.err);
      CHECK(ran.code == 0);
      std::vector<std::string> found = warnings(ran.err);
      std::erase_if(found, [](const std::string& line) { return !contains(line, "same place"); });
      return found;
    };
    for (const std::string command :
         {"fit v.mtx -k 2 --tolerance 0 --max-iterations 3 --output out --force",
          "transform v.mtx --model out --output t --force", "evaluate v.mtx --model out",
          "spectrum v.mtx -k 1 --force", "convert v.mtx v.npy --force", "convert v.mtx v.csr --force",
          "convert v.mtx v.csv --log1p --force", "convert v.mtx v.h5 --transpose --force"}) {
      if (ranks > 1 && !command.starts_with("fit ") && !contains(command, "csr")) continue;
      CHECK(said(command) == std::vector<std::string>{"mpinmf: warning: " + text});
    }
    const std::vector<std::string> noted = noted_in(folder / "out");
    CHECK(std::count(noted.begin(), noted.end(), text) == 1);
    CHECK(read_json(folder / "out/run.json")["input"]["summed"] == 3);
    CHECK(said("convert v.csr again.mtx --force").empty());
    CHECK(said("convert one.mtx one.csr --force") ==
          std::vector<std::string>{
              "mpinmf: warning: 1 entry of one.mtx stands in the same place as another: summed"});
  }
}
