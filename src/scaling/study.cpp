#include "study.hpp"

#include <algorithm>
#include <iterator>

#include "losses/panel_loss.hpp"
#include "mpinmf/partition.hpp"
#include "rules/rule.hpp"
#include "solver/communication.hpp"

namespace mpinmf::scaling {
namespace {

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

Index rows_on(const ScalingRow& run, int ranks) {
  return run.study == ScalingStudy::weak ? run.rows / run.ranks * ranks : run.rows;
}

/// V is cut into panels, and the thread with one more than the others decides. The unit is V on one rank.
double sweep_share(const ScalingRow& run, int ranks) {
  const Index rows = rows_on(run, ranks), unit = rows_on(run, 1), cores = Index{ranks} * run.threads;
  const Index height = Partition::panel_height_for(rows, run.columns, run.single_precision ? 4 : 8);
  const Index panels_of_core = ceil_div(ceil_div(rows, height), cores);
  const Index busiest = std::min(rows, panels_of_core * height * run.threads);
  return static_cast<double>(busiest) / static_cast<double>(unit);
}

ScalingSample sample_of(const ScalingRow& run) {
  ScalingSample sample;
  const bool is_small = run.study == ScalingStudy::small;
  if (is_small) {
    sample.load.ranks = run.ranks;
  } else {
    sample.load = load_on(run, run.ranks);
    sample.sweep = run.seconds.sweep + run.seconds.waiting;
    sample.rule = run.seconds.rule;
  }
  sample.load.messages = static_cast<double>(run.messages);
  sample.load.bytes = static_cast<double>(run.bytes);
  sample.communication = run.seconds.sum + run.seconds.broadcast;
  return sample;
}

/// Fitted to the runs with up to so many ranks, and all small ones.
ScalingModel model_up_to(std::span<const ScalingRow> rows, int ranks) {
  std::vector<ScalingSample> samples;
  for (const ScalingRow& row : rows) {
    if (row.study == ScalingStudy::small || row.ranks <= ranks) samples.push_back(sample_of(row));
  }
  return ScalingModel(samples);
}

void add_measured(ScalingSummary& summary, std::span<const ScalingRow> rows, const std::vector<int>& counts) {
  const ScalingRow& base = *median_run(rows, counts.front());
  for (const int ranks : counts) {
    ScalingPoint point;
    point.ranks = ranks;
    point.run = *median_run(rows, ranks);
    point.efficiency = efficiency(*point.run, base);
    point.speed_up = point.efficiency * ranks;
    summary.points.push_back(point);
  }
}

/// Doubled from the most that were measured on, and the last one asked for.
void add_predicted(ScalingSummary& summary, int most_measured) {
  const auto add = [&](Index ranks) {
    ScalingPoint point;
    point.ranks = static_cast<int>(ranks);
    point.is_extrapolated = ranks > Index{predicted_multiple} * most_measured;
    summary.points.push_back(point);
  };
  for (Index ranks = Index{2} * most_measured; ranks < summary.predicted_to; ranks *= 2) add(ranks);
  if (summary.predicted_to > most_measured) add(summary.predicted_to);
}

void predict(ScalingSummary& summary, const ScalingModel& model) {
  const ScalingRow base = summary.base();
  for (ScalingPoint& point : summary.points) {
    point.prediction = model.predict(load_on(base, point.ranks));
    const double ratio = base.seconds.total() / point.prediction->seconds;
    point.predicted_efficiency = base.study == ScalingStudy::weak ? ratio : ratio * base.ranks / point.ranks;
    point.predicted_speed_up = point.predicted_efficiency * point.ranks;
  }
}

/// With two numbers of ranks or more.
std::optional<ModelCheck> check_model(std::span<const ScalingRow> rows, const std::vector<int>& counts) {
  if (counts.size() < 2) return std::nullopt;
  const ScalingModel model = model_up_to(rows, counts[counts.size() - 2]);
  if (!model.knows_communication()) return std::nullopt;
  const ScalingRow& run = *median_run(rows, counts.back());
  return ModelCheck{run.ranks, run.seconds.total(), model.predict(load_on(run, run.ranks))};
}

}  // namespace

RankLoad load_on(const ScalingRow& run, int ranks) {
  const Index element_bytes = run.single_precision ? 4 : 8;
  const bool outweighs_messages = find_rule<double>(run.rule).outweighs_messages;
  const Chunks chunks = chunks_for(run.columns, run.components, element_bytes, ranks, outweighs_messages);
  const Communication communication = communication_of(
      facts_of(Loss{run.beta}).offers, {run.components, run.extrapolated}, element_bytes, ranks, chunks);
  RankLoad load;
  load.ranks = ranks;
  load.sweep_share = sweep_share(run, ranks);
  if (communication.pipelined) {
    load.rule_share = static_cast<double>(ceil_div(chunks.count(), ranks)) / static_cast<double>(chunks.count());
  }
  load.messages = static_cast<double>(communication.messages_by_formula);
  load.bytes = static_cast<double>(communication.bytes_by_formula);
  return load;
}

std::vector<ScalingPoint> ScalingSummary::measured() const {
  std::vector<ScalingPoint> found;
  std::copy_if(points.begin(), points.end(), std::back_inserter(found),
               [](const ScalingPoint& point) { return point.run.has_value(); });
  return found;
}
std::vector<ScalingPoint> ScalingSummary::predicted() const {
  std::vector<ScalingPoint> found;
  std::copy_if(points.begin(), points.end(), std::back_inserter(found),
               [](const ScalingPoint& point) { return !point.run.has_value(); });
  return found;
}

ScalingSummary summarise_scaling(std::span<const ScalingRow> rows, int predict_to) {
  ScalingSummary summary;
  const std::vector<int> counts = rank_counts(rows);
  add_measured(summary, rows, counts);
  summary.runs = static_cast<int>(std::count_if(
      rows.begin(), rows.end(), [](const ScalingRow& row) { return row.study != ScalingStudy::small; }));
  summary.predicted_to = predict_to > 0 ? predict_to : predicted_multiple * counts.back();
  const ScalingModel model = model_up_to(rows, counts.back());
  if (!model.knows_communication()) return summary;
  summary.model = model;
  summary.check = check_model(rows, counts);
  add_predicted(summary, counts.back());
  predict(summary, model);
  const ScalingRow base = summary.base();
  summary.half_communication = ranks_of_half_communication(
      model, [&](int ranks) { return load_on(base, ranks); }, summary.predicted_to);
  return summary;
}

}  // namespace mpinmf::scaling
