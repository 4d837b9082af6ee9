// Folders of images.
#include <algorithm>
#include <filesystem>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "png_files.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Names = std::vector<std::string>;

/// Rows of numbers, one an image; also transposed.
void check_images(const std::string& folder, const std::vector<std::vector<double>>& rows) {
  INFO(folder);
  Places expected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      if (rows[i][j] != 0) expected[{static_cast<Index>(i), static_cast<Index>(j)}] = rows[i][j];
    }
  }
  for (const bool transpose : {false, true}) {
    LoadOptions options;
    options.transpose = transpose;
    Source source = open_source(folder, options);
    CHECK((transpose ? source.header.columns : source.header.rows) == static_cast<Index>(rows.size()));
    CHECK((transpose ? source.header.rows : source.header.columns) == static_cast<Index>(rows.front().size()));
    CHECK_FALSE(source.header.sparse);
    CHECK(entries_of(source) == (transpose ? transposed(expected) : expected));
  }
}

std::string pgm(const std::string& values = std::string("\x01\x02\x03\x04\x05\xff", 6)) {
  return "P5\n3 2\n255\n" + values;
}
const std::string grey_rows("\x01\x02\x03\x04\x05\xff", 6);

}  // namespace

TEST_CASE("a folder of images has one row an image, in the order of their names", "[images]") {
  const TemporaryFolder folder;
  write_text(folder / "b.pgm", pgm());
  write_text(folder / "a.PNG", png_bytes(3, 2, 8, PngColour::grey, std::string("\x00\x01\x02\x03\x04\x05", 6)));
  std::filesystem::create_directory(folder / "s1");
  write_text(folder / "s1/10.pgm", "P2 # made by hand\n3 2 # wide\n255\n9 8 7\n6 5 4");
  write_text(folder / "s1/2.pgm", pgm());
  write_text(folder / "README", "not an image");
  write_text(folder / ".hidden.png", "");
  const std::vector<double> counted = {1, 2, 3, 4, 5, 255};
  check_images(folder.path(), {{0, 1, 2, 3, 4, 5}, counted, {9, 8, 7, 6, 5, 4}, counted});
  const Names names = {"a.PNG", "b.pgm", "s1/10.pgm", "s1/2.pgm"};
  CHECK(all_names(open_source(folder.path(), {}).labels.rows) == names);
  LoadOptions turned;
  turned.transpose = true;
  CHECK(all_names(open_source(folder.path(), turned).labels.columns) == names);
}

TEST_CASE("colours, 16 bits, palettes and single bits are the numbers that they stand for", "[images]") {
  const TemporaryFolder folder;
  const auto check_one = [&](const std::string& name, const std::string& bytes,
                             const std::vector<double>& values) {
    std::filesystem::create_directory(folder / name);
    write_text(folder / (name + "/v" + (bytes.starts_with('P') ? ".ppm" : ".png")), bytes);
    check_images(folder / name, {values});
  };
  const std::string rgb("\x01\x02\x03\x04\x05\x06", 6), wide("\x01\x02\x00\x04", 4);
  check_one("rgb", png_bytes(2, 1, 8, PngColour::rgb, rgb), {1, 2, 3, 4, 5, 6});
  check_one("ppm", "P6 2 1 255\n" + rgb, {1, 2, 3, 4, 5, 6});
  check_one("plain", "P3\n2 1\n15\n1 2 3 4 5 15\n", {1, 2, 3, 4, 5, 15});
  check_one("wide", png_bytes(2, 1, 16, PngColour::grey, wide), {258, 4});
  check_one("wide_pgm", "P5 2 1 1000\n" + wide, {258, 4});
  check_one("palette", png_bytes(2, 1, 8, PngColour::palette, std::string("\x01\x00", 2), rgb),
            {4, 5, 6, 1, 2, 3});
  check_one("bits", png_bytes(4, 1, 1, PngColour::grey, "\x50"), {0, 255, 0, 255});
}

TEST_CASE("images that do not belong together are refused, and what fit has written is no folder of images",
          "[images]") {
  const TemporaryFolder folder;
  const std::string path = folder.path();
  write_text(folder / "a.pgm", pgm());
  write_text(folder / "b.pgm", "P5\n2 3\n255\n" + grey_rows);
  CHECK_THAT(fault_in(path),
             Contains("b.pgm: has 2 x 3 grey pixels with values up to 255, but the first image has 3 x 2"));
  write_text(folder / "b.pgm", "P5\n3 2\n15\n" + std::string(6, '\1'));
  CHECK_THAT(fault_in(path), Contains("b.pgm: has 3 x 2 grey pixels with values up to 15"));
  write_text(folder / "b.pgm", "P6\n3 2\n255\n" + std::string(18, '\1'));
  CHECK_THAT(fault_in(path), Contains("b.pgm: has 3 x 2 colour pixels"));
  write_text(folder / "b.pgm", "P2\n3 2\n255\n1 2 3 4 5 256\n");
  CHECK_THAT(fault_in(path), Contains("b.pgm: ") && Contains("value 5 (counted from 0) is 256"));
  write_text(folder / "b.pgm", "P2\n3 2\n255\n1 2 3 4 5 -6\n");
  CHECK_THAT(fault_in(path), Contains("b.pgm: "));
  write_text(folder / "b.pgm", "P2\n3 2\n0\n1 2 3 4 5 6\n");
  CHECK_THAT(fault_in(path), Contains("b.pgm: "));
  write_text(folder / "b.pgm", "P5\n1000000000 1\n255\n");
  std::filesystem::remove(folder / "a.pgm");
  CHECK_THAT(fault_in(path), Contains("b.pgm: ") && Contains("1000000000 x 1 pixels, but has 20 bytes"));
  write_text(folder / "a.png", png_bytes(3, 2, 8, PngColour::grey_alpha, std::string(12, '\1')));
  CHECK_THAT(fault_in(path), Contains("a.png: has transparent pixels"));
  write_text(folder / "a.png", png_bytes(1000000, 1000000, 8, PngColour::grey, ""));
  CHECK_THAT(fault_in(path), Contains("a.png: ") && Contains("more than its"));
  for (const char* name : {"H.npy", "W.npy", "run.json"}) write_text(folder / name, "");
  CHECK_THAT(fault_in(path), Contains("is a folder without"));
  const TemporaryFolder empty;
  LoadOptions forced;
  forced.file.format = "images";
  CHECK_THAT(fault_in(empty.path(), forced), Contains("has no images (.png, .pgm, .ppm)"));
}

TEST_CASE("an image that is cut or spoilt anywhere is a message", "[images]") {
  const TemporaryFolder folder;
  const std::string path = folder.path();
  write_text(folder / "a.pgm", pgm());
  const std::string plain = "P2\n3 2\n255\n10 20 30 40 50 60";
  const std::string png = png_bytes(3, 2, 8, PngColour::grey, grey_rows);
  const auto refused = [&](const std::string& name, const std::string& bytes) {
    write_text(folder / name, bytes);
    const std::string said = fault_in(path);
    CHECK((said.empty() || Contains(name).match(said)));
    return !said.empty();
  };
  for (std::size_t length = 0; length < pgm().size(); ++length) CHECK(refused("b.pgm", pgm().substr(0, length)));
  for (std::size_t length = 0; length + 2 < plain.size(); ++length)
    CHECK(refused("b.pgm", plain.substr(0, length)));
  std::filesystem::remove(folder / "b.pgm");
  for (std::size_t length = 0; length < png.size(); ++length) CHECK(refused("b.png", png.substr(0, length)));
  for (std::size_t at = 0; at < png.size(); ++at) {
    std::string spoilt = png;
    spoilt[at] = static_cast<char>(spoilt[at] ^ 0x55);
    refused("b.png", spoilt);
  }
}
