// Topics on any number of ranks: coherence to gensim's numbers, and figures that do not depend on who holds what.
#include <cmath>
#include <map>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "topics/coherence.hpp"
#include "topics/counts.hpp"
#include "topics/labels.hpp"
#include "topics/leading_rows.hpp"
#include "topics/orderless_sums.hpp"
#include "topics/proportions.hpp"
#include "topics/windows.hpp"
#include "topics_reference.hpp"

using namespace mpinmf;
using namespace mpinmf::topics;

namespace {

const nlohmann::json& reference() {
  return topics_reference()["coherence"];
}

using TokensOfTexts = std::vector<std::vector<std::string>>;

TokensOfTexts reference_texts() {
  TokensOfTexts texts;
  for (const std::string text : reference()["texts"]) texts.push_back(words_of(text));
  return texts;
}

/// A number for every word, and topics in these numbers.
struct Words {
  std::map<std::string, Index> number;
  std::vector<std::vector<Index>> topics;

  Words(const TokensOfTexts& texts, const nlohmann::json& given) {
    for (const auto& text : texts) {
      for (const std::string& word : text) number.emplace(word, static_cast<Index>(number.size()));
    }
    for (const auto& topic : given) {
      std::vector<Index>& features = topics.emplace_back();
      for (const std::string word : topic) {
        features.push_back(number.emplace(word, static_cast<Index>(number.size())).first->second);
      }
    }
  }
};

/// TokensOfTexts whose number is `rank` modulo the number of ranks are this rank's.
PairCounts windows_over_ranks(const TokensOfTexts& texts, const Words& words, const TermPairs& pairs,
                              Index width) {
  SlidingWindow window(pairs, width);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (static_cast<int>(t) % world().size() != world().rank()) continue;
    for (const std::string& word : texts[t]) {
      const Index feature = words.number.at(word);
      const auto found = std::lower_bound(pairs.features().begin(), pairs.features().end(), feature);
      const bool is_term = found != pairs.features().end() && *found == feature;
      window.add(is_term ? found - pairs.features().begin() : TermPairs::no_term);
    }
    window.end_text();
  }
  window.counts().sum(world());
  return window.counts();
}

/// Documents x words.
Matrix<double> counts_of(const TokensOfTexts& texts, const Words& words) {
  Matrix<double> counts(static_cast<Index>(texts.size()), static_cast<Index>(words.number.size()));
  for (std::size_t t = 0; t < texts.size(); ++t) {
    for (const std::string& word : texts[t]) counts(static_cast<Index>(t), words.number.at(word)) += 1;
  }
  return counts;
}

void check_values(const std::vector<double>& values, const nlohmann::json& expected) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t t = 0; t < values.size(); ++t) {
    INFO("topic " << t << ": " << values[t] << ", gensim " << expected[t]);
    const double wanted = number_of(expected[t]);
    if (std::isfinite(wanted)) {
      CHECK(std::abs(values[t] - wanted) <= 1e-9 * std::abs(wanted));
    } else {
      CHECK((std::isnan(wanted) ? std::isnan(values[t]) : values[t] == wanted));
    }
  }
}

}  // namespace

TEST_CASE("Coherence is gensim's, also of terms that no text has", "[topics]") {
  const TokensOfTexts texts = reference_texts();
  for (const std::string kind : {"", "_unseen"}) {
    const Words words(texts, reference()[kind.empty() ? "topics" : "unseen_topics"]);
    const TermPairs pairs(words.topics);
    const Matrix<double> counts = counts_of(texts, words);
    for (const bool sparse : {false, true}) {
      const auto v = spread(world(), counts, sparse);
      check_values(umass(pairs, count_documents(v, pairs)), reference()["u_mass" + kind]);
    }
    check_values(npmi(pairs, windows_over_ranks(texts, words, pairs, npmi_window)), reference()["c_npmi" + kind]);
    check_values(c_v(pairs, windows_over_ranks(texts, words, pairs, c_v_window)), reference()["c_v" + kind]);
  }
}

TEST_CASE("An empty text counts as a document and not as a window", "[topics]") {
  CHECK(reference()["gensim_fails_on_an_empty_text"] == true);
  TokensOfTexts texts = reference_texts();
  const Words words(texts, reference()["topics"]);
  const TermPairs pairs(words.topics);
  const PairCounts without = windows_over_ranks(texts, words, pairs, npmi_window);
  texts.insert(texts.begin() + 5, std::vector<std::string>());
  texts.emplace_back();
  CHECK(windows_over_ranks(texts, words, pairs, npmi_window).units == without.units);
  check_values(umass(pairs, count_documents(spread(world(), counts_of(texts, words), true), pairs)),
               reference()["u_mass_with_two_empty_texts"]);
}

TEST_CASE("A topic of one term has no pair, and nothing counted no coherence", "[topics]") {
  const TermPairs single({{3}, {}, {1, 3}});
  PairCounts counts(single);
  for (const double value : umass(single, counts)) CHECK(std::isnan(value));
  counts.units = 4;
  counts.terms = {2, 3};
  counts.pairs = {1};
  CHECK(std::isnan(umass(single, counts)[0]));
  CHECK(std::isnan(npmi(single, counts)[1]));
  CHECK(std::isfinite(umass(single, counts)[2]));
  CHECK(mean_coherence(umass(single, counts)) == umass(single, counts)[2]);
}

TEST_CASE("Sums have the same bits for any number of ranks", "[topics]") {
  const Matrix<double> all = random_matrix<double>(700, 9, 3, 0.4);
  const auto own = spread(world(), all, true);
  const auto alone = spread(Comm::self(), all, false);
  const std::vector<double> sums = sums_of_columns(own), expected = sums_of_columns(alone);
  CHECK(sums == expected);
  for (Index j = 0; j < all.columns(); ++j) {
    double plain = 0;
    for (Index i = 0; i < all.rows(); ++i) plain += all(i, j);
    CHECK(sums[static_cast<std::size_t>(j)] == Approx(plain).epsilon(1e-14).scale(0));
  }
  const std::vector<double> u(9, 1.0);
  const auto w = rows_of(all, own.first_row(), own.rows_local());
  CHECK(shares_of_components(world(), w.view(), 700, u) == shares_of_components(Comm::self(), all.view(), 700, u));
}

TEST_CASE("What is far smaller than the largest still counts in a sum", "[topics]") {
  for (const double size : {1e-300, 1.0, 1e300}) {
    OrderlessSums sums(2, 1000, size);
    sums.add(0, size);
    for (int i = 0; i < 100; ++i) sums.add(1, size * 1e-6 / 3);
    const double ranks = world().size();
    const std::vector<double> total = sums.total(world());
    CHECK(total[0] == ranks * size);
    CHECK(total[1] == Approx(ranks * size * 1e-4 / 3).epsilon(1e-14).scale(0));
  }
  CHECK(OrderlessSums(1, 0, 0).total(world()) == std::vector<double>{0});
}

TEST_CASE("The leading rows of W are those of all ranks", "[topics]") {
  Matrix<double> all = random_matrix<double>(120, 3, 4, 0.2);
  all(17, 0) = all(90, 0) = 5;  // a tie, perhaps of two ranks
  for (Index i = 0; i < all.rows(); ++i) all(i, 2) = i == 50 ? 2 : 0;
  const auto v = spread(world(), all, false);
  const Matrix<double> w = rows_of(all, v.first_row(), v.rows_local());
  const std::vector<double> u = {1, 2, 3};
  const auto leading = leading_rows(world(), w.view(), v.first_row(), u, 4);
  REQUIRE(leading.size() == 3);
  if (!world().is_root()) return;
  REQUIRE(leading[0].size() == 4);
  CHECK(leading[0][0].row == 17);
  CHECK(leading[0][1].row == 90);
  CHECK(leading[0][0].proportion == Approx(5 / (5 + 2 * all(17, 1))));
  REQUIRE(leading[2].size() == 1);
  CHECK(leading[2][0].row == 50);
  const auto expected = leading_rows(Comm::self(), all.view(), 0, u, 4);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t r = 0; r < leading[c].size(); ++r) CHECK(leading[c][r].row == expected[c][r].row);
    for (std::size_t r = 1; r < leading[c].size(); ++r) CHECK(leading[c][r - 1].weight >= leading[c][r].weight);
  }
  CHECK(leading_rows(Comm::self(), all.view(), 0, u, 0)[0].empty());
}

TEST_CASE("Topics beside labels, counted over the ranks", "[topics]") {
  // rank r brings r + 1 rows of topic 0 and label 1, one row without a topic, and one without a label
  std::vector<Index> topic(static_cast<std::size_t>(world().rank()) + 1, 0), label(topic.size(), 1);
  topic.insert(topic.end(), {-1, 1});
  label.insert(label.end(), {0, -1});
  const LabelTable table = table_of_labels(world(), topic, 2, label, 2);
  const Index ranks = world().size();
  CHECK(table.topics == 3);
  CHECK(table.at(0, 1) == ranks * (ranks + 1) / 2);
  CHECK(table.at(2, 0) == ranks);
  CHECK(table.rows() == ranks * (ranks + 3) / 2);
  CHECK(agreement(table).purity == 1);
}
