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
