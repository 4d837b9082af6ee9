#include "cli_support.hpp"

TEST_CASE("every command has a help with its defaults", "[help]") {
  TemporaryFolder folder;
  for (const std::string command : {"fit", "transform", "evaluate", "generate", "info", "convert", "plot",
                                    "spectrum", "survey", "report", "scaling", "status"}) {
    const Ran ran = run(mpinmf_command(1, command + " --help"), folder.path());
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Usage: mpinmf " + command));
    CHECK(ran.err.empty());
  }
  const Ran fit = run(mpinmf_command(1, "fit --help"), folder.path());
  for (const std::string value : {"200", "frobenius", "auto"}) {
    // the option parser writes =200 or, in newer versions, [200]
    CHECK((contains(fit.out, "=" + value) || contains(fit.out, "[" + value + "]")));
  }
  for (const std::string chosen : {"default: 1e-4, of gain 1e-7", "w-first (scikit-learn; default)"}) {
    CHECK(contains(fit.out, chosen));
  }
  CHECK(contains(fit.out, "V's name + .nmf"));
}

TEST_CASE("the version names MPI, BLAS and the vector level", "[help]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(1, "--version"), folder.path());
  CHECK(ran.code == 0);
  for (const std::string part : {"mpinmf ", "MPI: ", "BLAS: ", "vectors: "}) CHECK(contains(ran.out, part));
}

TEST_CASE("help and version come once from several tasks, without MPI", "[help]") {
  TemporaryFolder folder;
  for (const std::string arguments : {"--help", "--version", "fit --help"}) {
    // a transport that does not exist would make MPI_Init fail
    const Ran ran =
        run("OMPI_MCA_btl=nothing OMPI_MCA_pml=nothing " + mpinmf_command(3, arguments), folder.path());
    CHECK(ran.code == 0);
    const std::string once = arguments == "--version" ? "BLAS: " : "Usage: ";
    const auto first = ran.out.find(once);
    REQUIRE(first != std::string::npos);
    CHECK(ran.out.find(once, first + 1) == std::string::npos);
  }
}

TEST_CASE("a misspelt command or option gets the nearest one named, once, with exit code 2", "[help]") {
  struct Case {
    std::string arguments, nearest, help;
  };
  const std::vector<Case> cases = {{"fti V.npy -k 2", "fit", "mpinmf --help"},
                                   {"fit V.npy --compnents 2", "--components", "mpinmf fit --help"},
                                   {"fit V.npy -k 2 --max-iterations=3 --toll 1", "--tol", "mpinmf fit --help"},
                                   {"info V.npy --rank 3", "--ranks", "mpinmf info --help"},
                                   {"--versoin", "--version", "mpinmf --help"},
                                   {"fit V.npy", "--components", "mpinmf fit --help"},
                                   {"fit -k 3", "V", "mpinmf fit --help"},
                                   {"fit V.npy -k many", "many", "mpinmf fit --help"},
                                   {"", "command", "mpinmf --help"}};
  for (const int ranks : {1, 3}) {
    for (const Case& c : cases) {
      TemporaryFolder folder;
      const Ran ran = run(mpinmf_command(ranks, c.arguments), folder.path());
      INFO(c.arguments << "\n" << ran.err);
      CHECK(ran.code == 2);
      REQUIRE(messages(ran.err).size() == 1);
      CHECK(contains(messages(ran.err)[0], c.nearest));
      CHECK(contains(messages(ran.err)[0], c.help));
      CHECK(names(folder.path()).empty());
    }
  }
}

TEST_CASE("every option that takes a whole number takes 1e0, and says so of what is none", "[help]") {
  TemporaryFolder folder;
  std::size_t options = 0;
  for (const std::string command : {"fit", "transform", "evaluate", "generate", "info", "convert", "plot",
                                    "report", "status", "spectrum", "survey", "scaling"}) {
    std::istringstream help(run(mpinmf_command(1, command + " --help"), folder.path()).out);
    for (std::string line; std::getline(help, line);) {
      const std::size_t name = line.find("--"), type = line.find(" INT");
      if (name == std::string::npos || type == std::string::npos || type < name) continue;
      const std::string option = line.substr(name, line.find_first_of(", ", name) - name);
      INFO(command << ' ' << option);
      const std::string wrong = run(mpinmf_command(1, command + " " + option + " 1.5"), folder.path()).err;
      CHECK((contains(wrong, "must be a whole number such as 20 or 1e6, not '1.5'") ||
             contains(wrong, "k is one whole number, not '1.5'")));
      const std::string right = run(mpinmf_command(1, command + " " + option + " 1e0"), folder.path()).err;
      CHECK(!contains(right, "1e0"));  // what is missing is another thing
      ++options;
    }
  }
  CHECK(options >= 15);
}

TEST_CASE("whole numbers of every kind are taken as people write them", "[help]") {
  TemporaryFolder folder;
  const Ran fit = run(
      mpinmf_command(1,
                     "fit generate:lowrank:rows=3e1,columns=2e1,rank=3e0,seed=1e0 -k 4e0 --max-iterations 1e1 "
                     "--tolerance 0 --trace-every 5e0 --threads 1e0 --rule ahals --inner-rounds 2e0 --restarts "
                     "1e0 --checkpoint --checkpoint-every 1e1 --checkpoint-keep 2e0 --seed 12e20 --output out"),
      folder.path());
  INFO(fit.err);
  REQUIRE(fit.code == 0);
  const auto options = read_json(folder.path() / "out/run.json")["options"];
  CHECK(options["components"] == 4);
  CHECK(options["max_iterations"] == 10);
  CHECK(options["trace_every"] == 5);
  CHECK(options["inner_rounds"] == 2);
  CHECK(options["seed"] == "0x410d586a20a4c00000");
  const Ran several =
      run(mpinmf_command(1, "fit generate:swimmer -k 2e0:4e0:1e0 --max-iterations 2e0 --output s"), folder.path());
  INFO(several.err);
  CHECK(several.code == 0);
  CHECK(std::filesystem::exists(folder.path() / "s/k4/seed0"));
  const Ran large = run(mpinmf_command(1, "fit generate:swimmer -k 4 --threads 3e9"), folder.path());
  CHECK(large.code == 2);
  CHECK(contains(large.err, "--threads: must be at most 2147483647, not 3e9"));
}
