// Terms, windows, proportions, labels and matching of topics, each for itself.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <utility>

#include "catch.hpp"
#include "report/display_width.hpp"
#include "report/text_table.hpp"
#include "topics/labels.hpp"
#include "topics/matching.hpp"
#include "topics/proportions.hpp"
#include "topics/terms.hpp"
#include "topics/windows.hpp"
#include "topics_reference.hpp"

using namespace mpinmf;
using namespace mpinmf::topics;

namespace {

double sum_of(const Matrix<double>& gains, const std::vector<Index>& columns) {
  double sum = 0;
  for (Index i = 0; i < gains.rows(); ++i) {
    const Index j = columns[static_cast<std::size_t>(i)];
    if (j >= 0) sum += gains(i, j);
  }
  return sum;
}

/// A matching: each column at most once, as many pairs as there can be.
void check_is_matching(const Matrix<double>& gains, const std::vector<Index>& columns) {
  REQUIRE(static_cast<Index>(columns.size()) == gains.rows());
  std::set<Index> taken;
  for (const Index j : columns) {
    if (j >= 0) CHECK(taken.insert(j).second);
  }
  CHECK(static_cast<Index>(taken.size()) == std::min(gains.rows(), gains.columns()));
}

/// Over all permutations. @pre square
double best_of_all(const Matrix<double>& gains) {
  std::vector<Index> columns(static_cast<std::size_t>(gains.rows()));
  std::iota(columns.begin(), columns.end(), Index{0});
  double best = -1e300;
  do best = std::max(best, sum_of(gains, columns));
  while (std::next_permutation(columns.begin(), columns.end()));
  return best;
}

/// What gensim's loop over windows does, window by window.
PairCounts slide_naively(const TermPairs& pairs, const std::vector<Index>& text, Index width) {
  PairCounts counts(pairs);
  const auto length = static_cast<Index>(text.size());
  std::set<Index> inside;
  for (Index place = 0; place < std::max<Index>(1, length - width + 1); ++place) {
    if (place == 0) {
      inside.insert(text.begin(), text.begin() + std::min(width, length));
    } else {
      inside.erase(text[static_cast<std::size_t>(place - 1)]);
      inside.insert(text[static_cast<std::size_t>(place + width - 1)]);
    }
    ++counts.units;
    for (const Index a : inside) {
      if (a == TermPairs::no_term) continue;
      ++counts.terms[static_cast<std::size_t>(a)];
      for (const auto& [b, pair] : pairs.partners(a)) {
        if (b > a && inside.contains(b)) ++counts.pairs[static_cast<std::size_t>(pair)];
      }
    }
  }
  return counts;
}

}  // namespace

TEST_CASE("Pairs of terms are those that share a topic", "[topics]") {
  const TermPairs pairs({{7, 2, 9}, {9, 2}, {4}});
  CHECK(pairs.features() == std::vector<Index>{2, 4, 7, 9});
  CHECK(pairs.pairs() == 3);
  CHECK(pairs.topics()[0] == std::vector<Index>{2, 0, 3});
  CHECK(pairs.partners(1).empty());
  CHECK(pairs.pair(0, 3) == pairs.pair(3, 0));
  std::set<Index> numbers;
  for (const auto& [a, b] : {std::pair<Index, Index>{0, 2}, {0, 3}, {2, 3}}) numbers.insert(pairs.pair(a, b));
  CHECK(numbers == std::set<Index>{0, 1, 2});
}

TEST_CASE("A sliding window counts what gensim's does", "[topics]") {
  const TermPairs pairs({{0, 1, 2, 3}, {3, 4}});
  std::mt19937 generator(5);
  for (const Index width : {1, 2, 5, 10}) {
    SlidingWindow window(pairs, width);
    PairCounts expected(pairs);
    for (std::size_t length = 1; length < 40; ++length) {
      std::vector<Index> text(length);
      for (Index& token : text)
        token = static_cast<Index>(generator() % 8) < 5 ? generator() % 5 : TermPairs::no_term;
      for (const Index token : text) window.add(token);
      window.end_text();
      const PairCounts more = slide_naively(pairs, text, width);
      expected.units += more.units;
      for (std::size_t t = 0; t < more.terms.size(); ++t) expected.terms[t] += more.terms[t];
      for (std::size_t p = 0; p < more.pairs.size(); ++p) expected.pairs[p] += more.pairs[p];
    }
    CHECK(window.counts().units == expected.units);
    CHECK(window.counts().terms == expected.terms);
    CHECK(window.counts().pairs == expected.pairs);
  }
}

TEST_CASE("Terms lead by weight and by pyLDAvis's relevance", "[topics]") {
  const auto& model = topics_reference()["model"];
  const Matrix<double> h = matrix_of(model["H"]);
  const std::vector<double> frequencies = numbers_of(model["frequencies"]);
  for (Index c = 0; c < h.rows(); ++c) {
    const std::vector<double> expected = numbers_of(model["relevance"][static_cast<std::size_t>(c)]);
    const std::span<const double> row(h.row(c), static_cast<std::size_t>(h.columns()));
    const LeadingTerms terms = leading_terms(row, frequencies, model["lambda"], 100);
    CHECK(static_cast<Index>(terms.by_weight.size()) ==
          std::count_if(row.begin(), row.end(), [](double x) { return x > 0; }));
    for (std::size_t r = 0; r < terms.by_relevance.size(); ++r) {
      const RankedTerm& term = terms.by_relevance[r];
      CHECK(term.weight == row[static_cast<std::size_t>(term.feature)]);
      CHECK(term.relevance == Approx(expected[static_cast<std::size_t>(term.feature)]).epsilon(1e-12).scale(0));
      if (r > 0) CHECK(terms.by_relevance[r - 1].relevance >= term.relevance);
    }
    Index finite = 0;
    for (const double value : expected) finite += std::isfinite(value) ? 1 : 0;
    CHECK(static_cast<Index>(terms.by_relevance.size()) == finite);
    const LeadingTerms two = leading_terms(row, frequencies, model["lambda"], 2);
    CHECK(two.by_weight.size() == 2);
    CHECK(two.by_weight[0].weight == *std::max_element(row.begin(), row.end()));
  }
  const std::vector<double> equal(4, 1.0);
  CHECK(leading_terms(equal, equal, 0.6, 3).by_weight[2].feature == 2);
  CHECK(leading_terms(std::vector<double>(4), equal, 0.6, 3).by_relevance.empty());
}

TEST_CASE("Proportions are those of poisson2multinom", "[topics]") {
  const auto& model = topics_reference()["model"];
  const Matrix<double> h = matrix_of(model["H"]);
  Matrix<double> w = matrix_of(model["W"]);
  const std::vector<double> u = sums_of_rows(h.view());
  const std::vector<double> shares = shares_of_components(Comm::self(), std::as_const(w).view(), w.rows(), u);
  const std::vector<double> expected = numbers_of(model["shares"]), sizes_expected = numbers_of(model["sizes"]);
  for (std::size_t c = 0; c < shares.size(); ++c) CHECK(shares[c] == Approx(expected[c]).epsilon(1e-13).scale(0));
  const std::vector<double> sizes = make_proportions(w.view(), u);
  for (Index i = 0; i < w.rows(); ++i) {
    CHECK(sizes[static_cast<std::size_t>(i)] ==
          Approx(sizes_expected[static_cast<std::size_t>(i)]).epsilon(1e-13).scale(0));
    for (Index c = 0; c < w.columns(); ++c) {
      const double proportion = model["proportions"][static_cast<std::size_t>(i)][static_cast<std::size_t>(c)];
      CHECK(w(i, c) == Approx(proportion).epsilon(1e-13).scale(0));
    }
  }
  const std::vector<Index> strongest = strongest_components(std::as_const(w).view());
  CHECK(strongest[4] == -1);  // of a row that is 0
  for (std::size_t i = 0; i < strongest.size(); ++i) {
    if (i == 4) continue;
    const double* row = w.row(static_cast<Index>(i));
    CHECK(row[strongest[i]] == *std::max_element(row, row + w.columns()));
  }
}

TEST_CASE("Agreement with labels is scikit-learn's", "[topics]") {
  for (const auto& c : topics_reference()["labelings"]) {
    const std::vector<Index> topic = c["topics"], label = c["labels"];
    const LabelTable table = table_of_labels(Comm::self(), topic, c["n_topics"], label, c["n_labels"]);
    const Agreement found = agreement(table);
    INFO(c["n_topics"] << " topics, " << c["n_labels"] << " labels, " << topic.size() << " rows");
    CHECK(found.purity == Approx(c["purity"].get<double>()).epsilon(1e-12));
    CHECK(found.nmi == Approx(c["nmi"].get<double>()).epsilon(1e-12).margin(1e-15));
    CHECK(found.ari == Approx(c["ari"].get<double>()).epsilon(1e-12).margin(1e-15));
  }
}

TEST_CASE("Matchings are SciPy's", "[topics]") {
  for (const auto& c : topics_reference()["assignments"]) {
    const Matrix<double> gains = matrix_of(c["gains"]);
    const std::vector<Index> columns = best_matching(gains.view());
    check_is_matching(gains, columns);
    CHECK(sum_of(gains, columns) == Approx(c["sum"].get<double>()).epsilon(1e-12));
    for (const auto& pair : c["pairs"]) CHECK(columns[pair[0].get<std::size_t>()] == pair[1].get<Index>());
  }
}

TEST_CASE("No permutation is better than a matching, ties and signs included", "[topics]") {
  std::mt19937 generator(3);
  for (Index k = 1; k <= 6; ++k) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      Matrix<double> gains(k, k);
      for (Index i = 0; i < k; ++i) {
        for (Index j = 0; j < k; ++j) gains(i, j) = static_cast<double>(generator() % 7) - 3;
      }
      const std::vector<Index> columns = best_matching(std::as_const(gains).view());
      check_is_matching(gains, columns);
      CHECK(sum_of(gains, columns) == best_of_all(gains));
    }
  }
}

TEST_CASE("Cosines of rows", "[topics]") {
  Matrix<double> a(2, 2), b(3, 2);
  a(0, 0) = 3;
  a(0, 1) = 4;
  b(0, 0) = 1;
  b(2, 0) = 6;
  b(2, 1) = 8;
  const Matrix<double> cosines = cosines_of_rows(std::as_const(a).view(), std::as_const(b).view());
  CHECK(cosines(0, 0) == Approx(0.6));
  CHECK(cosines(0, 1) == 0);
  CHECK(cosines(0, 2) == Approx(1));
  CHECK(cosines(1, 2) == 0);
}

TEST_CASE("The width of a text is that of its characters on a terminal", "[topics]") {
  using report::display_width;
  CHECK(display_width("plain") == 5);
  CHECK(display_width("naïve") == 5);
  CHECK(display_width("nai\u0308ve") == 5);  // a combining mark
  CHECK(display_width("日本語") == 6);
  CHECK(display_width("👍 ok") == 5);
  CHECK(display_width("a\u200db") == 2);  // a joiner
  CHECK(display_width("\xff") == 1);      // no UTF-8
  CHECK(report::shown("日本語", 6) == "日本語");
  CHECK(report::shown("日本語", 5) == "日本…");
  CHECK(report::shown("日本語", 4) == "日…");
  CHECK(report::shown("a\x1b[31mb\tc") == "a [31mb c");
  CHECK(report::shown("\xff!") == "\ufffd!");
  CHECK(report::right_aligned("語", 4) == "  語");
  report::TextTable table({{"name"}, {"n", true}, {"nothing"}});
  table.add({"日本", "1", ""});
  table.add({"abc", "-12", ""});
  CHECK(table.text(1) == " name    n\n 日本    1\n abc   -12\n");
}
