// mpinmf fit: learns W and H.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "command.hpp"
#include "factor_files.hpp"
#include "init/nndsvd.hpp"
#include "io/npy.hpp"
#include "launcher.hpp"
#include "mpinmf/nmf.hpp"
#include "output_folder.hpp"
#include "report/memory.hpp"
#include "report/plot.hpp"
#include "report/progress.hpp"
#include "report/run_json.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"
#include "solver/threads.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {
namespace {

struct FitArguments {
  InputArguments input;
  SolverArguments solver;
  Options options;
  std::string output, write = "w,h";
  bool force = false, quiet = false;

  bool writes() const { return output != "none"; }
  bool writes_w() const { return write != "h"; }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string threads_text(const ThreadPlan& plan) {
  if (plan.least != plan.most) return fmt::format("{} to {} threads each", plan.least, plan.most);
  return plan.most == 1 ? "1 thread each" : fmt::format("{} threads each", plan.most);
}

/// One fit, its parts in the order in which they run. Collective throughout.
template <class T>
class Fit {
 public:
  Fit(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header)
      : comm_(comm), arguments_(arguments), header_(header), model_(arguments.options) {}

  void run() {
    check_before_reading();
    auto begin = std::chrono::steady_clock::now();
    const auto v =
        load<T>(comm_, arguments_.input.path, load_options(arguments_.input, arguments_.options.components));
    read_seconds_ = seconds_since(begin);
    if (talks() && !hint_.empty()) note(hint_);
    factorize(v);
    warn_of_zero_models();
    if (folder_) {
      write(v);
      draw();
    }
    if (!arguments_.quiet && comm_.is_root()) summarise(v);
  }

 private:
  bool talks() const { return comm_.is_root() && !arguments_.quiet; }

  /// Whatever can be known to fail is found here, before V is read.
  void check_before_reading() {
    const Index k = arguments_.options.components, m = header_.rows, n = header_.columns;
    if (arguments_.options.start == Start::given) {
      require_factor_shape(comm_, arguments_.solver.w0, {m, k}, "W0 (rows of V x k)");
      require_factor_shape(comm_, arguments_.solver.h0, {k, n}, "H0 (k x columns of V)");
    }
    const bool from_svd = is_from_svd(arguments_.options.start);
    if (from_svd) require_svd_start_fits(m, n, k);
    const ThreadPlan threads = threads_for(comm_, arguments_.options);
    report::MemoryPlan plan = report::plan_of_fit(arguments_.options.with_choices(m, n), sizeof(T) == 4);
    plan.ranks = comm_.size();
    plan.threads = threads.most;
    report::require_memory(comm_, header_, plan);
    if (arguments_.writes()) {
      const double bytes =
          static_cast<double>(k) * sizeof(T) * static_cast<double>(n + (arguments_.writes_w() ? m : Index{0}));
      folder_ = std::make_unique<OutputFolder>(
          comm_, arguments_.output,
          OutputFolder::Results{
              {"run.json", "W.npy", "H.npy", "trace.csv", "cost.svg", "cost.png"}, arguments_.force, bytes});
    }
    hint_ = report::transpose_hint(header_, plan, arguments_.input.transpose);
    if (!arguments_.quiet) warn_of_shared_cores(comm_, threads);
  }

  void factorize(const DataMatrix<T>& v) {
    report::ProgressDisplay display(arguments_.options.max_seconds);
    if (talks()) model_.on_iteration([&](const Progress& progress) { display.show(progress); });
    if (arguments_.options.start == Start::given) {
      const auto w0 = read_factor_rows<T>(comm_, arguments_.solver.w0, v.first_row(), v.rows_local());
      const auto h0 = read_factor_everywhere<T>(comm_, arguments_.solver.h0);
      model_.fit(v, w0.view(), h0.view());
    } else {
      model_.fit(v);
    }
    model_.on_iteration({});
  }

  void warn_of_zero_models() {
    if (model_.zero_models() == 0 || !talks()) return;
    report::say(fmt::format(
        "mpinmf: warning: W H is 0 at {} entries where V is positive; their loss is that of 1.19e-7. Another "
        "--seed or a start without zeros may avoid it\n",
        model_.zero_models()));
  }

  void write(const DataMatrix<T>& v) {
    const auto begin = std::chrono::steady_clock::now();
    report::RunFacts facts = this->facts(v);
    if (arguments_.writes_w()) io::write_npy<T>(comm_, folder_->partial("W.npy"), model_.w());
    const std::string h_path = folder_->partial("H.npy"), trace_path = folder_->partial("trace.csv");
    comm_.meet_on_root([&] {
      const Matrix<T> h = model_.components();
      io::write_npy<T>(Comm::self(), h_path, h.view());
      report::write_text_file(trace_path, report::trace_csv(model_.trace()));
    });
    facts.write_seconds = seconds_since(begin);
    facts.total_seconds = seconds_since(begin_);
    const std::string json = report::run_json(comm_, facts);
    const std::string json_path = folder_->partial("run.json");
    comm_.meet_on_root([&] { report::write_text_file(json_path, json); });
    folder_->publish();
  }

  report::RunFacts facts(const DataMatrix<T>& v) const {
    report::RunFacts facts;
    facts.command = "fit";
    facts.input = report::input_facts(v, arguments_.input.path);
    facts.input.transposed = arguments_.input.transpose;
    facts.input.add = arguments_.input.add;
    facts.options = arguments_.options;
    facts.w0 = arguments_.solver.w0;
    facts.h0 = arguments_.solver.h0;
    if (arguments_.writes_w()) facts.written.push_back("W.npy");
    for (const char* name : {"H.npy", "trace.csv", "run.json"}) facts.written.push_back(name);
    facts.iterations = model_.iterations();
    facts.stop_reason = to_string(model_.stop_reason());
    facts.cost = model_.cost();
    facts.phases = model_.phases();
    facts.communication = model_.communication();
    facts.threads = model_.threads();
    facts.read_seconds = read_seconds_;
    facts.zero_models = model_.zero_models();
    facts.kkt_w = model_.kkt_w();
    facts.kkt_h = model_.kkt_h();
    return facts;
  }

  void draw() {
    if (!comm_.is_root()) return;
    const report::Curve curve = {name_of_matrix(arguments_.input.path), model_.trace()};
    const std::string fault = report::draw_costs({&curve, 1}, folder_->path() + "/cost");
    if (!fault.empty() && talks()) note(fmt::format("cost.svg and cost.png were not drawn: {}", fault));
  }

  void summarise(const DataMatrix<T>& v) const {
    const Cost& cost = model_.cost();
    fmt::print("V: {} x {}, {}; k = {}; {} rank{} with {}\n", v.rows_global(), v.columns(),
               v.is_sparse() ? "sparse" : "dense", arguments_.options.components, comm_.size(),
               comm_.size() == 1 ? "" : "s", threads_text(model_.threads()));
    fmt::print("{} iterations in {:.3g} s (stopped by {})\n", model_.iterations(), seconds_since(begin_),
               to_string(model_.stop_reason()));
    fmt::print("loss ({}): {:.12g}\n", arguments_.options.loss.name(), cost.loss);
    fmt::print("reconstruction error: {:.12g}\n", cost.reconstruction_error);
    if (cost.relative_error == cost.relative_error) fmt::print("relative error: {:.6g}\n", cost.relative_error);
    if (folder_) fmt::print("results: {}\n", folder_->path());
  }

  Comm comm_;
  const FitArguments& arguments_;
  MatrixHeader header_;
  Nmf<T> model_;
  std::unique_ptr<OutputFolder> folder_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double read_seconds_ = 0;
  std::string hint_;  // said once V has turned out to be good
};

void prepare(FitArguments& a) {
  a.options = to_options(a.solver, true);
  if (a.write == "h,w") a.write = "w,h";
  if (a.write != "h" && a.write != "w,h") throw UsageError(fmt::format("--write is h or w,h, not {}", a.write));
  if (a.input.path.empty()) throw UsageError("V is empty: name a matrix");
  if (a.output.empty()) a.output = name_of_matrix(a.input.path) + ".nmf";
}

void run(const Comm& comm, const FitArguments& a) {
  const MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, a.options.components));
  with_precision(single_precision(a.input, header),
                 [&](auto element) { Fit<decltype(element)>(comm, a, header).run(); });
}

}  // namespace

Command add_fit(CLI::App& program) {
  auto arguments = std::make_shared<FitArguments>();
  CLI::App* app = program.add_subcommand("fit", "factorize V (m x n) into W (m x k) times H (k x n)");
  add_input(*app, arguments->input);
  app->add_option("--add", arguments->input.add,
                  "add this constant to every entry of a dense V (itakura-saito with zeros needs it)")
      ->capture_default_str();
  add_model(*app, arguments->solver);
  add_iterations(*app, arguments->solver);
  app->add_option("--max-seconds", arguments->solver.max_seconds,
                  "stop after so many seconds of iterations; default: no limit");
  app->add_option(
      "--output", arguments->output,
      "folder for W.npy, H.npy, trace.csv, run.json and the picture, or none; default: V's name + .nmf");
  app->add_option("--write", arguments->write, "which factors to write: h, or w,h for both")
      ->capture_default_str();
  app->add_flag("--force", arguments->force, "replace the results that the output folder holds");
  app->add_flag("--quiet", arguments->quiet, "no progress, no notes, no summary");
  return {app, [arguments] { prepare(*arguments); }, [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
