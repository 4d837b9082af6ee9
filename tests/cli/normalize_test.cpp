// Models whose components have norm 1, as the program writes and reads them.
#include "cli_support.hpp"

namespace {

const std::string planted = "generate:lowrank:rows=90,columns=30,rank=4,noise=0.05,seed=3";
const std::string fit_planted = "fit " + planted + " -k 3 --max-iterations 20 --quiet --output ";

}  // namespace

TEST_CASE("evaluate and transform meet the same model however it is scaled", "[normalize]") {
  TemporaryFolder folder;
  const auto evaluated = [&](const std::string& model) {
    const Ran ran = run(mpinmf_command(2, "evaluate " + planted + " --json --model " + model), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return nlohmann::json::parse(ran.out)["losses"]["frobenius"]["loss"].get<double>();
  };
  REQUIRE(run(mpinmf_command(2, fit_planted + "plain"), folder.path()).code == 0);
  const double loss = evaluated("plain");
  for (const std::string options :
       {"--normalize l2", "--normalize max --normalize-factor h", "--normalize l1 --diagonal",
        "--normalize l2 --normalize-factor h --diagonal"}) {
    INFO(options);
    REQUIRE(run(mpinmf_command(2, fit_planted + "m --force " + options), folder.path()).code == 0);
    const auto record = read_json(folder / "m/run.json");
    const bool apart = contains(options, "--diagonal");
    CHECK(std::filesystem::exists(folder / "m/D.npy") == apart);
    CHECK(record["options"]["diagonal"] == apart);
    CHECK(contains(options, record["options"]["normalize"]));
    CHECK(record["options"]["normalize_factor"] == (contains(options, "factor h") ? "h" : "w"));
    CHECK(evaluated("m") == Approx(loss).epsilon(1e-10));

    REQUIRE(run(mpinmf_command(2, "transform " + planted + " --model m --tolerance 1e-9 --force " + "--output t"),
                folder.path())
                .code == 0);
    CHECK(read_json(folder / "t/run.json")["loss"].get<double>() <= 1.001 * loss);
    if (!apart) continue;
    CHECK(contains(npy_header(folder / "m/D.npy"), "(3,)"));
    // the W of transform stands for the fit's: with D, not with the scale in it
    std::filesystem::copy_file(folder / "t/W.npy", folder / "m/W.npy",
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(evaluated("m") <= 1.001 * loss);
    std::filesystem::remove(folder / "m/D.npy");
    const Ran missing = run(mpinmf_command(2, "evaluate " + planted + " --model m"), folder.path());
    CHECK(missing.code == 4);
    CHECK(contains(missing.err, "D.npy"));
  }
  // a fit without D leaves none of an older one
  REQUIRE(run(mpinmf_command(1, fit_planted + "d --normalize l2 --diagonal"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(1, fit_planted + "d --force"), folder.path()).code == 0);
  CHECK(!std::filesystem::exists(folder / "d/D.npy"));
}

TEST_CASE("a wrong norm is a usage error", "[normalize]") {
  TemporaryFolder folder;
  for (const std::string options : {"--normalize l3", "--normalize l2 --normalize-factor v", "--diagonal"}) {
    const Ran ran = run(mpinmf_command(1, fit_planted + "m " + options), folder.path());
    CHECK(ran.code == 2);
    CHECK(messages(ran.err).size() == 1);
    CHECK(names(folder.path()).empty());
  }
}
