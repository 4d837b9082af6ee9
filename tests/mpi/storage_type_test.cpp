// Values of V in fewer bytes: the same values, and the same fits.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "io/checksum.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

LoadOptions held_as(StorageType type) {
  LoadOptions options;
  options.storage_type = type;
  return options;
}

/// A file of rows x columns numbers of one type, and how to read it.
template <class Number>
LoadOptions write_raw(const std::string& path, Index rows, Index columns, const std::string& type) {
  world().meet_on_root([&] {
    std::vector<Number> numbers(static_cast<std::size_t>(rows * columns));
    for (std::size_t q = 0; q < numbers.size(); ++q) numbers[q] = static_cast<Number>(q * q % 251);
    write_text(path, {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)});
  });
  LoadOptions options;
  options.file.format = "raw";
  options.file.shape = fmt::format("{}x{}", rows, columns);
  options.file.element_type = type;
  return options;
}

template <class T>
double difference_of_fits(const DataMatrix<T>& a, const DataMatrix<T>& b, double beta, int threads) {
  Options options = fixed_options(3, beta, Order::w_first, 4);
  options.threads = threads;
  Nmf<T> of_a(options), of_b(options);
  of_a.fit(a);
  of_b.fit(b);
  return relative_difference<T>(world(), of_a.w(), of_b.w()) +
         relative_difference<T>(Comm::self(), of_a.ht(), of_b.ht());
}

template <class T>
void check_dense(const std::string& path, LoadOptions options, StorageType type, const SharedFolder& folder) {
  const StorageType in_header = load_header(world(), path, options).held_as;
  CHECK(in_header == type);
  const auto narrow = load<T>(world(), path, options);
  options.storage = Storage::disk;
  options.scratch = folder / "";
  const auto on_disk = load<T>(world(), path, options);
  options.storage_type = StorageType::float64;
  const auto wide = load<T>(world(), path, options);
  CHECK(io::checksum(narrow) == io::checksum(wide));
  CHECK(narrow.summary().sum_squares == wide.summary().sum_squares);
  for (const double beta : {1.0, 2.0}) {
    for (const int threads : {1, 2}) {
      CHECK(difference_of_fits(narrow, wide, beta, threads) == 0);
      CHECK(difference_of_fits(narrow, on_disk, beta, threads) == 0);
    }
  }
}

}  // namespace

TEST_CASE("dense values are held as in their file, and a fit has the same bits", "[storage_type]") {
  const SharedFolder folder;
  for (const bool transpose : {false, true}) {
    for (const auto& [type, held] : {std::pair("uint8", StorageType::uint8), {"uint16", StorageType::uint16}}) {
      const std::string path = folder / type;
      LoadOptions options = held == StorageType::uint8 ? write_raw<std::uint8_t>(path, 130, 40, type)
                                                       : write_raw<std::uint16_t>(path, 130, 40, type);
      options.transpose = transpose;
      check_dense<float>(path, options, held, folder);
      check_dense<double>(path, options, held, folder);
    }
  }
  LoadOptions of_floats = write_raw<float>(folder / "floats", 130, 40, "float32");
  check_dense<double>(folder / "floats", of_floats, StorageType::automatic, folder);
  of_floats.storage_type = StorageType::float32;
  check_dense<double>(folder / "floats", of_floats, StorageType::float32, folder);
  const LoadOptions wide = write_raw<std::uint8_t>(folder / "wide", 12, 1300, "uint8");  // threads share sums
  check_dense<double>(folder / "wide", wide, StorageType::uint8, folder);
}

TEST_CASE("what changes values is held in the precision of the fit", "[storage_type]") {
  const SharedFolder folder;
  LoadOptions options = write_raw<std::uint8_t>(folder / "V", 30, 20, "uint8");
  const auto automatic = [&] {
    return load_header(world(), folder / "V", options).held_as == StorageType::automatic;
  };
  CHECK_FALSE(automatic());
  options.preparation.rows = "2:12";
  CHECK_FALSE(automatic());
  options.preparation.log1p = true;
  CHECK(automatic());
  options.preparation = {};
  options.preparation.scale_columns = "max";
  CHECK(automatic());
  options.preparation = {};
  options.add = 0.5;
  CHECK(automatic());
  CHECK(load<double>(world(), folder / "V", options).summary().minimum == 0.5);
}

TEST_CASE("sparse counts are held in fewer bytes where that is asked for", "[storage_type]") {
  const SharedFolder folder;
  const std::string wide = "generate:sparse-counts:rows=300,columns=5000,density=0.02",
                    counts = "generate:sparse-counts:rows=700,columns=90,density=0.2";
  for (const std::string& path : {wide, counts}) {
    const auto plain = load<double>(world(), path);
    CHECK(load_header(world(), path).held_as == StorageType::automatic);
    for (const StorageType type : {StorageType::uint8, StorageType::uint16, StorageType::float32}) {
      LoadOptions options = held_as(type);
      const auto narrow = load<double>(world(), path, options);
      options.storage = Storage::disk;
      options.scratch = folder / "";
      const auto on_disk = load<double>(world(), path, options);
      CHECK(io::checksum(plain) == io::checksum(narrow));
      CHECK(io::checksum(plain) == io::checksum(on_disk));
      for (const int threads : {1, 2}) {
        CHECK(difference_of_fits(plain, narrow, 2, threads) < 1e-12);  // which are not laid out in blocks
        CHECK(difference_of_fits(plain, narrow, 1, threads) == 0);
        CHECK(difference_of_fits(on_disk, narrow, 2, threads) == 0);
      }
    }
  }
}

TEST_CASE("values that cannot be held so are named", "[storage_type]") {
  const SharedFolder folder;
  const std::string path = folder / "V.mtx", head = "%%MatrixMarket matrix coordinate real general\n4 3 3\n";
  const auto message = [&](const std::string& entries, StorageType type, double add = 0) {
    world().meet_on_root([&] { write_text(path, head + entries); });
    world().wait_for_all();
    LoadOptions options = held_as(type);
    options.add = add;
    return message_of([&] { load<double>(world(), path, options); }, ExitCode::bad_data);
  };
  CHECK_THAT(
      message("1 1 2\n2 3 255\n4 1 256\n", StorageType::uint8),
      Catch::Matchers::Contains("256 in row 3, column 0 (counted from 0) is not a whole number up to 255") &&
          Catch::Matchers::Contains("use uint16, or auto"));
  CHECK_THAT(
      message("1 1 2\n2 3 0.5\n4 1 2\n", StorageType::uint16),
      Catch::Matchers::Contains("0.5 in row 1, column 2 (counted from 0) is not a whole number up to 65535") &&
          Catch::Matchers::Contains("use auto"));
  CHECK_THAT(message("1 1 2\n2 3 1e39\n4 1 2\n", StorageType::float32),
             Catch::Matchers::Contains("1e+39 in row 1, column 2"));
  // each can be held, their sum cannot
  CHECK_THAT(message("1 1 2\n2 3 200\n2 3 200\n", StorageType::uint8),
             Catch::Matchers::Contains("400 in row 1, column 2"));
  CHECK_THAT(message("1 1 2\n2 3 200\n2 3 200\n", StorageType::uint8, 1),
             Catch::Matchers::Contains("400 in row 1, column 2"));
  CHECK_THAT(message("1 1 2\n2 3 200\n2 2 255\n", StorageType::uint8, 1),
             Catch::Matchers::Contains("256 in row 1, column 1"));
  world().meet_on_root([&] { write_text(path, head + "1 1 2.1\n2 3 255\n4 1 256\n"); });
  world().wait_for_all();
  CHECK(load<double>(world(), path, held_as(StorageType::float32)).summary().sum == double{2.1F} + 511);
}
