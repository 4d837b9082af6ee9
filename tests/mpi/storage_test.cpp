// V on disk: the same bits as in memory, whatever reads it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "catch.hpp"
#include "io/checksum.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

LoadOptions on_disk(const SharedFolder& folder) {
  LoadOptions options;
  options.storage = Storage::disk;
  options.scratch = folder / "";
  return options;
}

template <class T>
void check_same_fit(const std::string& path, double beta, const SharedFolder& folder, int threads = 1) {
  INFO(path << " beta " << beta << " threads " << threads);
  Options options = fixed_options(3, beta, Order::w_first, 4);
  options.threads = threads;
  const auto memory = load<T>(world(), path), disk = load<T>(world(), path, on_disk(folder));
  CHECK(io::checksum(memory) == io::checksum(disk));
  CHECK(memory.summary().sum_squares == disk.summary().sum_squares);
  CHECK(memory.layout_for(Layout::blocks) == disk.layout_for(Layout::blocks));
  Nmf<T> a(options), b(options);
  a.fit(memory);
  b.fit(disk);
  CHECK(relative_difference<T>(world(), a.w(), b.w()) == 0);
  CHECK(relative_difference<T>(Comm::self(), a.ht(), b.ht()) == 0);
  CHECK(a.cost().loss == b.cost().loss);
}

constexpr int rows_by_columns = 900, columns_by_columns = 300, apart = 3;
/// MiB, of which a quarter is for all ranks' rows; these take 1.03.
constexpr const char* little_memory = "1";

/// A Matrix Market file, column by column. Collective.
std::string write_by_columns(const SharedFolder& folder) {
  const std::string path = folder / "by_column.mtx";
  world().meet_on_root([&] {
    std::string lines;
    for (int j = 1; j <= columns_by_columns; ++j) {
      for (int i = j % apart + 1; i <= rows_by_columns; i += apart)
        lines += fmt::format("{} {} {}\n", i, j, (i * j) % 7 + 1);
    }
    write_text(path, fmt::format("%%MatrixMarket matrix coordinate integer general\n{} {} {}\n", rows_by_columns,
                                 columns_by_columns, rows_by_columns / apart * columns_by_columns) +
                         lines);
  });
  return path;
}

}  // namespace

TEST_CASE("a fit to V on disk has the bits of one in memory", "[storage]") {
  const SharedFolder folder;
  const std::string wide_counts = "generate:sparse-counts:rows=300,columns=5000,density=0.02",
                    counts = "generate:sparse-counts:rows=700,columns=90,density=0.2",
                    dense = "generate:lowrank:rows=500,columns=40,rank=3";
  for (const int threads : {1, 2}) {
    check_same_fit<double>(wide_counts, 2, folder, threads);
    check_same_fit<float>(counts, 2, folder, threads);
    check_same_fit<double>(counts, 1, folder, threads);
    check_same_fit<float>(dense, 2, folder, threads);
    check_same_fit<double>(dense, 1.5, folder, threads);
  }
  check_same_fit<double>("generate:lowrank:rows=2,columns=30,rank=2", 2, folder);  // some ranks have none
  world().wait_for_all();
  CHECK(folder.entries() == 0);
}

TEST_CASE("streams come to the disk as they come to memory", "[storage]") {
  const SharedFolder folder;
  const std::string path = folder / "by_column.mtx";
  world().meet_on_root([&] {
    std::string lines;
    for (int j = 1; j <= 40; ++j) {
      for (int i = j % 3 + 1; i <= 200; i += 3) lines += fmt::format("{} {} {}\n", i, j, (i * j) % 7 + 1);
    }
    const auto count = std::count(lines.begin(), lines.end(), '\n');
    write_text(path, fmt::format("%%MatrixMarket matrix coordinate integer general\n200 40 {}\n", count) + lines);
  });
  check_same_fit<double>(path, 2, folder);
  LoadOptions options = on_disk(folder);
  options.add = 1;  // which makes it dense
  LoadOptions in_memory;
  in_memory.add = 1;
  CHECK(io::checksum(load<float>(world(), path, options)) == io::checksum(load<float>(world(), path, in_memory)));
}

TEST_CASE("what comes by columns and is larger than a quarter of the memory is read several times", "[storage]") {
  const SharedFolder folder;
  const std::string path = write_by_columns(folder);
  const auto memory = load<double>(world(), path);
  setenv("SLURM_MEM_PER_NODE", little_memory, 1);
  const auto disk = load<double>(world(), path, on_disk(folder));
  unsetenv("SLURM_MEM_PER_NODE");
  CHECK(memory.summary().stored == rows_by_columns / apart * columns_by_columns);
  CHECK(io::checksum(memory) == io::checksum(disk));
}

TEST_CASE("rows of a stream that are put together to be prepared may lie on disk", "[storage]") {
  const SharedFolder folder;
  const std::string path = write_by_columns(folder);
  LoadOptions in_memory;
  in_memory.preparation = {
      .min_row_sum = 360, .scale_rows = "sum:100", .log1p = true, .min_column_count = 2, .scale_columns = "std"};
  LoadOptions disk = on_disk(folder), meanwhile = in_memory;
  disk.preparation = in_memory.preparation;
  meanwhile.scratch = folder / "";
  meanwhile.scratch_for_preparation = true;
  const auto memory = load<double>(world(), path, in_memory);
  CHECK(memory.rows_global() < rows_by_columns);
  for (const bool is_little : {false, true}) {
    if (is_little) setenv("SLURM_MEM_PER_NODE", little_memory, 1);
    const auto a = load<double>(world(), path, disk), b = load<double>(world(), path, meanwhile);
    unsetenv("SLURM_MEM_PER_NODE");
    CHECK(io::checksum(memory) == io::checksum(a));
    CHECK(io::checksum(memory) == io::checksum(b));
  }
  // what is allowed is not done without need, nor where nobody asked for it
  meanwhile.scratch = "/no/such/folder";
  CHECK(io::checksum(memory) == io::checksum(load<double>(world(), path, meanwhile)));
  setenv("SLURM_MEM_PER_NODE", little_memory, 1);
  CHECK_THROWS_AS(load<double>(world(), path, meanwhile), SystemError);
  meanwhile.scratch_for_preparation = false;
  CHECK(io::checksum(memory) == io::checksum(load<double>(world(), path, meanwhile)));
  unsetenv("SLURM_MEM_PER_NODE");
}

TEST_CASE("a scratch folder that is not there is one message on every rank", "[storage]") {
  LoadOptions options;
  options.storage = Storage::disk;
  options.scratch = "/no/such/folder";
  CHECK_THROWS_AS(load<double>(world(), "generate:lowrank:rows=50,columns=4,rank=2", options), SystemError);
}
