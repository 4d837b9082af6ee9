// run.json says how the ranks fared, and mpinmf report makes a page of it.
#include <limits>

#include "cli_support.hpp"

namespace {

using nlohmann::json;

const std::string fit_tall = "fit generate:lowrank:rows=900,columns=60,rank=4 --force ";

/// Of 20 iterations, unless the options say otherwise.
json fitted(const TemporaryFolder& folder, int ranks, const std::string& options) {
  const std::string until = contains(options, "--max-iterations") ? "" : "--max-iterations 20 ";
  const Ran ran = run(mpinmf_command(ranks, fit_tall + until + options + " --output out"), folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return read_json(folder / "out/run.json");
}

void check_spread(const std::string& name, const json& spread, int ranks) {
  INFO(name << ": " << spread);
  CHECK(spread["min"] <= spread["mean"]);
  CHECK(spread["mean"] <= spread["max"]);
  CHECK(spread["max_rank"] >= 0);
  CHECK(spread["max_rank"] < ranks);
  CHECK(!spread["max_host"].get<std::string>().empty());
  if (ranks == 1) CHECK(spread["min"] == spread["max"]);
}

void check_seconds(const json& run, int ranks) {
  double known = 0;
  for (const auto& [phase, spread] : run["seconds"].items()) {
    if (phase == "total") continue;
    check_spread(phase, spread, ranks);
    if (phase != "waiting_in_sum") known += spread["mean"].get<double>();
  }
  CHECK(known > 0);
  CHECK(known <= run["seconds"]["total"]);
  const json& sum = run["seconds"]["sum"];
  const json& waiting = run["seconds"]["waiting_in_sum"];
  CHECK(waiting["min"] == 0);
  CHECK(waiting["max"].get<double>() == Approx(sum["max"].get<double>() - sum["min"].get<double>()));
  CHECK(waiting["max_rank"] == sum["max_rank"]);
}

void check_work(const json& run, int ranks, double stored, double flops) {
  for (const auto& [name, spread] : run["work"].items()) {
    if (name != "imbalance") check_spread(name, spread, ranks);
  }
  const auto total = [&](const char* name) { return ranks * run["work"][name]["mean"].get<double>(); };
  CHECK(total("rows") == Approx(900));
  CHECK(total("stored_entries") == Approx(stored));
  CHECK(total("flops_of_a_sweep") == Approx(flops));
  const json& of_sweep = run["work"]["flops_of_a_sweep"];
  CHECK(run["work"]["imbalance"].get<double>() ==
        Approx(of_sweep["max"].get<double>() / of_sweep["mean"].get<double>()));
}

void check_sweep(const json& run, double flops) {
  const json& sweep = run["sweep"];
  const json& seconds = run["seconds"]["sweep"];
  CHECK(sweep["walks"] == run["iterations"]);  // W first: no other walks
  CHECK(sweep["flops"].get<double>() == Approx(flops * sweep["walks"].get<double>()));
  CHECK(sweep["gflops"].get<double>() ==
        Approx(1e-9 * sweep["flops"].get<double>() / seconds["max"].get<double>()));
  CHECK(sweep["imbalance"].get<double>() == Approx(seconds["max"].get<double>() / seconds["mean"].get<double>()));
}

/// How many ranks "0-3,5" names.
int count_of(const std::string& ranges) {
  int count = 0;
  std::istringstream in(ranges);
  for (std::string range; std::getline(in, range, ',');) {
    const auto dash = range.find('-');
    count += dash == std::string::npos ? 1 : std::stoi(range.substr(dash + 1)) - std::stoi(range) + 1;
  }
  return count;
}

void check_fault(const std::string& command, int code, const std::string& part) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "empty");
  write_text(folder / "file", "text");
  for (const std::string name : {"broken", "other"}) std::filesystem::create_directory(folder.path() / name);
  write_text(folder / "broken/run.json", R"({"command": "fit", "loss": )");
  write_text(folder / "other/run.json", R"({"name": "of another program"})");
  const Ran ran = run(command, folder.path());
  INFO(command << "\n" << ran.err);
  CHECK(ran.code == code);
  CHECK(ran.out.empty());
  const std::vector<std::string> said = lines_with(ran.err, "mpinmf: ");
  REQUIRE(said.size() == 1);
  CHECK(contains(said[0], part));
}

}  // namespace

TEST_CASE("run.json is consistent for any number of ranks and any loss", "[report]") {
  struct Case {
    std::string options;
    double flops;
  };
  constexpr double entries = 900 * 60, k = 4;
  for (const int ranks : {1, 3}) {
    for (const Case& c : {Case{"-k 4", 4 * k * entries + 4 * k * k * 900},
                          Case{"-k 4 --loss kullback-leibler --rule mu --precision float", 8 * k * entries},
                          Case{"-k 4 --loss 0.5 --threads 2", 12 * k * entries}}) {
      INFO(ranks << " ranks, " << c.options);
      const TemporaryFolder folder;
      const json run = fitted(folder, ranks, c.options);
      check_seconds(run, ranks);
      check_work(run, ranks, entries, c.flops);
      check_sweep(run, c.flops);
      check_spread("memory", run["peak_memory_bytes"], ranks);
      CHECK(run["peak_memory_bytes"]["max"] == run["peak_memory_bytes_per_rank"]);
      CHECK(run["peak_memory_bytes"]["min"] > 1e6);
      int placed = 0;
      for (const json& line : run["placement"]) {
        placed += count_of(line["ranks"]);
        CHECK(line["cores_each"] > 0);
        CHECK(count_of(line["cores"]) >= line["cores_each"].get<int>());
      }
      CHECK(placed == ranks);
    }
  }
}

TEST_CASE("with H first the sums of the start are a walk with its cost, and half a walk without", "[report]") {
  const TemporaryFolder folder;
  const std::string h_first = "-k 4 --order h-first --rule mu --tolerance 0 --checkpoint";
  const json run = fitted(folder, 1, h_first);
  CHECK(run["sweep"]["walks"].get<double>() == 21);
  const json more = fitted(folder, 1, h_first + " --resume --max-iterations 30");
  CHECK(more["sweep"]["walks"].get<double>() == 10.5);
}

TEST_CASE("the page of a fit and of a transform comes once, without MPI", "[report]") {
  const TemporaryFolder folder;
  const json of_fit = fitted(folder, 3, "-k 4");
  const std::string transform =
      "transform generate:lowrank:rows=900,columns=60,rank=4 --model out --output new --quiet";
  REQUIRE(run(mpinmf_command(1, transform), folder.path()).code == 0);
  // a transport that does not exist would make MPI_Init fail
  const Ran ran = run("OMPI_MCA_pml=nothing " + mpinmf_command(3, "report out"), folder.path());
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  const std::string iterations = of_fit["iterations"].dump() + " iterations, stopped by ";
  for (const std::string& part :
       {std::string("out/run.json"), std::string("k = 4"), iterations, std::string("GFLOP/s"),
        std::string("ranks 0-2 on cores"), std::string("Hints")}) {
    INFO(part);
    const auto first = ran.out.find(part);
    CHECK(first != std::string::npos);
    CHECK(ran.out.find(part, first + 1) == std::string::npos);
  }
  const Ran page = run(mpinmf_command(1, "report new"), folder.path());
  CHECK(page.code == 0);
  CHECK(contains(page.out, "transform"));
  CHECK(!contains(page.out, "GFLOP/s"));
}

TEST_CASE("of several fits the table, and the page of the best", "[report]") {
  const TemporaryFolder folder;
  REQUIRE(
      run(mpinmf_command(1, fit_tall + "-k 2,3 --restarts 2 --init random --quiet --output out"), folder.path())
          .code == 0);
  const Ran ran = run(mpinmf_command(1, "report out"), folder.path());
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(lines_with(ran.out, "* ").size() == 2);
  CHECK(lines_with(ran.out, "       ").size() >= 2);
  std::string best;
  double least = std::numeric_limits<double>::infinity();
  for (const std::string name : {"k2/seed0", "k2/seed1", "k3/seed0", "k3/seed1"}) {
    const double loss = read_json(folder / ("out/" + name + "/run.json"))["loss"];
    if (loss < least) best = name;
    check_seconds(read_json(folder / ("out/" + name + "/run.json")), 1);
    least = std::min(least, loss);
  }
  CHECK(contains(ran.out, "The least loss of all: out/" + best));
  CHECK(contains(ran.out, "k = " + best.substr(1, 1) + ", "));
  CHECK(contains(run(mpinmf_command(1, "report out/k2/seed1"), folder.path()).out, "k = 2, "));
}

TEST_CASE("what cannot be reported is one message", "[report]") {
  check_fault(mpinmf_command(1, "report nowhere"), 4, "nowhere does not exist");
  check_fault(mpinmf_command(1, "report empty"), 4, "empty/run.json does not exist");
  check_fault(mpinmf_command(1, "report file"), 2, "file is not a folder");
  check_fault(mpinmf_command(1, "report broken"), 3, "broken/run.json is broken");
  check_fault(mpinmf_command(3, "report other"), 3, "other/run.json is not the run.json");
  check_fault(mpinmf_command(1, "report"), 2, "DIR");
}
