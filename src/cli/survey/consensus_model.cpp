#include "consensus_model.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "api/evaluate.hpp"
#include "api/row_errors.hpp"
#include "cli/fit/one_fit.hpp"
#include "cli/fit/results.hpp"
#include "cli/process/output_folder.hpp"
#include "io/npy.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/settings.hpp"
#include "stability/connectivity.hpp"

namespace mpinmf::cli {
namespace {

/// The components by falling usage: the sum over all rows of each one's share of the row's weights. Those that are
/// known stay where they are.
template <class T>
std::vector<Index> by_usage(const Comm& comm, ConstMatrixView<T> w, const std::vector<Index>& known) {
  const auto k = static_cast<std::size_t>(w.columns());
  std::vector<double> usage(k);
  for (Index i = 0; i < w.rows(); ++i) {
    double sum = 0;
    for (std::size_t c = 0; c < k; ++c) sum += w(i, static_cast<Index>(c));
    if (sum <= 0) continue;
    for (std::size_t c = 0; c < k; ++c) usage[c] += w(i, static_cast<Index>(c)) / sum;
  }
  comm.sum(usage);
  std::vector<Index> order(k), learned;
  std::iota(order.begin(), order.end(), Index{0});
  const auto is_known = [&](Index c) { return std::find(known.begin(), known.end(), c) != known.end(); };
  std::copy_if(order.begin(), order.end(), std::back_inserter(learned), [&](Index c) { return !is_known(c); });
  std::stable_sort(learned.begin(), learned.end(), [&](Index a, Index b) {
    return usage[static_cast<std::size_t>(a)] > usage[static_cast<std::size_t>(b)];
  });
  auto next = learned.begin();
  for (Index& c : order) c = is_known(c) ? c : *next++;
  return order;
}

/// H in T, its rows in this order.
template <class T>
Matrix<T> reordered(ConstMatrixView<double> spectra, const std::vector<Index>& order) {
  Matrix<T> h(spectra.rows(), spectra.columns());
  for (Index c = 0; c < h.rows(); ++c) {
    for (Index j = 0; j < h.columns(); ++j)
      h(c, j) = static_cast<T>(spectra(order[static_cast<std::size_t>(c)], j));
  }
  return h;
}

/// What transform needs to know of the fits.
Options options_of_transform(const FitArguments& a, Index k) {
  Options options = a.options;
  options.components = k;
  options.tolerance.reset();  // that of fits means something else
  options.normalize = Norm::none;
  options.diagonal = false;
  return options;
}

template <class T>
struct Factors {
  ConstMatrixView<T> w, h;  ///< rows_local x k; k x n
};

/// The folder of the model. `facts`: but for what is written. Collective.
template <class T>
void write(const Comm& comm, const FitArguments& a, const DataNames& names, const std::string& path,
           const Factors<T>& model, report::RunFacts& facts) {
  const auto begin = FitClock::now();
  OutputFolder::Results results;
  results.names = {fit_result_names.begin(), fit_result_names.end()};
  results.force = true;  // it is made anew from the fits
  results.bytes = static_cast<double>(sizeof(T)) * static_cast<double>(model.h.rows()) *
                  static_cast<double>(facts.input.rows + facts.input.columns);
  results.bytes += added_bytes(a.factors, results.bytes);
  OutputFolder folder(comm, path, results);
  io::FactorFiles files;
  files.prepared = names.prepared();
  files.row_names = names.write_rows(folder, facts.written);
  files.column_names = names.write_columns(folder, facts.written);
  names.write_preparation(folder, facts.written);
  files.w = folder.partial("W.npy");
  files.h = folder.partial("H.npy");
  facts.written.insert(facts.written.end(), {"W.npy", "H.npy"});
  io::write_npy<T>(comm, files.w, model.w);
  comm.meet_on_root([&] { io::write_npy<T>(Comm::self(), files.h, model.h); });
  write_added_files(comm, folder, a.factors, files, facts);
  facts.written.emplace_back("run.json");
  facts.write_seconds = seconds_since(begin);
  facts.total_seconds += facts.write_seconds;
  publish_fit(comm, folder, facts);
}

}  // namespace

template <class T>
ConsensusFit write_consensus_model(const Comm& comm, const FitArguments& a, const FitData<T>& data,
                                   const DataNames& names, const std::string& path, const AgreedSpectra& agreed) {
  const auto begin = FitClock::now();
  const ConstMatrixView<double> spectra = agreed.spectra;
  const Options options = options_of_transform(a, spectra.rows());
  std::vector<Index> order(static_cast<std::size_t>(spectra.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  Nmf<T> model(options);
  TransformRecord record;
  comm.meet([&] { model.set_components(reordered<T>(spectra, order).view()); });
  Matrix<T> w = model.transform(data.v, &record);
  order = by_usage<T>(comm, std::as_const(w).view(), agreed.known);
  Matrix<T> h;
  comm.meet([&] {
    h = reordered<T>(spectra, order);
    model.set_components(h.view());
    std::vector<T> row(order.size());
    for (Index i = 0; i < w.rows(); ++i) {
      std::copy_n(w.row(i), row.size(), row.begin());
      for (std::size_t c = 0; c < row.size(); ++c)
        w(i, static_cast<Index>(c)) = row[static_cast<std::size_t>(order[c])];
    }
  });
  report::RunFacts facts;
  facts.command = "survey";
  facts.input = facts_of_input(a, data.v);
  facts.options = resolve(options, data.v.rows_global(), data.v.columns(), record.threads);
  facts.iterations = record.iterations;
  facts.stop_reason = to_string(record.stop_reason);
  facts.rows_unconverged = record.unconverged;
  facts.cost = cost_of<T>(data.v, std::as_const(w).view(), model.ht(), options.loss, record.threads.threads);
  facts.cost.penalty = comm.sum(penalty_of<T>(settings_for_w(data.v, facts.options), std::as_const(w).view())) +
                       penalty_of<T>(settings_for_h(data.v, facts.options), std::as_const(h).view());
  facts.read_seconds = data.read_seconds;
  facts.total_seconds = seconds_since(begin);
  write<T>(comm, a, names, path, {std::as_const(w).view(), std::as_const(h).view()}, facts);
  ConsensusFit fit{facts.cost.loss,
                   row_errors<T>(data.v, std::as_const(w).view(), model.ht(),
                                 stability::sampled_rows(data.v.rows_global()), options.loss.missing)};
  std::erase_if(fit.row_errors, [](double error) { return std::isnan(error); });
  return fit;
}

template ConsensusFit write_consensus_model(const Comm&, const FitArguments&, const FitData<float>&,
                                            const DataNames&, const std::string&, const AgreedSpectra&);
template ConsensusFit write_consensus_model(const Comm&, const FitArguments&, const FitData<double>&,
                                            const DataNames&, const std::string&, const AgreedSpectra&);

}  // namespace mpinmf::cli
