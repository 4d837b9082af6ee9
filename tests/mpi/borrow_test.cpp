// The library inside a program that has MPI and communicators of its own.
#include <mpi.h>

#include "api/evaluate.hpp"
#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

/// The ranks of one colour, numbered backwards; without a colour, none.
class Group {
 public:
  explicit Group(int colour) {
    MPI_Comm_split(MPI_COMM_WORLD, colour, -world().rank(), &comm_);
    if (comm_ != MPI_COMM_NULL) MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
  }
  ~Group() {
    if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  bool is_there() const { return comm_ != MPI_COMM_NULL; }
  Comm comm() const { return Comm::borrow(comm_); }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

struct Problem {
  Start start;
  double beta;
  bool sparse;
  std::string rule;
  Index k, features;
};

Options options_for(const Problem& p) {
  Options options = fixed_options(p.k, p.beta, Order::w_first, 12);
  options.rule = p.rule;
  options.start = p.start;
  return options;
}

/// All that a caller does with a matrix is the same among these ranks as on one alone.
void check_whole_way(const Comm& comm, const Problem& p) {
  INFO(p.rule << (p.sparse ? ", sparse" : ", dense") << " on " << comm.size() << " ranks");
  const Matrix<double> all = random_matrix<double>(60, p.features, 5, 0.3);
  const DataMatrix<double> v = spread(comm, all, p.sparse), own = spread(Comm::self(), all, p.sparse);
  Nmf<double> model(options_for(p)), alone(options_for(p));
  const Matrix<double> w = model.fit_transform(v);
  alone.fit(own);
  CHECK(relative_difference<double>(comm, alone.w().middle_rows(v.first_row(), v.rows_local()), w.view()) < 1e-8);
  CHECK(relative_difference<double>(Comm::self(), alone.ht(), model.ht()) < 1e-8);

  const Matrix<double> again = model.transform(v), again_alone = alone.transform(own);
  CHECK(relative_difference<double>(comm, again_alone.view().middle_rows(v.first_row(), v.rows_local()),
                                    again.view()) < 1e-6);
  const Evaluation there = evaluate(v, model.w(), model.ht(), model.options().loss),
                   here = evaluate(own, alone.w(), alone.ht(), alone.options().loss);
  CHECK(there.relative_error == Approx(here.relative_error).epsilon(1e-6));

  const auto loaded = load<double>(comm, "generate:lowrank:rows=50,columns=20,rank=3");
  CHECK(loaded.summary().sum ==
        Approx(load<double>(Comm::self(), "generate:lowrank:rows=50,columns=20,rank=3").summary().sum));
}

/// By a rule that shares H out over the ranks where there are features enough, too.
const Problem of_svd{Start::nndsvda, 2, false, "hals", 4, 30}, of_divergence{Start::random, 1, true, "mu", 3, 25},
    shared_out{Start::nndsvd, 2, true, "anls-bpp", 4, 7 * 16 + 5};

}  // namespace

TEST_CASE("MPI was started by someone else, and stays so", "[borrow]") {
  int argc = 0;
  char** argv = nullptr;
  { Session session(argc, argv); }
  int ended = 1;
  MPI_Finalized(&ended);
  CHECK(ended == 0);
}

TEST_CASE("A caller's communicator of some of the ranks is all that is used", "[borrow]") {
  const bool takes_part = world().size() == 1 || world().rank() != 0;
  {
    const Group group(takes_part ? 0 : MPI_UNDEFINED);
    if (group.is_there()) {
      for (const Problem& p : {of_svd, of_divergence, shared_out}) check_whole_way(group.comm(), p);
      CHECK_THROWS_AS(load<double>(group.comm(), "missing.npy"), SystemError);
    }
    // rank 0 waits here all the while: whatever spoke to all ranks would meet this, or wait for ever
    MPI_Barrier(MPI_COMM_WORLD);
  }
}

TEST_CASE("Two groups of ranks fit different matrices at the same time", "[borrow]") {
  const int half = world().rank() % 2;
  const Group group(half);
  check_whole_way(group.comm(), half == 0 ? of_svd : shared_out);
  check_whole_way(group.comm(), half == 0 ? shared_out : of_divergence);
}
