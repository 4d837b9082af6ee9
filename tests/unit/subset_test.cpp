#include "io/subset.hpp"

#include <algorithm>
#include <vector>

#include "catch.hpp"

using mpinmf::Index;
using mpinmf::io::Subset;

TEST_CASE("a subset counts what is kept, in ranges and across words", "[subset]") {
  for (const Index all : {1, 63, 64, 65, 200}) {
    for (const Index step : {1, 2, 7, 100}) {
      std::vector<Index> kept;
      for (Index i = all - 1; i >= 0; i -= step) kept.push_back(i);
      const Subset subset = Subset::of(all, kept);
      std::sort(kept.begin(), kept.end());
      INFO(all << " by " << step);
      CHECK((subset.all() == all && subset.count() == static_cast<Index>(kept.size())));
      CHECK(subset.is_all() == (step == 1 || all == 1));
      CHECK(subset.numbers() == kept);
      Index place = 0;
      for (Index i = 0; i < all; ++i) {
        const bool is_kept = std::find(kept.begin(), kept.end(), i) != kept.end();
        CHECK(subset.place_of(i) == (is_kept ? place : -1));
        if (is_kept) CHECK(subset.number_at(place++) == i);
      }
    }
  }
  const Subset range(100, 60, 70);
  CHECK((range.count() == 10 && range.bytes() == 0));
  CHECK((range.place_of(59) == -1 && range.place_of(60) == 0 && range.place_of(69) == 9 &&
         range.place_of(70) == -1));
  CHECK(range.number_at(3) == 63);
  CHECK(Subset::of(70, std::vector<Index>{}).count() == 0);
}
