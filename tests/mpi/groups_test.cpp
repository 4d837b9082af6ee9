// Groups of ranks, each of which owns all of V, though it was read once.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "bits.hpp"
#include "catch.hpp"
#include "cli/fit/group_jobs.hpp"
#include "io/checksum.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

/// The ways to cut the ranks into groups: side by side, as evenly as may be, and in turns.
std::vector<Comm> groups_of_this_rank() {
  const int rank = world().rank(), ranks = world().size();
  std::vector<Comm> groups;
  for (const int count : {1, 2, 3, ranks}) groups.push_back(world().split(rank * count / ranks));
  groups.push_back(world().split(rank % 2));
  groups.push_back(world().split(0, -rank));  // one, in which ranks stand the other way round
  return groups;
}

/// Both are the same to the last bit, and so are fits of them.
template <class T>
void check_same_bits(const DataMatrix<T>& shared, const DataMatrix<T>& alone) {
  CHECK(bits_of(shared) == bits_of(alone));
  CHECK(shared.first_row() == alone.first_row());
  CHECK(std::vector<double>(shared.row_squares().begin(), shared.row_squares().end()) ==
        std::vector<double>(alone.row_squares().begin(), alone.row_squares().end()));
  const DataSummary& a = shared.summary();
  const DataSummary& b = alone.summary();
  CHECK(std::vector<double>{a.sum, a.sum_squares, a.minimum, a.maximum} ==
        std::vector<double>{b.sum, b.sum_squares, b.minimum, b.maximum});
  CHECK(std::vector<Index>{a.nonzeros, a.stored, a.flushed, a.clipped, a.summed} ==
        std::vector<Index>{b.nonzeros, b.stored, b.flushed, b.clipped, b.summed});
  CHECK(io::checksum(shared) == io::checksum(alone));
  Nmf<T> of_shared(fixed_options(3, 2, Order::w_first, 5)), of_alone(fixed_options(3, 2, Order::w_first, 5));
  of_shared.fit(shared);
  of_alone.fit(alone);
  const ConstMatrixView<T> w = of_shared.w(), other_w = of_alone.w(), h = of_shared.ht(), other_h = of_alone.ht();
  bool is_same = w.rows() == other_w.rows() && of_shared.cost().loss == of_alone.cost().loss;
  for (Index c = 0; c < 3; ++c) {
    for (Index i = 0; is_same && i < w.rows(); ++i) is_same = w(i, c) == other_w(i, c);
    for (Index j = 0; is_same && j < h.rows(); ++j) is_same = h(j, c) == other_h(j, c);
  }
  CHECK(is_same);
}

template <class T>
void check_groups(const std::string& path, const LoadOptions& options) {
  int way = 0;
  for (const Comm& group : groups_of_this_rank()) {
    INFO(path << ", cut " << way++);
    const DataMatrix<T> alone = load<T>(group, path, options);
    LoadOptions grouped = options;
    grouped.group = group;
    check_same_bits(load<T>(world(), path, grouped), alone);
  }
}

}  // namespace

TEST_CASE("Each group has what so many ranks alone would have read", "[groups]") {
  for (const std::string v :
       {"generate:lowrank:rows=203,columns=17,rank=3", "generate:lowrank:rows=3,columns=9,rank=2",
        "generate:sparse-counts:rows=301,columns=40,density=0.1",
        "generate:sparse-counts:rows=2,columns=7,density=1",
        "generate:sparse-counts:rows=90,columns=5000,density=0.01"}) {  // columns of so wide a V have their own
                                                                        // order
    LoadOptions options;
    check_groups<double>(v, options);
    options.transpose = true;
    check_groups<float>(v, options);
  }
}

TEST_CASE("What lies on disk or in few bytes does so in each group", "[groups]") {
  const SharedFolder folder;
  for (const std::string v : {"generate:swimmer", "generate:sparse-counts:rows=301,columns=40,density=0.1"}) {
    for (const StorageType type : {StorageType::automatic, StorageType::uint8, StorageType::float32}) {
      for (const Storage storage : {Storage::memory, Storage::disk}) {
        LoadOptions options;
        options.storage = storage;
        options.storage_type = type;
        options.scratch = folder / "";
        check_groups<double>(v, options);
      }
    }
  }
}

TEST_CASE("Streams, sums of duplicates and prepared rows reach each group", "[groups]") {
  const SharedFolder folder;
  world().meet_on_root([&] {
    std::string text;
    Index count = 0;
    for (Index j = 20; j >= 1; --j) {
      for (Index i = 1; i <= 70; ++i) {
        const Index times = i % 9 == 4 ? 0 : (3 * i + j) % 4;  // as often as this, and one of them is 0
        for (Index t = 0; t < times; ++t, ++count) text += fmt::format("{} {} {}\n", i, j, 0.1 * double(t * i));
      }
    }
    write_text(folder / "v.mtx",
               fmt::format("%%MatrixMarket matrix coordinate real general\n70 20 {}\n{}", count, text));
  });
  LoadOptions options;
  check_groups<double>(folder / "v.mtx", options);
  options.add = 0.5;  // makes it dense
  check_groups<double>(folder / "v.mtx", options);
  options.add = 0;
  options.preparation.rows = "3:60";
  options.preparation.scale_rows = "sum";
  check_groups<double>(folder / "v.mtx", options);
}

TEST_CASE("More than one round takes all rows to their groups", "[groups]") {
  const Comm group = world().split(world().rank() * 2 / world().size());
  LoadOptions options;
  const std::string v = "generate:lowrank:rows=6000,columns=600,rank=2";  // 3.6 million entries
  const DataMatrix<float> alone = load<float>(group, v, options);
  options.group = group;
  const DataMatrix<float> shared = load<float>(world(), v, options);
  CHECK(shared.rows_local() == alone.rows_local());
  CHECK(shared.summary().sum_squares == alone.summary().sum_squares);
  CHECK(io::checksum(shared) == io::checksum(alone));
}

TEST_CASE("Rows that a function makes are made once, and what it throws is thrown in all groups", "[groups]") {
  LoadOptions options;
  options.group = world().split(world().rank() * 3 / world().size());
  Index made = 0;
  DenseRowFunction rows = {50, 4, [&](Index row, std::span<double> values) {
                             ++made;
                             values[static_cast<std::size_t>(row % 4)] = static_cast<double>(row + 1);
                           }};
  const auto v = load<double>(world(), rows, options);
  CHECK(v.comm().size() == options.group->size());
  CHECK(v.summary().sum == 50 * 51 / 2);
  CHECK(world().sum(made) == 50);
  rows.row = [](Index row, std::span<double> values) { values[0] = row == 20 ? -1 : 1; };
  CHECK_FALSE(message_of([&] { load<double>(world(), rows, options); }, ExitCode::bad_data).empty());
}

TEST_CASE("Groups do each job once, the costly ones first", "[groups]") {
  for (const int count : {1, 2, 3, world().size()}) {
    if (count > world().size()) continue;
    INFO(count << " groups");
    const cli::Groups groups(world(), count);
    CHECK(groups.own.size() >= world().size() / count);
    CHECK(groups.own.size() <= (world().size() + count - 1) / count);
    CHECK(groups.is_first() == (world().rank() < world().size() / count + (world().size() % count > 0 ? 1 : 0)));
    cli::RunLimits limits(world(), {});
    std::vector<cli::GroupJob> jobs;
    for (Index i = 0; i < 20; ++i) jobs.push_back({i, static_cast<double>(i % 4)});
    std::vector<Index> done(jobs.size()), order;
    cli::do_in_groups(groups, jobs, limits, false, [&](Index number) {
      CHECK(groups.own.sum(number) == number * groups.own.size());
      if (groups.own.is_root()) ++done[static_cast<std::size_t>(number)];
      order.push_back(number % 4);
    });
    world().sum(done);
    CHECK(done == std::vector<Index>(jobs.size(), 1));
    CHECK(std::is_sorted(order.rbegin(), order.rend()));
    CHECK(world().max(static_cast<double>(order.size())) > 0);
  }
}

TEST_CASE("What one group throws stops the others, and is thrown by all", "[groups]") {
  for (const int count : {1, 2, world().size()}) {
    if (count > world().size()) continue;
    const cli::Groups groups(world(), count);
    for (int failing = 0; failing < count; ++failing) {
      INFO(failing << " of " << count << " groups");
      cli::RunLimits limits(world(), {});
      Index works = 0;
      const auto work = [&](Index) {
        ++works;
        if (groups.number == failing) groups.own.meet_on_root([] { throw SystemError("the disk is full"); });
        while (groups.own.max(limits.do_others_stop() ? 1.0 : 0.0) == 0) {
        }
        groups.own.meet([] { throw Stopped("as asked"); });
      };
      const std::vector<cli::GroupJob> jobs(100, {0, 1});
      CHECK(message_of([&] { cli::do_in_groups(groups, jobs, limits, false, work); }, ExitCode::system) ==
            "the disk is full");
      CHECK(works <= 1);
      CHECK_FALSE(limits.do_others_stop());
    }
  }
}

TEST_CASE("A group that comes to the end waits for the others, and hears of their faults", "[groups]") {
  if (world().size() == 1) return;
  const cli::Groups groups(world(), 2);
  cli::RunLimits limits(world(), {});
  Index last = -1;
  const auto work = [&](Index number) {
    last = number;
    if (number > 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the other group does all the rest
    groups.own.meet([] { throw BadData("at last"); });
  };
  std::vector<cli::GroupJob> jobs;
  for (Index i = 0; i < 5; ++i) jobs.push_back({i, static_cast<double>(5 - i)});
  CHECK(message_of([&] { cli::do_in_groups(groups, jobs, limits, false, work); }, ExitCode::bad_data) ==
        "at last");
  CHECK((last == 0 || last == 4 || last == -1));
}
