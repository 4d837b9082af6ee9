// Where ranks run, said in few lines, and which of them are in each other's way.
#include "machine/placement.hpp"

#include <algorithm>
#include <numeric>

#include "catch.hpp"

using mpinmf::CoreSet;
using mpinmf::Index;
using mpinmf::machine::Crowd;
using mpinmf::machine::crowds;
using mpinmf::machine::placement_lines;
using mpinmf::machine::PlacementLine;
using mpinmf::machine::ranges;
using mpinmf::machine::RankPlace;

namespace {

CoreSet cores(int first, int count) {
  CoreSet set;
  for (int core = first; core < first + count; ++core) set.insert(core);
  return set;
}

/// A rank on a host of 8 cores.
RankPlace place(const std::string& host, CoreSet own, Index threads = 1) {
  return {host, std::move(own), cores(0, 8), threads};
}

}  // namespace

TEST_CASE("a set of cores holds what was put in", "[placement]") {
  CoreSet set = cores(7, 3);
  set.insert(300);
  CHECK(set.size() == 4);
  CHECK(set.cores() == std::vector<int>{7, 8, 9, 300});
  CHECK(CoreSet(set.bytes()).cores() == set.cores());
  CHECK(set.overlaps(cores(9, 1)));
  CHECK(!set.overlaps(cores(10, 200)));
  CoreSet both = cores(0, 2);
  both.insert(set);
  CHECK(both.cores() == std::vector<int>{0, 1, 7, 8, 9, 300});
}

TEST_CASE("numbers are said as ranges, in their order", "[placement]") {
  CHECK(ranges({}).empty());
  CHECK(ranges({5}) == "5");
  CHECK(ranges({0, 1, 2, 3, 8, 10, 12, 14}) == "0-3,8-14:2");
  CHECK(ranges({0, 2}) == "0,2");
  CHECK(ranges({0, 1}) == "0-1");
  CHECK(ranges({4, 2, 0, 1}) == "4,2,0-1");
}

TEST_CASE("thousands of ranks that are bound to a core each need a line a host", "[placement]") {
  constexpr int hosts = 32, on_host = 128;
  std::vector<RankPlace> places;
  for (int r = 0; r < hosts * on_host; ++r) {
    places.push_back({"n" + std::to_string(r / on_host), cores(r % on_host, 1), cores(0, on_host), 1});
  }
  const std::vector<PlacementLine> lines = placement_lines(places);
  REQUIRE(lines.size() == hosts);
  CHECK(lines[1].host == "n1");
  CHECK(lines[1].ranks == "128-255");
  CHECK(lines[1].cores == "0-127");
  CHECK(lines[1].cores_each == 1);
}

TEST_CASE("ranks in the order of sockets, and ranks that share cores", "[placement]") {
  // round robin over two sockets of 4 cores, 2 cores each: ranks 0 and 2 on the first socket
  const std::vector<PlacementLine> robin = placement_lines(
      {place("n", cores(0, 2)), place("n", cores(4, 2)), place("n", cores(2, 2)), place("n", cores(6, 2))});
  REQUIRE(robin.size() == 1);
  CHECK(robin[0].ranks == "0,2,1,3");
  CHECK(robin[0].cores == "0-7");
  CHECK(robin[0].cores_each == 2);
  const std::vector<PlacementLine> shared =
      placement_lines({place("n", cores(0, 4)), place("n", cores(0, 4)), place("n", cores(4, 4))});
  REQUIRE(shared.size() == 2);
  CHECK(shared[0].ranks == "0-1");
  CHECK(shared[0].cores_each == 4);
  CHECK(shared[1].ranks == "2");
}

TEST_CASE("ranks with a core for each thread are no crowd", "[placement]") {
  CHECK(crowds({place("a", cores(0, 8), 4), place("a", cores(0, 8), 4), place("b", cores(0, 8), 8)}).empty());
  CHECK(crowds({place("a", cores(0, 1)), place("a", cores(1, 1))}).empty());
  // one of two sets is full, none is too full
  CHECK(crowds({place("a", cores(0, 4), 4), place("a", cores(4, 4), 1)}).empty());
}

TEST_CASE("a host with more threads than cores is a crowd of all its ranks", "[placement]") {
  const std::vector<Crowd> all = crowds({place("a", cores(0, 8), 1), place("b", cores(0, 8), 5),
                                         place("b", cores(0, 8), 4), place("c", cores(0, 1), 9)});
  REQUIRE(all.size() == 2);
  CHECK(all[0].host == "b");
  CHECK(all[0].ranks == std::vector<int>{1, 2});
  CHECK(all[0].threads == 9);
  CHECK(all[0].cores.size() == 8);
  CHECK(all[0].idle_cores == 0);
  CHECK(all[1].host == "c");
  CHECK(all[1].cores.size() == 8);
}

TEST_CASE("ranks that binding holds together while cores are idle are a crowd", "[placement]") {
  const std::vector<Crowd> all = crowds({place("a", cores(0, 1)), place("a", cores(0, 1)), place("a", cores(4, 2)),
                                         place("b", cores(0, 8), 9), place("c", cores(3, 1), 2)});
  REQUIRE(all.size() == 3);
  CHECK(all[0].host == "b");
  CHECK(all[1].host == "a");
  CHECK(all[1].ranks == std::vector<int>{0, 1});
  CHECK(all[1].cores.cores() == std::vector<int>{0});
  CHECK(all[1].idle_cores == 6);
  CHECK(all[2].ranks == std::vector<int>{4});
  CHECK(all[2].idle_cores == 7);
}
