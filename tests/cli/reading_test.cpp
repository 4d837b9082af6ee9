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

TEST_CASE("names of a table are as they were said to be in every command, and a guess is noted once",
          "[reading]") {
  TemporaryFolder folder;
  write_text(folder / "years.csv", "name,2010,2011,2012\nde,1,2,3\nfr,3,4,5\nit,2,0,1\n");
  write_text(folder / "ids.csv", "id,2010,2011,2012\n7,1,2,3\n8,3,4,5\n9,2,0,1\n");
  write_text(folder / "counts.csv", "0,1,2\n5,3,1\n4,1,2\n2,2,7\n");
  const std::string end = " -k 1 --tolerance 0 --max-iterations 2 --force --output m";
  for (const int ranks : {1, 3}) {
    const auto notes = [&](const std::string& arguments) {
      const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
      INFO(arguments << "\n" << ran.out << ran.err);
      CHECK(ran.code == 0);
      std::vector<std::string> found = lines_with(ran.err, "mpinmf: note: ");
      std::erase_if(found, [](const std::string& line) { return !contains(line, ".csv are taken for "); });
      for (std::string& line : found) line.erase(0, std::string("mpinmf: note: ").size());
      return found;
    };
    const auto shape = [&] { return read_json(folder.path() / "m/run.json")["shapes"]["V"]; };
    using Notes = std::vector<std::string>;
    const Notes of_header{
        "the numbers in the first line of years.csv are taken for names of columns; with --header no they are a "
        "row of V"};
    CHECK(notes("fit years.csv" + end) == of_header);
    CHECK(shape() == std::vector<int>{3, 3});
    CHECK(read_text(folder / "m/column_names.txt") == "2010\n2011\n2012\n");
    for (const std::string command :
         {"transform years.csv --model m --output new --force", "evaluate years.csv --model m", "info years.csv",
          "spectrum years.csv -k 1 --force", "convert years.csv out.h5ad --force"})
      CHECK(notes(command) == of_header);
    if (ranks > 1) continue;  // reading is the root's, and the rest is as on one
    CHECK(notes("fit years.csv --header no" + end).empty());
    CHECK(shape() == std::vector<int>{4, 3});
    CHECK(read_json(folder.path() / "m/run.json")["input"]["read_as"]["header"] == "no");
    CHECK(notes("fit ids.csv" + end) == Notes{"the numbers in the first column of ids.csv are taken for a column "
                                              "of V; with --row-names yes they name rows"});
    CHECK(shape() == std::vector<int>{3, 4});
    CHECK(notes("fit ids.csv --row-names yes" + end).empty());
    CHECK(read_text(folder / "m/row_names.txt") == "7\n8\n9\n");
    run_well(folder, 1,
             "components m --rows 0,1 --residual --output p" + std::to_string(ranks));  // reads V as the fit did
    CHECK(notes("fit counts.csv" + end) == Notes{"0, 1, 2 and so on in the first line of counts.csv are taken for "
                                                 "a row of V; with --header yes they name columns"});
    CHECK(notes("fit counts.csv --header yes" + end).empty());
    CHECK(shape() == std::vector<int>{3, 3});
    const Ran refused = run(mpinmf_command(ranks, "info counts.csv --header 1"), folder.path());
    CHECK(refused.code == 2);
    CHECK(contains(refused.err, "--header is yes, no or auto, not '1'"));
  }
}
