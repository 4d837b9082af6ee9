// Archives as the program writes them: below 4 GiB, and with zip64's records, which larger ones have.
#include <zlib.h>

#include "catch.hpp"
#include "files.hpp"
#include "io/source.hpp"
#include "io/write/zip_layout.hpp"
#include "npz_files.hpp"
#include "shell.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

const std::vector<std::pair<std::string, std::string>> members = {
    {"data.npy", npy_bytes("f8", {3}, std::vector<double>{1, 2.5, 4})},
    {"indices.npy", npy_bytes("i8", {3}, std::vector<Index>{1, 0, 2})},
    {"indptr.npy", npy_bytes("i8", {3}, std::vector<Index>{0, 1, 3})},
    {"shape.npy", npy_bytes("i8", {2}, std::vector<Index>{2, 3})},
    {"format.npy", npy_word("csr")}};

std::string archive(bool is_zip64) {
  std::vector<ZipLayout::Member> sizes;
  for (const auto& [name, bytes] : members) sizes.push_back({name, static_cast<Index>(bytes.size())});
  const ZipLayout layout(sizes, is_zip64);
  std::vector<std::uint32_t> checksums;
  std::string all;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const std::string& bytes = members[m].second;
    checksums.push_back(static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size())));
    CHECK(layout.header_at(m) == static_cast<Index>(all.size()));
    all += layout.header(m, checksums.back());
    CHECK(layout.data_at(m) == static_cast<Index>(all.size()));
    all += bytes;
  }
  CHECK(layout.directory_at() == static_cast<Index>(all.size()));
  return all + layout.directory(checksums);
}

}  // namespace

TEST_CASE("an archive is read by us and by Python, with zip64 and without", "[zip_layout]") {
  TemporaryFolder folder;
  for (const bool is_zip64 : {false, true}) {
    INFO(is_zip64);
    const std::string bytes = archive(is_zip64);
    CHECK((bytes.find("PK\x06\x06") != std::string::npos) == is_zip64);
    write_text(folder / "v.npz", bytes);
    const Source source = open_source(folder / "v.npz", {});
    CHECK((source.header.rows == 2 && source.header.columns == 3 && source.header.stored == 3));
    CHECK(run("python3 -m zipfile -t v.npz", folder.path()).code == 0);
  }
}

TEST_CASE("an archive beyond 4 GiB has zip64's records", "[zip_layout]") {
  constexpr Index large = Index{5} << 30;
  const ZipLayout layout({{"data.npy", large}, {"indices.npy", large}});
  CHECK(layout.header_at(1) == layout.data_at(0) + large);
  CHECK(layout.directory_at() == layout.data_at(1) + large);
  CHECK(layout.header(1, 0).size() == static_cast<std::size_t>(layout.data_at(1) - layout.header_at(1)));
  const std::string directory = layout.directory({0, 0});
  std::string place;  // of the second member, where the directory tells it in 64 bits
  for (int i = 0; i < 8; ++i) place += static_cast<char>(layout.header_at(1) >> (8 * i) & 0xff);
  CHECK(directory.find(place) != std::string::npos);
  CHECK(directory.find("PK\x06\x07") != std::string::npos);
}
