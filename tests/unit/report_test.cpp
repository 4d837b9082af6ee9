// The page that mpinmf report makes of a run.json.
#include "report/run_report.hpp"

#include <algorithm>
#include <sstream>

#include "catch.hpp"
#include "contains.hpp"
#include "mpinmf/error.hpp"
#include "report/memory.hpp"
#include "report/run_hints.hpp"

using mpinmf::BadData;
using mpinmf::report::JsonFields;
using mpinmf::report::run_hints;
using mpinmf::report::run_report;
using mpinmf::report::summary_row;
using Json = nlohmann::ordered_json;

namespace {

Json spread(double least, double mean, double most, int rank, const std::string& host) {
  return {{"min", least}, {"mean", mean}, {"max", most}, {"max_rank", rank}, {"max_host", host}};
}

/// A fit of 100 s on 4 ranks of two hosts, of which rank 3 sweeps 1.7 times as long as the mean.
Json made_up_run() {
  Json run = Json::parse(R"({
    "command": "fit",
    "versions": {"mpinmf": "0.1.0", "mpi": "Open MPI v4.1.4", "blas": "OpenBLAS 0.3.21", "vectors": "v3"},
    "input": {"path": "V.mtx", "rows": 4000, "columns": 300, "nonzeros": 90000, "sparse": true, "transposed": false},
    "options": {"components": 20, "loss": "frobenius", "rule": "ahals", "extrapolate": true, "init": "nndsvda",
                "seed": "7", "stop": "loss", "max_iterations": 200, "tolerance": 0.0001, "max_seconds": null,
                "precision": "double"},
    "ranks": 4, "threads_per_rank": 2, "ranks_on_hosts": {"n1": 2, "n2": 2},
    "placement": [{"host": "n1", "ranks": "0-1", "cores": "0-3", "cores_each": 2},
                  {"host": "n2", "ranks": "2-3", "cores": "0-3", "cores_each": 2}],
    "written": ["W.npy", "H.npy", "run.json"], "iterations": 120, "stop_reason": "tolerance", "loss": 12.5,
    "reconstruction_error": 5.0, "relative_error": 0.25, "penalty": 0.0, "kkt_residual": {"W": 0.001, "H": 0.002},
    "zero_models": 0,
    "sweep": {"walks": 120, "imbalance": 1.7, "flops": 1e12, "flops_formula": "4 k an entry + 4 k^2 a row",
              "gflops": 14.7},
    "communication": {"bytes_per_iteration": 2048, "messages_per_iteration": 2, "formula": "n k", "pipelined": false,
                      "chunks": 1},
    "warnings": ["n2 has 2 cores for the 4 threads of 2 ranks"]
})");
  run["seconds"] = {{"total", 100},
                    {"read", spread(5, 5, 5, 0, "n1")},
                    {"sweep", spread(30, 40, 68, 3, "n2")},
                    {"sum", spread(1, 27, 38, 1, "n1")},
                    {"rule", spread(0, 2, 8, 0, "n1")},
                    {"broadcast", spread(1, 2, 2, 1, "n1")},
                    {"waiting_in_sum", spread(0, 26, 37, 1, "n1")}};
  run["work"] = {{"rows", spread(1000, 1000, 1000, 0, "n1")},
                 {"stored_entries", spread(22000, 22500, 23000, 3, "n2")},
                 {"flops_of_a_sweep", spread(3e6, 3.1e6, 3.2e6, 3, "n2")},
                 {"imbalance", 1.02}};
  run["peak_memory_bytes"] = spread(1 << 20, 2 << 20, 3 << 20, 2, "n2");
  return run;
}

std::string page(const Json& run) {
  return run_report(JsonFields(run.dump(), "out/run.json"));
}

std::vector<std::string> hints(const Json& run) {
  return run_hints(JsonFields(run.dump(), "out/run.json"));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the page says what was asked, how it ended, where and how long", "[report]") {
  const std::string text = page(made_up_run());
  INFO(text);
  for (const char* part :
       {"V.mtx, 4000 x 300, sparse, 90000 nonzeros, double",
        "k = 20, frobenius, ahals extrapolated, start nndsvda, seed 7", "200 iterations, tolerance 0.0001 on loss",
        "120 iterations, stopped by tolerance", "relative error 0.25", "4, threads in each: 2",
        "ranks 2-3 on cores 0-3, 2 each", "3 on n2", "14.7 GFLOP/s", "2.0 KiB in 2 messages",
        "peak 2.0 MiB a rank in the mean, 1.0 MiB to 3.0 MiB, most on rank 2 on n2",
        "n2 has 2 cores for the 4 threads"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
  CHECK(!contains(text, "null"));
  CHECK(!contains(text, "nan"));
}

TEST_CASE("the shares of the phases and of the rest are those of the whole", "[report]") {
  std::istringstream lines(page(made_up_run()));
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto sign = line.find(" %  ");
    const auto end = sign == std::string::npos && line.size() > 2 && line.substr(line.size() - 2) == " %"
                         ? line.size() - 2
                         : sign;
    if (end == std::string::npos || contains(line, "waiting")) continue;
    sum += std::stod(line.substr(line.rfind(' ', end - 1)));
  }
  CHECK(sum == Approx(100));
}

TEST_CASE("the slowest rank is named, and whether its work explains it", "[report]") {
  Json run = made_up_run();
  std::vector<std::string> found = hints(run);
  REQUIRE(!found.empty());
  CHECK(contains(found[0], "the slowest rank in the sweep is 3 on n2: 1.7 x the mean; it has no more work"));
  run["work"]["imbalance"] = 1.6;
  CHECK(contains(hints(run)[0], "1.6 x the mean work"));
  run["work"]["flops_of_a_sweep"]["max_rank"] = 0;
  CHECK(contains(hints(run)[0], "no more work"));
  run["seconds"]["sweep"]["max"] = 41;
  for (const std::string& hint : hints(run)) CHECK(!contains(hint, "slowest rank"));
}

TEST_CASE("each hint comes with what it tells of, and goes with it", "[report]") {
  struct Case {
    std::string field;
    Json value;
    std::string hint;
  };
  Json quiet = made_up_run();
  quiet["seconds"]["sweep"] = spread(80, 80, 80, 0, "n1");
  quiet["seconds"]["waiting_in_sum"]["mean"] = 1;
  CHECK(hints(quiet).empty());
  CHECK(contains(page(quiet), "nothing stands out"));
  for (const Case& c : {Case{"/seconds/waiting_in_sum/mean", 26, "waits 26 % of the time"},
                        Case{"/seconds/sum/min", 40, "messages take 41 % of the time"},
                        Case{"/seconds/rule/max", 35, "update of H takes 35 % of the time on one rank"},
                        Case{"/seconds/read/max", 60, "reading V takes 60 % of the time"}}) {
    Json run = quiet;
    run[Json::json_pointer(c.field)] = c.value;
    const std::vector<std::string> found = hints(run);
    INFO(c.hint);
    REQUIRE(found.size() == 1);
    CHECK(contains(found[0], c.hint));
  }
}

TEST_CASE("only a sparse V is advised to become a CSR folder", "[report]") {
  Json run = made_up_run();
  run["seconds"]["read"]["max"] = 60;
  for (const bool sparse : {true, false}) {
    run["input"]["sparse"] = sparse;
    const std::vector<std::string> found = hints(run);
    const auto reading =
        std::find_if(found.begin(), found.end(), [](const auto& h) { return contains(h, "reading V"); });
    REQUIRE(reading != found.end());
    CHECK(contains(*reading, "mpinmf convert") == sparse);
    CHECK(contains(*reading, "-k with a list"));
  }
}

TEST_CASE("times of a short run are no reason for hints", "[report]") {
  Json run = made_up_run();
  run["seconds"]["total"] = 0.5;
  CHECK(hints(run).empty());
}

TEST_CASE("a file without the fields of today gives the page of what it says", "[report]") {
  Json run = made_up_run();
  for (const char* field : {"placement", "work", "sweep", "peak_memory_bytes", "warnings"}) run.erase(field);
  run["seconds"].erase("waiting_in_sum");
  for (const char* phase : {"read", "sweep", "sum", "rule", "broadcast"}) {
    run["seconds"][phase].erase("max_rank");
    run["seconds"][phase].erase("max_host");
  }
  run["peak_memory_bytes_per_rank"] = 3 << 20;
  const std::string text = page(run);
  INFO(text);
  for (const char* part : {"n2              ranks: 2", "up to 3.0 MiB a rank", "120 iterations", "sweep"}) {
    CHECK(contains(text, part));
  }
  for (const char* part : {"GFLOP/s", "Warnings", "waiting", "largest / mean"}) CHECK(!contains(text, part));
}

TEST_CASE("any field may be missing or of another kind", "[report]") {
  const Json run = made_up_run(), flat = run.flatten();
  std::vector<Json::json_pointer> fields;
  for (const auto& [path, value] : flat.items()) fields.emplace_back(path);
  for (const auto& [name, value] : run.items()) fields.emplace_back("/" + name);
  for (const Json::json_pointer& field : fields) {
    if (field.back() == "command") continue;
    INFO(field.to_string());
    for (const Json& other : {Json(), Json("text"), Json(7), Json::array({1, 2}), Json::object()}) {
      Json changed = run;
      changed[field] = other;
      CHECK(!page(changed).empty());
    }
    Json without = run;
    if (!without[field.parent_pointer()].is_object()) continue;
    without[field.parent_pointer()].erase(field.back());
    CHECK(!page(without).empty());
  }
  CHECK(contains(page({{"command", "fit"}}), "nothing stands out"));
}

TEST_CASE("a page has room for thousands of hosts", "[report]") {
  Json run = made_up_run();
  for (int i = 0; i < 5000; ++i) run["placement"].push_back(run["placement"][0]);
  const std::string text = page(run);
  CHECK(std::count(text.begin(), text.end(), '\n') < 80);
  CHECK(contains(text, "and 4986 more lines in run.json"));
}

TEST_CASE("what is no run.json is refused with its name", "[report]") {
  const std::string good = made_up_run().dump();
  for (const std::string& text : {std::string(), good.substr(0, good.size() / 2), std::string("[1, 2]"),
                                  std::string("{}"), std::string("7"), std::string(R"({"command": 3})")}) {
    INFO(text);
    CHECK_THROWS_AS(JsonFields(text, "out/run.json"), BadData);
    CHECK_THROWS_WITH(JsonFields(text, "out/run.json"), Contains("out/run.json"));
  }
}

TEST_CASE("the line of a fit among several comes from its run.json", "[report]") {
  const auto row = summary_row(JsonFields(made_up_run().dump(), "x"));
  CHECK(row.components == 20);
  CHECK(row.seed == "7");
  CHECK(row.cost.loss == 12.5);
  CHECK(row.explained_variance == 1 - 0.25 * 0.25);
  CHECK(row.iterations == 120);
  CHECK(row.stop_reason == "tolerance");
  CHECK(!row.best);
}

TEST_CASE("Of the ranks of a host only the roots of groups need memory to compare fits", "[report]") {
  mpinmf::report::MemoryNeed need;
  need.base = 1;
  need.reading = 10;
  need.comparing = 30;
  need.groups = 2;
  CHECK(need.total() == 31);
  CHECK(need.of_ranks(4) == 4 * 11 + 2 * 20);
  CHECK(need.of_ranks(1) == 31);
  need.comparing = 5;  // W and H take more
  CHECK(need.of_ranks(4) == 4 * 11);
}
