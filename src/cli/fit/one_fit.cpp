#include "one_fit.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <utility>

#include "cli/factor_files.hpp"
#include "identity.hpp"
#include "init/start_table.hpp"
#include "io/npy.hpp"
#include "known_parts.hpp"
#include "report/progress.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"
#include "results.hpp"
#include "strongest.hpp"
#include "warnings.hpp"

namespace mpinmf::cli {

template <class T>
void fit_model(const FitArguments& a, const DataMatrix<T>& v, FitCheckpoints<T>& checkpoints, Nmf<T>& model,
               Warnings& warnings) {
  const Comm& comm = v.comm();
  {
    report::ProgressDisplay display(a.options.max_seconds, warnings.name());
    FitHooks<T> hooks = checkpoints.hooks();
    // several groups at once would write over each other
    if (a.talks(comm) && a.groups == 1)
      hooks.on_iteration = [&](const Progress& progress) { display.show(progress); };
    const bool resumes = hooks.load != nullptr;
    model.set_hooks(std::move(hooks));
    fix_known_parts(a, v, model);
    if (facts_of(a.options.start).is_given && !resumes) {
      const auto w0 = read_factor_rows<T>(comm, a.solver.w0, v.first_row(), v.rows_local());
      const auto h0 = read_factor_everywhere<T>(comm, a.solver.h0);
      model.fit(v, w0.view(), h0.view());
    } else {
      model.fit(v);
    }
    model.set_hooks({});
  }
  warn_of_result(v, model, warnings);
}

std::optional<report::FinishedRun> earlier_run(const Comm& comm, const FitArguments& a, const std::string& folder,
                                               const io::Facts& fit) {
  if (!a.checkpoint.resume || !a.writes()) return {};
  std::string text;
  const std::string path = folder + "/run.json";
  comm.meet_on_root([&] {
    if (std::filesystem::exists(path)) text = report::read_text_file(path);
  });
  comm.broadcast(text);
  if (text.empty()) return {};
  std::optional<report::FinishedRun> run;
  comm.meet([&] { run = report::parse_finished_run(text, path); });
  if (run->fit.empty()) return {};  // it kept no checkpoints: OutputFolder says what to do
  const std::string difference = io::difference_of(run->fit, fit);
  if (difference.empty()) return run;
  if (a.force) return {};
  UsageError error(
      fmt::format("{} holds the results of another fit: {}. Give another --output, or --force to replace "
                  "them",
                  folder, difference));
  error.set_met();
  throw error;
}

template <class T>
OutputFolder::Results fit_results(const FitArguments& a, const MatrixHeader& header, Index components,
                                  bool with_w) {
  const Index vectors = header.columns + (with_w ? header.rows : Index{0});
  OutputFolder::Results results;
  results.all_fits = true;
  results.force = a.force;
  results.resumes = a.checkpoint.resume && a.is_series();
  results.bytes = static_cast<double>(components) * sizeof(T) * static_cast<double>(vectors);
  results.bytes += added_bytes(a.factors, results.bytes);
  return results;
}

template <class T>
OutputFolder::Results results_of_series(const FitArguments& a, const MatrixHeader& header) {
  const auto bytes_of_w = [&](Index k) {
    return static_cast<double>(k) * sizeof(T) * static_cast<double>(header.rows);
  };
  OutputFolder::Results all = fit_results<T>(a, header, 0, false);
  for (const Index k : a.components) {
    all.bytes += static_cast<double>(a.restarts) * fit_results<T>(a, header, k, false).bytes;
    if (a.writes_w()) all.bytes += bytes_of_w(k);
  }
  // for a moment the best W and the one that it replaces; each group has a best of its own
  if (a.writes_w() && a.restarts > 1) all.bytes += a.groups * bytes_of_w(a.most_components());
  return all;
}

std::vector<std::string> wanted_files(const FitArguments& a) {
  std::vector<std::string> wanted = added_files(a.factors, a.writes_w());
  if (a.writes_w()) wanted.emplace_back("W.npy");
  return wanted;
}

template <class T>
void write_factors(const Comm& comm, OutputFolder& folder, const FitArguments& a, const Nmf<T>& model,
                   const DataNames& names, bool with_w, report::RunFacts& facts) {
  std::vector<std::string>& written = facts.written;
  io::FactorFiles files;
  files.prepared = names.prepared();
  if (with_w) files.row_names = names.write_rows(folder, written);
  files.column_names = names.write_columns(folder, written);
  names.write_preparation(folder, written);
  const auto path_of = [&](const char* name) {
    written.emplace_back(name);
    return folder.partial(name);
  };
  if (with_w) {
    files.w = path_of("W.npy");
    io::write_npy<T>(comm, files.w, model.w());
  }
  if (a.keeps_strongest) write_strongest<T>(comm, path_of(strongest_file), model);
  const bool has_diagonal = !model.diagonal().empty();
  files.h = path_of("H.npy");
  const std::string d_path = has_diagonal ? path_of("D.npy") : "", trace_path = path_of("trace.csv");
  comm.meet_on_root([&] {
    const Matrix<T> h = model.components();
    io::write_npy<T>(Comm::self(), files.h, h.view());
    if (has_diagonal) io::write_npy_numbers(d_path, model.diagonal());
    report::write_text_file(trace_path, report::trace_csv(model.trace()));
  });
  if (has_diagonal) {
    files.facts.emplace_back("diagonal", std::vector<double>(model.diagonal().begin(), model.diagonal().end()));
  }
  if (with_w == a.writes_w()) write_added_files(comm, folder, a.factors, files, facts);
  written.emplace_back("run.json");
}

template <class T>
report::InputFacts facts_of_input(const FitArguments& a, const DataMatrix<T>& v) {
  report::InputFacts facts = report::input_facts(v, a.input.path, a.input.missing);
  facts.transposed = a.input.transpose;
  facts.add = a.input.add;
  facts.mask = a.input.mask;
  facts.weights = a.input.weights;
  facts.clip_negative = a.input.clip_negative;
  facts.preparation = a.input.preparation.options();
  facts.file = a.input.file;
  return facts;
}

template <class T>
report::RunFacts fit_facts(const FitArguments& a, const FitData<T>& data, const Nmf<T>& model,
                           const Warnings& warnings) {
  report::RunFacts facts;
  facts.command = "fit";
  facts.input = facts_of_input(a, data.v);
  facts.options = model.resolved_options();
  facts.w0 = a.solver.w0;
  facts.h0 = a.solver.h0;
  facts.fix_w = a.solver.fix_w;
  facts.fix_h = a.solver.fix_h;
  facts.iterations = model.iterations();
  facts.wider_fit = model.wider_fit();
  facts.stop_reason = to_string(model.stop_reason());
  facts.cost = model.cost();
  facts.phases = model.phases();
  facts.communication = model.communication();
  facts.read_seconds = data.read_seconds + a.input.seconds_of_statistics;
  facts.warnings = data.warnings;
  facts.warnings.insert(facts.warnings.end(), warnings.texts().begin(), warnings.texts().end());
  facts.zero_models = model.zero_models();
  facts.end = {model.dead_components(), model.kkt_w(), model.kkt_h(), model.predicted_gain()};
  return facts;
}

void remove_w(const Comm& comm, const FitArguments& a, const std::string& folder) {
  comm.meet_on_root([&] {
    std::error_code ignored;
    if (!std::filesystem::exists(folder + "/W.npy", ignored)) return;
    std::vector<std::string> of_w = added_files(a.factors, true);
    of_w.insert(of_w.end(), {report::row_names_file, "W.npy"});  // W last
    const std::string json = folder + "/run.json";
    std::string record = report::read_text_file(json);
    for (const std::string& name : of_w) record = report::without_written(record, name);
    report::replace_text_file(json, record);
    for (const std::string& name : of_w) std::filesystem::remove(folder + "/" + name, ignored);
  });
}

void publish_fit(const Comm& comm, OutputFolder& folder, const report::RunFacts& facts) {
  const std::string json = report::run_json(comm, facts), path = folder.partial("run.json");
  comm.meet_on_root([&] { report::write_text_file(path, json); });
  folder.publish();
}

template void fit_model(const FitArguments&, const DataMatrix<float>&, FitCheckpoints<float>&, Nmf<float>&,
                        Warnings&);
template OutputFolder::Results results_of_series<float>(const FitArguments&, const MatrixHeader&);
template OutputFolder::Results results_of_series<double>(const FitArguments&, const MatrixHeader&);
template OutputFolder::Results fit_results<float>(const FitArguments&, const MatrixHeader&, Index, bool);
template void write_factors(const Comm&, OutputFolder&, const FitArguments&, const Nmf<float>&, const DataNames&,
                            bool, report::RunFacts&);
template report::InputFacts facts_of_input(const FitArguments&, const DataMatrix<float>&);
template report::RunFacts fit_facts(const FitArguments&, const FitData<float>&, const Nmf<float>&,
                                    const Warnings&);
template void fit_model(const FitArguments&, const DataMatrix<double>&, FitCheckpoints<double>&, Nmf<double>&,
                        Warnings&);
template OutputFolder::Results fit_results<double>(const FitArguments&, const MatrixHeader&, Index, bool);
template void write_factors(const Comm&, OutputFolder&, const FitArguments&, const Nmf<double>&, const DataNames&,
                            bool, report::RunFacts&);
template report::InputFacts facts_of_input(const FitArguments&, const DataMatrix<double>&);
template report::RunFacts fit_facts(const FitArguments&, const FitData<double>&, const Nmf<double>&,
                                    const Warnings&);

}  // namespace mpinmf::cli
