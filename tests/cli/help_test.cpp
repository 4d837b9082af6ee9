#include "cli_support.hpp"

TEST_CASE("every command has a help with its defaults", "[help]") {
  TemporaryFolder folder;
  for (const std::string command : {"fit", "transform", "evaluate", "generate", "info", "convert", "plot",
                                    "spectrum", "report", "scaling", "status"}) {
    const Ran ran = run(mpinmf_command(1, command + " --help"), folder.path());
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Usage: mpinmf " + command));
    CHECK(ran.err.empty());
  }
  const Ran fit = run(mpinmf_command(1, "fit --help"), folder.path());
  for (const std::string value : {"200", "0.0001", "frobenius", "w-first", "auto"}) {
    // the option parser writes =200 or, in newer versions, [200]
    CHECK((contains(fit.out, "=" + value) || contains(fit.out, "[" + value + "]")));
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
