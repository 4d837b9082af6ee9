#include "cnmf_files.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "cli/fit/results.hpp"
#include "gene_tables.hpp"
#include "io/names.hpp"
#include "io/npy.hpp"
#include "io/write/factor_formats.hpp"
#include "io/write/own_names.hpp"
#include "io/write/writer.hpp"
#include "losses/loss_table.hpp"
#include "report/names.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

io::NameReader names_or_numbers(const std::string& file, Index count) {
  io::NameReader names = io::names_in(file);
  return names ? names : io::names_by_number(count);
}

io::NameReader components_from_1(Index count, std::string prefix = "") {
  return [count, prefix = std::move(prefix)](const std::function<void(std::string_view)>& take) {
    for (Index c = 1; c <= count; ++c) take(prefix + std::to_string(c));
  };
}

/// What the columns of V that were factorized are called: `names`, or else their numbers in V's file.
io::NameReader names_of_kept(const FitArguments& a, io::NameReader names, Index count) {
  if (names) return names;
  if (!a.input.prepared) return io::names_by_number(count);
  return [prepared = a.input.prepared](const std::function<void(std::string_view)>& take) {
    for (const Index j : prepared->columns.numbers()) take(std::to_string(j));
  };
}

/// All columns of V's file. Empty where they have no names.
io::NameReader names_of_all(const FitArguments& a) {
  LoadOptions raw = load_options(a.input, 1);
  raw.preparation = {};
  raw.prepared = {};
  return io::open_for_labels(a.input.path, raw).labels.columns;
}

/// k numbers a row.
class RowsInMemory : public io::OutputRows {
 public:
  RowsInMemory(Index first, std::span<const double> numbers, Index k) : first_(first), numbers_(numbers), k_(k) {}
  void each(const io::TakeOutputRow& take) override {
    const auto k = static_cast<std::size_t>(k_);
    for (std::size_t i = 0; i * k < numbers_.size(); ++i)
      take({first_ + static_cast<Index>(i), {}, numbers_.subspan(i * k, k)});
  }

 private:
  Index first_;
  std::span<const double> numbers_;
  Index k_;
};

/// What multiplies components for rows of H to sum up to 1, as cNMF's spectra do and those of fits that bind a
/// scale do not; 1 where they do. Collective.
std::vector<double> scales_to_sum_one(const Comm& comm, const std::string& h_path, Index k) {
  constexpr double rounding = 1e-5;  // of H in float
  std::vector<double> scales(static_cast<std::size_t>(k), 1);
  comm.meet_on_root([&] {
    const Matrix<double> h = io::read_npy<double>(h_path);
    for (Index c = 0; c < k; ++c) {
      const double sum = std::accumulate(h.row(c), h.row(c) + h.columns(), 0.0);
      if (sum > 0 && std::abs(sum - 1) > rounding) scales[static_cast<std::size_t>(c)] = 1 / sum;
    }
  });
  comm.broadcast(std::span(scales));
  return scales;
}

/// Rows whose entries are multiplied by what `factor` says of a row and a column.
class ScaledRows : public io::OutputRows {
 public:
  using Factor = std::function<double(Index row, std::size_t column)>;
  ScaledRows(std::unique_ptr<io::OutputRows> rows, Factor factor)
      : rows_(std::move(rows)), factor_(std::move(factor)) {}
  void each(const io::TakeOutputRow& take) override {
    std::vector<double> values;
    rows_->each([&](const io::OutputRow& row) {
      values.assign(row.values.begin(), row.values.end());
      for (std::size_t j = 0; j < values.size(); ++j) values[j] *= factor_(row.number, j);
      take({row.number, row.columns, values});
    });
  }

 private:
  std::unique_ptr<io::OutputRows> rows_;
  Factor factor_;
};

class Tables {
 public:
  Tables(const Comm& comm, OutputFolder& folder, const CnmfConsensus& consensus)
      : comm_(comm), folder_(folder), consensus_(consensus) {}

  void write(const CnmfTable& table, io::OutputMatrix matrix) {
    const std::string name = cnmf_file(folder_.path(), table, consensus_.k, consensus_.density_threshold);
    io::OutputTarget target;
    target.path = folder_.path() + "/" + name;
    target.working_path = folder_.partial(name);
    io::writer_called("tsv").write(comm_, target, matrix);
  }

  /// Rows that the ranks have, one after the other.
  void write_rows(const CnmfTable& table, std::span<const double> own, io::Labels labels) {
    io::OutputMatrix matrix;
    matrix.columns = consensus_.k;
    matrix.own_rows = static_cast<Index>(own.size()) / consensus_.k;
    matrix.first_row = comm_.sum_before(matrix.own_rows);
    matrix.rows = comm_.sum(matrix.own_rows);
    matrix.reader = std::make_unique<RowsInMemory>(matrix.first_row, own, consensus_.k);
    matrix.labels = std::move(labels);
    write(table, std::move(matrix));
  }

  /// n x k that every rank has, as k rows, which the root writes.
  void write_transposed(const CnmfTable& table, const Matrix<double>& numbers, io::Labels labels) {
    Matrix<double> turned(numbers.columns(), numbers.rows());
    for (Index j = 0; j < numbers.rows(); ++j) {
      for (Index c = 0; c < numbers.columns(); ++c) turned(c, j) = numbers(j, c);
    }
    io::OutputMatrix matrix;
    matrix.rows = turned.rows();
    matrix.columns = turned.columns();
    matrix.own_rows = comm_.is_root() ? turned.rows() : 0;
    matrix.first_row = comm_.is_root() ? 0 : turned.rows();
    const auto own = static_cast<std::size_t>(matrix.own_rows * turned.columns());
    matrix.reader = std::make_unique<RowsInMemory>(matrix.first_row, std::span(std::as_const(turned).data(), own),
                                                   turned.columns());
    matrix.labels = std::move(labels);
    write(table, std::move(matrix));
  }

 private:
  const Comm& comm_;
  OutputFolder& folder_;
  const CnmfConsensus& consensus_;
};

}  // namespace

bool has_gene_tables(const FitArguments& a) {
  return facts_of(a.options.loss).is_half_square_norm && a.input.missing == Missing::none;
}

void write_cnmf_files(const Comm& comm, OutputFolder& folder, const FitArguments& a,
                      const CnmfConsensus& consensus) {
  const auto& [model, k, threshold] = consensus;
  Tables tables(comm, folder, consensus);
  const io::NameReader components = components_from_1(k);
  io::OutputMatrix spectra = io::factor_rows(comm, model + "/H.npy", false);
  const io::NameReader kept =
      names_of_kept(a, io::names_in(model + "/" + report::column_names_file), spectra.columns);
  spectra.labels = {components, kept};
  const std::vector<double> scales = scales_to_sum_one(comm, model + "/H.npy", k);
  spectra.reader = std::make_unique<ScaledRows>(
      std::move(spectra.reader), [&](Index row, std::size_t) { return scales[static_cast<std::size_t>(row)]; });
  tables.write(cnmf_spectra, std::move(spectra));
  io::OutputMatrix usages = io::factor_rows(comm, model + "/W.npy", false);
  usages.labels = {names_or_numbers(model + "/" + report::row_names_file, usages.rows), components};
  if (!has_gene_tables(a)) {
    usages.reader = std::make_unique<ScaledRows>(std::move(usages.reader),
                                                 [&](Index, std::size_t column) { return 1 / scales[column]; });
    tables.write(cnmf_usages, std::move(usages));
    return;
  }
  const GeneTables genes = gene_tables(comm, a.input, model + "/W.npy", k);
  io::NameReader all;  // the root, which may be the only one that sees V's file, writes them
  comm.meet_on_root([&] { all = names_of_all(a); });
  if (!all) all = io::names_by_number(genes.spectra.rows());
  tables.write_rows(cnmf_usages, genes.usages, usages.labels);
  tables.write_transposed(cnmf_tpm_spectra, genes.spectra, {components, all});
  tables.write_transposed(cnmf_scores, genes.scores, {components, all});
  tables.write_transposed(cnmf_starcat_spectra, genes.starcat, {components_from_1(k, "GEP"), kept});
}

void write_cnmf_genes(const Comm& comm, OutputFolder& folder, const FitArguments& a, const DataNames& names,
                      Index columns) {
  const std::string path = folder.partial(cnmf_genes_file(folder.path()));
  comm.meet_on_root([&] {
    std::string text;
    names_of_kept(a, names.labels().columns, columns)(
        [&](std::string_view name) { text += fmt::format("{}{}", text.empty() ? "" : "\n", name); });
    report::write_text_file(path, text);
  });
}

}  // namespace mpinmf::cli
