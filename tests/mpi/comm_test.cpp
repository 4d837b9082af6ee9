// Collectives, and verdicts that meet.
#include <optional>

#include "catch.hpp"
#include "comm/calls.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

TEST_CASE("Collectives do what their names say", "[comm]") {
  const Index p = world().size(), r = world().rank();
  CHECK(world().sum(r) == p * (p - 1) / 2);
  CHECK(world().max(static_cast<double>(r)) == static_cast<double>(p - 1));
  CHECK(world().min(static_cast<double>(r)) == 0);
  CHECK(world().sum_before(r + 1) == r * (r + 1) / 2);
  std::string text = world().is_root() ? "from the root" : "something longer than that";
  world().broadcast(text);
  CHECK(text == "from the root");
  const std::vector<std::string> texts = world().gather(std::string(static_cast<std::size_t>(r), 'x'));
  REQUIRE(texts.size() == static_cast<std::size_t>(p));
  for (std::size_t i = 0; i < texts.size(); ++i) CHECK(texts[i].size() == i);
}

TEST_CASE("Unequal shares are scattered in rank order", "[comm]") {
  std::vector<Index> counts, all;
  for (Index r = 0; r < world().size(); ++r) {
    counts.push_back(r % 3);  // some ranks get nothing
    for (Index i = 0; i < r % 3; ++i) all.push_back(10 * r + i);
  }
  std::vector<Index> own(static_cast<std::size_t>(world().rank() % 3));
  world().scatter(all, counts, own);
  for (std::size_t i = 0; i < own.size(); ++i) CHECK(own[i] == 10 * world().rank() + static_cast<Index>(i));
}

TEST_CASE("The lowest rank's fault is everyone's", "[comm]") {
  const int lowest = world().size() / 2;
  try {
    world().meet([&] {
      if (world().rank() >= lowest) throw BadData("rank " + std::to_string(world().rank()));
    });
    FAIL("nothing was thrown");
  } catch (const BadData& error) {
    CHECK(error.what() == "rank " + std::to_string(lowest));
    CHECK(error.has_met());
    CHECK(error.exit_code() == ExitCode::bad_data);
  }
  CHECK_THROWS_AS(world().meet_on_root([] { throw UsageError("no"); }), UsageError);
  CHECK_THROWS_AS(world().meet([] { throw std::bad_alloc(); }), SystemError);
  world().meet([] {});
}

TEST_CASE("Messages above the limit are cut into pieces that cover everything once", "[comm]") {
  for (std::size_t count : {0, 1, 6, 7, 8, 14, 15}) {
    std::vector<int> seen(count);
    detail::in_pieces(count, 7, [&](std::size_t first, std::size_t pieces) {
      CHECK(pieces <= 7);
      for (std::size_t i = first; i < first + pieces; ++i) ++seen[i];
    });
    CHECK(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
  }
}

TEST_CASE("A fit whose messages are cut is the same to rounding", "[comm]") {
  const auto run = [](std::size_t limit, std::string text) {
    const std::size_t before = std::exchange(largest_message, limit);
    const auto v = load<double>(world(), "generate:sparse-counts:rows=90,columns=40,density=0.3");
    Nmf<double> fit(fixed_options(3, 2, Order::w_first, 4));
    fit.fit(v);
    world().broadcast(text);
    largest_message = before;
    return std::pair(std::move(fit), text);
  };
  const Index messages = world().counts().sum.messages;
  const auto whole = run(INT_MAX, "a text"), cut = run(13, world().is_root() ? "a text of 24 characters" : "");
  CHECK(cut.second == "a text of 24 characters");
  CHECK(relative_difference<double>(world(), whole.first.w(), cut.first.w()) < 1e-12);
  CHECK(relative_difference<double>(Comm::self(), whole.first.ht(), cut.first.ht()) < 1e-12);
  // 120 numbers of the numerator are ten messages then, in each of four iterations
  if (world().size() > 1) CHECK(world().counts().sum.messages - messages > 40);
}

TEST_CASE("What is handed to MPI is counted, by all copies of a handle together", "[comm]") {
  const Comm copy = world();
  const Index several = world().size() > 1 ? 1 : 0;  // one rank has nobody to talk to
  const CommCounts before = world().counts();
  std::vector<double> values(7, 1.0);
  copy.sum(values);
  copy.broadcast(std::span<double>(values).first(5));
  world().max(1.0);
  copy.gather(Index{3});
  copy.wait_for_all();
  copy.require_all({});
  const CommCounts& after = world().counts();
  CHECK(after.sum - before.sum == CommCounts::Kind{several, several * 56});
  CHECK(after.broadcast - before.broadcast == CommCounts::Kind{several, several * 40});
  CHECK(after.extreme - before.extreme == CommCounts::Kind{several, several * 8});
  CHECK(after.gather - before.gather == CommCounts::Kind{several, several * 8});
  CHECK(after.verdict - before.verdict == CommCounts::Kind{2 * several, several * 4});
  CHECK(after.total() - before.total() == CommCounts::Kind{6 * several, several * 116});
}

TEST_CASE("Messages that are under way together arrive where they should", "[comm]") {
  const int ranks = world().size();
  const CommCounts before = world().counts();
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(ranks), std::vector<double>(3));
  std::vector<std::vector<float>> news(static_cast<std::size_t>(ranks), std::vector<float>(2));
  std::vector<Pending> pending;
  for (int owner = 0; owner < ranks; ++owner) {
    const auto o = static_cast<std::size_t>(owner);
    std::fill(sums[o].begin(), sums[o].end(), owner + 1.0);
    if (owner == world().rank()) std::fill(news[o].begin(), news[o].end(), static_cast<float>(owner) + 0.5F);
    pending.push_back(world().start_sum_to(owner, sums[o]));
    pending.push_back(world().start_broadcast(owner, std::span<float>(news[o])));
  }
  for (Pending& message : pending) message.wait();
  Pending().wait();
  for (int owner = 0; owner < ranks; ++owner) {
    const auto o = static_cast<std::size_t>(owner);
    const double others = owner == world().rank() ? ranks : 1;  // elsewhere the values are left as they were
    CHECK(sums[o] == std::vector<double>(3, (owner + 1.0) * others));
    CHECK(news[o] == std::vector<float>(2, static_cast<float>(owner) + 0.5F));
  }
  const Index several = ranks > 1 ? ranks : 0;
  CHECK(world().counts().sum - before.sum == CommCounts::Kind{several, several * 24});
  CHECK(world().counts().broadcast - before.broadcast == CommCounts::Kind{several, several * 8});
}

TEST_CASE("Ranks of one colour are among themselves, in the order of their keys", "[comm]") {
  const int rank = world().rank(), ranks = world().size();
  const auto group_of = [&](int colour, int key) { return world().split(colour, key); };
  const Comm group = group_of(rank % 2, -rank);
  const int members = rank % 2 == 0 ? (ranks + 1) / 2 : ranks / 2;
  CHECK(group.size() == members);
  CHECK(group.rank() == members - 1 - rank / 2);  // falling keys
  const Index sum_of_group = rank % 2 == 0 ? members * (members - 1) : members * members;
  CHECK(group.sum(Index{rank}) == sum_of_group);
  int root = rank;
  group.broadcast_value(root);
  CHECK(root == (rank % 2 == 0 ? 2 * (members - 1) : 2 * members - 1));

  const Comm all = group_of(0, 0);
  CHECK(all.size() == ranks);
  CHECK(all.rank() == rank);
  const CommCounts before = world().counts();
  CHECK(all.sum(Index{1}) == ranks);
  CHECK(world().counts().total() == before.total());

  const Comm alone = group_of(rank, 0);
  CHECK(alone.size() == 1);
  CHECK(alone.sum(Index{rank}) == rank);
  // a group of a group, which outlives the handle it was made from
  std::optional<Comm> first(group);
  const Comm half = first->split(first->rank() % 2);
  first.reset();
  CHECK(half.sum(Index{1}) == half.size());
  CHECK_THROWS_AS(group.meet([] { throw BadData("no"); }), BadData);
}

TEST_CASE("Groups meet with what each of them has met with", "[comm]") {
  const int rank = world().rank(), ranks = world().size();
  const Comm group = world().split(rank % 2);
  const auto fails = [&](int colour, auto error) {
    return [=] {
      group.meet([&] {
        if (rank % 2 == colour && group.rank() == group.size() - 1) throw error;
      });
    };
  };
  world().meet_groups(group, [&] { CHECK(group.sum(Index{1}) == group.size()); });
  CHECK(message_of([&] { world().meet_groups(group, fails(0, BadData("of even ranks"))); }, ExitCode::bad_data) ==
        "of even ranks");
  const auto one_stops = [&] {
    world().meet_groups(group, [&] {
      fails(1, SystemError("disk full"))();
      fails(0, Stopped("as asked"))();
    });
  };
  CHECK(message_of(one_stops, ranks > 1 ? ExitCode::system : ExitCode::stopped) ==
        (ranks > 1 ? "disk full" : "as asked"));
  // what only one rank of several knows of cannot wait for the others
  bool has_met = false;
  try {
    world().meet_groups(world(), [] { throw BadData("alone"); });
  } catch (const BadData& error) {
    has_met = error.has_met();
  }
  CHECK(has_met == (ranks == 1));
}

namespace {

/// What rank `from` sends to rank `to`.
std::vector<double> letter(int from, int to, Index length) {
  std::vector<double> values;
  for (Index i = 0; i < length; ++i) values.push_back(1000 * from + 100 * to + static_cast<double>(i));
  return values;
}

/// Every rank sends length(from, to) numbers to every rank, and has what it should have.
template <class Length>
void check_exchange(const Length& length, Index at_once) {
  const int own = world().rank();
  std::vector<double> all, wanted;
  std::vector<Index> counts, wanted_counts;
  for (int r = 0; r < world().size(); ++r) {
    const std::vector<double> sent = letter(own, r, length(own, r)), received = letter(r, own, length(r, own));
    all.insert(all.end(), sent.begin(), sent.end());
    wanted.insert(wanted.end(), received.begin(), received.end());
    counts.push_back(static_cast<Index>(sent.size()));
    wanted_counts.push_back(static_cast<Index>(received.size()));
  }
  const Exchanged<double> received = world().exchange(std::span<const double>(all), counts, at_once);
  CHECK(received.counts == wanted_counts);
  CHECK(received.values == wanted);
}

}  // namespace

TEST_CASE("Each rank is sent what is its own, in messages of a bounded size", "[comm]") {
  const int last = world().size() - 1;
  for (const Index at_once : {Index{1}, Index{12}, Index{24}, Comm::exchanged_at_once}) {  // bytes
    INFO(at_once);
    check_exchange([](int from, int to) { return (from + 2 * to) % 4; }, at_once);
    check_exchange([](int, int) { return 0; }, at_once);
    check_exchange([](int from, int to) { return from == to ? 5 : 0; }, at_once);
    check_exchange([&](int from, int) { return from == last ? 17 : 0; }, at_once);
    check_exchange([&](int from, int to) { return to == 0 ? 3 * from : 1; }, at_once);
  }
}

TEST_CASE("A message of an exchange is never larger than asked for", "[comm]") {
  const Index ranks = world().size();
  const std::vector<Index> counts(static_cast<std::size_t>(ranks), 10);
  const std::vector<float> all(static_cast<std::size_t>(10 * ranks), 0.5F);
  const CommCounts before = world().counts();
  world().exchange(std::span<const float>(all), counts, 16);  // 40 bytes for each: 16, 16, 8
  const Index several = ranks > 1 ? 1 : 0, partners = ranks - 1;
  CHECK(world().counts().exchange - before.exchange ==
        CommCounts::Kind{several + 3 * partners, several * 8 * ranks + 40 * partners});
}
