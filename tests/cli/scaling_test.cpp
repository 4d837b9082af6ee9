// mpinmf scaling, for real on one and two ranks.
#include <unistd.h>

#include "cli_support.hpp"

namespace {

const std::string tall = "generate:lowrank:rows=2048,columns=50,rank=3";
const std::string study = "scaling " + tall + " -k 3 --iterations 5 ";
/// mpirun under the time limit that every test has; --launcher also takes more ranks than cores.
const std::string launcher = "--launcher 'timeout -k 5 60 \"$MPINMF_MPIEXEC\" -n {ranks}' ";
/// One rank without mpirun: quick. A line in `log` for each run.
const std::string alone = "--ranks 1 --repeats 1 --launcher 'echo {ranks} >>log;' ";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Processes that were started with this text among their arguments.
int processes_with(const std::string& text) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (entry.path().filename() != std::to_string(::getpid()) &&
        contains(read_text(entry.path() / "cmdline"), text)) {
      ++count;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("a strong study on one and two ranks leaves its rows, tables and pictures", "[scaling]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(1, study + launcher + "--ranks 2,1 --repeats 1 --predict-to 64 --output out"),
                      folder.path());
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  const std::vector<std::string> csv = lines_of(read_text(folder / "out/scaling.csv"));
  // head, a run on each, two study ones
  REQUIRE(csv.size() == 5);
  CHECK(csv[1].rfind("strong,\"" + tall + "\",,2048,50,3,2,", 0) == 0);
  CHECK(csv[4].rfind("small,", 0) == 0);
  for (const std::string part : {"Strong scaling", "speed-up", "model", "EXTRAPOLATED", "Check: "}) {
    CHECK(contains(ran.out, part));
    CHECK(contains(read_text(folder / "out/scaling.md"), part));
    CHECK(contains(read_text(folder / "out/scaling.tex"), part));
  }
  CHECK(lines_of(read_text(folder / "out/prediction.csv")).back().rfind("64,", 0) == 0);
  std::vector<std::string> wanted = {"prediction.csv", "scaling.csv", "scaling.md", "scaling.tex"};
  if (has_gnuplot()) {
    wanted = {"phases.png", "phases.svg",  "prediction.csv", "scaling.csv",
              "scaling.md", "scaling.png", "scaling.svg",    "scaling.tex"};
    CHECK(contains(read_text(folder / "out/scaling.svg"), "Ideal"));
    CHECK(contains(read_text(folder / "out/phases.svg"), "Waiting"));
  }
  CHECK(names(folder.path() / "out") == wanted);
}

TEST_CASE("a weak study gives each rank the same rows", "[scaling]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(1, study + launcher +
                                            "--ranks 1,2 --repeats 1 --study weak --output out "
                                            "-- --loss kullback-leibler"),
                      folder.path());
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  const std::vector<std::string> csv = lines_of(read_text(folder / "out/scaling.csv"));
  REQUIRE(csv.size() == 5);
  CHECK(contains(csv[1], "--loss kullback-leibler,2048,50,3,1,scd,"));
  CHECK(contains(csv[2], "--loss kullback-leibler,4096,50,3,1,scd,"));
  CHECK(contains(ran.out, "Weak scaling"));
}

TEST_CASE("a weak study gives each rank the same nonzeros", "[scaling]") {
  TemporaryFolder folder;
  // what a run would be, said instead of run
  const std::string said = "--launcher 'echo {ranks} \"$@\" >>log; false {ranks} &&' --output out ";
  for (const std::string ranks : {"1", "3"}) {
    const Ran ran = run(mpinmf_command(1,
                                       "scaling generate:sparse-counts:rows=200,columns=50,nonzeros=4e3 -k 3 "
                                       "--study weak --force " +
                                           said + "--ranks " + ranks),
                        folder.path());
    CHECK(ran.code == 4);
  }
  const std::string log = read_text(folder / "log");
  INFO(log);
  CHECK(contains(log, "rows=200,columns=50,nonzeros=4000 "));
  CHECK(contains(log, "rows=600,columns=50,nonzeros=12000 "));
}

TEST_CASE("a study is gone on with, not done again, and not mixed with another", "[scaling]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, study + alone + "--output out"), folder.path()).code == 0);
  CHECK(lines_of(read_text(folder / "log")).size() == 2);  // a warm-up and one that counts
  const std::string before = read_text(folder / "out/scaling.csv");

  const Ran again = run(mpinmf_command(1, study + alone + "--output out"), folder.path());
  CHECK(again.code == 2);
  CHECK(contains(again.err, "--resume"));

  const Ran same = run(mpinmf_command(1, study + alone + "--output out --resume"), folder.path());
  CHECK(same.code == 0);
  CHECK(contains(same.out, "No model"));
  CHECK(lines_of(read_text(folder / "log")).size() == 2);
  CHECK(read_text(folder / "out/scaling.csv") == before);

  const Ran other =
      run(mpinmf_command(1, "scaling " + tall + " -k 3 --max-iterations 6 " + alone + "--output out --resume"),
          folder.path());
  CHECK(other.code == 2);
  CHECK(contains(other.err, "--max-iterations '5', not '6'"));
  CHECK(read_text(folder / "out/scaling.csv") == before);
}

TEST_CASE("a run that fails shows its message and its command, and costs no rows", "[scaling]") {
  struct Case {
    std::string arguments;
    int code;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"scaling nothing.npy -k 2 --output out " + alone, 4, "nothing.npy"},
      {study + alone + "--output out -- --rule nonsense", 2, "nonsense"},
      {study + "--ranks 1 --launcher 'echo a launcher says no; exit 9; true {ranks};' --output out", 4,
       "a launcher says no"},
      {study + "--ranks 1 --launcher 'no-such-launcher {ranks}' --output out", 4, "no-such-launcher"},
      {study + "--ranks 3 --launcher 'true {ranks};' --output out", 2, "started 1 ranks where 3"}};
  for (const Case& c : cases) {
    TemporaryFolder folder;
    const Ran ran = run(mpinmf_command(1, c.arguments), folder.path());
    INFO(c.arguments << "\n" << ran.err);
    CHECK(ran.code == c.code);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, c.message));
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
  }
  TemporaryFolder folder;
  write_numbers(folder / "bad.npy", 2, 2, {1, 2, -1, 3});
  REQUIRE(run(mpinmf_command(1, study + alone + "--output out"), folder.path()).code == 0);
  const Ran bad = run(mpinmf_command(1, "scaling bad.npy -k 1 " + alone), folder.path());
  CHECK(bad.code == 3);
  CHECK(contains(bad.err, "the command was: "));
  CHECK(contains(bad.err, " fit bad.npy -k 1 "));
  // the second rank count fails, the first one's row stays
  const Ran later = run(
      mpinmf_command(1, study + "--ranks 1,2 --repeats 1 --launcher 'test {ranks} = 1 &&' --force --output out"),
      folder.path());
  CHECK(later.code == 4);
  CHECK(contains(later.err, "keeps the 1 run before: --resume goes on"));
  CHECK(lines_of(read_text(folder / "out/scaling.csv")).size() == 2);
  CHECK(names(folder.path() / "out") == std::vector<std::string>{"scaling.csv"});
}

TEST_CASE("what cannot be is said before anything runs", "[scaling]") {
  struct Case {
    std::string arguments, message;
  };
  const std::vector<Case> cases = {
      {"scaling " + tall, "components"},
      {"scaling " + tall + " -k 3 --ranks 1,0", "--ranks"},
      {"scaling V.npy -k 3 --study weak --ranks 1", "generate:"},
      {"scaling generate:swimmer -k 3 --study weak --ranks 1", "rows="},
      {"scaling " + tall + " -k 3 --ranks 1,1000000", "--oversubscribe"},
      {"scaling " + tall + " -k 3 --launcher 'srun -n 4'", "{ranks}"},
      {"scaling " + tall + " -k 3 --launcher 'srun -N {nodes} -n {ranks}'", "--ranks-per-node"},
      {"scaling " + tall + " -k 3 --force --resume", "--resume"}};
  for (const Case& c : cases) {
    TemporaryFolder folder;
    const Ran ran = run("unset SLURM_JOB_ID; " + mpinmf_command(1, c.arguments), folder.path());
    INFO(c.arguments << "\n" << ran.err);
    CHECK(ran.code == 2);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, c.message));
    CHECK(names(folder.path()).empty());
  }
  TemporaryFolder folder;
  const Ran nested = run(mpinmf_command(2, study), folder.path());
  CHECK(nested.code == 2);
  CHECK(contains(nested.err, "without mpirun"));
}

TEST_CASE("a signal ends the runs too, and leaves their rows alone", "[scaling]") {
  TemporaryFolder folder;
  const std::string endless = "--iterations 1000000 --output " + (folder / "new/out");
  const Ran ran =
      run("timeout -s INT 3 " + mpinmf_command(1, "scaling " + tall + " -k 3 --ranks 2 " + launcher + endless),
          folder.path());
  INFO(ran.err);
  CHECK(ran.code == 124);
  CHECK(names(folder.path()).empty());
  CHECK(processes_with(folder.path().string()) == 0);
}
