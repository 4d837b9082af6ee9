// Several fits whose ranks are split into groups, each with fits of its own.
#include "cli_support.hpp"

namespace {

namespace fs = std::filesystem;

const std::string planted = "generate:lowrank:rows=300,columns=60,rank=3,noise=0.05,density=0.3,seed=3";

std::string several(const std::string& v, const std::string& more, const std::string& iterations = "100") {
  return v + " -k 2:4 --restarts 4 --init random --max-iterations " + iterations + " " + more;
}
std::string survey(const std::string& v, const std::string& more, const std::string& iterations = "100") {
  return "survey " + several(v, more, iterations);
}

Ran surveyed(const TemporaryFolder& folder, int ranks, const std::string& v, const std::string& more,
             const std::string& command = "survey ") {
  const Ran ran = run(mpinmf_command(ranks, command + several(v, more)), folder.path());
  INFO(ranks << " ranks: " << more << "\n" << ran.out << ran.err);
  REQUIRE(ran.code == 0);
  return ran;
}

/// summary.csv without the column of seconds.
std::string summary_in(const fs::path& folder) {
  std::istringstream in(read_text(folder / "summary.csv"));
  std::string text;
  for (std::string line; std::getline(in, line);) {
    std::istringstream cut(line);
    int column = 0;
    for (std::string field; std::getline(cut, field, ','); ++column) text += column == 5 ? "" : field + ",";
    text += "\n";
  }
  return text;
}

/// The paths of all files in both, which have the same bytes where they do not tell of times.
void check_same(const fs::path& a, const fs::path& b) {
  const auto files_in = [](const fs::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      files.insert(fs::relative(entry.path(), folder));
    return files;
  };
  const std::set<std::string> files = files_in(a);
  CHECK(files == files_in(b));
  int compared = 0;
  for (const std::string& file : files) {
    const std::string ending = fs::path(file).extension();
    if (ending != ".npy" && ending != ".tsv" && file != "survey.csv" && file != "cross-validation.json") continue;
    INFO(file);
    CHECK(read_text(a / file) == read_text(b / file));
    ++compared;
  }
  CHECK(compared >= 3 * 4 + 3);  // H of each fit, and W of the best
  CHECK(summary_in(a) == summary_in(b));
  for (const std::string k : {"k2", "k3", "k4"}) {
    CHECK(fs::read_symlink(a / k / "best") == fs::read_symlink(b / k / "best"));
    CHECK(fs::exists(b / k / "best/W.npy"));
  }
}

}  // namespace

TEST_CASE("fits in groups have the bits of fits on as many ranks alone", "[groups]") {
  TemporaryFolder folder;
  std::ofstream(folder / "v.csv") << "cell,g1,g2,g3,g4\na,1,0,2,5\nb,0,3,1,1\nc,2,1,0,0\nd,1,1,1,3\ne,0,0,1,2\n";
  struct Case {
    std::string v, options;
    int ranks, groups;
    std::string command = "survey ";
  };
  for (const Case& c :
       {Case{planted, "--holdout 0.1 --folds 2", 4, 2}, Case{planted, "--checkpoint", 3, 3, "fit "},
        Case{"generate:sparse-counts:rows=200,columns=50,density=0.2", "--loss kullback-leibler --perturb poisson",
             4, 2},
        Case{"generate:sparse-counts:rows=90,columns=5000,density=0.02",
             "--storage disk --scratch . --storage-type uint8", 4, 2},
        Case{"v.csv", "--output-format tsv --precision float", 7, 7}}) {
    fs::remove_all(folder / "alone");
    fs::remove_all(folder / "groups");
    surveyed(folder, c.ranks / c.groups, c.v, c.options + " --output alone", c.command);
    const Ran ran = surveyed(folder, c.ranks, c.v,
                             c.options + " --output groups/ --groups " + std::to_string(c.groups), c.command);
    INFO(c.v << " " << c.options);
    CHECK(contains(ran.out, "each of " + std::to_string(c.groups) + " groups"));
    check_same(folder / "alone", folder / "groups");
    const auto record = read_json(folder / "groups/k3/seed1/run.json");
    CHECK(record["ranks"] == c.ranks / c.groups);
  }
}

TEST_CASE("groups of unequal size find the same to rounding", "[groups]") {
  TemporaryFolder folder;
  surveyed(folder, 1, planted, "--output alone");
  const Ran ran = surveyed(folder, 3, planted, "--output groups --groups 2 --clip-negative 1e-9");
  CHECK(lines_with(ran.out, "V: ").size() == 1);
  std::set<int> ranks;
  for (const std::string fit : {"k2/seed0", "k3/seed3", "k4/seed1", "k4/seed2"}) {
    const auto alone = read_json(folder / ("alone/" + fit + "/run.json")),
               groups = read_json(folder / ("groups/" + fit + "/run.json"));
    CHECK(groups["loss"].get<double>() == Approx(alone["loss"].get<double>()).epsilon(1e-8));
    ranks.insert(groups["ranks"].get<int>());
  }
  CHECK((ranks == std::set<int>{1, 2} || ranks == std::set<int>{1} || ranks == std::set<int>{2}));
}

TEST_CASE("a survey in groups that was killed goes on in any number of groups", "[groups]") {
  TemporaryFolder folder;
  const std::string v = "generate:lowrank:rows=2000,columns=120,rank=4,noise=0.05,density=0.3,seed=3",
                    more = "--tolerance 0 --holdout 0.1 --folds 2 --output ";
  surveyed(folder, 1, v, more + "whole");
  // of one rank each, so that bits are the same whoever fits
  const auto command = [&](int ranks) {
    return mpinmf_command(ranks, survey(v, more + "killed --resume --groups " + std::to_string(ranks)));
  };
  for (const int ranks : {2, 3, 1}) {
    run("timeout -s KILL 1.5 " + command(ranks), folder.path());
    // the ranks of a launcher that was killed end by themselves soon after
    run("while [ -e killed/.mpinmf-running ] && kill -0 $(cut -d' ' -f2 killed/.mpinmf-running); do sleep 0.05; "
        "done",
        folder.path());
  }
  const Ran ran = run(command(3), folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  check_same(folder / "whole", folder / "killed");
  CHECK(run(command(2), folder.path()).code == 0);  // once more: nothing is fitted again
  CHECK(run(command(1), folder.path()).code == 0);
  check_same(folder / "whole", folder / "killed");
}

TEST_CASE("a fault in one group ends all, with one message", "[groups]") {
  const std::string begin = "survey " + planted + " -k 3 --tolerance 0 --output s --groups 2 --restarts ";
  for (const int ranks : {2, 3}) {
    for (const std::string seed : {"seed0", "seed1", "fold1"}) {
      INFO(ranks << " ranks, " << seed);
      TemporaryFolder folder;
      fs::create_directories(folder / "s/checkpoint/k3");
      std::ofstream(folder / ("s/checkpoint/k3/" + seed)) << "no folder";
      // folds come after the seeds of the same k
      const std::string more = seed == "fold1" ? "2 --max-iterations 5 --holdout 0.1" : "4 --max-iterations 1e9";
      const Ran ran = run(mpinmf_command(ranks, begin + more), folder.path());
      INFO(ran.err);
      CHECK(ran.code == 4);
      REQUIRE(messages(ran.err).size() == 1);
      CHECK(contains(messages(ran.err).front(), "k3/" + seed));
      CHECK_FALSE(fs::exists(folder / "s/.mpinmf-running"));
      CHECK_FALSE(fs::exists(folder / "s/summary.csv"));
      CHECK_FALSE(fs::exists(folder / ("s/k3/" + seed)));
      // that of fold 2, by the other group, may have been quicker
      for (const char* file : {"s/cross-validation.json", "s/cross-validation-1.json"}) {
        if (!fs::exists(folder / file)) continue;
        for (const auto& fit : read_json(folder / file)["fits"]) CHECK(fit["fold"] != 1);
      }
    }
  }
}

TEST_CASE("a signal to a rank of any group stops all in good order", "[groups]") {
  const std::string launcher = std::string(std::getenv("MPINMF_MPIEXEC")) + " ",
                    program = std::string(std::getenv("MPINMF_PROGRAM")) + " survey " + planted +
                              " -k 3 --restarts 4 --tolerance 0 --max-iterations 1e9 --output s --groups 2 ";
  const std::string asked = "timeout --preserve-status -s USR1 4 " + program;
  for (const std::string ranks : {"-n 2 " + asked + ": -n 2 " + program, "-n 3 " + program + ": -n 1 " + asked}) {
    TemporaryFolder folder;
    const Ran ran = run("timeout -k 5 60 " + launcher + ranks, folder.path());
    INFO(ranks << "\n" << ran.err);
    CHECK(ran.code == 75);
    const std::vector<std::string> said = messages(ran.err);
    CHECK(std::count_if(said.begin(), said.end(), [](const std::string& line) {
            return contains(line, "as asked") && contains(line, "--resume");
          }) == 1);
    for (const std::string seed : {"seed0", "seed1"})  // both groups have saved what they had
      CHECK_FALSE(names(folder / ("s/checkpoint/k3/" + seed)).empty());
    const auto status = [&] { return run(mpinmf_command(1, "status s"), folder.path()).out; };
    CHECK(contains(status(), "s: no run works there"));
    const std::string ended = "fit " + planted + " -k 3 --max-iterations 2 --output s/k3/seed9";
    REQUIRE(run(mpinmf_command(1, ended), folder.path()).code == 0);
    CHECK(contains(status(), "s: stopped before all fits had ended: --resume goes on"));
  }
}

TEST_CASE("time that is over leaves out fits of all groups", "[groups]") {
  TemporaryFolder folder;
  const Ran ran =
      run(mpinmf_command(2, survey(planted, "--output s --groups 2 --tolerance 0 --max-seconds 3", "1e9")),
          folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.err, "left out: --max-seconds is over"));
  int ended = 0;
  for (const std::string seed : {"0", "1", "2", "3"})
    ended += fs::exists(folder / ("s/k4/seed" + seed + "/run.json"));
  CHECK(ended == 2);
  CHECK(lines_with(read_text(folder / "s/summary.csv"), "4,").size() == 2);
}

TEST_CASE("what --groups cannot be is said before V is read", "[groups]") {
  TemporaryFolder folder;
  for (const auto& [ranks, value, said] :
       std::vector<std::tuple<int, std::string, std::string>>{{1, "2", "there is only 1 rank"},
                                                              {3, "4", "there are only 3 ranks"},
                                                              {2, "0", "--groups"},
                                                              {2, "x", "--groups"}}) {
    const Ran ran = run(mpinmf_command(ranks, survey("missing.npy", "--groups " + value)), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err).front(), said));
  }
  for (const std::string fit : {"-k 3 --checkpoint", "-k 2:4", "-k 2:4 --checkpoint c --output none"}) {
    const Ran ran = run(mpinmf_command(2, "fit missing.npy --groups 2 " + fit), folder.path());
    INFO(fit << "\n" << ran.err);
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "--groups 2 is for several fits"));
  }
  CHECK(names(folder.path()).empty());
}

TEST_CASE("as many groups as serve are taken where V is small, and one where it is large", "[groups]") {
  TemporaryFolder folder;
  const auto groups_of = [&](int ranks, const std::string& v, const std::string& more) {
    const Ran ran =
        run(mpinmf_command(ranks, "survey " + v + " --groups auto --force --output s --max-iterations 2 " +
                                      "--init random " + more),
            folder.path());
    INFO(more << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    const std::string line = lines_with(ran.out, "V: ").front();
    const auto at = line.find("each of ");
    return at == std::string::npos ? 1 : std::stoi(line.substr(at + 8));
  };
  CHECK(groups_of(4, planted, "-k 2:5 --restarts 4") == 4);
  CHECK(groups_of(4, planted, "-k 2:4 --restarts 3") == 2);  // 4 groups would have 9 / 4 fits
  CHECK(groups_of(4, planted, "-k 2 --restarts 7") == 1);
  CHECK(groups_of(3, planted, "-k 2:5 --restarts 4") == 3);
  CHECK(groups_of(1, planted, "-k 2 --restarts 4") == 1);
  // 137 MiB; that half of it in float is little enough, info_test says
  CHECK(groups_of(2, "generate:lowrank:rows=18000,columns=1000,rank=2", "-k 1 --restarts 8") == 1);
}
