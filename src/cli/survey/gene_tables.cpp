#include "gene_tables.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "io/column_statistics.hpp"
#include "io/npy.hpp"
#include "io/open_on_all.hpp"
#include "io/overdispersed.hpp"
#include "io/walk_rows.hpp"
#include "mpinmf/partition.hpp"
#include "stability/gene_spectra.hpp"

namespace mpinmf::cli {
namespace {

using Entries = io::RowEntries;

std::span<double> numbers(Matrix<double>& m) {
  return {m.data(), static_cast<std::size_t>(m.rows() * m.columns())};
}
std::span<const double> row_of(const Matrix<double>& m, Index i) {
  return {m.row(i), static_cast<std::size_t>(m.columns())};
}
std::span<double> row_of(Matrix<double>& m, Index i) {
  return {m.row(i), static_cast<std::size_t>(m.columns())};
}

/// V's file in TPM: the rows that were factorized, with all columns.
class TpmRows {
 public:
  TpmRows(const Comm& comm, const InputArguments& input, Index k)
      : comm_(comm), path_(input.path), options_(load_options(input, k)) {
    options_.preparation = {};
    options_.prepared = {};
    options_.add = 0;
    const io::Source raw = io::open_on_all(comm, path_, options_);
    auto all = std::make_shared<io::Prepared>();
    all->rows = input.prepared ? input.prepared->rows : io::Subset(raw.header.rows);
    all->selected = all->columns = io::Subset(raw.header.columns);
    all_ = std::move(all);
  }
  Index columns() const { return all_->columns.count(); }

  /// take(place, entries) is called with each row's number among those that were factorized. Collective.
  template <class Take>
  void each(Take take) const {
    io::walk_whole_rows(comm_, io::open_on_all(comm_, path_, options_), all_, options_,
                        [&](Index row, Entries& entries, Index) {
                          std::erase_if(entries, [](const auto& entry) { return entry.second <= 0; });  // clipped
                          io::scale_row(entries, io::factor_of_row(entries, io::RowNorm::sum, io::tpm_sum));
                          take(all_->rows.place_of(row), entries);
                        });
  }

 private:
  const Comm& comm_;
  std::string path_;
  LoadOptions options_;
  std::shared_ptr<const io::Prepared> all_;
};

/// Rows of W.npy, some at a time. Does not communicate.
class UsageRows {
 public:
  UsageRows(std::string path, Index rows) : path_(std::move(path)), rows_(rows) {}
  std::span<const double> at(Index row) {
    constexpr Index at_once = 1024;
    if (row < first_ || row >= first_ + block_.rows()) {
      block_ = io::read_npy_rows<double>(path_, row, std::min(at_once, rows_ - row));
      first_ = row;
    }
    return row_of(std::as_const(block_), row - first_);
  }

 private:
  std::string path_;
  Index rows_, first_ = 0;
  Matrix<double> block_;
};

/// U'U and Y'U.
struct Sums {
  Sums(Index columns, Index k) : gram(k, k), products(columns, k) {}
  Matrix<double> gram, products;

  void add(std::span<const double> usage, double factor, const Entries& row) {
    for (Index c = 0; c < gram.rows(); ++c) {
      for (Index d = 0; d < gram.rows(); ++d)
        gram(c, d) += factor * usage[static_cast<std::size_t>(c)] * factor * usage[static_cast<std::size_t>(d)];
    }
    for (const auto& [column, value] : row) {
      double* const to = products.row(column);
      for (std::size_t c = 0; c < usage.size(); ++c) to[c] += factor * usage[c] * value;
    }
  }
  void meet(const Comm& comm) {
    comm.sum(numbers(gram));
    comm.sum(numbers(products));
  }
};

/// Each rank solves for some columns.
Matrix<double> non_negative_spectra(const Comm& comm, const Sums& sums) {
  Matrix<double> spectra(sums.products.rows(), sums.products.columns());
  const Partition shares = Partition::by_rows(spectra.rows(), 1, comm.size());
  stability::NonNegativeSolver solver(sums.gram);
  for (Index j = shares.begin(comm.rank()); j < shares.end(comm.rank()); ++j)
    solver.solve(row_of(sums.products, j), row_of(spectra, j));
  comm.sum(numbers(spectra));
  return spectra;
}

/// `products`: Y'U; `usage`: the sum of U over all rows.
Matrix<double> scores(const Sums& sums, const io::ColumnStatistics& y, std::span<const double> usage) {
  constexpr double least_variance = 1e-12;  // cNMF's
  Matrix<double> standardised(sums.products.rows(), sums.products.columns());
  for (Index j = 0; j < standardised.rows(); ++j) {
    const double deviation = std::sqrt(std::max(y.variance(j), least_variance));
    for (Index c = 0; c < standardised.columns(); ++c)
      standardised(j, c) = (sums.products(j, c) - y.mean(j) * usage[static_cast<std::size_t>(c)]) / deviation;
  }
  return stability::least_squares(sums.gram, std::as_const(standardised).view());
}

/// S over the deviations, and scaled to sums of a million.
Matrix<double> starcat_spectra(const Matrix<double>& spectra, const io::Subset& kept,
                               const io::ColumnStatistics& y) {
  std::vector<double> sums(static_cast<std::size_t>(spectra.columns()));
  for (Index j = 0; j < spectra.rows(); ++j)
    std::transform(sums.begin(), sums.end(), spectra.row(j), sums.begin(), std::plus<>());
  Matrix<double> starcat(kept.count(), spectra.columns());
  for (Index place = 0; place < kept.count(); ++place) {
    const Index j = kept.number_at(place);
    const double deviation = y.scale("std", j);
    for (Index c = 0; c < starcat.columns(); ++c) {
      const double sum = sums[static_cast<std::size_t>(c)];
      if (sum > 0) starcat(place, c) = spectra(j, c) / sum * io::tpm_sum / deviation;
    }
  }
  return starcat;
}

/// The usages once more, of the rows that this rank walks. Collective.
std::vector<double> refitted_usages(const TpmRows& rows, const Matrix<double>& spectra, const io::Subset& kept,
                                    const io::ColumnStatistics& y) {
  const Index k = spectra.columns();
  Matrix<double> gram(k, k), weights(kept.count(), k);  // weights: S over both deviations
  for (Index place = 0; place < kept.count(); ++place) {
    const Index j = kept.number_at(place);
    const double deviation = y.scale("std", j), of_sample = y.scale("sample-std", j);
    for (Index c = 0; c < k; ++c) {
      weights(place, c) = spectra(j, c) / deviation / of_sample;
      for (Index d = 0; d < k; ++d) gram(c, d) += spectra(j, c) / deviation * spectra(j, d) / deviation;
    }
  }
  stability::NonNegativeSolver solver(gram);
  std::vector<double> usages, b(static_cast<std::size_t>(k)), x(b.size());
  rows.each([&](Index, const Entries& entries) {
    std::fill(b.begin(), b.end(), 0.0);
    for (const auto& [column, value] : entries) {
      const Index place = kept.place_of(column);
      if (place < 0) continue;
      for (std::size_t c = 0; c < b.size(); ++c) b[c] += value * weights(place, static_cast<Index>(c));
    }
    solver.solve(b, x);
    usages.insert(usages.end(), x.begin(), x.end());
  });
  return usages;
}

}  // namespace

GeneTables gene_tables(const Comm& comm, const InputArguments& input, const std::string& usages_file, Index k) {
  const TpmRows rows(comm, input, k);
  Index m = 0;
  comm.meet_on_root([&] { m = io::read_npy_header(usages_file).shape.front(); });
  comm.broadcast_value(m);
  const io::Subset kept = input.prepared ? input.prepared->columns : io::Subset(rows.columns());
  Sums raw(rows.columns(), k), of_shares(rows.columns(), k);
  io::ColumnStatistics y(rows.columns());
  std::vector<double> usage_of_all(static_cast<std::size_t>(k));
  UsageRows usages(usages_file, m);
  rows.each([&](Index place, const Entries& entries) {
    const std::span<const double> usage = usages.at(place);
    const double sum = std::accumulate(usage.begin(), usage.end(), 0.0);
    y.add(entries);
    raw.add(usage, 1, entries);
    if (sum > 0) of_shares.add(usage, 1 / sum, entries);
    std::transform(usage.begin(), usage.end(), usage_of_all.begin(), usage_of_all.begin(), std::plus<>());
  });
  y.meet(comm);
  raw.meet(comm);
  of_shares.meet(comm);
  comm.sum(usage_of_all);
  GeneTables tables;
  tables.spectra = non_negative_spectra(comm, of_shares);
  comm.meet([&] { tables.scores = scores(raw, y, usage_of_all); });
  tables.starcat = starcat_spectra(tables.spectra, kept, y);
  tables.usages = refitted_usages(rows, tables.spectra, kept, y);
  return tables;
}

}  // namespace mpinmf::cli
