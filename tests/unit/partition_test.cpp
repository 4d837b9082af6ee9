// Rows to panels to ranks.
#include <algorithm>
#include <numeric>

#include "catch.hpp"
#include "mpinmf/partition.hpp"

using namespace mpinmf;

namespace {

/// Every row is in exactly one panel of one rank.
void check_covers(const Partition& partition, Index rows) {
  Index next = 0;
  for (int r = 0; r < partition.ranks(); ++r) {
    CHECK(partition.begin(r) == next);
    for (Index p = 0; p < partition.panels(r); ++p) {
      const auto [first, count] = partition.panel_rows(r, p);
      CHECK(partition.begin(r) + first == next);
      CHECK(count > 0);
      CHECK(count <= partition.panel_height());
      next += count;
    }
    CHECK(partition.end(r) == next);
  }
  CHECK(next == rows);
  for (Index i = 0; i < rows; ++i) {
    const int owner = partition.owner(i);
    CHECK(partition.begin(owner) <= i);
    CHECK(i < partition.end(owner));
  }
}

}  // namespace

TEST_CASE("Panels have a height that depends on the matrix alone", "[partition]") {
  CHECK(Partition::panel_height_for(100, 100, 8) == 8);          // few rows: small panels
  CHECK(Partition::panel_height_for(10'000'000, 10, 8) == 256);  // many short rows: tall ones
  CHECK(Partition::panel_height_for(10'000'000, 1000, 8) == 64);
  CHECK(Partition::panel_height_for(10'000'000, 1'000'000, 8) == 8);
}

TEST_CASE("By rows: whole panels, even shares, empty ranks", "[partition]") {
  for (Index rows : {1, 7, 8, 9, 100, 1000}) {
    for (int ranks : {1, 2, 3, 4, 7, 200}) {
      const Partition partition = Partition::by_rows(rows, 8, ranks);
      check_covers(partition, rows);
      for (int r = 0; r < ranks; ++r) CHECK(partition.rows(r) <= (rows / 8 + 1 + ranks - 1) / ranks * 8 + 8);
    }
  }
}

TEST_CASE("By weight: no rank carries much more than its share and a panel", "[partition]") {
  std::vector<double> weights;
  for (int p = 0; p < 100; ++p) weights.push_back(p % 10 == 0 ? 50 : 1);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (int ranks : {1, 2, 3, 4, 7, 150}) {
    const Partition partition = Partition::by_weight(797, 8, weights, ranks);
    check_covers(partition, 797);
    for (int r = 0; r < ranks; ++r) {
      double own = 0;
      for (Index p = partition.begin(r) / 8; p < (partition.end(r) + 7) / 8; ++p)
        own += weights[static_cast<std::size_t>(p)];
      CHECK(own <= total / ranks + 50);
    }
  }
}

TEST_CASE("Slices of the caller's may cut panels", "[partition]") {
  const std::vector<Index> sizes{3, 0, 10, 8, 1};
  const Partition partition = Partition::from_sizes(sizes, 8);
  check_covers(partition, 22);
  CHECK(partition.panels(0) == 1);
  CHECK(partition.panels(1) == 0);
  CHECK(partition.panels(2) == 2);  // rows 3..7 and 8..12
  CHECK(partition.panel_rows(2, 0).count == 5);
}
