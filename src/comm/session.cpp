// MPI from its start to its end: the only use of MPI_COMM_WORLD.
#include <unistd.h>

#include <cstdlib>

#include "calls.hpp"

namespace mpinmf {

Session::Session(int& argc, char**& argv) : exceptions_at_birth_(std::uncaught_exceptions()), comm_(Comm::self()) {
  int started = 0;
  MPI_Initialized(&started);
  if (!started) {
    int provided = 0;
    require_success(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    owns_mpi_ = true;
  }
  require_success(MPI_Comm_dup(MPI_COMM_WORLD, &world_), "MPI_Comm_dup");
  MPI_Comm_set_errhandler(world_, MPI_ERRORS_RETURN);
  comm_ = Comm::borrow(world_);
}

Session::~Session() {
  if (std::uncaught_exceptions() > exceptions_at_birth_) return;
  int ended = 0;
  MPI_Finalized(&ended);
  if (ended) return;
  MPI_Comm_free(&world_);
  if (owns_mpi_) MPI_Finalize();
}

void Session::abort(ExitCode code) const {
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
  std::abort();
}

std::string mpi_library_version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  MPI_Get_library_version(text, &length);
  std::string version(text, static_cast<std::size_t>(length));
  return version.substr(0, version.find_first_of(",\n"));
}

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "unknown host";
  return name;
}

}  // namespace mpinmf
