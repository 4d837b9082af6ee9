#include "weights.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "api/scaled_pair.hpp"
#include "asked_options.hpp"
#include "losses/loss_table.hpp"
#include "mpinmf/load.hpp"

namespace mpinmf::cli {
namespace {

/// Their file lies as that of V does.
LoadOptions reading_of_weights(const FitArguments& a) {
  LoadOptions reading;
  reading.transpose = a.input.transpose;
  reading.missing = Missing::nan;  // so that it is said what is wrong with them
  return reading;
}

MatrixHeader header_of_weights(const Comm& comm, const FitArguments& a) {
  return load_header(comm, a.input.weights, reading_of_weights(a));
}

void require_shape_of_weights(const FitArguments& a, const MatrixHeader& header, const MatrixHeader& weights) {
  const bool fits_rows = weights.rows == header.rows, fits_columns = weights.columns == header.columns;
  if ((fits_rows && (fits_columns || weights.columns == 1)) || (fits_columns && weights.rows == 1)) return;
  throw ShapeMismatch(
      fmt::format("{} has weights for {} x {}, but {} is {} x {}{}: give one of each entry, a column with one of "
                  "each row, or a row with one of each column",
                  a.input.weights, weights.rows, weights.columns, a.input.path, header.rows, header.columns,
                  a.input.prepared ? " after its preparation" : ""));
}

ScaledBy lines_of(const MatrixHeader& header, const MatrixHeader& weights) {
  if (weights.rows == header.rows && weights.columns == 1) return ScaledBy::rows;
  return weights.columns == header.columns && weights.rows == 1 ? ScaledBy::columns : ScaledBy::nothing;
}

const char* words_for(ScaledBy lines) {
  return lines == ScaledBy::rows ? "rows" : "columns";
}

void scale_by(FitArguments& a, ScaledBy lines, MatrixHeader& header) {
  a.scaled_by = lines;
  if (a.input.storage_type.starts_with("uint")) {
    throw UsageError(
        fmt::format("--storage-type {} holds whole numbers, but weights of {} make others of V: leave it out",
                    a.input.storage_type, words_for(lines)));
  }
  if (a.input.storage_type != "auto") return;
  a.input.storage_type = "double";  // in the precision of the fit
  header.held_as = StorageType::float64;
}

/// `bar`: why weights of rows or columns are taken as those of entries; empty: they are these.
void weigh_entries(FitArguments& a, ScaledBy lines, const std::string& bar) {
  const std::string why = bar.empty() ? ""
                                      : fmt::format(
                                            "; {} makes weights of {} those of entries: without it they go "
                                            "with any rule and on disk",
                                            bar, words_for(lines));
  if (a.input.storage == "disk") {
    throw UsageError("V with a weight of each entry is held in memory: leave --storage disk out" + why);
  }
  a.input.storage = "memory";
  a.solver.missing = Missing::zeros;  // what weighs nothing
  try {
    set_options(a);
  } catch (const UsageError& error) {
    throw UsageError(error.what() + why);
  }
}

}  // namespace

void choose_weights(const Comm& comm, FitArguments& a, MatrixHeader& header) {
  if (a.input.weights.empty()) return;
  const MatrixHeader weights = header_of_weights(comm, a);
  comm.meet([&] {
    require_shape_of_weights(a, header, weights);
    const ScaledBy lines = lines_of(header, weights);
    if (lines == ScaledBy::nothing) return weigh_entries(a, lines, "");
    const std::string bar =
        what_bars_scales(resolve(a.options, header.rows, header.columns), lines == ScaledBy::rows);
    bar.empty() ? scale_by(a, lines, header) : weigh_entries(a, lines, bar);
  });
}

MatrixHeader weighted_header(const Comm& comm, const FitArguments& a, const MatrixHeader& header) {
  if (a.input.weights.empty()) return header;
  const MatrixHeader weights = header_of_weights(comm, a);
  const auto of_rows = [](const MatrixHeader& one) {  // while V and weights become one
    return static_cast<double>(one.stored) / static_cast<double>(one.rows) *
           static_cast<double>(sizeof(double) + (one.sparse ? sizeof(ColumnIndex) : 0));
  };
  MatrixHeader held = header;
  if (a.scaled_by != ScaledBy::nothing) {  // the file's, and what is made of it
    const bool by_row = a.scaled_by == ScaledBy::rows;
    if (by_row) held.reader_bytes_of_row += of_rows(weights) + sizeof(double);
    if (!by_row) held.reader_bytes += static_cast<double>(header.columns) * 2 * sizeof(double) + of_rows(weights);
    return held;
  }
  held.has_weights = true;
  held.held_as = StorageType::automatic;
  if (!header.sparse || a.input.missing != Missing::zeros) held.stored = header.rows * header.columns;
  const bool is_of_entries = weights.rows == header.rows && weights.columns == header.columns;
  if (is_of_entries && weights.sparse) held.stored = std::min(held.stored, weights.stored);
  held.sparse = held.stored < header.rows * header.columns;
  held.reader_bytes_of_row += of_rows(header) + of_rows(weights);
  return held;
}

double bytes_of_scales(const FitArguments& a, const MatrixHeader& header, int ranks) {
  if (a.scaled_by == ScaledBy::nothing) return 0;
  const Index lines = a.scaled_by == ScaledBy::rows ? header.rows / std::max(1, ranks) + 1 : header.columns;
  return static_cast<double>(lines) * sizeof(double);
}

template <class T>
DataMatrix<T> with_weights(const FitArguments& a, DataMatrix<T> v) {
  if (a.input.weights.empty()) return v;
  LoadOptions reading = reading_of_weights(a);
  const Index rows = load_header(v.comm(), a.input.weights, reading).rows;
  if (rows == v.rows_global()) reading.owners = v.partition();
  const auto weights = load<T>(v.comm(), a.input.weights, reading);
  if (a.scaled_by == ScaledBy::nothing) return v.weighted(weights, a.input.missing);
  return std::move(v).scaled(weights, facts_of(a.options.loss).beta.value(), a.input.missing);
}

template DataMatrix<float> with_weights(const FitArguments&, DataMatrix<float>);
template DataMatrix<double> with_weights(const FitArguments&, DataMatrix<double>);

}  // namespace mpinmf::cli
