// Vector levels of the processor: picked by MPINMF_SIMD, named in the record, alike in their results.
#include <cmath>
#include <cstring>

#include "cli_support.hpp"

namespace {

const std::string dense = "generate:lowrank:rows=60,columns=45,rank=4,noise=0.01,seed=3";
// wide enough for an order of columns of its own
const std::string sparse = "generate:sparse-counts:rows=100,columns=4100,density=0.02,seed=3";

Ran run_at(const std::string& level, const std::string& arguments, const TemporaryFolder& folder) {
  return run("MPINMF_SIMD=" + level + " " + mpinmf_command(1, arguments), folder.path());
}

/// The numbers of a .npy file.
template <class T>
std::vector<T> numbers(const std::string& path) {
  const std::string bytes = read_text(path);
  const std::size_t begin = bytes.find('\n') + 1;
  std::vector<T> all((bytes.size() - begin) / sizeof(T));
  std::memcpy(all.data(), bytes.data() + begin, all.size() * sizeof(T));
  return all;
}

/// ||a - b|| / ||a||
template <class T>
double relative_difference(const std::string& a, const std::string& b) {
  const std::vector<T> one = numbers<T>(a), other = numbers<T>(b);
  REQUIRE(one.size() == other.size());
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    const double x = static_cast<double>(one[i]), y = static_cast<double>(other[i]);
    difference += (x - y) * (x - y);
    norm += x * x;
  }
  REQUIRE(norm > 0);
  return std::sqrt(difference / norm);
}

/// The levels of this machine, from the least.
std::vector<std::string> levels_here() {
  TemporaryFolder folder;
  std::vector<std::string> levels;
  for (const std::string level : {"baseline", "v3", "v4"}) {
    const Ran ran = run_at(level, "fit " + dense + " -k 2 --max-iterations 1 --output none", folder);
    if (ran.code == 0) {
      levels.push_back(level);
      continue;
    }
    INFO(ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK((contains(ran.err, "lacks " + level) || contains(ran.err, "is not a vector level")));
  }
  REQUIRE(!levels.empty());
  REQUIRE(levels.front() == "baseline");
  return levels;
}

}  // namespace

TEST_CASE("MPINMF_SIMD picks a level, the record names it, the best is taken without it", "[levels]") {
  TemporaryFolder folder;
  const std::vector<std::string> levels = levels_here();
  const std::string fit = "fit " + dense + " -k 3 --max-iterations 2 --output ";
  for (const std::string& level : levels) {
    REQUIRE(run_at(level, fit + level, folder).code == 0);
    const auto record = read_json(folder / (level + "/run.json"));
    CHECK(record["versions"]["vectors"].get<std::string>().rfind(level, 0) == 0);
    CHECK(run_at(level, "--version", folder).out.find(record["versions"]["vectors"]) != std::string::npos);
  }
  REQUIRE(run_at("", fit + "best", folder).code == 0);
  CHECK(read_json(folder / "best/run.json")["versions"]["vectors"] ==
        read_json(folder / (levels.back() + "/run.json"))["versions"]["vectors"]);
  CHECK(read_text(folder / "best/H.npy") == read_text(folder / (levels.back() + "/H.npy")));

  const Ran wrong = run_at("avx", fit + "none", folder);
  CHECK(wrong.code == 2);
  REQUIRE(messages(wrong.err).size() == 1);
  for (const std::string& level : levels) CHECK(contains(wrong.err, level));
}

TEST_CASE("levels agree to rounding, for every loss, dense and sparse, in both precisions", "[levels]") {
  const std::vector<std::string> levels = levels_here();
  struct Problem {
    std::string v, losses;
  };
  for (const std::string& v : {dense, sparse}) {
    for (const std::string loss : {"frobenius", "kullback-leibler", "itakura-saito", "0.5", "3"}) {
      if (v == sparse && loss == "itakura-saito") continue;  // needs entries above 0
      for (const std::string precision : {"double", "float"}) {
        if (precision == "float" && loss != "frobenius" && loss != "kullback-leibler") continue;
        TemporaryFolder folder;
        for (const std::string& level : levels) {
          const Ran ran = run_at(level,
                                 "fit " + v + (loss == "itakura-saito" ? " --add 1e-3" : "") +
                                     " -k 9 --rule mu --max-iterations 10 --tolerance 0 --threads 1 --precision " +
                                     precision + " --loss " + loss + " --output " + level,
                                 folder);
          INFO(level << ": " << ran.err);
          REQUIRE(ran.code == 0);
        }
        for (const std::string& level : levels) {
          INFO(v << ", " << loss << ", " << precision << ", " << level);
          for (const std::string factor : {"/W.npy", "/H.npy"}) {
            const std::string one = folder / (levels.front() + factor), other = folder / (level + factor);
            if (precision == "double") {
              CHECK(relative_difference<double>(one, other) < 1e-10);
            } else {
              CHECK(relative_difference<float>(one, other) < 1e-3);
            }
          }
        }
      }
    }
  }
}
