#include "describe.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "cli/fit/results.hpp"
#include "cli/process/output_folder.hpp"
#include "described.hpp"
#include "io/npy.hpp"
#include "report/text_file.hpp"
#include "report/topic_files.hpp"
#include "summarize.hpp"
#include "topics/proportions.hpp"

namespace mpinmf::cli {
namespace {

/// What of these files an older run has left in the folder goes: it can be made again.
void open_folder(const Comm& comm, const TopicsArguments& a, const Described& d,
                 std::optional<OutputFolder>& folder) {
  if (a.output == "none") return;
  OutputFolder::Results results;
  results.names.assign(topic_result_names.begin(), topic_result_names.end());
  results.force = true;
  results.bytes = plain_bytes<double>(d.rows + d.h.columns(), d.h.rows() + 1);
  folder.emplace(comm, a.output.empty() ? d.model.folder : a.output, results);
}

/// The strongest component of each row beside its label; nothing where no row has a label. Collective.
std::optional<report::LabelSummary> label_summary(const Comm& comm, const Described& d,
                                                  ConstMatrixView<double> proportions) {
  if (!d.labels) return std::nullopt;
  const std::vector<Index> strongest = topics::strongest_components(proportions);
  const topics::LabelTable table =
      topics::table_of_labels(comm, strongest, d.h.rows(), d.labels->of_own_rows, d.labels->count);
  if (table.rows() == 0) return std::nullopt;
  return report::LabelSummary{d.labels->names, table, topics::agreement(table)};
}

/// Writes a result of the root's under its partial name.
void write_text(const Comm& comm, OutputFolder& folder, const char* name, const std::string& text) {
  const std::string path = folder.partial(name);
  comm.meet_on_root([&] { report::write_text_file(path, text); });
}

/// The tables, on the root; topics.json, which comes last, says that all is there.
void write_tables(const Comm& comm, OutputFolder& folder, const report::TopicsSummary& summary) {
  using namespace report;
  const bool root = comm.is_root();
  write_text(comm, folder, topics_csv_file, root ? topics_csv(summary) : "");
  write_text(comm, folder, topic_components_file, root ? topic_components_csv(summary) : "");
  write_text(comm, folder, topic_documents_file, root ? topic_documents_csv(summary) : "");
  if (summary.labels) write_text(comm, folder, topic_labels_file, root ? topic_labels_csv(summary) : "");
  write_text(comm, folder, topics_json_file, root ? topics_json(summary) : "");
}

/// H, its rows scaled to sum 1, from the root.
void write_term_proportions(const Comm& comm, const std::string& path, const Described& d) {
  Matrix<double> scaled(comm.is_root() ? d.h.rows() : 0, d.h.columns());
  for (Index c = 0; c < scaled.rows(); ++c) {
    const double sum = d.u[static_cast<std::size_t>(c)];
    for (Index j = 0; j < scaled.columns() && sum > 0; ++j) scaled(c, j) = d.h(c, j) / sum;
  }
  io::write_npy<double>(comm, path, std::as_const(scaled).view());
}

}  // namespace

void describe_topics(const Comm& comm, const TopicsArguments& a) {
  Described d = describe(comm, a);
  report::TopicsSummary summary;
  comm.meet_on_root([&] { summary = summarize(d, a); });
  std::optional<OutputFolder> folder;
  open_folder(comm, a, d, folder);
  std::vector<double> sizes = topics::make_proportions(d.w.view(), d.u);
  const ConstMatrixView<double> proportions = std::as_const(d.w).view();
  summary.labels = label_summary(comm, d, proportions);
  if (folder) {
    io::write_npy<double>(comm, folder->partial(report::topic_proportions_file), proportions);
    const ConstMatrixView<double> column(sizes.data(), static_cast<Index>(sizes.size()), 1, 1);
    io::write_npy<double>(comm, folder->partial(report::row_sizes_file), column);
    write_term_proportions(comm, folder->partial(report::term_proportions_file), d);
    write_tables(comm, *folder, summary);
    folder->publish();
  }
  if (!comm.is_root()) return;
  if (a.json) fmt::print("{}", report::topics_json(summary));
  if (a.json || a.quiet) return;
  fmt::print("{}", report::topics_text(summary));
  if (folder)
    fmt::print("results: {}\n", (std::filesystem::path(folder->path()) / report::topics_json_file).string());
}

}  // namespace mpinmf::cli
