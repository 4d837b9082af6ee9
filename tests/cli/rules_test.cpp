// The options of fit that choose how the factors move, start and stop.
#include <cstdlib>

#include "cli_support.hpp"

namespace {

const std::string noisy = "generate:lowrank:rows=60,columns=40,rank=4,noise=0.05,seed=3";

nlohmann::json record_of(const std::string& arguments, int ranks = 1, const std::string& matrix = noisy) {
  const TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(ranks, "fit " + matrix + " --quiet --output o " + arguments), folder.path());
  INFO(arguments << "\n" << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(messages(ran.err).empty());
  return read_json(folder / "o/run.json");
}

}  // namespace

TEST_CASE("every rule fits as well, and the record says what was chosen", "[rules]") {
  const double best = record_of("-k 4 --tolerance 0 --max-iterations 300")["loss"];
  struct Case {
    std::string arguments, rule, start;
    bool extrapolate, final_w;
  };
  for (const Case& c : {Case{"", "anls-bpp", "random", true, true},
                        Case{"--extrapolate no --final-w no", "anls-bpp", "random", false, false},
                        Case{"--rule mu", "mu", "random", false, false},
                        Case{"--rule amu --inner-rounds 4", "amu", "random", false, false},
                        Case{"--rule cd", "hals", "nndsvdm", false, false},
                        Case{"--rule hals --extrapolate --init random", "hals", "random", true, false},
                        Case{"--rule ahals --final-w", "ahals", "nndsvdm", false, true},
                        Case{"--rule projected-gradient", "projected-gradient", "nndsvdm", false, false},
                        Case{"--rule anls-bpp", "anls-bpp", "random", false, true},
                        Case{"--rule ao-admm", "ao-admm", "nndsvdm", false, false}}) {
    const auto record = record_of("-k 4 --tolerance 0 --max-iterations 600 " + c.arguments, 2);
    INFO(c.arguments);
    const auto& options = record["options"];
    CHECK(options["rule"] == c.rule);
    CHECK(options["init"] == c.start);
    CHECK(options["extrapolate"] == c.extrapolate);
    CHECK(options["final_w"] == c.final_w);
    // one planted minimum; multiplicative updates come near it slowly
    const double loss = record["loss"];
    CHECK(loss == Approx(best).epsilon(c.rule == "mu" || c.rule == "amu" ? 0.2 : 1e-3));
    CHECK(record["stop_reason"] == "max-iterations");
    CHECK(record["kkt_residual"]["H"].is_number());
  }
  // exact half-steps up to k = 50, and where rows and columns of V have 4 entries a component
  const std::string large = "generate:lowrank:rows=300,columns=250,rank=4";
  for (const auto& [matrix, k, rule] : {std::tuple{large, "50", "anls-bpp"},
                                        {large, "51", "ahals"},
                                        {noisy, "10", "anls-bpp"},
                                        {noisy, "11", "ahals"}}) {
    CHECK(record_of("--max-iterations 3 -k " + std::string(k), 1, matrix)["options"]["rule"] == rule);
  }
  CHECK(record_of("-k 4 --max-iterations 3 --loss kullback-leibler")["options"]["rule"] == "scd");
}

TEST_CASE("each way to stop stops, and a tighter tolerance later", "[rules]") {
  for (const std::string stop : {"loss", "scikit-learn-mu", "scikit-learn-cd", "projected-gradient"}) {
    INFO(stop);
    const std::string arguments = "-k 4 --rule hals --max-iterations 2000 --stop " + stop + " --tolerance ";
    const auto soon = record_of(arguments + "1e-2"), late = record_of(arguments + "1e-4");
    CHECK(soon["options"]["stop"] == stop);
    CHECK(soon["stop_reason"] == "tolerance");
    CHECK(late["stop_reason"] == "tolerance");
    CHECK(soon["iterations"].get<int>() < late["iterations"].get<int>());
    CHECK(late["loss"].get<double>() < soon["loss"].get<double>());
  }
  CHECK(record_of("-k 4 --tolerance 0 --max-iterations 1000000 --max-seconds 0.05")["stop_reason"] ==
        "max-seconds");
}

TEST_CASE("like scikit-learn is short for its solver, start and stopping rule", "[rules]") {
  const auto alike = record_of("-k 4 --like scikit-learn", 3);
  const auto spelt = record_of("-k 4 --rule hals --init nndsvda --stop scikit-learn-cd --revive no", 3);
  CHECK(alike["options"] == spelt["options"]);
  CHECK(alike["loss"] == spelt["loss"]);
  const auto other = record_of("-k 4 --like scikit-learn --loss kullback-leibler --init random");
  CHECK(other["options"]["rule"] == "mu");
  CHECK(other["options"]["stop"] == "scikit-learn-mu");
  CHECK(other["options"]["init"] == "random");

  const auto words = reference_file("newsgroups20/X_train.mtx.gz");
  if (!words) return;  // noted as skipped by reference_file
  const auto tutorial = record_of("-k 20 --like scikit-learn", 2, *words);
  CHECK(tutorial["reconstruction_error"].get<double>() == Approx(1488.5033).epsilon(1e-6));
}

TEST_CASE("what does not go together is said once, before V is read", "[rules]") {
  struct Case {
    std::string arguments, part;
  };
  int ranks = 3;
  for (const Case& c :
       {Case{"--rule sgd", "anls-bpp"}, Case{"--rule hals --loss 1", "--rule"},
        Case{"--rule scd", "kullback-leibler"}, Case{"--rule mu --extrapolate", "extrapolat"},
        Case{"--loss 1 --final-w", "final"}, Case{"--inner-rounds -2", "inner"}, Case{"--alpha-w -1", "alpha"},
        Case{"--l1-ratio 2", "l1"}, Case{"--stop never", "scikit-learn-mu"},
        Case{"--loss 1 --stop scikit-learn-cd", "scikit-learn-cd"}, Case{"--init svd", "nndsvda"},
        Case{"--like matlab", "scikit-learn"}}) {
    const TemporaryFolder folder;
    const Ran ran = run(mpinmf_command(ranks, "fit missing.npy -k 3 --output o " + c.arguments), folder.path());
    INFO(c.arguments << "\n" << ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err)[0], c.part));
    CHECK(contents(folder.path()).empty());
    ranks = 4 - ranks;  // 1 and 3 in turn
  }
}
