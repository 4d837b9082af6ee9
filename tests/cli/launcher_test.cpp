// A launcher and an MPI that do not know each other would have every task do all the work.
#include "cli_support.hpp"

TEST_CASE("tasks that MPI does not see are refused", "[launcher]") {
  for (const std::string variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    TemporaryFolder folder;
    const Ran ran =
        run(variable + "=3 " + mpinmf_command(1, "fit generate:swimmer -k 3 --output out"), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, "srun --mpi=pmix"));
    CHECK(contains(ran.err, "3 tasks"));
    CHECK(names(folder.path()).empty());
  }
}

TEST_CASE("one task, and tasks that MPI sees, are not", "[launcher]") {
  TemporaryFolder folder;
  const std::string fit = "fit generate:swimmer -k 3 --max-iterations 2 --output none";
  CHECK(run("SLURM_STEP_NUM_TASKS=1 " + mpinmf_command(1, fit), folder.path()).code == 0);
  CHECK(run("SLURM_STEP_NUM_TASKS=3 " + mpinmf_command(3, fit), folder.path()).code == 0);
}

TEST_CASE("under mpirun a fault says that what follows is mpirun's, once, and elsewhere it does not",
          "[launcher]") {
  TemporaryFolder folder;
  struct Case {
    std::string arguments;
    int code;
  };
  for (const Case& c : {Case{"fit nothing.npy -k 3", 4}, Case{"fit --nonsense", 2}, Case{"report nothing", 4}}) {
    INFO(c.arguments);
    const std::string says = "is about exit code " + std::to_string(c.code) + " alone: see above.";
    const Ran ran = run(mpinmf_command(2, c.arguments), folder.path());
    CHECK(ran.code == c.code);
    CHECK(messages(ran.err).size() == 1);
    REQUIRE(contains(ran.err, says));
    CHECK(ran.err.find(says) == ran.err.rfind(says));
    CHECK(ran.err.find("mpinmf: ") < ran.err.find(says));
    CHECK(!contains(run("OMPI_MCA_orte_execute_quiet=1 " + mpinmf_command(2, c.arguments), folder.path()).err,
                    "mpirun"));
    CHECK(!contains(run(mpinmf_command(1, c.arguments), folder.path()).err, "mpirun"));
  }
}

TEST_CASE("fit and transform record their threads", "[launcher]") {
  TemporaryFolder folder;
  const std::string fit = "fit generate:swimmer -k 3 --max-iterations 2 --output out";
  const Ran ran = run(mpinmf_command(2, fit), folder.path());
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.out, "2 ranks with 1 thread each"));  // the tests' OMP_NUM_THREADS
  CHECK(read_json(folder / "out/run.json")["threads_per_rank"] == 1);
  const std::string transform = "transform generate:swimmer --model out --output new --threads 2 --quiet";
  REQUIRE(run(mpinmf_command(2, transform), folder.path()).code == 0);
  CHECK(read_json(folder / "new/run.json")["threads_per_rank"] == 2);
}

TEST_CASE("a number of threads that makes no sense is refused", "[launcher]") {
  TemporaryFolder folder;
  const std::string fit = "fit generate:swimmer -k 3 --output none";
  for (const std::string command :
       {mpinmf_command(1, fit + " --threads -1"), mpinmf_command(1, fit + " --threads 5000"),
        "OMP_NUM_THREADS=many " + mpinmf_command(1, fit), "OMP_NUM_THREADS=0 " + mpinmf_command(3, fit)}) {
    const Ran ran = run(command, folder.path());
    INFO(ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err)[0], "4096"));
  }
}
