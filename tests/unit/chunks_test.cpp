// How H is cut for the pipelined update.
#include "solver/chunks.hpp"

#include <limits>

#include "catch.hpp"

using namespace mpinmf;

TEST_CASE("Chunks cover every feature once, in order", "[chunks]") {
  for (Index features : {1, 2, 7, 100, 257}) {
    for (Index height : {1, 2, 3, 7, 99, 100, 1000}) {
      const Chunks chunks{features, height};
      Index next = 0;
      for (Index c = 0; c < chunks.count(); ++c) {
        const FeatureRange range = chunks.range(c);
        CHECK(range.first == next);
        CHECK(range.count >= 1);
        CHECK(range.count <= height);
        next += range.count;
      }
      CHECK(next == features);
    }
  }
  CHECK(Chunks{9, 0}.count() == 1);
  CHECK(Chunks{9, 0}.range(0).count == 9);
}

TEST_CASE("Small sums travel in one message, large ones in chunks", "[chunks]") {
  CHECK_FALSE(chunks_for(1000, 20, 8, 64).pipelined());      // 20 Newsgroups
  CHECK_FALSE(chunks_for(2000, 100, 8, 64).pipelined());     // 1.6 MB of sums
  CHECK_FALSE(chunks_for(1'000'000, 20, 8, 2).pipelined());  // two ranks and little work a number
  CHECK(chunks_for(1'000'000, 20, 8, 3).pipelined());
  CHECK_FALSE(chunks_for(10'000'000, 100, 8, 1).pipelined());  // one rank has nobody to send to
  CHECK(chunks_for(1'000'000, 100, 8, 2).pipelined());         // 800 MB of sums
  CHECK(chunks_for(1'000'000, 100, 4, 2).pipelined());
  CHECK_FALSE(chunks_for(4000, 4000, 8, 8).pipelined());       // Gram matrices would outweigh the chunks
  CHECK_FALSE(chunks_for(100'000, 50'000, 8, 8).pipelined());  // a Gram matrix longer than a message may be
}

TEST_CASE("Chunks are large enough to be worth a message and small enough for one", "[chunks]") {
  constexpr Index longest = std::numeric_limits<int>::max();
  for (Index features : {50'000, 1'000'000, 100'000'000}) {
    for (Index k : {1, 7, 20, 100, 1000, 10'000}) {
      for (Index element_bytes : {4, 8}) {
        for (int ranks : {2, 3, 64, 10'000}) {
          const Chunks chunks = chunks_for(features, k, element_bytes, ranks);
          INFO(features << " features, k = " << k << ", " << ranks << " ranks");
          if (!chunks.pipelined()) continue;
          CHECK(chunks.count() >= 2);
          CHECK(chunks.height * k * (8 + element_bytes) >= (Index{1} << 20));
          CHECK(chunks.height >= k);
          CHECK(chunks.height * padded_to_vector<float>(k) <= longest);
        }
      }
    }
  }
}

TEST_CASE("Ranks have as many turns, where there are enough chunks", "[chunks]") {
  for (int ranks : {2, 3, 7, 16}) {
    const Chunks chunks = chunks_for(1'000'000, 100, 8, ranks);
    REQUIRE(chunks.count() >= ranks);
    std::vector<Index> turns(static_cast<std::size_t>(ranks));
    for (Index c = 0; c < chunks.count(); ++c) ++turns[static_cast<std::size_t>(chunks.owner(c, ranks))];
    for (Index t : turns) CHECK(t == turns.front());
  }
}
