// mpinmf-bench from outside: rules against each other.
#include <filesystem>
#include <map>

#include "bench_support.hpp"

namespace {

std::vector<std::string> split(const std::string& line, char mark) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == mark) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

TEST_CASE("The benchmark races rules to the best error, and skips data that is not there", "[bench_rules]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "golub");
  std::string numbers = "%%MatrixMarket matrix array real general\n60 20\n";
  for (int i = 0; i < 60 * 20; ++i) numbers += std::to_string(1 + i * i % 37) + "\n";
  write_text(folder / "golub/X.mtx", numbers);
  REQUIRE(run("gzip golub/X.mtx", folder.path()).code == 0);
  const Ran ran =
      run(bench_command(2,
                        "--convergence --workloads cbcl_faces,golub,S1 --data . --scale 0.005 --starts 2 "
                        "--iterations 60 --rules mu,hals,anls-bpp+e --csv races.csv --plot race"),
          folder.path(), 240);
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.out, "cbcl_faces: skipped"));
  CHECK(contains(ran.out, "golub: 60 x 20, k = 10"));
  CHECK(contains(ran.out, "S1: 500 x 20000, k = 20"));
  if (has_gnuplot()) {
    CHECK(contains(read_text(folder / "race-golub.svg"), "anls-bpp+e"));
    CHECK(std::filesystem::exists(folder / "race-S1.png"));
  }

  std::istringstream csv(read_text(folder / "races.csv"));
  std::string line;
  std::getline(csv, line);
  CHECK(contains(line, "seconds_to_0.05,iterations_to_0.05,seconds_to_0.01,"));
  std::map<std::string, int> at_best;  // of each matrix and start
  int lines = 0;
  for (; std::getline(csv, line); ++lines) {
    INFO(line);
    std::vector<std::string> fields = split(line, ',');
    REQUIRE(fields.size() == 14);
    const double best = std::stod(fields[4]), end = std::stod(fields[5]), iterations = std::stod(fields[7]);
    CHECK(best > 0);
    CHECK(end >= best);
    CHECK((iterations >= 1 && iterations <= 60));
    double before = 0;
    for (const std::size_t level : {9, 11, 13}) {  // empty: missed
      if (fields[level].empty()) continue;
      CHECK(std::stod(fields[level]) >= before);
      before = std::stod(fields[level]);
    }
    CHECK(fields[13].empty() == (end > 1.001 * best));
    at_best[fields[0] + fields[3]] += end <= 1.000001 * best;
  }
  CHECK(lines == 2 * 3 * 2);
  REQUIRE(at_best.size() == 4);
  for (const auto& [start, count] : at_best) CHECK(count >= 1);
}

TEST_CASE("The benchmark holds rules against one of them", "[bench_rules]") {
  const TemporaryFolder folder;
  const Ran ran =
      run(bench_command(1,
                        "--convergence --workloads D1 --scale 0.005 --starts 1 --iterations 30 --rules "
                        "mu,anls-bpp --target mu --csv races.csv"),
          folder.path(), 240);
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  std::istringstream csv(read_text(folder / "races.csv"));
  std::string header, slow, exact;
  std::getline(csv, header);
  std::getline(csv, slow);
  std::getline(csv, exact);
  const std::vector<std::string> mu = split(slow, ','), bpp = split(exact, ',');
  REQUIRE((mu.size() == 14 && bpp.size() == 14));
  CHECK(mu[4] == mu[5]);  // its own end is the mark
  CHECK(bpp[4] == mu[4]);
  CHECK(std::stod(bpp[5]) < std::stod(bpp[4]));  // and may be passed
  CHECK(std::stod(bpp[13]) < std::stod(mu[13]));
}

TEST_CASE("The benchmark races rules for Kullback-Leibler, from plateaus, too, beside a reference",
          "[bench_rules]") {
  const TemporaryFolder folder;
  for (const int ranks : {1, 3}) {
    const Ran ran = run(bench_command(ranks,
                                      "--convergence --loss kullback-leibler --workloads ratings --scale 0.2 "
                                      "--starts 2 --start-mu 20 --iterations 40 --stalled 0 --csv races" +
                                          std::to_string(ranks) + ".csv"),
                        folder.path(), 240);
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(contains(ran.out,
                   "ratings: 189 x 1682, k = 10, kullback-leibler, starts after 20 passes of mu, best loss"));
  }
  std::istringstream alone(read_text(folder / "races1.csv")), spread(read_text(folder / "races3.csv"));
  std::string one, three;
  std::getline(alone, one);
  CHECK(contains(one, ",best_loss,end_loss,"));
  CHECK(contains(one, "seconds_to_mu,iterations_to_mu,seconds_to_0.01,iterations_to_0.01,seconds_to_0.001"));
  std::getline(spread, three);
  std::map<std::string, double> ends;
  while (std::getline(alone, one) && std::getline(spread, three)) {
    const std::vector<std::string> f = split(one, ','), g = split(three, ',');
    REQUIRE((f.size() == 14 && g.size() == 14));
    INFO(one << "\n" << three);
    CHECK((f[2] == g[2] && f[3] == g[3] && f[7] == "40" && g[7] == "40"));
    CHECK(std::stod(f[5]) >= std::stod(f[4]));
    CHECK(std::stod(f[5]) == Approx(std::stod(g[5])).epsilon(1e-6));
    if (f[2] == "mu") CHECK(f[9] == "40");  // there it ends
    ends[f[2] + f[3]] = std::stod(f[5]);
  }
  for (const char* start : {"0", "1"}) {
    REQUIRE(ends.contains("both-orders" + std::string(start)));
    CHECK(ends["both-orders" + std::string(start)] < ends["mu" + std::string(start)]);
  }
}

TEST_CASE("The benchmark says what rules cost beside their sweep", "[bench_rules]") {
  const TemporaryFolder folder;
  const Ran ran = run(
      bench_command(2, "--rule-cost --workloads D1,S1 --scale 0.005 --repeats 2 --seconds 0.01 --csv costs.csv"),
      folder.path(), 240);
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  const std::string csv = read_text(folder / "costs.csv");
  INFO(csv);
  for (const char* workload : {"D1", "S1"}) {
    for (const char* rule : {"mu", "hals", "ahals+e", "anls-bpp"}) {
      const std::size_t at = csv.find(std::string(workload) + ",20," + rule + ",");
      REQUIRE(at != std::string::npos);
      const std::vector<std::string> fields = split(csv.substr(at, csv.find('\n', at) - at), ',');
      REQUIRE(fields.size() == 8);
      const auto number = [&](std::size_t place) { return std::stod(fields[place]); };
      CHECK(number(3) > 0);  // an iteration
      CHECK(number(4) > 0);  // the sweep that moves nothing
      CHECK(number(6) > 0);  // moving H
      CHECK(number(7) == Approx((number(5) + number(6)) / number(3)).margin(1e-3));
    }
  }
  CHECK(!contains(csv, "scd"));
}

TEST_CASE("The benchmark refuses wrong options about rules", "[bench_rules]") {
  check_fault(bench_command(2, "--convergence --workloads D2"), 2, "'D2' is nothing that --convergence knows");
  check_fault(bench_command(1, "--rule-cost --rules mu+e"), 2,
              "'mu+e' is not a rule here; the known ones are mu, amu, ");
  check_fault(bench_command(1, "--rules mu"), 2, "need --convergence or --rule-cost");
  check_fault(bench_command(1, "--convergence --loss KL --rules hals"), 2,
              "'hals' is not a rule here; the known ones are mu, ");
  check_fault(bench_command(1, "--convergence --rules both-orders"), 2, "'both-orders' is not a rule here");
  check_fault(bench_command(1, "--convergence --loss KL,fro"), 2, "--convergence takes one --loss");
  check_fault(bench_command(1, "--convergence --rules hals --reach mu"), 2, "--reach needs --convergence");
  check_fault(bench_command(1, "--convergence --rules mu,hals --target ahals"), 2, "must be one of --rules");
  check_fault(bench_command(1, "--convergence --starts 0"), 2, "--starts must be from 1");
  check_fault(bench_command(2, "--convergence --csv missing/x.csv"), 4, "is not a folder, for --csv");
}
