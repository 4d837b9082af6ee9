#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "catch.hpp"
#include "files.hpp"
#include "io/generate/generate.hpp"
#include "io/unfinished.hpp"
#include "mpinmf/error.hpp"
#include "written_files.hpp"

using namespace mpinmf;

namespace {

/// All of a dense generator, read `at_once` rows at a time.
Matrix<double> dense(const std::string& text, bool transpose = false, Index at_once = 3) {
  const io::Source source = io::open_generator(text, transpose);
  Matrix<double> v(source.header.rows, source.header.columns);
  for (Index i = 0; i < v.rows(); i += at_once) {
    std::get<std::unique_ptr<io::DenseRows>>(source.reader)->read(i, std::min(at_once, v.rows() - i), v.row(i));
  }
  return v;
}

using Entries = std::vector<io::Entry>;

Entries sparse_rows(const io::Source& source, Index first, Index count) {
  Entries all;
  std::get<std::unique_ptr<io::SparseRows>>(source.reader)
      ->read(first, count,
             [&](std::span<const io::Entry> some) { all.insert(all.end(), some.begin(), some.end()); });
  return all;
}

Entries sparse(const std::string& text) {
  const io::Source source = io::open_generator(text, false);
  return sparse_rows(source, 0, source.header.rows);
}

bool same(const Entries& a, const Entries& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const io::Entry& x, const io::Entry& y) {
    return x.row == y.row && x.column == y.column && x.value == y.value;
  });
}

void check_transposed(const Matrix<double>& v, const Matrix<double>& vt) {
  REQUIRE((v.rows() == vt.columns() && v.columns() == vt.rows()));
  bool equal = true;
  for (Index i = 0; i < v.rows(); ++i) {
    for (Index j = 0; j < v.columns(); ++j) equal = equal && std::memcmp(&v(i, j), &vt(j, i), sizeof(double)) == 0;
  }
  CHECK(equal);
}

/// The number of pivots above 1e-9 in Gaussian elimination with complete pivoting.
Index numerical_rank(Matrix<double> a) {
  Index rank = 0;
  while (rank < std::min(a.rows(), a.columns())) {
    Index p = rank, q = rank;
    for (Index i = rank; i < a.rows(); ++i) {
      for (Index j = rank; j < a.columns(); ++j) {
        if (std::abs(a(i, j)) > std::abs(a(p, q))) p = i, q = j;
      }
    }
    if (std::abs(a(p, q)) < 1e-9) break;
    for (Index j = 0; j < a.columns(); ++j) std::swap(a(rank, j), a(p, j));
    for (Index i = 0; i < a.rows(); ++i) std::swap(a(i, rank), a(i, q));
    for (Index i = rank + 1; i < a.rows(); ++i) {
      const double factor = a(i, rank) / a(rank, rank);
      for (Index j = rank; j < a.columns(); ++j) a(i, j) -= factor * a(rank, j);
    }
    ++rank;
  }
  return rank;
}

std::string message_of(const std::string& text) {
  try {
    io::open_generator(text, false);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the swimmer has 256 distinct images of 36 pixels", "[generate]") {
  const Matrix<double> v = dense("generate:swimmer");
  REQUIRE((v.rows() == 256 && v.columns() == 1024));
  std::set<std::string> images;
  for (Index i = 0; i < 256; ++i) {
    std::string image;
    for (Index j = 0; j < 1024; ++j) {
      REQUIRE((v(i, j) == 0 || v(i, j) == 1));
      image += v(i, j) == 1 ? '#' : '.';
    }
    CHECK(std::count(image.begin(), image.end(), '#') == 36);
    images.insert(image);
  }
  CHECK(images.size() == 256);
  check_transposed(v, dense("generate:swimmer", true));
}

TEST_CASE("the swimmer is the sum of 17 parts that share no pixel", "[generate]") {
  const Matrix<double> v = dense("generate:swimmer"), parts = io::planted_parts("generate:swimmer");
  REQUIRE((parts.rows() == 17 && parts.columns() == 1024));
  for (Index j = 0; j < 1024; ++j) {
    double owners = 0;
    for (Index p = 0; p < 17; ++p) owners += parts(p, j);
    CHECK(owners <= 1);
  }
  for (Index i = 0; i < 256; ++i) {
    const Index shown[] = {0, 1 + i % 4, 5 + i / 4 % 4, 9 + i / 16 % 4, 13 + i / 64 % 4};
    for (Index j = 0; j < 1024; ++j) {
      double sum = 0;
      for (Index part : shown) sum += parts(part, j);
      REQUIRE(v(i, j) == sum);
    }
  }
}

TEST_CASE("a lowrank matrix without noise has the rank asked for", "[generate]") {
  for (Index rank : {1, 4, 7}) {
    const std::string text = "generate:lowrank:rows=40,columns=25,seed=2,rank=" + std::to_string(rank);
    CHECK(numerical_rank(dense(text)) == rank);
    const Matrix<double> parts = io::planted_parts(text);
    CHECK((parts.rows() == rank && parts.columns() == 25));
    // each row of V lies in the span of the planted rows
    Matrix<double> both(40 + rank, 25);
    const Matrix<double> v = dense(text);
    for (Index i = 0; i < 40; ++i) std::copy_n(v.row(i), 25, both.row(i));
    for (Index i = 0; i < rank; ++i) std::copy_n(parts.row(i), 25, both.row(40 + i));
    CHECK(numerical_rank(std::move(both)) == rank);
  }
  CHECK(numerical_rank(dense("generate:lowrank:rows=40,columns=25,rank=3,noise=0.1")) == 25);
}

TEST_CASE("lowrank: mean, noise, any rows at a time, transposed", "[generate]") {
  const std::string text = "generate:lowrank:rows=203,columns=101,rank=5,noise=0.5,density=0.8,seed=0x10";
  const Matrix<double> v = dense(text), whole = dense(text, false, 203);
  CHECK(std::memcmp(v.data(), whole.data(), sizeof(double) * 203 * 101) == 0);
  double sum = 0;
  for (Index i = 0; i < v.rows() * v.columns(); ++i) sum += v.data()[i];
  // rank * density^2 / 4 * (1 + noise / 2)
  CHECK(std::abs(sum / (203 * 101) - 1) < 0.1);
  check_transposed(v, dense(text, true));
}

TEST_CASE("counts: density, ascending columns, whole numbers", "[generate]") {
  for (const char* law : {"density=0.01", "nonzeros=80000", "density=0.03,rank=1", "density=0.0001,seed=2**80"}) {
    INFO(law);
    const std::string text = std::string("generate:sparse-counts:rows=2000,columns=4000,") + law;
    const Entries entries = sparse(text);
    const double wanted = mentions(law, "0.03") ? 240000 : mentions(law, "0.0001") ? 800 : 80000;
    CHECK(std::abs(static_cast<double>(entries.size()) / wanted - 1) < 0.1);
    bool ascending = true, whole = true;
    double most = 0;
    for (std::size_t e = 0; e < entries.size(); ++e) {
      whole = whole && entries[e].value >= 1 && entries[e].value == std::floor(entries[e].value) &&
              entries[e].column >= 0 && entries[e].column < 4000;
      most = std::max(most, entries[e].value);
      if (e == 0) continue;
      ascending = ascending && std::make_pair(entries[e - 1].row, entries[e - 1].column) <
                                   std::make_pair(entries[e].row, entries[e].column);
    }
    CHECK(ascending);
    CHECK(whole);
    if (wanted > 1000) CHECK(most > 3);
    CHECK(static_cast<double>(io::open_generator(text, false).header.stored) == wanted);
  }
}

TEST_CASE("counts are the same in any pieces, and follow the seed", "[generate]") {
  const std::string text = "generate:sparse-counts:rows=300,columns=977,density=0.02,seed=7";
  const Entries whole = sparse(text);
  const io::Source source = io::open_generator(text, false);
  Entries pieces;
  for (Index first : {0, 1, 100, 299}) {
    const Index end = first == 0 ? 1 : first == 1 ? 100 : first == 100 ? 299 : 300;
    const Entries some = sparse_rows(source, first, end - first);
    pieces.insert(pieces.end(), some.begin(), some.end());
  }
  CHECK(same(pieces, whole));
  std::vector<Index> lengths(300), counted(300);
  std::get<std::unique_ptr<io::SparseRows>>(source.reader)->lengths(0, lengths);
  for (const io::Entry& entry : whole) ++counted[static_cast<std::size_t>(entry.row)];
  CHECK(lengths == counted);
  CHECK(!same(sparse("generate:sparse-counts:rows=300,columns=977,density=0.02,seed=8"), whole));
}

TEST_CASE("transposed counts are the same entries", "[generate]") {
  const std::string text = "generate:sparse-counts:rows=300,columns=977,density=0.02";
  Entries turned;
  const io::Source source = io::open_generator(text, true);
  CHECK((source.header.rows == 977 && source.header.columns == 300 && source.header.sparse));
  std::get<std::unique_ptr<io::EntryStream>>(source.reader)->read_all([&](std::span<const io::Entry> some) {
    for (const io::Entry& entry : some) turned.push_back({entry.column, entry.row, entry.value});
  });
  CHECK(same(turned, sparse(text)));
}

TEST_CASE("opening a generator costs neither time nor memory, however large it is", "[generate]") {
  for (bool transpose : {false, true}) {
    const io::Source counts =
        io::open_generator("generate:sparse-counts:rows=1e9,columns=1e9,density=1e-9", transpose);
    CHECK(counts.header.stored == 1000000000);
    const io::Source lowrank = io::open_generator("generate:lowrank:rows=1e9,columns=1e9,rank=1e9", transpose);
    CHECK(lowrank.header.stored == 1000000000000000000);
  }
}

TEST_CASE("counts: smallest and fullest", "[generate]") {
  CHECK(sparse("generate:sparse-counts:rows=1,columns=1,density=1").size() <= 1);
  CHECK(sparse("generate:sparse-counts:rows=5,columns=7,density=0").empty());
  CHECK(sparse("generate:sparse-counts:rows=50,columns=64,density=1,rank=1").size() > 50 * 30);
}

TEST_CASE("a wrong generator text is a usage error that says what is known", "[generate]") {
  for (const char* name : {"swimmer", "lowrank", "sparse-counts"}) {
    CHECK(mentions(message_of("generate:pictures"), name));
    CHECK(mentions(message_of("generate:"), name));
    CHECK(mentions(message_of("pictures.npy"), name));
  }
  CHECK(mentions(message_of("generate:swimmer:size=3"), "no keys"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,colums=4,rank=1"),
                 "rows, columns, rank, noise, density, seed"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4"), "rank=NUMBER is missing"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank"), "rank=VALUE"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank=4"), "from 1 to 3"));
  CHECK(mentions(message_of("generate:lowrank:rows=0,columns=4,rank=1"), "rows=0"));
  CHECK(mentions(message_of("generate:lowrank:rows=3.5,columns=4,rank=1"), "rows=3.5"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,rows=4,columns=4,rank=1"), "twice"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank=1,density=2"), "from 0 to 1"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank=1,noise=-1"), "noise=-1"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank=1,noise=nan"), "noise=nan"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank=1,seed=-1"), "2**"));
  for (const char* number : {"1e300", "9007199254740993", "1e400", "inf"}) {
    const std::string rows = std::string("rows=") + number;
    CHECK(mentions(message_of("generate:lowrank:" + rows + ",columns=4,rank=1"), rows));
    CHECK(mentions(message_of("generate:sparse-counts:" + rows + ",columns=4"), rows));
    CHECK(mentions(message_of(std::string("generate:sparse-counts:rows=3,columns=4,rank=") + number), "rank="));
  }
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=2147483648,rank=1"), "columns=2147483648"));
  CHECK(mentions(message_of("generate:lowrank:rows=3,columns=4,rank=1,noise=1e300"), "noise=1e300"));
  CHECK(mentions(message_of("generate:lowrank:rows=1e14,columns=1e9,rank=1"), "64 bits"));
  CHECK(mentions(message_of("generate:sparse-counts:rows=3,columns=3000000000"), "2147483647"));
  CHECK(mentions(message_of("generate:sparse-counts:rows=3,columns=3,nonzeros=2,density=1"), "not both"));
  CHECK(message_of("generate:lowrank:rows=3:columns=4:rank=1,seed=2**1000").empty());
  CHECK(message_of("generate:lowrank:rows=1e1,columns=4,rank=1").empty());
  CHECK(io::planted_parts("some/file.npy").rows() == 0);
  CHECK(io::planted_parts("generate:sparse-counts:rows=3,columns=3").rows() == 0);
  CHECK(io::generators().size() == 3);
}

TEST_CASE("a signal leaves nothing of a matrix in the making", "[generate]") {
  for (const char* text : {"generate:lowrank:rows=1e6,columns=1e4,rank=50",
                           "generate:sparse-counts:rows=1e6,columns=1e4,nonzeros=2e6"}) {
    const TemporaryFolder folder;
    const pid_t child = fork();
    if (child == 0) {
      signal(SIGTERM, SIG_DFL);  // Catch has its own
      remove_unfinished_on_signals();
      generate_file(Comm::self(), text, folder / "v", false, false);
      _exit(0);
    }
    for (int tries = 0; tries < 1000 && std::filesystem::is_empty(folder.path()); ++tries) usleep(10000);
    CHECK(!std::filesystem::is_empty(folder.path()));
    kill(child, SIGTERM);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
    CHECK(std::filesystem::is_empty(folder.path()));
  }
}
