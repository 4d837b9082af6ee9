// Entries of rows in the order of their columns.
#include "text/rising_columns.hpp"

#include <map>

#include "catch.hpp"

using namespace mpinmf;
using namespace mpinmf::text;

TEST_CASE("Columns come in rising order with their counts, row after row", "[rising_columns]") {
  for (const std::size_t columns : {1U, 64U, 65U, 4096U, 4097U, 100000U}) {
    RisingColumns rising(columns);
    for (std::uint64_t row = 0; row < 20; ++row) {
      std::map<std::uint64_t, std::uint32_t> expected, found;
      for (std::uint64_t i = 0; i < 5 * row; ++i) {
        const std::uint64_t column = (row + i * i * 7919) % columns;
        expected[column] = static_cast<std::uint32_t>(i + 1);
      }
      if (row % 2 == 0) expected[columns - 1] = 7;
      for (auto entry = expected.rbegin(); entry != expected.rend(); ++entry)
        rising.add(entry->first, entry->second);
      std::uint64_t next = 0;
      rising.take_all([&](std::uint64_t column, std::uint32_t count) {
        CHECK(column >= next);
        next = column + 1;
        found[column] = count;
      });
      CHECK(found == expected);
    }
  }
}
