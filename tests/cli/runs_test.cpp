// Several fits of one V in one run.
#include <map>

#include "cli_support.hpp"

namespace {

const std::string long_v = "generate:lowrank:rows=600,columns=30,rank=4,noise=0.05,seed=3";
const std::string fit_long = "fit " + long_v + " --init random --max-iterations 12 --tolerance 0 ";

/// summary.csv, without its header, cut at the commas.
std::vector<std::vector<std::string>> summary_rows(const std::filesystem::path& folder) {
  std::istringstream in(read_text(folder / "summary.csv"));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);
  CHECK(line == "k,seed,loss,explained_variance,iterations,seconds,stop_reason,best");
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) rows.back().push_back(field);
  }
  return rows;
}

/// "k2 k4", the folders of numbers of components.
std::string folders(const std::filesystem::path& folder) {
  std::string text;
  for (const std::string& name : names(folder)) {
    if (name.front() == 'k') text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

bool has(const std::filesystem::path& file) {
  return std::filesystem::exists(file);
}

}  // namespace

TEST_CASE("every k is fitted with every seed, as single fits do", "[runs]") {
  for (const int ranks : {1, 3}) {
    TemporaryFolder folder;
    const Ran ran =
        run(mpinmf_command(ranks, fit_long + "-k 2:4:2 --restarts 3 --seed 5 --output all"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto rows = summary_rows(folder.path() / "all");
    REQUIRE(rows.size() == 6);
    std::size_t row = 0;
    for (const std::string k : {"2", "4"}) {
      int marked = 0;
      double least = 1e300, best = 0;
      for (const std::string seed : {"5", "6", "7"}) {
        const auto& fields = rows[row++];
        REQUIRE(fields.size() == 8);
        CHECK(fields[0] == k);
        CHECK(fields[1] == seed);
        const auto own = folder.path() / "all" / ("k" + k) / ("seed" + seed);
        REQUIRE(run(mpinmf_command(ranks, fit_long + "-k " + k + " --seed " + seed + " --force --output one"),
                    folder.path())
                    .code == 0);
        const auto one = read_json(folder / "one/run.json"), record = read_json(own / "run.json");
        CHECK(std::stod(fields[2]) == one["loss"].get<double>());
        const double relative = one["relative_error"];
        CHECK(std::stod(fields[3]) == Approx(1 - relative * relative).epsilon(1e-10));
        CHECK(fields[4] == std::to_string(one["iterations"].get<int>()));
        CHECK(fields[6] == one["stop_reason"]);
        CHECK(record["options"] == one["options"]);
        CHECK(read_text(own / "H.npy") == read_text(folder / "one/H.npy"));
        // W and what the record says of it are there for the best alone
        const bool is_best = fields[7] == "1";
        CHECK(has(own / "W.npy") == is_best);
        CHECK(contains(record["written"].dump(), "W.npy") == is_best);
        if (is_best) CHECK(read_text(own / "W.npy") == read_text(folder / "one/W.npy"));
        CHECK(names(own).size() == (is_best ? 4 : 3));
        marked += is_best ? 1 : 0;
        least = std::min(least, std::stod(fields[2]));
        if (is_best) best = std::stod(fields[2]);
      }
      CHECK(marked == 1);
      CHECK(best == least);
    }
    CHECK(std::count(ran.out.begin(), ran.out.end(), '*') == 3);  // a legend, and two fits
    CHECK(contains(ran.out, "results: all"));
  }
}

TEST_CASE("the best is that with the least of loss and penalty", "[runs]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(2, fit_long + "-k 3 --restarts 6 --alpha-w 0.05 --l1-ratio 0.5 --output all"),
              folder.path())
              .code == 0);
  double least = 1e300;
  std::string best;
  for (const auto& fields : summary_rows(folder.path() / "all")) {
    const auto record = read_json(folder.path() / "all/k3" / ("seed" + fields[1]) / "run.json");
    const double penalty = record["penalty"], minimised = record["loss"].get<double>() + penalty;
    CHECK(penalty > 0);
    if (minimised < least) best = fields[1];
    least = std::min(least, minimised);
  }
  CHECK(has(folder.path() / "all/k3" / ("seed" + best) / "W.npy"));
}

TEST_CASE("lists and ranges name the same numbers", "[runs]") {
  TemporaryFolder folder;
  const auto fitted = [&](const std::string& list) {
    CHECK(run(mpinmf_command(1, fit_long + "--quiet --force --output o -k " + list), folder.path()).code == 0);
    return folders(folder.path() / "o");
  };
  CHECK(fitted("2,5,3") == "k2 k3 k5");
  CHECK(fitted("2:6:2") == "k2 k4 k6");
  CHECK(fitted("2:7:2") == "k2 k4 k6");
  CHECK(fitted("1:3") == "k1 k2 k3");
  CHECK(fitted("7,1:3:2") == "k1 k3 k7");
  // one fit stays as it was
  CHECK(fitted("4:4").empty());
  CHECK(has(folder / "o/W.npy"));
  CHECK(!has(folder / "o/summary.csv"));
}

TEST_CASE("wrong lists and starts cost one line and nothing else", "[runs]") {
  struct Case {
    std::string arguments, part;
  };
  const std::vector<Case> cases = {{"-k 0", "at least 1"},
                                   {"-k 3,0", "at least 1"},
                                   {"-k ''", "a list such as"},
                                   {"-k 3,", "a list such as"},
                                   {"-k 2,x", "a list such as"},
                                   {"-k 6:2", "backwards"},
                                   {"-k 2:6:0", "step"},
                                   {"-k 2:6:-2", "step"},
                                   {"-k 1:2:3:4", "first:last:step"},
                                   {"-k 3,2:4", "names 3 twice"},
                                   {"-k 1:2000000000", "more than 10000"},
                                   {"-k 2 --restarts 0", "from 1 to"},
                                   {"-k 2 --restarts -1", "from 1 to"},
                                   {"-k 2 --restarts 2 --init nndsvda", "same start for every seed"},
                                   {"-k 2 --restarts 2 --init scikit-learn", "same start for every seed"},
                                   {"-k 2,3 --rule mu --inner-rounds 3", "takes no inner rounds"},
                                   {"-k 2 --normalize-factor h", "--normalize"},
                                   {"-k 2,3 --w0 w.npy --h0 h.npy", "start from files"},
                                   {"-k 2 --restarts 2 --init files --w0 w.npy --h0 h.npy", "start from files"}};
  for (const Case& c : cases) {
    TemporaryFolder folder;
    const Ran ran = run(mpinmf_command(1, "fit " + long_v + " " + c.arguments), folder.path());
    INFO(c.arguments << "\n" << ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, c.part));
    CHECK(names(folder.path()).empty());
  }
}

TEST_CASE("several fits replace older results only with --force, and then all of them", "[runs]") {
  TemporaryFolder folder;
  const std::string series = fit_long + "--output o -k 2,3 --restarts 2";
  REQUIRE(run(mpinmf_command(2, series), folder.path()).code == 0);
  const auto before = contents(folder.path());
  for (const std::string arguments : {"-k 2,3 --restarts 2", "-k 2,4", "-k 5"}) {
    const Ran refused = run(mpinmf_command(2, fit_long + "--output o " + arguments), folder.path());
    CHECK(refused.code == 2);
    CHECK(messages(refused.err).size() == 1);
    CHECK(contains(refused.err, "--force"));
    CHECK(contents(folder.path()) == before);
  }
  // without the summary, as after a signal
  std::filesystem::remove(folder / "o/summary.csv");
  CHECK(contains(run(mpinmf_command(1, series), folder.path()).err, "k2/seed0/run.json"));
  REQUIRE(run(mpinmf_command(2, fit_long + "--output o -k 3,4 --force"), folder.path()).code == 0);
  CHECK(folders(folder.path() / "o") == "k3 k4");
  CHECK(names(folder.path() / "o/k3") == std::vector<std::string>{"best", "seed0"});
  REQUIRE(run(mpinmf_command(2, fit_long + "--output o -k 3 --force"), folder.path()).code == 0);
  CHECK(folders(folder.path() / "o").empty());
  REQUIRE(run(mpinmf_command(2, fit_long + "--output o -k 3,4 --force"), folder.path()).code == 0);
  CHECK(!has(folder / "o/run.json"));
}

TEST_CASE("write, quiet and output none keep their meaning", "[runs]") {
  TemporaryFolder folder;
  const std::string series = fit_long + "-k 2,3 --restarts 2 --quiet ";
  const Ran ran = run(mpinmf_command(2, series + "--write h --output o"), folder.path());
  REQUIRE(ran.code == 0);
  CHECK(ran.out.empty());
  CHECK(messages(ran.err).empty());
  for (const std::string own : {"k2/seed0", "k2/seed1", "k3/seed0", "k3/seed1"}) {
    CHECK(names(folder.path() / "o" / own) == std::vector<std::string>{"H.npy", "run.json", "trace.csv"});
  }
  const Ran none = run(mpinmf_command(2, fit_long + "-k 2,3 --output none"), folder.path());
  CHECK(none.code == 0);
  CHECK(std::count(none.out.begin(), none.out.end(), '*') == 3);
  CHECK(names(folder.path()) == std::vector<std::string>{"o"});
  REQUIRE(run(mpinmf_command(1, "fit " + long_v + " --loss 1 -k 2,3 --max-iterations 3 --quiet --output kl"),
              folder.path())
              .code == 0);
  for (const auto& fields : summary_rows(folder.path() / "kl")) CHECK(fields[3].empty());
}

TEST_CASE("a signal leaves the fits that were complete, that under way so far, and nothing half-written",
          "[runs]") {
  TemporaryFolder folder;
  const std::string endless =
      mpinmf_command(1, "fit " + long_v + " -k 2,3 --max-iterations 100000 --tolerance 0 --output o");
  const Ran ran = run("timeout -k 5 60 " + endless +
                          " & running=$!; while kill -0 $running && ! test -e o/summary.csv; do sleep 0.02; done; "
                          "kill -TERM $running; wait $running",
                      folder.path());
  CHECK(ran.code == 75);
  for (const auto& [path, text] : contents(folder.path())) {
    CHECK(!contains(path, "partial"));
    CHECK(!contains(path, "running"));
  }
  const auto rows = summary_rows(folder.path() / "o");
  REQUIRE(!rows.empty());
  CHECK(rows[0][0] == "2");
  CHECK(rows[0][6] == "max-iterations");
  if (rows.size() > 1) CHECK(rows[1][6] == "request");
}

TEST_CASE("several fits from starts and seeds of every kind", "[runs]") {
  TemporaryFolder folder;
  const auto fitted = [&](const std::string& options) {
    const Ran ran = run(mpinmf_command(2, "fit " + long_v + " --max-iterations 5 --force --output o " + options),
                        folder.path());
    INFO(options << "\n" << ran.err);
    CHECK(ran.code == 0);
    return summary_rows(folder.path() / "o");
  };
  // random, unless asked otherwise: what is the same for every seed is no restart
  auto rows = fitted("-k 4 --like scikit-learn --restarts 2");
  CHECK(read_json(folder / "o/k4/seed0/run.json")["options"]["init"] == "random");
  CHECK(rows.at(0)[2] != rows.at(1)[2]);
  rows = fitted("-k 4 --init nndsvdar --rule hals --restarts 2");
  CHECK(rows.at(0)[2] != rows.at(1)[2]);
  // from the SVD where there is one, as scikit-learn does
  fitted("-k 5,40 --like scikit-learn");
  CHECK(read_json(folder / "o/k5/seed0/run.json")["options"]["init"] == "nndsvda");
  CHECK(read_json(folder / "o/k40/seed0/run.json")["options"]["init"] == "random");
  fitted("-k 5,40 --like scikit-learn --rule mu");
  CHECK(read_json(folder / "o/k5/seed0/run.json")["options"]["init"] == "nndsvda");
  // over the border of what is solved exactly
  fitted("-k 60,5 --inner-rounds 3");
  for (const std::string k : {"k5", "k60"}) {
    CHECK(read_json(folder.path() / "o" / k / "seed0/run.json")["options"]["rule"] == "ahals");
  }
  // more digits than a file name holds
  rows = fitted("-k 3 --init numpy --seed '2**1000' --restarts 2");
  CHECK(rows.at(0)[1].size() > 250);
  CHECK(names(folder.path() / "o/k3").size() == 3);
}

TEST_CASE("asking for the W of a fit that is not the best says where the best lies", "[runs]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, fit_long + "-k 3 --restarts 3 --quiet --output o"), folder.path()).code == 0);
  std::string best, other;
  for (const auto& fields : summary_rows(folder.path() / "o")) (fields[7] == "1" ? best : other) = fields[1];
  for (const std::string end : {"", "/"}) {
    const Ran ran =
        run(mpinmf_command(2, "evaluate " + long_v + " --model o/k3/seed" + other + end), folder.path());
    CHECK(ran.code == 4);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, "its W is in o/k3/seed" + best));
  }
}

TEST_CASE("a folder of several fits stands for its best, and so does one of a k", "[runs]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(2, fit_long + "-k 12,2,4 --restarts 3 --quiet --output o"), folder.path()).code == 0);
  std::map<std::string, std::string> best;  // of a k: its folder
  std::string best_of_all;
  double least = 1e300;
  std::vector<std::string> order;
  for (const auto& fields : summary_rows(folder.path() / "o")) {
    order.push_back(fields[0]);
    if (fields[7] != "1") continue;
    best[fields[0]] = "o/k" + fields[0] + "/seed" + fields[1];
    if (std::stod(fields[2]) < least) best_of_all = best[fields[0]];
    least = std::min(least, std::stod(fields[2]));
  }
  CHECK(order == std::vector<std::string>{"2", "2", "2", "4", "4", "4", "12", "12", "12"});
  const auto same_h = [&](const std::string& a, const std::string& b) {
    return read_text(folder.path() / a / "H.npy") == read_text(folder.path() / b / "H.npy");
  };
  for (const auto& [k, own] : best) {
    CHECK(std::filesystem::is_symlink(folder.path() / ("o/k" + k) / "best"));
    CHECK(same_h("o/k" + k + "/best", own));
    CHECK(has(folder.path() / ("o/k" + k) / "best/W.npy"));
  }
  const std::vector<std::pair<std::string, std::string>> meant = {
      {"o", best_of_all}, {"o/", best_of_all}, {"o/k2", best["2"]}, {"o/k12/", best["12"]}};
  for (const auto& [name, own] : meant) {
    INFO(name);
    for (const std::string command : {"evaluate " + long_v, "transform " + long_v + " --force --output t"}) {
      const Ran ran = run(mpinmf_command(3, command + " --model " + name), folder.path());
      INFO(ran.err);
      REQUIRE(ran.code == 0);
      REQUIRE(messages(ran.err).size() == 1);  // which was taken
      CHECK(contains(ran.err, own));
      CHECK(ran.out.find("reconstruction error") != std::string::npos);
    }
    CHECK(read_json(folder / "t/run.json")["options"]["model"] == own);
  }
  CHECK(run(mpinmf_command(1, "evaluate " + long_v + " --model o/k2/best"), folder.path()).err.empty());
  const Ran lost =
      run(mpinmf_command(1, "transform " + long_v + " --model o/k2 --force --output " + best["2"]), folder.path());
  CHECK(lost.code == 2);
  CHECK(contains(lost.err, "the model would be lost"));
}

TEST_CASE("report, plot and status take a folder of several fits, of one k or of one fit", "[runs]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(2, fit_long + "-k 12,2 --restarts 2 --quiet --output o"), folder.path()).code == 0);
  const auto printed = [&](const std::string& arguments) {
    const Ran ran = run(mpinmf_command(1, arguments), folder.path());
    INFO(arguments << "\n" << ran.out << ran.err);
    CHECK(ran.code == 0);
    return ran.out;
  };
  for (const std::string command : {"report ", "status "}) {
    INFO(command);
    CHECK(contains(printed(command + "o/k12"), "o/k12/seed"));
    CHECK(!contains(printed(command + "o/k12"), "o/k2/"));
    CHECK(contains(printed(command + "o/k12/best"), "o/k12/best"));
  }
  // as numbers, not as text
  const std::string all = printed("status o");
  CHECK(all.find("o/k2/seed1") < all.find("o/k12/seed0"));
  // several fits are one run
  write_text(folder / "o/.mpinmf-running", "elsewhere 1\n");
  for (const std::string own : {"o", "o/k12", "o/k12/", "o/k12/seed0"}) {
    CHECK(contains(printed("status " + own), "running or killed: process 1 on elsewhere"));
  }
  std::filesystem::remove(folder / "o/.mpinmf-running");
  const std::string table = printed("report o");
  CHECK(table.find("\n*      2 ") < table.find("\n*     12 "));
  if (has_gnuplot()) {
    printed("plot o");
    const std::string curves = read_text(folder / "o/cost.svg");
    CHECK(contains(curves, "k2<"));
    CHECK(contains(curves, "k12<"));
    printed("plot o/k2 o/k12 --output both");
    CHECK(contains(read_text(folder / "both.svg"), "k12<"));
    printed("plot o/k12");
  }
  // all of it is this program's, so that it can be replaced
  printed(fit_long + "-k 3 --quiet --force --output o");
  CHECK(folders(folder.path() / "o").empty());
}

TEST_CASE("several fits of which none has ended are no model yet", "[runs]") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "o/k3/seed0");
  const Ran ran = run(mpinmf_command(2, "evaluate " + long_v + " --model o"), folder.path());
  CHECK(ran.code == 4);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "none has ended"));
}

TEST_CASE("the picture of several fits", "[runs]") {
  if (!has_gnuplot()) return;
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(2, fit_long + "-k 2,3 --restarts 2 --output o"), folder.path()).code == 0);
  const std::string svg = read_text(folder / "o/summary.svg");
  for (const std::string part : {"Number of components", "Reconstruction error", "best seed", "every seed"}) {
    CHECK(contains(svg, part));
  }
  CHECK(read_text(folder / "o/summary.png").rfind("\x89PNG", 0) == 0);
}
