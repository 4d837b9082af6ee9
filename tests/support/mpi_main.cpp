// Entry point of tests that run on several ranks: every rank runs every test, the exit code is the worst of all,
// and each rank that failed has its say in full.
#include <iostream>
#include <sstream>

#include "catch.hpp"
#include "mpi_support.hpp"

namespace {

const mpinmf::Comm* all_ranks = nullptr;

int run_on_all_ranks(int argc, char** argv) {
  mpinmf::Session session(argc, argv);
  all_ranks = &session.comm();
  std::ostringstream kept;
  std::streambuf* terminal = std::cout.rdbuf();
  if (!world().is_root()) std::cout.rdbuf(kept.rdbuf());
  const int own = run_tests(argc, argv);
  std::cout.rdbuf(terminal);
  const int worst = static_cast<int>(world().max(static_cast<double>(own)));
  for (int r = 1; r < world().size(); ++r) {
    world().wait_for_all();
    if (r == world().rank() && own != 0) {
      std::cerr << "==== rank " << r << " of " << world().size() << " failed\n" << kept.str() << std::flush;
    }
  }
  world().wait_for_all();
  if (world().is_root()) std::cout << "worst of " << world().size() << " ranks: " << worst << std::endl;
  return exit_code(worst);
}

}  // namespace

const mpinmf::Comm& world() {
  return *all_ranks;
}

// As in a program of a user of the library. In mpinmf it is the session that starts MPI.
int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  const int code = run_on_all_ranks(argc, argv);
  MPI_Finalize();
  return code;
}
