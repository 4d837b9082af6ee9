#include "run_rows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "counted.hpp"
#include "memory.hpp"
#include "run_hints.hpp"

namespace mpinmf::report {
namespace {

/// A job on thousands of hosts has a line for each in run.json; a page has room for these.
constexpr std::size_t most_hosts_shown = 16;

/// Parts of a sentence; those that are empty are left out.
class Parts {
 public:
  template <class... A>
  void add(bool is_known, fmt::format_string<A...> format, A&&... values) {
    if (!is_known) return;
    text_ += (text_.empty() ? "" : ", ") + fmt::format(format, std::forward<A>(values)...);
  }
  /// A row for them, or none.
  void put(std::vector<ReportRow>& rows, const std::string& name) const {
    if (!text_.empty()) rows.push_back({name, text_});
  }

 private:
  std::string text_;
};

/// A number as it stands in the file, or with as many digits as a reader wants.
std::string value_text(const JsonFields& run, const std::string& field) {
  const std::optional<double> value = run.number(field);
  return value ? fmt::format("{:.9g}", *value) : "";
}

std::vector<ReportRow> asked_rows(const JsonFields& run) {
  Parts v, fit, stop;
  const std::string loss = run.text("/options/loss"), rule = run.text("/options/rule"),
                    init = run.text("/options/init");
  v.add(true, "{}", run.text("/input/path"));
  v.add(run.number("/input/rows").has_value(), "{:.0f} x {:.0f}", run.number("/input/rows", 0),
        run.number("/input/columns", 0));
  v.add(run.at("/input/sparse").is_boolean(), "{}", run.flag("/input/sparse") ? "sparse" : "dense");
  const std::string weights = run.text("/input/weights");
  v.add(run.flag("/input/sparse"), "{:.0f} nonzeros{}", run.number("/input/nonzeros", 0),
        weights.empty() ? "" : " that count");
  v.add(run.number("/input/unknown", 0) > 0, "{:.0f} entries unknown", run.number("/input/unknown", 0));
  v.add(!run.text("/input/mask").empty(), "unknown by {}", run.text("/input/mask"));
  v.add(!weights.empty(), "weights {}", weights);
  v.add(run.flag("/input/transposed"), "transposed");
  v.add(!run.text("/input/preparation").empty(), "prepared by {}", run.text("/input/preparation"));
  v.add(!run.text("/options/precision").empty(), "{}", run.text("/options/precision"));
  fit.add(run.number("/options/components").has_value(), "k = {:.0f}", run.number("/options/components", 0));
  fit.add(!loss.empty(), "{}", loss);
  fit.add(!rule.empty(), "{}{}", rule, run.flag("/options/extrapolate") ? " extrapolated" : "");
  fit.add(!init.empty(), "start {}", init);
  fit.add(!run.text("/options/seed").empty(), "seed {}", run.text("/options/seed"));
  fit.add(!run.text("/options/model").empty(), "model {}", run.text("/options/model"));
  stop.add(run.number("/options/max_iterations").has_value(), "{}",
           counted(run.number("/options/max_iterations", 0), "iteration"));
  stop.add(run.number("/options/tolerance", 0) > 0, "tolerance {} on {}", value_text(run, "/options/tolerance"),
           run.text("/options/stop"));
  stop.add(run.number("/options/max_seconds").has_value(), "{} s", value_text(run, "/options/max_seconds"));
  std::vector<ReportRow> rows;
  v.put(rows, "V");
  fit.put(rows, run.text("/command"));
  stop.put(rows, "until");
  return rows;
}

std::vector<ReportRow> ended_rows(const JsonFields& run) {
  Parts wider, end, cost, kkt, files;
  end.add(run.number("/iterations").has_value(), "{}", counted(run.number("/iterations", 0), "iteration"));
  end.add(!run.text("/stop_reason").empty(), "stopped by {}", run.text("/stop_reason"));
  end.add(run.number("/predicted_gain").has_value(), "{:.1e} of the loss left to gain by the next steps",
          run.number("/predicted_gain", 0));
  cost.add(run.number("/loss").has_value(), "{}", value_text(run, "/loss"));
  cost.add(run.number("/penalty", 0) != 0, "penalty {}", value_text(run, "/penalty"));
  cost.add(run.number("/reconstruction_error").has_value(), "reconstruction error {}",
           value_text(run, "/reconstruction_error"));
  cost.add(run.number("/relative_error").has_value(), "relative error {}", value_text(run, "/relative_error"));
  kkt.add(run.number("/kkt_residual/W").has_value(), "{:.3g} of W", run.number("/kkt_residual/W", 0));
  kkt.add(run.number("/kkt_residual/H").has_value(), "{:.3g} of H", run.number("/kkt_residual/H", 0));
  kkt.add(!run.text("/kkt_residual/why_not").empty(), "not computed: {}", run.text("/kkt_residual/why_not"));
  for (const auto& name : run.at("/written"))
    files.add(name.is_string(), "{}", name.is_string() ? name.get<std::string>() : "");
  const bool has_wider = run.number("/wider_fit/components").has_value();
  wider.add(has_wider, "k = {:.0f}", run.number("/wider_fit/components", 0));
  wider.add(has_wider, "{} in {:.3g} s", counted(run.number("/wider_fit/iterations", 0), "iteration"),
            run.number("/wider_fit/seconds", 0));
  wider.add(has_wider, "stopped by {}", run.text("/wider_fit/stop_reason"));
  wider.add(run.number("/wider_fit/loss").has_value(), "loss {}", value_text(run, "/wider_fit/loss"));
  std::vector<ReportRow> rows;
  wider.put(rows, "wider fit");
  end.put(rows, "end");
  cost.put(rows, "loss");
  kkt.put(rows, "KKT residual");
  files.put(rows, "files");
  return rows;
}

std::string threads_text(const JsonFields& run) {
  const double least = run.number("/threads_per_rank/min", run.number("/threads_per_rank", 1));
  const double most = run.number("/threads_per_rank/max", least);
  return least == most ? fmt::format("{:.0f}", most) : fmt::format("{:.0f} to {:.0f}", least, most);
}

void put_hosts(const JsonFields& run, std::vector<ReportRow>& rows) {
  const auto& placement = run.at("/placement");
  for (std::size_t i = 0; i < placement.size() && i < most_hosts_shown; ++i) {
    const std::string line = fmt::format("/placement/{}/", i);
    rows.push_back(
        {run.text(line + "host"), fmt::format("ranks {} on cores {}, {:.0f} each", run.text(line + "ranks"),
                                              run.text(line + "cores"), run.number(line + "cores_each", 0))});
  }
  if (placement.size() > most_hosts_shown) {
    rows.push_back({"", fmt::format("and {} more lines in run.json", placement.size() - most_hosts_shown)});
  }
  if (placement.empty() && run.at("/ranks_on_hosts").is_object()) {
    for (const auto& [host, count] : run.at("/ranks_on_hosts").items()) {
      if (count.is_number()) rows.push_back({host, fmt::format("ranks: {}", count.get<Index>())});
    }
  }
}

std::vector<ReportRow> where_rows(const JsonFields& run) {
  Parts ranks, versions;
  ranks.add(run.number("/ranks").has_value(), "{:.0f}, threads in each: {}", run.number("/ranks", 1),
            threads_text(run));
  const std::string own = run.text("/versions/mpinmf"), blas = run.text("/versions/blas");
  versions.add(!own.empty(), "mpinmf {}", own);
  versions.add(!run.text("/versions/mpi").empty(), "{}", run.text("/versions/mpi"));
  // name and version; how it was configured stands behind them
  const std::string kernel = run.text("/versions/blas_kernel");
  versions.add(!blas.empty(), "{}{}", blas.substr(0, blas.find(' ', blas.find(' ') + 1)),
               kernel.empty() ? "" : fmt::format(" (kernel {})", kernel));
  versions.add(!run.text("/versions/vectors").empty(), "{}", run.text("/versions/vectors"));
  std::vector<ReportRow> rows;
  ranks.put(rows, "ranks");
  put_hosts(run, rows);
  versions.put(rows, "with");
  return rows;
}

std::string rank_text(const JsonFields& run, const std::string& spread) {
  const std::optional<double> rank = run.number(spread + "/max_rank");
  return rank ? fmt::format("{:.0f} on {}", *rank, run.text(spread + "/max_host")) : "";
}

void put_phase(const JsonFields& run, const char* label, const std::string& field, double total,
               std::vector<PhaseRow>& rows) {
  const std::optional<double> mean = run.number(field + "/mean");
  if (!mean || run.number(field + "/max", 0) <= 0) return;
  rows.push_back({label, run.number(field + "/min", 0), *mean, run.number(field + "/max", 0), 100 * *mean / total,
                  rank_text(run, field)});
}

struct Phase {
  const char *field, *label;
};
/// In the order in which they run.
constexpr std::array<Phase, 9> phases = {{{"read", "read V"},
                                          {"start", "start"},
                                          {"sweep", "sweep"},
                                          {"sum", "sum"},
                                          {"rule", "update of H"},
                                          {"broadcast", "broadcast"},
                                          {"cost", "cost"},
                                          {"save", "checkpoints"},
                                          {"write", "write"}}};

/// What each phase took, in the mean over the ranks, as far as it is known.
double known_seconds(const JsonFields& run) {
  double known = 0;
  for (const Phase& phase : phases) known += run.number(fmt::format("/seconds/{}/mean", phase.field), 0);
  return known;
}

std::vector<PhaseRow> phase_rows(const JsonFields& run) {
  // in a series of fits older versions left reading out of the total
  const double known = known_seconds(run), total = std::max(known, run.number("/seconds/total", 0));
  std::vector<PhaseRow> rows;
  if (total <= 0) return rows;
  for (const Phase& phase : phases) {
    put_phase(run, phase.label, std::string("/seconds/") + phase.field, total, rows);
  }
  const double rest = total - known;
  rows.push_back({"rest", {}, rest, {}, 100 * rest / total, ""});
  rows.push_back({"total", {}, total, {}, {}, ""});
  put_phase(run, "waiting in sum", "/seconds/waiting_in_sum", total, rows);
  return rows;
}

/// "1328 to 1336", or one number where these are the same.
std::string from_to(const JsonFields& run, const std::string& spread) {
  const double least = run.number(spread + "/min", 0), most = run.number(spread + "/max", 0);
  return least == most ? fmt::format("{:.0f}", most) : fmt::format("{:.0f} to {:.0f}", least, most);
}

void put_memory(const JsonFields& run, std::vector<ReportRow>& rows) {
  Parts memory;
  const std::string spread = "/peak_memory_bytes";
  const auto bytes = [&](const std::string& field) { return bytes_text(run.number(field, 0)); };
  const bool is_known = run.number(spread + "/max").has_value();
  memory.add(!is_known && run.number(spread + "_per_rank"), "up to {} a rank", bytes(spread + "_per_rank"));
  memory.add(is_known, "peak {} a rank in the mean", bytes(spread + "/mean"));
  memory.add(is_known, "{} to {}", bytes(spread + "/min"), bytes(spread + "/max"));
  memory.add(is_known, "most on rank {}", rank_text(run, spread));
  memory.put(rows, "memory");
}

std::vector<ReportRow> balance_rows(const JsonFields& run) {
  Parts work, sweep, talk;
  work.add(run.number("/work/imbalance").has_value(), "largest / mean {:.2f}", run.number("/work/imbalance", 0));
  work.add(run.number("/work/rows/max").has_value(), "{} rows and {} entries a rank", from_to(run, "/work/rows"),
           from_to(run, "/work/stored_entries"));
  sweep.add(run.number("/sweep/imbalance").has_value(), "slowest / mean {:.2f}",
            run.number("/sweep/imbalance", 0));
  sweep.add(run.number("/sweep/gflops").has_value(), "{:.3g} GFLOP/s of all ranks ({})",
            run.number("/sweep/gflops", 0), run.text("/sweep/flops_formula"));
  talk.add(run.number("/communication/bytes_per_iteration").has_value(),
           "{} in {:.0f} messages a rank and iteration",
           bytes_text(run.number("/communication/bytes_per_iteration", 0)),
           run.number("/communication/messages_per_iteration", 0));
  talk.add(run.flag("/communication/pipelined"), "in {:.0f} chunks", run.number("/communication/chunks", 1));
  std::vector<ReportRow> rows;
  work.put(rows, "work");
  sweep.put(rows, "sweep");
  talk.put(rows, "messages");
  put_memory(run, rows);
  return rows;
}

std::vector<std::string> warnings_of(const JsonFields& run) {
  std::vector<std::string> all;
  for (const auto& warning : run.at("/warnings")) {
    if (warning.is_string()) all.push_back(warning.get<std::string>());
  }
  return all;
}

}  // namespace

RunRows run_rows(const JsonFields& run) {
  return {asked_rows(run),   ended_rows(run),  where_rows(run), phase_rows(run),
          balance_rows(run), warnings_of(run), run_hints(run)};
}

SummaryRow summary_row(const JsonFields& run) {
  SummaryRow row;
  row.components = static_cast<Index>(run.number("/options/components", 0));
  row.seed = run.text("/options/seed");
  row.cost.loss = run.number("/loss", Cost::unknown);
  row.cost.penalty = run.number("/penalty", 0);
  const double relative = run.number("/relative_error", Cost::unknown);
  row.explained_variance = 1 - relative * relative;
  row.iterations = static_cast<Index>(run.number("/iterations", 0));
  row.seconds = known_seconds(run) - run.number("/seconds/read/mean", 0) - run.number("/seconds/write/mean", 0);
  row.stop_reason = run.text("/stop_reason");
  return row;
}

}  // namespace mpinmf::report
