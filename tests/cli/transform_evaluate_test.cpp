#include "cli_support.hpp"

namespace {

const std::string all_rows = "generate:lowrank:rows=60,columns=30,rank=4,noise=0.01,seed=3";

}  // namespace

TEST_CASE("transform finds the rows of W again", "[transform_evaluate]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, "fit " + all_rows + " -k 4 --max-iterations 300 --tolerance 0 --output m"),
              folder.path())
              .code == 0);
  const double fitted = read_json(folder / "m/run.json")["loss"];
  for (const int ranks : {1, 3}) {
    const Ran ran =
        run(mpinmf_command(ranks, "transform " + all_rows + " --model m --tolerance 1e-7 --force --output t"),
            folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(names(folder.path() / "t") == std::vector<std::string>{"W.npy", "run.json"});
    const auto json = read_json(folder / "t/run.json");
    CHECK(json["command"] == "transform");
    CHECK(json["loss"].get<double>() <= 1.001 * fitted);
  }
}

TEST_CASE("transform does not depend on the number of ranks", "[transform_evaluate]") {
  TemporaryFolder folder;
  REQUIRE(
      run(mpinmf_command(1, "fit " + all_rows + " -k 4 --loss kullback-leibler --max-iterations 20 --output m"),
          folder.path())
          .code == 0);
  for (const std::string ranks : {"1", "3"}) {
    REQUIRE(run(mpinmf_command(std::stoi(ranks), "transform " + all_rows + " --model m --output t" + ranks),
                folder.path())
                .code == 0);
  }
  CHECK(read_text(folder / "t1/W.npy") == read_text(folder / "t3/W.npy"));
  const auto record = read_json(folder / "t1/run.json");
  CHECK(record["options"]["loss"] == "kullback-leibler");
  CHECK(record["stop_reason"] == "tolerance");
  CHECK(record["rows_unconverged"] == 0);
}

TEST_CASE("transform begins where it is told to", "[transform_evaluate]") {
  TemporaryFolder folder;
  const std::string quiet = " --quiet --force --output ";
  REQUIRE(run(mpinmf_command(1, "fit " + all_rows + " -k 4 --loss 0.5 --max-iterations 20" + quiet + "m"),
              folder.path())
              .code == 0);
  const std::string transform = "transform " + all_rows + " --model m --tolerance 1e-8" + quiet;
  REQUIRE(run(mpinmf_command(1, transform + "t"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(2, transform + "again --w0 t/W.npy"), folder.path()).code == 0);
  const auto first = read_json(folder / "t/run.json"), again = read_json(folder / "again/run.json");
  CHECK(again["iterations"].get<int>() < first["iterations"].get<int>());
  CHECK(again["loss"].get<double>() == Approx(first["loss"].get<double>()).epsilon(1e-10));
}

TEST_CASE("a loss that is no finite number is an error on every rank", "[transform_evaluate]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "m");
  write_numbers(folder / "v.npy", 3, 2, {1, 1, 1, 1, 1, 1});
  write_numbers(folder / "m/W.npy", 3, 1, {1e300, 2, 3});
  write_numbers(folder / "m/H.npy", 1, 2, {1e300, 5});
  write_numbers(folder / "h0.npy", 1, 2, {2, 2});
  write_numbers(folder / "w0.npy", 3, 1, {2, 2, 2});
  for (const int ranks : {1, 3}) {
    for (const std::string arguments :
         {"evaluate v.npy --model m", "fit v.npy -k 1 --loss 700 --w0 w0.npy --h0 h0.npy --output new",
          "fit generate:swimmer -k 2 --loss 1e9 --output new"}) {
      const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
      INFO(arguments << "\n" << ran.err);
      CHECK(ran.code == 3);
      CHECK(messages(ran.err).size() == 1);
      CHECK(!std::filesystem::exists(folder / "new/run.json"));
    }
  }
}

TEST_CASE("one iteration is not several", "[transform_evaluate]") {
  TemporaryFolder folder;
  const auto printed = [&](const std::string& arguments) {
    return run(mpinmf_command(1, arguments), folder.path()).out;
  };
  CHECK(contains(printed("fit " + all_rows + " -k 4 --max-iterations 1 --output m"), "\n1 iteration in "));
  CHECK(contains(printed("transform " + all_rows + " --model m --output t"), "solved exactly"));
  for (const std::string command : {"report m", "status m"}) CHECK(contains(printed(command), " 1 iteration,"));
  CHECK(contains(printed("report m"), "\n  until           1 iteration,"));
}

TEST_CASE("evaluate repeats what fit said", "[transform_evaluate]") {
  TemporaryFolder folder;
  REQUIRE(
      run(mpinmf_command(2, "fit " + all_rows + " -k 4 --max-iterations 50 --add 0.5 --output m"), folder.path())
          .code == 0);
  const auto record = read_json(folder / "m/run.json");
  for (const int ranks : {1, 3}) {
    const Ran ran = run(mpinmf_command(ranks, "evaluate " + all_rows + " --model m --json"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto json = nlohmann::json::parse(ran.out);
    CHECK(json["losses"]["frobenius"]["loss"].get<double>() == Approx(record["loss"].get<double>()).epsilon(1e-9));
    CHECK(json["relative_error"].get<double>() == Approx(record["relative_error"].get<double>()).epsilon(1e-9));
    for (const std::string key : {"explained_variance", "sparseness_w", "sparseness_h", "kkt_w", "kkt_h"}) {
      CHECK(json[key].is_number());
    }
  }
  const Ran table = run(mpinmf_command(1, "evaluate " + all_rows + " --model m"), folder.path());
  for (const std::string part :
       {"frobenius", "kullback-leibler", "itakura-saito", "explained variance", "Hoyer", "KKT"}) {
    CHECK(contains(table.out, part));
  }
}

TEST_CASE("the swimmer's limbs are found", "[transform_evaluate]") {
  TemporaryFolder folder;
  int best = 0;
  for (const std::string seed : {"0", "1", "2"}) {
    REQUIRE(run(mpinmf_command(
                    2, "fit generate:swimmer -k 17 --max-iterations 500 --tolerance 0 --force --output m --seed " +
                           seed),
                folder.path())
                .code == 0);
    const Ran ran = run(mpinmf_command(2, "evaluate generate:swimmer --model m --json"), folder.path());
    REQUIRE(ran.code == 0);
    const int found = nlohmann::json::parse(ran.out)["planted_parts"]["found"];
    CHECK(found >= 14);
    best = std::max(best, found);
  }
  CHECK(best == 16);
}

TEST_CASE("factors of another program can be evaluated", "[transform_evaluate]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "m");
  write_numbers(folder / "m/W.npy", 3, 1, {1, 2, 3});
  write_numbers(folder / "m/H.npy", 1, 2, {4, 5});
  write_numbers(folder / "v.npy", 3, 2, {4, 5, 8, 10, 12, 15});
  const Ran ran = run(mpinmf_command(1, "evaluate v.npy --model m --json"), folder.path());
  REQUIRE(ran.code == 0);
  CHECK(nlohmann::json::parse(ran.out)["relative_error"].get<double>() < 1e-12);
}

TEST_CASE("transform of a penalised model minimises what the fit did", "[transform_evaluate]") {
  TemporaryFolder folder;
  for (const std::string l1_ratio : {"0", "0.5", "1"}) {
    INFO(l1_ratio);
    REQUIRE(run(mpinmf_command(2, "fit " + all_rows +
                                      " -k 3 --alpha-w 0.05 --tolerance 1e-9 --max-iterations 500 "
                                      "--quiet --force --output m --l1-ratio " +
                                      l1_ratio),
                folder.path())
                .code == 0);
    REQUIRE(
        run(mpinmf_command(3, "transform " + all_rows + " --model m --quiet --force --output t"), folder.path())
            .code == 0);
    const auto fitted = read_json(folder / "m/run.json"), again = read_json(folder / "t/run.json");
    CHECK(again["options"]["alpha_w"] == 0.05);
    CHECK(again["options"]["rule"] == "anls-bpp");
    CHECK(again["loss"].get<double>() == Approx(fitted["loss"].get<double>()).epsilon(1e-7));
    CHECK(fitted["penalty"].get<double>() > 0.1 * fitted["loss"].get<double>());
  }
}

TEST_CASE("a loss of another kind has no relative error", "[transform_evaluate]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, "fit " + all_rows + " -k 3 --loss 1 --max-iterations 5 --quiet --output m"),
              folder.path())
              .code == 0);
  const Ran ran = run(mpinmf_command(1, "transform " + all_rows + " --model m --output t"), folder.path());
  REQUIRE(ran.code == 0);
  CHECK(!contains(ran.out, "relative error"));
  CHECK(read_json(folder / "t/run.json")["relative_error"].is_null());
}

TEST_CASE("D is met wherever it lies beside H", "[transform_evaluate]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(
                  1, "fit " + all_rows + " -k 3 --normalize l2 --diagonal --max-iterations 20 --quiet --output m"),
              folder.path())
              .code == 0);
  const auto loss = [&] {
    const Ran ran = run(mpinmf_command(2, "evaluate " + all_rows + " --model m --json"), folder.path());
    REQUIRE(ran.code == 0);
    return nlohmann::json::parse(ran.out)["losses"]["frobenius"]["loss"].get<double>();
  };
  const double wanted = read_json(folder / "m/run.json")["loss"];
  CHECK(loss() == Approx(wanted).epsilon(1e-9));
  REQUIRE(
      run(mpinmf_command(1, "spectrum " + all_rows + " -k 2 --quiet --force --output m"), folder.path()).code ==
      0);
  CHECK(std::filesystem::exists(folder / "m/run.json"));
  CHECK(loss() == Approx(wanted).epsilon(1e-9));
  std::filesystem::remove(folder / "m/run.json");
  CHECK(loss() == Approx(wanted).epsilon(1e-9));
}

TEST_CASE("transform removes nothing that it does not write", "[transform_evaluate]") {
  TemporaryFolder folder;
  for (const std::string name : {"a", "b"}) {
    REQUIRE(run(mpinmf_command(1, "fit " + all_rows + " -k 4 --max-iterations 5 --quiet --output " + name),
                folder.path())
                .code == 0);
  }
  const std::string transform = "transform " + all_rows + " --quiet --model a --force --output ";
  CHECK(run(mpinmf_command(1, transform + "a"), folder.path()).code == 2);
  CHECK(run(mpinmf_command(1, transform + "b"), folder.path()).code == 0);
  for (const std::string file : {"a/W.npy", "a/H.npy", "b/H.npy", "b/trace.csv"}) {
    CHECK(std::filesystem::exists(folder / file));
  }
  CHECK(run(mpinmf_command(3, transform + "none"), folder.path()).code == 0);
  CHECK(names(folder.path()) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("evaluate says why there is no W", "[transform_evaluate]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, "fit " + all_rows + " -k 4 --max-iterations 5 --write h --quiet --output h"),
              folder.path())
              .code == 0);
  const Ran ran = run(mpinmf_command(3, "evaluate " + all_rows + " --model h"), folder.path());
  CHECK(ran.code == 4);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "--write h"));
}
