#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "fixed_components.hpp"
#include "mpinmf/error.hpp"
#include "rule.hpp"

namespace mpinmf {

template <class... Name>
struct RuleFiles {
  template <class T>
  static auto rules() {
    return std::array{make_rule<T>(RuleFile<Name>())...};
  }
};
// One line a rule.
using AllRules = RuleFiles<              //
    struct Multiplicative,               //
    struct AcceleratedMultiplicative,    //
    struct Hals,                         //
    struct AcceleratedHals,              //
    struct ProjectedGradient,            //
    struct BlockPivoting,                //
    struct AoAdmm,                       //
    struct SequentialCoordinateDescent,  //
    struct MultiplicativeNewton          //
    >;

namespace {

template <class T>
const auto& rules() {
  static const auto table = AllRules::rules<T>();
  return table;
}

template <class T>
RuleRoom room_of(const Rule<T>& rule, Index rows, Index components) {
  return rule.room == nullptr ? RuleRoom() : rule.room(rows, components);
}

}  // namespace

template <class T>
void begin_half_step(const Rule<T>& rule, const RuleSettings& settings, ConstMatrixView<double> gram,
                     HalfStep<T>& half_step) {
  const Index k = gram.rows();
  half_step.settings = settings;
  if (half_step.exact_gram.rows() != k) {
    half_step.gram = Matrix<T>::padded(k, k);
    half_step.exact_gram = Matrix<double>::padded(k, k);
  }
  half_step.idle.clear();
  const auto is_fixed = [&](Index c) {
    return std::binary_search(settings.fixed.begin(), settings.fixed.end(), c);
  };
  for (Index a = 0; a < k; ++a) {
    if (settings.l1 > 0 && gram(a, a) + settings.l2 == 0 && !is_fixed(a)) half_step.idle.push_back(a);
    for (Index b = 0; b < k; ++b) {
      const double entry = gram(a, b) + (a == b ? settings.l2 : 0);
      half_step.exact_gram(a, b) = entry;
      half_step.gram(a, b) = static_cast<T>(entry);
    }
  }
  set_fixed_components(rule, half_step);
  if (rule.prepare != nullptr) rule.prepare(half_step);
}
template void begin_half_step(const Rule<float>&, const RuleSettings&, ConstMatrixView<double>, HalfStep<float>&);
template void begin_half_step(const Rule<double>&, const RuleSettings&, ConstMatrixView<double>,
                              HalfStep<double>&);

/// `prepare` may make one more, in double at first.
template <class T>
double half_step_bytes(const Rule<T>& rule, Index components) {
  const int matrices = rule.prepare == nullptr ? 1 : 2;
  return matrices * (padded_bytes<T>(components, components) + padded_bytes<double>(components, components));
}
template double half_step_bytes(const Rule<float>&, Index);
template double half_step_bytes(const Rule<double>&, Index);

template <class T>
double move_rows(const Rule<T>& rule, const HalfStep<T>& half_step, const Statistics<T>& statistics,
                 RuleScratch<T>& scratch, const MovedRows<T>& rows) {
  for (const Index c : half_step.idle) {
    for (Index i = 0; i < rows.x.rows(); ++i) rows.x(i, c) = 0;
  }
  const bool leaves_fixed = statistics[Statistic::row_grams].rows() > 0;
  if (half_step.settings.fixed.empty() || leaves_fixed) return rule.move(half_step, statistics, scratch, rows);
  return move_free_components(rule, half_step, statistics, scratch, rows);
}
template double move_rows(const Rule<float>&, const HalfStep<float>&, const Statistics<float>&,
                          RuleScratch<float>&, const MovedRows<float>&);
template double move_rows(const Rule<double>&, const HalfStep<double>&, const Statistics<double>&,
                          RuleScratch<double>&, const MovedRows<double>&);

template <class T>
double gather_and_move(const Rule<T>& rule, const WalkedRows<T>& w) {
  const Statistics<T> statistics = w.loss.gather_w(w.rows, w.h, w.panel_scratch, w.cost_before);
  const Index rows = w.rows.w.rows(), at_once = rows_moved_together(rows);
  double violation = 0;
  for (Index first = 0; first < rows; first += at_once) {
    const Index count = std::min(at_once, rows - first);
    const MatrixView<T> state = w.state.rows() == 0 ? w.state : w.state.middle_rows(first, count);
    violation += move_rows<T>(rule, w.half_step, some_rows(statistics, first, count), w.rule_scratch,
                              {w.rows.w.middle_rows(first, count), state});
  }
  return violation;
}
template double gather_and_move(const Rule<float>&, const WalkedRows<float>&);
template double gather_and_move(const Rule<double>&, const WalkedRows<double>&);

template <class T>
RuleScratch<T> make_rule_scratch(const Rule<T>& rule, Index rows, Index components, Index fixed) {
  RuleScratch<T> scratch;
  scratch.product = Matrix<T>::padded(rows, components);
  scratch.kept = Matrix<T>(rows, fixed);
  const RuleRoom room = room_of(rule, rows, components);
  scratch.numbers.resize(static_cast<std::size_t>(room.numbers));
  scratch.doubles.resize(static_cast<std::size_t>(room.doubles));
  scratch.places.resize(static_cast<std::size_t>(room.places));
  return scratch;
}
template RuleScratch<float> make_rule_scratch(const Rule<float>&, Index, Index, Index);
template RuleScratch<double> make_rule_scratch(const Rule<double>&, Index, Index, Index);

template <class T>
double rule_scratch_bytes(const Rule<T>& rule, Index rows, Index components) {
  const RuleRoom room = room_of(rule, rows, components);
  return padded_bytes<T>(rows, components) + plain_bytes<T>(1, room.numbers) +
         plain_bytes<double>(1, room.doubles) + plain_bytes<Index>(1, room.places);
}
template double rule_scratch_bytes(const Rule<float>&, Index, Index);
template double rule_scratch_bytes(const Rule<double>&, Index, Index);

template <class T>
const Rule<T>& find_rule(const std::string& name) {
  for (const Rule<T>& rule : rules<T>()) {
    if (name == rule.name) return rule;
  }
  throw UsageError(fmt::format("unknown rule '{}': known are {}", name, fmt::join(rule_names(), ", ")));
}
template const Rule<float>& find_rule(const std::string&);
template const Rule<double>& find_rule(const std::string&);

template <class T>
const Rule<T>& default_rule(DefaultFor what) {
  const auto& all = rules<T>();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Rule<T>& rule) { return rule.default_for == what; });
  assert(found != all.end());
  return *found;
}
template const Rule<float>& default_rule(DefaultFor);
template const Rule<double>& default_rule(DefaultFor);

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const Rule<double>& rule : rules<double>()) names.emplace_back(rule.name);
  return names;
}

}  // namespace mpinmf
