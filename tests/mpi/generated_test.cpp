#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/load.hpp"
#include "shared_folder.hpp"
#include "written_files.hpp"

using namespace mpinmf;
namespace fs = std::filesystem;

namespace {

const std::string dense_text = "generate:lowrank:rows=101,columns=37,rank=4,noise=0.1,seed=2**70";
const std::string sparse_text = "generate:sparse-counts:rows=403,columns=1009,density=0.01,seed=5";

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <class T>
void check_same(const DataMatrix<T>& a, const DataMatrix<T>& b) {
  REQUIRE(a.rows_global() == b.rows_global());
  REQUIRE(a.columns() == b.columns());
  REQUIRE(a.is_sparse() == b.is_sparse());
  REQUIRE(a.panels() == b.panels());
  const auto entries = [](const RowPanel<T>& panel) {
    std::vector<std::tuple<Index, Index, T>> all;
    for (Index i = 0; i < panel.rows(); ++i)
      panel.for_stored(i, [&](Index j, T value) { all.emplace_back(i, j, value); });
    return all;
  };
  for (Index p = 0; p < a.panels(); ++p) CHECK(entries(a.panel(p)) == entries(b.panel(p)));
}

}  // namespace

TEST_CASE("a generated .npy has the same bytes on any number of ranks", "[generated]") {
  const SharedFolder folder;
  for (bool single : {false, true}) {
    generate_file(world(), dense_text, folder / "all.npy", single, single);
    if (world().is_root()) generate_file(Comm::self(), dense_text, folder / "one.npy", single, single);
    world().wait_for_all();
    const std::string all = read_text(folder / "all.npy"), one = read_text(folder / "one.npy");
    CHECK(all.size() > 101 * 37 * (single ? 4 : 8));
    CHECK(all.size() < 101 * 37 * (single ? 4 : 8) + 200);
    CHECK(all == one);
    CHECK(folder.entries() == 2);
    world().wait_for_all();
  }
}

TEST_CASE("a generated CSR folder has the same bytes on any number of ranks", "[generated]") {
  const SharedFolder folder;
  for (bool single : {false, true}) {
    generate_file(world(), sparse_text, folder / "all.csr/", single, single);
    if (world().is_root()) generate_file(Comm::self(), sparse_text, folder / "one.csr", single, single);
    world().wait_for_all();
    for (const char* file : {"/indptr.npy", "/indices.npy", "/data.npy", "/shape.npy"}) {
      const std::string all = read_text((folder / "all.csr") + file), one = read_text((folder / "one.csr") + file);
      INFO(file);
      CHECK(!all.empty());
      CHECK(all == one);
    }
    CHECK(folder.entries() == 2);
    world().wait_for_all();
  }
}

TEST_CASE("loading a generator and loading its file agree bitwise", "[generated]") {
  const SharedFolder folder;
  for (const std::string& text : {std::string("generate:swimmer"), dense_text, sparse_text}) {
    generate_file(world(), text, folder / "v", false, false);
    for (bool transpose : {false, true}) {
      INFO(text << " transpose " << transpose);
      LoadOptions options;
      options.transpose = transpose;
      check_same(load<double>(world(), text, options), load<double>(world(), folder / "v", options));
      check_same(load<float>(world(), text, options), load<float>(world(), folder / "v", options));
    }
    world().wait_for_all();
    if (world().is_root()) fs::remove_all(folder / "v");
    world().wait_for_all();
  }
}

TEST_CASE("what exists is replaced only when asked, and only by its like", "[generated]") {
  const SharedFolder folder;
  const std::string file = folder / "v.npy", csr = folder / "v.csr", other = folder / "notes";
  if (world().is_root()) {
    write_text(file, "old");
    write_text(folder / "v", "no folder");
    fs::create_directory(other);
    write_text(other + "/text", "mine");
  }
  auto generate = [&](const std::string& text, const std::string& path, bool overwrite) {
    return message_of([&] { generate_file(world(), text, path, false, overwrite); }, ExitCode::usage);
  };
  CHECK(mentions(generate("generate:swimmer", file, false), "--force"));
  CHECK(mentions(generate("generate:swimmer", other, true), "folder"));
  CHECK(mentions(generate(sparse_text, other, true), "not replaced"));
  CHECK(mentions(generate(sparse_text, folder / "v", true), "not replaced"));
  CHECK(read_text(file) == "old");
  CHECK(read_text(folder / "v") == "no folder");
  CHECK(read_text(other + "/text") == "mine");
  world().wait_for_all();
  CHECK(generate("generate:swimmer", file, true).empty());
  CHECK(generate(sparse_text, csr, false).empty());
  CHECK(mentions(generate(sparse_text, csr, false), "--force"));
  CHECK(generate(sparse_text, csr, true).empty());
  CHECK(folder.entries() == 4);
}

TEST_CASE("a full device or a missing folder ends all ranks with a system error", "[generated]") {
  const SharedFolder folder;
  auto generate = [&](const std::string& text, const std::string& path) {
    return message_of([&] { generate_file(world(), text, path, false, false); }, ExitCode::system);
  };
  if (fs::is_character_file("/dev/full")) {
    CHECK(mentions(generate("generate:swimmer", "/dev/full"), "No space left"));
    CHECK(mentions(generate(sparse_text, "/dev/full"), "/dev/full"));
    CHECK(fs::is_character_file("/dev/full"));
  }
  CHECK(mentions(generate("generate:swimmer", folder / "none/v.npy"), "none/v.npy"));
  CHECK(mentions(generate(sparse_text, folder / "none/v.csr"), "none/v.csr"));
  CHECK(folder.entries() == 0);
}

TEST_CASE("what single precision cannot hold is not written", "[generated]") {
  const SharedFolder folder;
  const std::string large = "generate:lowrank:rows=101,columns=37,rank=4,noise=1e50";
  const std::string message =
      message_of([&] { generate_file(world(), large, folder / "v.npy", true, false); }, ExitCode::bad_data);
  CHECK(mentions(message, "in row 0, column 0 (counted from 0) is too large for single precision"));
  world().wait_for_all();  // the root has removed its file
  CHECK(folder.entries() == 0);
  world().wait_for_all();
  generate_file(world(), large, folder / "v.npy", false, false);
  CHECK(folder.entries() == 1);
}

TEST_CASE("a wrong generator text is the same usage error on every rank", "[generated]") {
  const SharedFolder folder;
  const std::string message = message_of(
      [&] { generate_file(world(), "generate:lowrank:rows=3", folder / "v.npy", false, false); }, ExitCode::usage);
  CHECK(mentions(message, "columns=NUMBER"));
  CHECK(folder.entries() == 0);
}
