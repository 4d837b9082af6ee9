// Which k is suggested, of tables and of fits to planted parts and to noise.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "catch.hpp"
#include "contains.hpp"
#include "mpi_support.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/nmf.hpp"
#include "report/cross_validation.hpp"
#include "stability/connectivity.hpp"
#include "stability/consensus.hpp"
#include "stability/decide.hpp"
#include "stability/matched_clusters.hpp"
#include "stability/search.hpp"
#include "stability/signed_ranks.hpp"
#include "topics/proportions.hpp"

using namespace mpinmf;
using namespace mpinmf::stability;

namespace {

/// Measured: 20 fits by Kullback-Leibler of counts with seven planted parts (README.md of the room).
std::vector<KFacts> planted_table() {
  const std::vector<std::array<double, 5>> rows = {
      {2, .752, .886, .367, .898},  {3, .463, .100, .292, .934},  {4, .625, .483, .226, .939},
      {5, .729, .413, .165, .985},  {6, .840, .109, .120, .990},  {7, 1.00, 1.00, .0790, 1.0},
      {8, .755, -.41, .0776, .995}, {9, .631, -.35, .0761, .990}, {10, .556, -.39, .0747, .980}};
  std::vector<KFacts> table;
  for (const auto& row : rows) {
    KFacts facts;
    facts.k = static_cast<Index>(row[0]);
    facts.consensus_silhouette = row[1];
    facts.min_silhouette = row[2];
    facts.error = row[3];
    facts.cophenetic = row[4];
    table.push_back(facts);
  }
  return table;
}

/// W H + noise, half of the factors' entries 0.
Matrix<double> planted(Index rank, double noise, unsigned seed) {
  const auto w = random_matrix<double>(120, rank, seed, 0.5), h = random_matrix<double>(rank, 40, seed + 100, 0.5);
  auto v = random_matrix<double>(120, 40, seed + 200, 0);
  for (Index i = 0; i < v.rows(); ++i) {
    for (Index j = 0; j < v.columns(); ++j) {
      v(i, j) *= noise;
      for (Index c = 0; c < rank; ++c) v(i, j) += w(i, c) * h(c, j);
    }
  }
  return v;
}

KFacts facts_of_fits(const DataMatrix<double>& v, Index k, std::uint64_t fits) {
  std::vector<std::vector<std::uint16_t>> strongest;
  std::vector<double> errors;
  Matrix<double> stacked(static_cast<Index>(fits) * k, 40);
  for (std::uint64_t seed = 0; seed < fits; ++seed) {
    Options options;
    options.components = k;
    options.seed = Seed(seed);
    Nmf<double> model(options);
    model.fit(v);
    const Matrix<double> components = model.components();
    const auto h = components.view();
    for (Index c = 0; c < k; ++c) std::copy_n(h.row(c), 40, stacked.row(static_cast<Index>(seed) * k + c));
    errors.push_back(model.cost().loss);
    Matrix<double> w(model.w().rows(), k);
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(model.w().row(i), k, w.row(i));
    topics::make_proportions(w.view(), topics::sums_of_rows(h));
    const std::vector<Index> of_rows = topics::strongest_components(std::as_const(w).view());
    strongest.emplace_back(of_rows.begin(), of_rows.end());
  }
  std::sort(errors.begin(), errors.end());
  ConsensusSettings settings;
  settings.density_threshold = no_threshold;
  const MatchedClusters matched = matched_clusters(std::as_const(stacked).view(), k);
  const Connectivity connected = connectivity(strongest);
  KFacts facts;
  facts.k = k;
  facts.consensus_silhouette = consensus(std::as_const(stacked).view(), k, settings).silhouette;
  facts.min_silhouette = matched.min_silhouette;
  facts.mean_silhouette = matched.mean_silhouette;
  facts.error = errors[errors.size() / 2];
  facts.cophenetic = connected.cophenetic;
  facts.dispersion = connected.dispersion;
  facts.pac = connected.pac;
  return facts;
}

std::vector<Suggestion> suggestions_for(Matrix<double> rows) {
  const auto v = DataMatrix<double>::from_rows(Comm::self(), std::move(rows));
  std::vector<KFacts> table;
  for (Index k = 2; k <= 7; ++k) table.push_back(facts_of_fits(v, k, 10));
  return suggestions(table);
}

}  // namespace

TEST_CASE("Each convention suggests seven for a table of seven planted parts", "[decide]") {
  const std::vector<Suggestion> found = suggestions(planted_table());
  REQUIRE(found.size() == 3);
  CHECK(found[0].convention == "cNMF");
  CHECK(found[1].convention == "NMFk");
  CHECK(found[2].convention == "R NMF");
  for (const Suggestion& suggestion : found) {
    CHECK(suggestion.k == Index{7});
    CHECK_THAT(suggestion.why, Contains("the largest k where the error still falls"));
  }
}

TEST_CASE("A stable k is not suggested where the error does not tell it apart", "[decide]") {
  std::vector<KFacts> table = planted_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i].error = 0.48 - 0.01 * static_cast<double>(i) + 0.0002 * static_cast<double>(i * i);
    table[i].min_silhouette = table[i].consensus_silhouette = table[i].cophenetic = 1;
  }
  for (const Suggestion& suggestion : suggestions(table)) {
    CHECK(!suggestion.k);
    CHECK_THAT(suggestion.why, Contains("which is so in noise"));
  }
}

TEST_CASE("A k where the error falls is not suggested where fits differ", "[decide]") {
  std::vector<KFacts> table = planted_table();
  for (KFacts& facts : table) {
    facts.consensus_silhouette = 0.3;
    facts.min_silhouette = 0.79;
    facts.cophenetic = std::numeric_limits<double>::quiet_NaN();
  }
  table[6].consensus_silhouette = 0.6;  // k = 8: the error has levelled off
  const std::vector<Suggestion> found = suggestions(table);
  for (const Suggestion& suggestion : found) CHECK(!suggestion.k);
  CHECK_THAT(found[0].why, Contains("at most 0.3 where the error still falls (k = 4, 5, 6, 7); 0.5 is wanted"));
  CHECK_THAT(found[1].why, Contains("at most 0.79"));
  CHECK_THAT(found[2].why, Contains("is not known"));
  table[5].consensus_silhouette = 0.52;  // below its neighbour
  CHECK_THAT(suggestions(table)[0].why, Contains("no peak of 0.5"));
}

TEST_CASE("Held-out entries suggest the k at which their loss is least", "[decide]") {
  const auto table = [](const std::vector<double>& losses) {
    std::vector<KFacts> made = planted_table();
    for (std::size_t i = 0; i < losses.size(); ++i) made[i].held_out_loss = losses[i];
    return made;
  };
  CHECK(suggestions(planted_table()).size() == 3);
  CHECK(suggestions(table({9, 8, 7, 6})).size() == 3);  // not known for all k
  const auto of = [&](const std::vector<double>& losses) { return suggestions(table(losses)).back(); };
  CHECK(of({9, 8, 7, 6, 5, 4, 4.5, 5, 6}).convention == "held out");
  CHECK(of({9, 8, 7, 6, 5, 4, 4.5, 5, 6}).k == 7);
  CHECK(!of({1, 2, 3, 4, 5, 6, 7, 8, 9}).k);
  CHECK(of({1, 2, 3, 4, 5, 6, 7, 8, 9}).why.find("first k, 2") != std::string::npos);
  CHECK(!of({9, 8, 7, 6, 5, 4, 3, 2, 1}).k);
  CHECK(of({9, 8, 7, 6, 5, 4, 3, 2, 1}).why.find("last k, 10") != std::string::npos);
  // data without noise: which of several losses that are rounding is the least means nothing
  CHECK(of({9, 8, 7, 6, 3e-31, 4e-32, 1e-31, 5e-14, 6e-33}).k == 6);
  CHECK_THAT(of({9, 8, 7, 6, 3e-31, 4e-32, 1e-31, 5e-14, 6e-33}).why, Contains("is least: 3e-31"));
  CHECK(of({9, 8, 7, 6, 3e-9, 4e-10, 1e-9, 5e-6, 6e-3}).k == 7);
  // k that were searched for it need no others around them
  std::vector<KFacts> two = table({3, 4});
  two.resize(2);
  CHECK(!suggestions(two).back().k);
  CHECK(suggestions(two, 12).back().k == 2);
  std::vector<KFacts> last = table({4, 3});
  last.resize(2);
  CHECK(suggestions(last, 3).back().k == 3);
  CHECK_THAT(suggestions(last, 3).back().why, Contains("no k above 3 was tried"));
  std::vector<KFacts> noisy = table({9, 8, 7, 4.2, 4.4, 4, 4.5, 5, 6});
  for (KFacts& facts : noisy) facts.held_out_error = 0.3;
  CHECK(suggestions(noisy).back().why.find("that of k = 5") != std::string::npos);
}

TEST_CASE("Signed ranks have SciPy's p-values", "[decide]") {
  struct Case {
    std::size_t pairs;
    double shift, steps;  // b is shifted after both are rounded to so many steps; 0: they are not
    double p;
  };
  // scipy.stats.wilcoxon of SciPy 1.10.1
  for (const Case& c :
       {Case{5, 0, 0, 0.8125}, Case{12, 0.25, 0, 0.30126953125}, Case{50, 0.125, 0, 0.11393994202132163},
        Case{51, 0.125, 0, 0.1219544135481769}, Case{200, 0.0625, 0, 0.05682094473086514},
        Case{200, 0.0625, 16, 0.0562366345981564}, Case{51, 0, 4, 0.5578916830398439},
        Case{40, 0.25, 8, 0.012947352169056604}, Case{30, 0.03125, 16, 0.5027610473334789},
        Case{50, 0.09375, 16, 0.24908489906916564}, Case{2000, 0.03125, 0, 0.017857276627066158}}) {
    std::uint64_t state = c.pairs;
    const auto numbers = [&] {
      std::vector<double> made(c.pairs);
      for (double& x : made) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        x = static_cast<double>(state >> 11) / 9007199254740992.0;
        if (c.steps > 0) x = std::nearbyint(x * c.steps) / c.steps;
      }
      return made;
    };
    const std::vector<double> a = numbers();
    std::vector<double> b = numbers();
    for (double& x : b) x += c.shift;
    INFO(c.pairs << " pairs, " << c.shift << ", " << c.steps);
    CHECK(signed_rank_p(a, b) == Approx(c.p).epsilon(1e-10));
    // of equal sizes SciPy cuts the sum of ranks for an exact p, so that the order of a and b matters
    if (c.steps == 0) CHECK(signed_rank_p(b, a) == Approx(c.p).epsilon(1e-10));
    CHECK(signed_rank_p(a, a) == 1);
  }
}

TEST_CASE("Errors of rows tell pyDNMFk which stable k is the last", "[decide]") {
  const auto table = [] {
    std::vector<KFacts> made = planted_table();
    std::uint64_t state = 1;
    for (KFacts& facts : made) {
      for (int row = 0; row < 60; ++row) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const double noise = static_cast<double>(state >> 11) / 9007199254740992.0;
        facts.row_errors.push_back(facts.error + 0.001 * noise);
      }
    }
    return made;
  };
  std::vector<KFacts> planted = table();
  const auto of = [](const std::vector<KFacts>& asked) {
    for (const Suggestion& suggestion : suggestions(asked)) {
      if (suggestion.convention == "pyDNMFk") return suggestion;
    }
    return Suggestion{};
  };
  CHECK(suggestions(planted).size() == 4);
  CHECK(of(planted).k == 7);
  CHECK_THAT(of(planted).why, Contains("for k = 8 differ from those for k = 2"));
  planted[3].min_silhouette = 0.95;  // k = 5 is accepted first, and errors are compared with those of k = 6 then
  CHECK(of(planted).k == 7);
  CHECK_THAT(of(planted).why, Contains("for k = 8 differ from those for k = 6"));
  planted[6].row_errors = planted[4].row_errors;
  CHECK(of(planted).k == 5);
  planted[3].min_silhouette = 0.904;  // 0.90
  CHECK(of(planted).k == 7);          // whose errors after it are compared with those of k = 2 now
  for (KFacts& facts : planted) facts.min_silhouette = std::min(facts.min_silhouette, 0.904);
  CHECK(!of(planted).k);
  CHECK_THAT(of(planted).why, Contains("above 0.9"));
  planted = table();
  for (std::size_t i = 0; i < planted.size(); ++i) {  // stable as noise is
    planted[i].error = 0.48 - 0.01 * static_cast<double>(i);
    planted[i].min_silhouette = 1;
  }
  CHECK(!of(planted).k);
}

TEST_CASE("A search finds the k where a loss is least from few k", "[decide]") {
  for (const Index most : {1, 2, 3, 5, 10, 64, 1000}) {
    for (Index least = 1; least <= std::min<Index>(most + 3, 200); ++least) {
      std::map<Index, int> asked;
      const auto found = search_components(most, [&](Index k) {
        CHECK((k >= 1 && k <= most));
        ++asked[k];
        return std::abs(static_cast<double>(k - least)) + 1;
      });
      INFO(most << " " << least);
      CHECK(found.best == std::min(least, most));
      CHECK(found.losses.size() == asked.size());
      for (const auto& [k, times] : asked) CHECK(times == 1);
      CHECK(static_cast<double>(asked.size()) <= 2 + 2.5 * std::log2(static_cast<double>(most) + 1));
    }
  }
  // no time is left from k = 5 on
  const auto cut =
      search_components(64, [](Index k) { return k < 5 ? 10.0 - static_cast<double>(k) : std::nan(""); });
  CHECK(cut.best == 4);
}

TEST_CASE("What is known of held-out entries is written and read", "[decide]") {
  using namespace mpinmf::report;
  const CrossValidation found{{{"loss", "frobenius"}},
                              {{2, 1, 100, 0.5, 20, "tolerance"},
                               {2, 2, 99, 0.7, 30, "tolerance"},
                               {3, 1, 100, 0.25, 9, "max-iterations"}}};
  const CrossValidation read = parse_cross_validation(cross_validation_json(found), "f");
  CHECK(read.fit == found.fit);
  REQUIRE(read.fits.size() == 3);
  CHECK(cross_validation_json(read) == cross_validation_json(found));
  CHECK(held_out_loss(read.fits, 2).mean == Approx(0.6));
  CHECK(held_out_loss(read.fits, 2).error == Approx(0.1));
  CHECK(std::isnan(held_out_loss(read.fits, 3).error));
  CHECK(std::isnan(held_out_loss(read.fits, 4).mean));
  CHECK_THROWS_AS(parse_cross_validation("{}", "f"), BadData);
}

TEST_CASE("The consensus has an error of its own", "[decide]") {
  std::vector<KFacts> table = planted_table();
  for (KFacts& facts : table) facts.consensus_error = facts.k <= 6 ? 10 - static_cast<double>(facts.k) : 4;
  table[4].consensus_silhouette = 1;
  std::vector<Suggestion> found = suggestions(table);
  CHECK(found[0].k == Index{6});
  CHECK(found[1].k == Index{7});
  table[2].consensus_error = std::numeric_limits<double>::quiet_NaN();  // then that of the fits
  CHECK(suggestions(table)[0].k == Index{7});
}

TEST_CASE("The error falls where a component gains more than later ones, and not much less than earlier ones",
          "[decide]") {
  const std::vector<Index> k = {5, 10, 20, 40};
  CHECK(error_falls(k, {10, 5, 4, 2.5}, 1));   // gains 1, 0.1, 0.075
  CHECK(!error_falls(k, {10, 5, 4, 3}, 0));    // no gain is known of the first
  CHECK(!error_falls(k, {10, 5, 4, 2.5}, 2));  // less than twice the next
  CHECK(error_falls(k, {10, 5, 4, 3}, 2));     // gains 1, 0.1, 0.05: twice the next
  CHECK(!error_falls(k, {10, 5, 4.1, 4}, 2));  // gains 1, 0.09: a tenth is wanted
  CHECK(!error_falls(k, {10, 5, 4, 3}, 3));
  CHECK(!error_falls(k, {5, 5, 5, 5}, 1));
  CHECK(!error_falls(k, {5, std::nan(""), 4, 3}, 1));
}

TEST_CASE("Small tables and wrong ones", "[decide]") {
  CHECK(suggestions({}).size() == 3);
  std::vector<KFacts> table = planted_table();
  table.resize(2);
  CHECK_THAT(suggestions(table)[0].why, Contains("three k or more"));
  std::swap(table[0], table[1]);
  CHECK_THROWS_AS(suggestions(table), UsageError);
}

TEST_CASE("Planted parts are found, and none in noise", "[decide]") {
  std::array<int, 3> right{};
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const std::vector<Suggestion> found = suggestions_for(planted(4, 0.1, seed));
    for (std::size_t i = 0; i < found.size(); ++i) right[i] += found[i].k == Index{4} ? 1 : 0;
  }
  for (const int count : right) CHECK(count >= 9);
  for (unsigned seed = 1; seed <= 5; ++seed) {
    for (const Suggestion& suggestion : suggestions_for(random_matrix<double>(120, 40, seed, 0))) {
      INFO(seed << ' ' << suggestion.convention);
      CHECK(!suggestion.k);
    }
  }
}
