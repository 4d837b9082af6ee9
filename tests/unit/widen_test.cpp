// Values in fewer bytes, widened at every vector level.
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "catch.hpp"
#include "data/narrow_values.hpp"
#include "kernel_support.hpp"

using namespace mpinmf;

namespace {

template <class T, class Held, class Widen>
void check_widening(const Widen& widen) {
  std::vector<Held> held(300);
  std::iota(held.begin(), held.end(), Held{0});
  held.back() = std::numeric_limits<Held>::max();
  for (const std::size_t begin : {0, 1, 5}) {
    for (const std::size_t count : {0, 1, 7, 8, 31, 64, 295}) {
      std::vector<T> out(count + 1, T(-1));
      widen(held.data() + begin, static_cast<std::int64_t>(count), out.data());
      CHECK(std::equal(out.begin(), out.end() - 1, held.begin() + static_cast<std::ptrdiff_t>(begin),
                       [](T a, Held b) { return a == static_cast<T>(b); }));
      CHECK(out.back() == T(-1));
    }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("narrow values are widened exactly", "[widen]", float, double) {
  for (const auto& level : kernel_levels<TestType>()) {
    INFO(level.name);
    check_widening<TestType, std::uint8_t>(level.kernels->widen_bytes);
    check_widening<TestType, std::uint16_t>(level.kernels->widen_words);
    check_widening<TestType, float>(level.kernels->widen_floats);
  }
}

TEST_CASE("what cannot be held is told", "[widen]") {
  NarrowValues<double> bytes(StorageType::uint8, {}, 4), floats(StorageType::float32, {}, 4);
  CHECK((bytes.set(0, 255) && bytes[0] == 255));
  for (const double value : {256.0, 0.5, -1.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_FALSE(bytes.set(1, value));
  }
  CHECK((floats.set(3, 0.1) && floats[3] == double{0.1F}));
  CHECK_FALSE(floats.set(2, 3.5e38));
  CHECK((floats.set(1, std::numeric_limits<double>::quiet_NaN()) && std::isnan(floats[1])));
}
