#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string>

#include "catch.hpp"
#include "init/numpy_random.hpp"
#include "init/start.hpp"
#include "kernels/philox.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;

namespace {

template <class T>
Matrix<T> start_w(Start start, const Seed& seed, double scale, Index rows, Index k) {
  auto w = Matrix<T>::padded(rows, k);
  fill_w(start, seed, scale, 0, w.view());
  return w;
}

template <class T>
bool same_bits(ConstMatrixView<T> a, ConstMatrixView<T> b) {
  for (Index i = 0; i < a.rows(); ++i) {
    if (std::memcmp(a.row(i), b.row(i), static_cast<std::size_t>(a.columns()) * sizeof(T)) != 0) return false;
  }
  return true;
}

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

// python3 -c 'import numpy as np; [print([x.hex() for x in np.random.default_rng(s).random(4)],
//             np.random.default_rng(s).random(1001)[1000].hex()) for s in (0, 2**1000, 12345678901234567890123)]'
TEST_CASE("default_rng of NumPy 1.24 number by number", "[random]") {
  struct Expected {
    const char* seed;
    double first[4];
    double after_1000;
  };
  const Expected cases[] = {
      {"0",
       {0x1.461fd79fb3850p-1, 0x1.1442f7e20b674p-2, 0x1.4fa7b529d9bd0p-5, 0x1.0ec9ed84d0bc0p-6},
       0x1.aa3c45deffd40p-7},
      {"2**1000",
       {0x1.8c25eb821a35cp-1, 0x1.490f09a956b24p-1, 0x1.c3b636a5c5d20p-5, 0x1.54ac9f838b3eep-1},
       0x1.9792daeadc6f2p-1},
      {"12345678901234567890123",
       {0x1.cd91d7171740ep-1, 0x1.4d981dda9c820p-6, 0x1.5205e9fa5a900p-9, 0x1.4600027272b17p-1},
       0x1.e501ba6a93c50p-2},
  };
  for (const Expected& expected : cases) {
    INFO("seed " << expected.seed);
    NumpyUniform numbers(Seed::parse(expected.seed));
    for (double x : expected.first) CHECK(numbers.next() == x);
    numbers.skip(996);
    CHECK(numbers.next() == expected.after_1000);
    NumpyUniform stepped(Seed::parse(expected.seed));
    for (int i = 0; i < 1000; ++i) stepped.next();
    CHECK(stepped.next() == expected.after_1000);
  }
}

// np.random.seed(s); np.random.randint(1, 2**31 - 1, size=4), of NumPy 1.24.2; and np.random.seed(3);
// np.random.randint(5, 16, size=8), where some draws are above the range
TEST_CASE("seed() and randint() of NumPy number by number", "[random]") {
  using Numbers = std::vector<std::uint32_t>;
  constexpr std::uint32_t last = 2147483646;
  CHECK(numpy_legacy_integers(0, 1, last, 4) == Numbers{209652397, 398764592, 924231286, 1478610113});
  CHECK(numpy_legacy_integers(4294967295U, 1, last, 4) == Numbers{419326372, 479346979, 1771170829, 269265992});
  CHECK(numpy_legacy_integers(14, 1, last, 2000).back() == 429466951);
  CHECK(numpy_legacy_integers(3, 5, 15, 8) == Numbers{15, 13, 14, 8, 13, 13, 5, 10});
}

// rng = np.random.default_rng(0); W = rng.uniform(0, 1, (5, 3)); H = rng.uniform(0, 1, (3, 4))
// print(W[4, 2].hex(), H[0, 1].hex(), H[2, 3].hex())
TEST_CASE("the numpy start draws W, then H, both by rows", "[random]") {
  const Seed seed(0);
  const auto w = start_w<double>(Start::numpy, seed, 1, 5, 3);
  auto ht = Matrix<double>::padded(4, 3);
  fill_ht(Start::numpy, seed, 1, 5, ht.view());
  CHECK(w(4, 2) == 0x1.7595660f879fap-1);
  CHECK(ht(1, 0) == 0x1.b9f296742db6fp-1);
  CHECK(ht(3, 2) == 0x1.fe924cfaebfdep-1);
}

TEST_CASE("seeds are decimal, hexadecimal or a power of two", "[random]") {
  CHECK(Seed::parse("0").words() == std::vector<std::uint32_t>{0});
  CHECK(Seed::parse("000").words() == std::vector<std::uint32_t>{0});
  CHECK(Seed::parse("2**0").words() == Seed(1).words());
  CHECK(Seed::parse("2**64").words() == std::vector<std::uint32_t>{0, 0, 1});
  CHECK(Seed::parse("18446744073709551616").words() == Seed::parse("2**64").words());
  CHECK(Seed::parse("0x10000000000000000").words() == Seed::parse("2**64").words());
  CHECK(Seed::parse("0x0000000000000000000000000000001f").words() == Seed(31).words());
  CHECK(Seed::parse("18446744073709551615").key() == ~std::uint64_t{0});
  CHECK(Seed::parse("0xDEADbeef").key() == 0xdeadbeefU);
  CHECK(Seed().key() == 0);
  // print(hex(np.random.SeedSequence(2**64).generate_state(1, np.uint64)[0]))
  CHECK(Seed::parse("2**64").key() == 0x78082392e45b7fc2U);
  CHECK(Seed::parse("2**1000").key() == 0xeed64a169a515cfdU);
  for (const char* text : {"0", "7", "18446744073709551615", "2**64", "2**1000", "12345678901234567890123"}) {
    INFO(text);
    CHECK(Seed::parse(Seed::parse(text).text()).words() == Seed::parse(text).words());
  }
  CHECK(Seed::parse("2**68").text() == "0x100000000000000000");
}

TEST_CASE("what is no seed is refused with the three forms", "[random]") {
  const std::string long_text(40000, '9');
  for (const std::string& text :
       std::vector<std::string>{"", "-1", "abc", "1.5", "1e-3", " 1", "1 ", "0x", "0xg", "2**", "2**-1",
                                "2**100001", "2**99999999999999999999", "3**2", "+1", long_text}) {
    INFO("seed '" << text.substr(0, 30) << "'");
    const std::string message = message_of([&] { Seed::parse(text); });
    CHECK(message.find("decimal") != std::string::npos);
    CHECK(message.find("0x") != std::string::npos);
    CHECK(message.find("2**") != std::string::npos);
    CHECK(message.size() < 400);
  }
}

TEST_CASE("the random start is |N(0,1)| times the scale", "[random]") {
  const double scale = 2;
  const auto w = start_w<double>(Start::random, Seed(3), scale, 50000, 7);
  double sum = 0, squares = 0, least = 1;
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index c = 0; c < w.columns(); ++c) {
      sum += w(i, c);
      squares += w(i, c) * w(i, c);
      least = std::min(least, w(i, c));
    }
  }
  const auto count = static_cast<double>(w.rows() * w.columns());
  // 5 standard errors of 350,000 draws
  CHECK(std::abs(sum / count - scale * std::sqrt(2 / std::numbers::pi)) < scale * 0.0051);
  CHECK(std::abs(squares / count - scale * scale) < scale * scale * 0.012);
  CHECK(least >= 0);
}

TEST_CASE("the uniform start is uniform, component by component", "[random]") {
  const Index rows = 100000, k = 5;
  const auto w = start_w<double>(Start::uniform, Seed(4), 9, rows, k);
  for (Index c = 0; c < k; ++c) {
    double sum = 0, squares = 0, with_next = 0, least = 1, greatest = 0;
    for (Index i = 0; i < rows; ++i) {
      const double x = w(i, c);
      sum += x;
      squares += x * x;
      with_next += x * w(i, (c + 1) % k);
      least = std::min(least, x);
      greatest = std::max(greatest, x);
    }
    const auto count = static_cast<double>(rows);
    CHECK(std::abs(sum / count - 0.5) < 0.005);
    CHECK(std::abs(squares / count - 1.0 / 3) < 0.005);
    CHECK(std::abs(with_next / count - 0.25) < 0.005);
    CHECK((least >= 0 && least < 0.001));
    CHECK((greatest < 1 && greatest > 0.999));
  }
}

TEST_CASE("a start does not depend on how the rows are cut", "[random]") {
  for (Start start : {Start::random, Start::uniform, Start::numpy}) {
    for (Index k : {1, 3, 4, 10}) {
      const Seed seed = Seed::parse("2**200");
      const auto whole = start_w<double>(start, seed, 0.7, 23, k);
      for (Index first : {0, 1, 8, 22, 23}) {
        auto part = Matrix<double>::padded(23 - first, k);
        fill_w(start, seed, 0.7, first, part.view());
        CHECK(same_bits<double>(part.view(), whole.view().middle_rows(first, 23 - first)));
      }
    }
  }
}

TEST_CASE("a float start is the double one, rounded, and leaves the padding alone", "[random]") {
  for (Start start : {Start::random, Start::uniform, Start::numpy}) {
    const auto wide = start_w<double>(start, Seed(5), 0.3, 40, 5);
    const auto narrow = start_w<float>(start, Seed(5), 0.3, 40, 5);
    for (Index i = 0; i < 40; ++i) {
      for (Index c = 0; c < 5; ++c) CHECK(narrow(i, c) == static_cast<float>(wide(i, c)));
      for (Index c = 5; c < narrow.stride(); ++c) CHECK(narrow.row(i)[c] == 0);
    }
  }
}

TEST_CASE("seeds and factors have numbers of their own", "[random]") {
  const auto w = start_w<double>(Start::uniform, Seed(1), 1, 10, 4);
  const auto other = start_w<double>(Start::uniform, Seed(2), 1, 10, 4);
  auto ht = Matrix<double>::padded(10, 4);
  fill_ht(Start::uniform, Seed(1), 1, 99, ht.view());
  for (Index i = 0; i < 10; ++i) {
    for (Index c = 0; c < 4; ++c) {
      CHECK(w(i, c) != other(i, c));
      CHECK(w(i, c) != ht(i, c));
    }
  }
  CHECK_THROWS_AS(fill_ht(Start::given, Seed(1), 1, 1, ht.view()), UsageError);
}
