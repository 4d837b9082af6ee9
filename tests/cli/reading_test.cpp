// What a user says of V's file: it is read so, recorded, and read so again by commands that find V in run.json.
#include "cli_support.hpp"

namespace {

/// Recognition takes it for an Arrow file.
const std::string table = "arrow1,b,c\n1,2,3\n2,4,6\n3,1,2\n0,5,1\n";

/// Runs it in the folder; returns what it has printed.
std::string run_well(const TemporaryFolder& folder, int ranks, const std::string& arguments) {
  const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
  INFO(arguments << "\n" << ran.out << ran.err);
  CHECK(ran.code == 0);
  return ran.out;
}

}  // namespace

TEST_CASE("a format that was asked for is what every command reads V as", "[reading]") {
  TemporaryFolder folder;
  write_text(folder / "v", table);
  CHECK(run(mpinmf_command(1, "info v"), folder.path()).code == 3);
  const Ran unknown = run(mpinmf_command(1, "info v --format tables"), folder.path());
  CHECK(unknown.code == 2);
  CHECK(contains(unknown.err, "table"));
  for (const int ranks : {1, 3}) {
    run_well(folder, ranks, "info v --format table");
    run_well(folder, ranks, "fit v --format table -k 2 --tolerance 0 --max-iterations 3 --output m --force");
    run_well(folder, ranks, "evaluate v --format table --model m");
    run_well(folder, ranks, "transform v --format table --model m --output new --force");
    run_well(folder, ranks, "convert v v.csr --format table --force");
    run_well(folder, ranks, "spectrum v --format table -k 2 --force");
    CHECK(read_json(folder.path() / "m/run.json")["input"]["read_as"]["format"] == "table");
    CHECK(read_json(folder.path() / "new/run.json")["input"]["read_as"]["format"] == "table");
  }
  // these read V again as the fit did
  run_well(folder, 1, "components m --rows 0,1 --residual");
  CHECK(contains(run_well(folder, 1, "topics m"), "UMass"));
}
