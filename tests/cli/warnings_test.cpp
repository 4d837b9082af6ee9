// What slows a run is said once, with its cure, and noted in run.json; a good run is warned of nothing.
#include <cstdlib>
#include <fstream>

#include "cli_support.hpp"

namespace {

const std::string swimmer = "fit generate:swimmer -k 3 --max-iterations 2 --force --output out ";

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

}  // namespace

TEST_CASE("a good run is warned of nothing", "[warnings]") {
  CHECK(warning_of(1, swimmer + "--threads 1").empty());
  if (cores().count < 2) {
    WARN("skipped: one core");
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
    WARN("skipped: as many ranks as would not fit here are too many for a test");
    return;
  }
  const std::string said = warning_of(here.count + 1, swimmer);
  CHECK(contains(said, std::to_string(here.count + 1) + " ranks"));
  CHECK(contains(said, "start at most " + std::to_string(here.count) + " rank"));
}

TEST_CASE("ranks that are bound to one core while others are idle are told what binds them", "[warnings]") {
  const Cores here = cores();
  if (here.count < 2 || run("taskset --version", "/").code != 0) {
    WARN("skipped: one core, or no taskset");
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
  const std::string options = " -k 4 --max-iterations 2 --force --output out";
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
    WARN("skipped: not OpenBLAS, or one core");
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

TEST_CASE("transform and spectrum warn as well", "[warnings]") {
  TemporaryFolder folder;
  REQUIRE(
      run(mpinmf_command(1, "fit generate:swimmer -k 3 --max-iterations 2 --quiet --output model"), folder.path())
          .code == 0);
  CHECK(contains(
      warning_of(folder, "", 1, "transform generate:swimmer --model model --threads 100 --force --output out"),
      "100 threads of rank 0"));
  const Ran spectrum =
      run(mpinmf_command(1, "spectrum generate:swimmer -k 3 --threads 100 --output none"), folder.path());
  CHECK(spectrum.code == 0);
  CHECK(warnings(spectrum.err).size() == 1);
}
