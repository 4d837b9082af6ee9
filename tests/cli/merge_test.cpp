// Fits that begin with one of more components (--merge), as the program shows, refuses and continues them.
#include "cli_support.hpp"

namespace {

const std::string merged_fit =
    "fit generate:lowrank:rows=300,columns=60,rank=8,noise=0.1,seed=3 -k 5 --merge 3 --quiet ";

bool has_same_results(const TemporaryFolder& folder, const std::string& a, const std::string& b) {
  const auto same = [&](const std::string& name) {
    return read_text(folder / (a + name)) == read_text(folder / (b + name));
  };
  return same("/W.npy") && same("/H.npy");
}

/// Runs it in a shell until it has written its first checkpoint, and sends the signal then.
Ran signalled(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string run_it = mpinmf_command(1, arguments + "--checkpoint --checkpoint-every 20 --output out");
  return run("timeout -k 5 120 " + run_it +
                 " & fit=$!; while [ ! -e out/checkpoint/checkpoint-1 ] && kill -0 $fit; do sleep 0.01; done; "
                 "kill -TERM $fit; wait $fit",
             folder.path());
}

}  // namespace

TEST_CASE("a fit with --merge says what came first", "[merge]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(2, merged_fit + "--output m"), folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto record = read_json(folder / "m/run.json");
  CHECK(record["options"]["merge"] == 3);
  CHECK(record["shapes"]["H"] == nlohmann::json({5, 60}));
  const auto wider = record["wider_fit"];
  CHECK(wider["components"] == 8);
  CHECK(wider["iterations"].get<int>() > 0);
  CHECK(wider["stop_reason"] == "tolerance");
  CHECK(wider["loss"].get<double>() > 0);
  const double seconds = wider["seconds"];
  CHECK(seconds > 0);
  CHECK(record["seconds"]["start"]["max"].get<double>() >= seconds);
  CHECK(record["seconds"]["total"].get<double>() > seconds);
  const std::string trace = read_text(folder / "m/trace.csv");
  CHECK(std::stod(trace.substr(trace.find("\n0,") + 3)) == Approx(seconds));  // counts from the wider fit on
  const Ran report = run(mpinmf_command(1, "report m"), folder.path());
  CHECK(contains(report.out, "wider fit"));
  CHECK(contains(report.out, "k = 8, "));
  // without --quiet, and with a tolerance that the first part never meets
  const Ran shown = run(mpinmf_command(1,
                                       "fit generate:swimmer -k 4 --merge 2 --tolerance 0 --max-iterations 5 "
                                       "--output s"),
                        folder.path());
  INFO(shown.err);
  REQUIRE(shown.code == 0);
  CHECK(contains(shown.out, "wider fit: k = 6, 5 iterations in "));
  CHECK(contains(shown.out, "\n5 iterations in "));
  REQUIRE(run(mpinmf_command(1, "fit generate:swimmer -k 4 --max-iterations 5 --quiet --output p"), folder.path())
              .code == 0);
  CHECK_FALSE(read_json(folder / "p/run.json").contains("wider_fit"));
}

TEST_CASE("every seed of a series, and of a survey, has a wider fit of its own", "[merge]") {
  TemporaryFolder folder;
  for (const std::string command : {"fit", "survey"}) {
    INFO(command);
    const std::string arguments =
        " generate:swimmer -k 3,4 --merge 2 --restarts 3 --max-iterations 20 --quiet --force --output s";
    const Ran ran = run(mpinmf_command(1, command + arguments), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    for (const std::string k : {"3", "4"}) {
      std::set<double> losses;
      for (const std::string seed : {"0", "1", "2"}) {
        const auto record = read_json(folder / ("s/k" + k + "/seed" + seed + "/run.json"));
        CHECK(record["wider_fit"]["components"] == std::stoi(k) + 2);
        losses.insert(record["wider_fit"]["loss"].get<double>());
      }
      CHECK(losses.size() == 3);
    }
  }
}

TEST_CASE("a fit with --merge that is interrupted in either part goes on with the same bits", "[merge]") {
  TemporaryFolder folder;
  const std::string slow =
      "fit generate:lowrank:rows=1500,columns=200,rank=12,noise=0.2 -k 10 --merge 5 --tolerance 0 --quiet --rule "
      "hals ";
  const std::string whole = slow + "--max-iterations 300 ";
  REQUIRE(run(mpinmf_command(1, whole + "--output whole"), folder.path()).code == 0);
  const Ran stopped = signalled(folder, whole);
  INFO(stopped.err);
  CHECK(stopped.code == 75);
  CHECK(contains(stopped.err, " of the wider fit as asked"));
  CHECK_FALSE(std::filesystem::exists(folder / "out/run.json"));
  const Ran status = run(mpinmf_command(1, "status out"), folder.path());
  CHECK(contains(status.out, " of at most 300 of the wider fit"));
  const std::string again = mpinmf_command(1, whole + "--checkpoint --resume --output out");
  const Ran resumed = run(again, folder.path());
  INFO(resumed.err);
  REQUIRE(resumed.code == 0);
  CHECK(has_same_results(folder, "whole", "out"));
  CHECK(read_json(folder / "out/run.json")["wider_fit"]["iterations"] == 300);
  // at its end, and from there on with more iterations, which the wider fit does not take up again
  const auto before = contents(folder / "out");
  REQUIRE(run(again, folder.path()).code == 0);
  CHECK(contents(folder / "out") == before);
  const Ran more =
      run(mpinmf_command(1, slow + "--max-iterations 320 --checkpoint --resume --output out"), folder.path());
  INFO(more.err);
  REQUIRE(more.code == 0);
  const auto record = read_json(folder / "out/run.json");
  CHECK(record["iterations"] == 320);
  CHECK(record["checkpoints"]["resumed_after"] == 300);
  CHECK(record["wider_fit"]["iterations"] == 300);
  CHECK(record["wider_fit"]["components"] == 15);
}

TEST_CASE("what --merge makes no sense with is refused with one message", "[merge]") {
  TemporaryFolder folder;
  write_numbers(folder / "w.npy", 300, 5, counting(300, 5));
  write_numbers(folder / "h.npy", 5, 60, counting(5, 60));
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--merge 3 --w0 w.npy --h0 h.npy", "leave --w0 and --h0 out"},
      {"--merge 3 --fix-h h.npy", "cannot be merged: leave --merge, or --fix-h and --fix-w, out"},
      {"--merge 3 --fix-w w.npy", "cannot be merged"},
      {"--init nndsvd --merge 56", "61 components need another start"},
      {"--merge -1", "must be from 0 to"},
      {"--merge x", "--merge"},
  };
  for (const auto& [options, said] : wrong) {
    INFO(options);
    const std::string fit = "fit generate:lowrank:rows=300,columns=60,rank=8 -k 5 --quiet --output m ";
    const Ran ran = run(mpinmf_command(2, fit + options), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, said));
    CHECK_FALSE(std::filesystem::exists(folder / "m"));
  }
}
