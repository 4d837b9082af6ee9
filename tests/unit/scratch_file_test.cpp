#include "machine/scratch_file.hpp"

#include <filesystem>

#include "catch.hpp"
#include "contains.hpp"
#include "data/placed_rows.hpp"
#include "files.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;
using machine::ScratchFile;

TEST_CASE("a scratch file has no name, begins with zeros, and keeps what is let go", "[scratch_file]") {
  TemporaryFolder folder;
  constexpr std::size_t bytes = (std::size_t{40} << 20) + 123;
  ScratchFile file({folder.path(), ""}, bytes);
  CHECK(std::filesystem::is_empty(folder.path()));
  REQUIRE(file.bytes() == bytes);
  CHECK(file.data()[0] == std::byte{0});
  CHECK(file.data()[bytes - 1] == std::byte{0});
  for (std::size_t i = 0; i < bytes; i += 1000) file.data()[i] = static_cast<std::byte>(i % 251);
  file.let_go(0, bytes);
  ScratchFile moved = std::move(file);
  CHECK(file.data() == nullptr);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < bytes; i += 1000) {
    moved.move_window(i, std::min(i + 1000, bytes));
    if (moved.data()[i] != static_cast<std::byte>(i % 251)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a scratch file for nothing is no file", "[scratch_file]") {
  const ScratchFile none({"/no/such/folder", ""}, 0);
  CHECK(none.data() == nullptr);
  none.let_go(0, 0);
  none.move_window(0, 0);
}

TEST_CASE("a folder without room is named, with the cure", "[scratch_file]") {
  TemporaryFolder folder;
  CHECK_THROWS_AS(ScratchFile({folder / "none", "take another"}, 10), SystemError);
  CHECK_THROWS_WITH(ScratchFile({folder / "none", "take another"}, 10),
                    Contains(folder / "none") && Contains("; take another"));
  CHECK_THROWS_WITH(ScratchFile({folder.path(), "cure"}, std::size_t{1} << 60), Contains("cannot set aside"));
  CHECK_THROWS_AS(machine::free_bytes_of_disk(folder / "none"), SystemError);
  CHECK(machine::free_bytes_of_disk(folder.path()) > 0);
}

TEST_CASE("rows on disk are those that were written", "[scratch_file]") {
  TemporaryFolder folder;
  const auto rows = PlacedRows<float>::sparse({machine::ScratchFolder{folder.path(), ""}}, 5, {0, 2, 2, 3});
  const OwnCsr<float> own(*rows);
  own.indices[0] = 1;
  own.indices[1] = 4;
  own.indices[2] = 0;
  own.values[2] = 7;
  rows->let_go(0, 3);
  const CsrView<float> view = rows->csr();
  CHECK(view.rows() == 3);
  CHECK(std::vector(view.indices.begin(), view.indices.end()) == std::vector<ColumnIndex>{1, 4, 0});
  CHECK(view.values[2] == 7);
  const auto dense = PlacedRows<double>::dense({machine::ScratchFolder{folder.path(), ""}}, 3, 2);
  dense->matrix()(2, 1) = 5;
  dense->let_go(2, 1);
  CHECK(dense->matrix()(2, 1) == 5);
  CHECK(dense->matrix().rows() == 3);
}
