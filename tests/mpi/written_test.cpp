// Matrices that all ranks write: the same bytes as one rank writes, and the same bits when they are read again.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <random>

#include "catch.hpp"
#include "contains.hpp"
#include "io/npy.hpp"
#include "mpinmf/error.hpp"
#include "shared_folder.hpp"
#include "written_files.hpp"

using namespace mpinmf;
namespace fs = std::filesystem;

namespace {

struct SizeOfWritten {
  Index rows, columns;
};

template <class T>
std::string vector_to_write(const std::string& type, const std::vector<T>& values) {
  return io::npy_header_bytes(type, {static_cast<Index>(values.size())})
      .append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

/// Numbers of all sizes, a third of them 0, some whole, or counts up to 300; the second row and the last column
/// are empty.
template <class T>
std::vector<T> numbers_to_write(SizeOfWritten size, bool are_counts) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<T> all;
  for (Index i = 0; i < size.rows * size.columns; ++i) {
    const double value = std::pow(10.0, 60 * uniform(random) - 30), kind = uniform(random);
    const bool is_empty = i / size.columns == 1 || (i % size.columns == size.columns - 1 && size.columns > 1);
    all.push_back(static_cast<T>(kind < 0.3 || is_empty ? 0
                                 : are_counts           ? std::floor(300 * kind)
                                 : kind < 0.5           ? std::floor(9 * kind)
                                                        : value));
  }
  return all;
}

/// The same matrix as `name`.npy and, its rows from right to left, as `name`.csr.
template <class T>
void write_matrix_in(const std::string& folder, const std::string& name, SizeOfWritten size,
                     const std::vector<T>& all) {
  const std::string type = fmt::format("f{}", sizeof(T)), csr = folder + name + ".csr";
  write_text(folder + name + ".npy",
             io::npy_header_bytes(type, {size.rows, size.columns})
                 .append(reinterpret_cast<const char*>(all.data()), all.size() * sizeof(T)));
  std::vector<Index> offsets = {0};
  std::vector<std::int32_t> columns;
  std::vector<T> values;
  for (Index i = 0; i < size.rows; ++i) {
    for (Index j = size.columns - 1; j >= 0; --j) {
      const T value = all[static_cast<std::size_t>(i * size.columns + j)];
      if (value == 0) continue;
      columns.push_back(static_cast<std::int32_t>(j));
      values.push_back(value);
    }
    offsets.push_back(static_cast<Index>(values.size()));
  }
  fs::create_directory(csr);
  write_text(csr + "/indptr.npy", vector_to_write("i8", offsets));
  write_text(csr + "/indices.npy", vector_to_write("i4", columns));
  write_text(csr + "/data.npy", vector_to_write(type, values));
  write_text(csr + "/shape.npy", vector_to_write<Index>("i8", {size.rows, size.columns}));
}

/// v of any numbers, and c of counts.
template <class T>
void write_example_in(const std::string& folder, SizeOfWritten size) {
  write_matrix_in(folder, "v", size, numbers_to_write<T>(size, false));
  write_matrix_in(folder, "c", size, numbers_to_write<T>(size, true));
}

/// The example that a format holds.
const char* example_for(const io::Writer& writer) {
  return writer.largest_count ? "c" : "v";
}

/// By ending, where there is one, else with the option.
std::string path_for(const io::Writer& writer, const std::string& stem) {
  return stem + std::string(writer.ending.empty() ? writer.name : writer.ending);
}
io::WriteOptions options_for(const io::Writer& writer, Index columns) {
  io::WriteOptions how = {.format = std::string(writer.ending.empty() ? writer.name : ""), .overwrite = true};
  if (writer.takes_image_size) how.image = io::ImageSize{1, columns};
  return how;
}

/// Of a file, or of all files in a folder.
std::string bytes_of_written(const std::string& path) {
  if (!fs::is_directory(path)) return read_text(path);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::string& file : files) all += fs::path(file).filename().string() + '\n' + read_text(file);
  return all;
}

void write_as(const Comm& comm, const std::string& from, const std::string& to,
              std::optional<bool> single = std::nullopt) {
  io::write_matrix(comm, from, {}, to, {.single_precision = single, .overwrite = true});
  comm.wait_for_all();
}

/// For what says nothing of itself.
LoadOptions reading_of(const std::string& options, SizeOfWritten size, bool single) {
  LoadOptions reading;
  if (options.empty()) return reading;
  reading.file.format = "raw";
  reading.file.shape = fmt::format("{}x{}", size.rows, size.columns);
  reading.file.element_type = single ? "float32" : "float64";
  CHECK(options ==
        fmt::format("--format raw --shape {} --element-type {}", reading.file.shape, reading.file.element_type));
  return reading;
}

/// The example in all formats by all ranks and by one, and from there to a .npy again.
template <class T>
void check_all_formats(const std::string& folder, SizeOfWritten size, const std::string& ending) {
  const bool single = sizeof(T) == 4;
  for (const io::Writer& writer : io::writers()) {
    const std::string example = folder + example_for(writer), from = example + ending;
    INFO(from << " as " << writer.name << ", " << sizeof(T) << " bytes");
    const std::string all = path_for(writer, folder + "all"), one = path_for(writer, folder + "one");
    const io::WriteOptions how = options_for(writer, size.columns);
    const io::WrittenMatrix written = io::write_matrix(world(), from, {}, all, how);
    if (world().is_root()) io::write_matrix(Comm::self(), from, {}, one, how);
    CHECK(!bytes_of_written(all).empty());
    world().wait_for_all();
    CHECK(bytes_of_written(all) == bytes_of_written(one));
    io::write_matrix(world(), all, reading_of(written.reading_options, size, single), folder + "again.npy",
                     {.single_precision = single, .overwrite = true});
    CHECK(bytes_of_written(folder + "again.npy") == bytes_of_written(example + ".npy"));
    world().wait_for_all();
    if (writer.takes_image_size && world().is_root()) {  // such a folder is never replaced
      for (const std::string& images : {all, one}) fs::remove_all(images);
    }
  }
}

}  // namespace

TEST_CASE("every format has the same bytes from any number of ranks, and is read back to the last bit",
          "[written]") {
  for (const SizeOfWritten size : {SizeOfWritten{23, 5}, SizeOfWritten{2, 3}, SizeOfWritten{9, 1}}) {
    const SharedFolder folder;
    if (world().is_root()) write_example_in<double>(folder / "", size);
    world().wait_for_all();
    if (size.columns != 1) check_all_formats<double>(folder / "", size, ".csr");
    if (size.rows != 2) check_all_formats<double>(folder / "", size, ".npy");
  }
  const SharedFolder folder;
  constexpr SizeOfWritten of_floats = {11, 6};
  if (world().is_root()) write_example_in<float>(folder / "", of_floats);
  world().wait_for_all();
  check_all_formats<float>(folder / "", of_floats, ".csr");
}

TEST_CASE("what comes in any order is sorted on the way, transposed or not", "[written]") {
  const SharedFolder folder;
  const Index m = 67, n = 31;
  if (world().is_root()) {
    std::string entries;
    for (Index q = 0; q < 300; ++q) {
      entries +=
          fmt::format("{} {} {}\n", 1 + q * 41 % m, 1 + q * q * 17 % n, 0.1 * static_cast<double>(1 + q % 9));
    }
    write_text(folder / "v.mtx",
               fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} 300\n", m, n) + entries);
  }
  world().wait_for_all();
  for (const bool transpose : {false, true}) {
    LoadOptions options;
    options.transpose = transpose;
    for (const char* name : {"all.csr", "all.npy", "all.mtx"}) {
      const std::string all = folder / name, one = folder / (std::string("one-") + name);
      io::write_matrix(world(), folder / "v.mtx", options, all, {.overwrite = true});
      if (world().is_root()) io::write_matrix(Comm::self(), folder / "v.mtx", options, one, {.overwrite = true});
      world().wait_for_all();
      CHECK(bytes_of_written(all) == bytes_of_written(one));
    }
    // back again
    io::write_matrix(world(), folder / "all.mtx", options, folder / "back.csr", {.overwrite = true});
    io::write_matrix(world(), folder / "v.mtx", {}, folder / "v.csr", {.overwrite = true});
    CHECK(bytes_of_written(folder / "back.csr") == bytes_of_written(folder / "v.csr"));
    CHECK(io::read_npy_header(folder / "all.npy").shape ==
          std::vector<Index>{transpose ? n : m, transpose ? m : n});
    world().wait_for_all();
  }
}

TEST_CASE("names go with the rows and columns, whatever is in them", "[written]") {
  const SharedFolder folder;
  const std::string rows = "a,b\n\"quoted\"\n7\n#no comment\n blank in front\nz\xc3\xa9ro\nNA\n",
                    columns = "1\n2\n3\n";
  if (world().is_root()) {
    write_example_in<double>(folder / "", {7, 3});
    for (const char* example : {"v.csr/", "c.csr/"}) {
      write_text((folder / example) + "documents.txt", rows);
      write_text((folder / example) + "vocabulary.txt", columns);
    }
  }
  world().wait_for_all();
  for (const io::Writer& writer : io::writers()) {
    if ((!writer.keeps_row_names && !writer.keeps_column_names) || writer.takes_image_size) continue;
    INFO(writer.name);
    const std::string example = folder / example_for(writer), named = path_for(writer, folder / "named");
    const io::WrittenMatrix written =
        io::write_matrix(world(), example + ".csr", {}, named, options_for(writer, 3));
    CHECK(written.lost_names == (writer.keeps_row_names ? "" : "rows"));
    write_as(world(), named, folder / "again.csr");
    CHECK(fs::exists(folder / "again.csr/documents.txt") == writer.keeps_row_names);
    if (writer.keeps_row_names) CHECK(read_text(folder / "again.csr/documents.txt") == rows);
    CHECK(read_text(folder / "again.csr/vocabulary.txt") == columns);
    write_as(world(), folder / "again.csr", folder / "again.npy");
    CHECK(read_text(folder / "again.npy") == read_text(example + ".npy"));
    world().wait_for_all();
  }
  // columns alone
  if (world().is_root()) fs::remove(folder / "v.csr/documents.txt");
  world().wait_for_all();
  write_as(world(), folder / "v.csr", folder / "columns.csv");
  CHECK(read_text(folder / "columns.csv").starts_with("\"1\",\"2\",\"3\"\n"));
  write_as(world(), folder / "columns.csv", folder / "again.csr");
  CHECK(!fs::exists(folder / "again.csr/documents.txt"));
  CHECK(read_text(folder / "again.csr/vocabulary.txt") == columns);
  world().wait_for_all();
  // rows alone: columns are numbered
  if (world().is_root()) {
    write_text(folder / "v.csr/documents.txt", rows);
    fs::remove(folder / "v.csr/vocabulary.txt");
  }
  world().wait_for_all();
  write_as(world(), folder / "v.csr", folder / "rows.tsv");
  write_as(world(), folder / "rows.tsv", folder / "again.csr");
  CHECK(read_text(folder / "again.csr/documents.txt") == rows);
  CHECK(read_text(folder / "again.csr/vocabulary.txt") == "0\n1\n2\n");
}

TEST_CASE("a fault in an entry leaves no file of any format", "[written]") {
  const SharedFolder folder;
  if (world().is_root()) {
    write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n40 3 2\n40 2 -1\n1 1 3\n");
    write_text(folder / "v.csv", "1,2\n3,4\n5,-6\n");
  }
  world().wait_for_all();
  for (const char* from : {"v.mtx", "v.csv"}) {
    for (const io::Writer& writer : io::writers()) {
      INFO(from << " as " << writer.name);
      const std::string to = path_for(writer, folder / "out");
      const Index columns = from == std::string("v.mtx") ? 3 : 2;
      const auto write = [&] { io::write_matrix(world(), folder / from, {}, to, options_for(writer, columns)); };
      CHECK(Contains("-").match(message_of(write, ExitCode::bad_data)));
      world().wait_for_all();
      CHECK(folder.entries() == 2);
      world().wait_for_all();
    }
  }
}

TEST_CASE("what a format does not hold is named with its place, and leaves no file", "[written]") {
  const SharedFolder folder;
  if (world().is_root()) {
    write_text(folder / "v.csv", "1,2\n3,4\n5,6\n7,0.5\n");
    write_text(folder / "w.csv", "1,2\n3,4\n5,6\n7,9007199254740994\n");
  }
  world().wait_for_all();
  for (const io::Writer& writer : io::writers()) {
    if (!writer.largest_count) continue;
    INFO(writer.name);
    for (const char* from : {"v.csv", "w.csv"}) {
      const auto write = [&] {
        io::write_matrix(world(), folder / from, {}, path_for(writer, folder / "out"), options_for(writer, 2));
      };
      const std::string said = message_of(write, ExitCode::bad_data);
      CHECK(Contains(from).match(said));
      CHECK(Contains("in row 3, column 1 (counted from 0, of what is written) has no place in " +
                     std::string(writer.name))
                .match(said));
      CHECK(Contains(fmt::format("up to {}; write", *writer.largest_count)).match(said));
      world().wait_for_all();
      CHECK(folder.entries() == 2);
      world().wait_for_all();
    }
  }
  const auto write_large = [&] {
    io::write_matrix(world(), "generate:lowrank:rows=20000,columns=20000,rank=2", {}, folder / "v.mat", {});
  };
  CHECK(Contains("at most 2 GiB").match(message_of(write_large, ExitCode::bad_data)));
  CHECK(folder.entries() == 2);
}

TEST_CASE("a libsvm file says how many columns there are", "[written]") {
  const SharedFolder folder;
  if (world().is_root())
    write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n3 4 2\n2 1 5\n2 3 0.25\n");
  world().wait_for_all();
  write_as(world(), folder / "v.mtx", folder / "v.svm");
  CHECK(read_text(folder / "v.svm") == "0 4:0\n0 1:5 3:0.25\n0\n");
}

TEST_CASE("rows as images lie in a folder in their order, in as few bytes as their values need", "[written]") {
  const SharedFolder folder;
  if (world().is_root()) {
    std::string table = "name,a,b\n";
    for (int i = 0; i < 11; ++i) table += fmt::format("{},1,{}\n", i == 1 ? "z/\xc3\xa9.png" : "a", i);
    write_text(folder / "v.csv", table);
    write_text(folder / "w.csv", "1,256\n");
  }
  world().wait_for_all();
  const io::WriteOptions high = {.format = "images", .overwrite = true, .image = io::ImageSize{2, 1}};
  const io::WrittenMatrix written = io::write_matrix(world(), folder / "v.csv", {}, folder / "v", high);
  CHECK(written.lost_names == "columns");
  CHECK(read_text(folder / "v/01-z_\xc3\xa9.pgm") == "P5\n1 2\n255\n\1\1");
  CHECK(read_text(folder / "v/10-a.pgm") == "P5\n1 2\n255\n\1\n");
  write_as(world(), folder / "v", folder / "v.npy");
  write_as(world(), folder / "v.csv", folder / "w.npy");
  CHECK(read_text(folder / "v.npy") == read_text(folder / "w.npy"));
  io::write_matrix(world(), folder / "w.csv", {}, folder / "w", high);
  CHECK(read_text(folder / "w/0.pgm") == "P5\n1 2\n65535\n" + std::string("\0\1\1\0", 4));
  const auto said = [&](const std::string& to, std::optional<io::ImageSize> image, const char* format = "images") {
    return message_of(
        [&] {
          io::write_matrix(world(), folder / "w.csv", {}, folder / to,
                           {.format = format, .overwrite = true, .image = image});
        },
        ExitCode::usage);
  };
  CHECK(Contains("holds files that might be anyone's").match(said("w", io::ImageSize{1, 2})));
  CHECK(Contains("has 2 columns, but images of 2 x 2 have 4").match(said("x", io::ImageSize{2, 2})));
  CHECK(Contains("need --image-size").match(said("x", {})));
  CHECK(Contains("for --to images, not npy").match(said("x", io::ImageSize{1, 2}, "npy")));
  CHECK(folder.entries() == 6);
}

TEST_CASE("a full device or a missing folder ends all ranks, whatever is written", "[written]") {
  const SharedFolder folder;
  if (world().is_root()) write_example_in<double>(folder / "", {30, 4});
  world().wait_for_all();
  for (const io::Writer& writer : io::writers()) {
    INFO(writer.name);
    const auto fails = [&](const std::string& to) {
      return message_of(
          [&] {
            io::WriteOptions how = options_for(writer, 4);
            how.format = writer.name;
            io::write_matrix(world(), (folder / example_for(writer)) + ".npy", {}, to, how);
          },
          ExitCode::system);
    };
    CHECK(Contains("none/v").match(fails(folder / "none/v")));
    if (fs::is_character_file("/dev/full")) CHECK(Contains("/dev/full").match(fails("/dev/full")));
    CHECK(folder.entries() == 4);
  }
}
