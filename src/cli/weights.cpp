#include "weights.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "mpinmf/load.hpp"

namespace mpinmf::cli {
namespace {

/// Their file lies as that of V does.
LoadOptions reading_of_weights(const InputArguments& input) {
  LoadOptions reading;
  reading.transpose = input.transpose;
  reading.missing = Missing::nan;  // so that it is said what is wrong with them
  return reading;
}

MatrixHeader header_of_weights(const Comm& comm, const InputArguments& input) {
  return load_header(comm, input.weights, reading_of_weights(input));
}

}  // namespace

const char* words_for(ScaledBy lines) {
  if (lines == ScaledBy::nothing) return "entries";
  return lines == ScaledBy::rows ? "rows" : "columns";
}

ScaledBy lines_of_weights(const Comm& comm, const InputArguments& input, const MatrixHeader& header) {
  const MatrixHeader weights = header_of_weights(comm, input);
  const bool fits_rows = weights.rows == header.rows, fits_columns = weights.columns == header.columns;
  comm.meet([&] {
    if ((fits_rows && (fits_columns || weights.columns == 1)) || (fits_columns && weights.rows == 1)) return;
    throw ShapeMismatch(fmt::format(
        "{} has weights for {} x {}, but {} is {} x {}{}: give one of each entry, a column with one of "
        "each row, or a row with one of each column",
        input.weights, weights.rows, weights.columns, input.path, header.rows, header.columns,
        input.prepared ? " after its preparation" : ""));
  });
  if (fits_rows && weights.columns == 1) return ScaledBy::rows;
  return fits_columns && weights.rows == 1 ? ScaledBy::columns : ScaledBy::nothing;
}

void scale_by_weights(InputArguments& input, ScaledBy lines, MatrixHeader& header) {
  input.scaled_by = lines;
  if (input.storage_type.starts_with("uint")) {
    throw UsageError(
        fmt::format("--storage-type {} holds whole numbers, but weights of {} make others of V: leave it out",
                    input.storage_type, words_for(lines)));
  }
  if (input.storage_type != "auto") return;
  input.storage_type = "double";  // in the precision of the fit
  header.held_as = StorageType::float64;
}

void weigh_entries(InputArguments& input) {
  if (input.storage == "disk") {
    throw UsageError("V with a weight of each entry is held in memory: leave --storage disk out");
  }
  input.storage = "memory";
}

MatrixHeader weighted_header(const Comm& comm, const InputArguments& input, const MatrixHeader& header) {
  if (input.weights.empty()) return header;
  const MatrixHeader weights = header_of_weights(comm, input);
  const auto of_rows = [](const MatrixHeader& one) {  // while V and weights become one
    return static_cast<double>(one.stored) / static_cast<double>(one.rows) *
           static_cast<double>(sizeof(double) + (one.sparse ? sizeof(ColumnIndex) : 0));
  };
  MatrixHeader held = header;
  if (input.scaled_by != ScaledBy::nothing) {  // the file's, and what is made of it
    const bool by_row = input.scaled_by == ScaledBy::rows;
    if (by_row) held.reader_bytes_of_row += of_rows(weights) + sizeof(double);
    if (!by_row) held.reader_bytes += static_cast<double>(header.columns) * 2 * sizeof(double) + of_rows(weights);
    return held;
  }
  held.has_weights = true;
  held.held_as = StorageType::automatic;
  if (!header.sparse || input.missing != Missing::zeros) held.stored = header.rows * header.columns;
  const bool is_of_entries = weights.rows == header.rows && weights.columns == header.columns;
  if (is_of_entries && weights.sparse) held.stored = std::min(held.stored, weights.stored);
  held.sparse = held.stored < header.rows * header.columns;
  held.reader_bytes_of_row += of_rows(header) + of_rows(weights);
  return held;
}

double bytes_of_scales(const InputArguments& input, const MatrixHeader& header, int ranks) {
  if (input.scaled_by == ScaledBy::nothing) return 0;
  const Index lines = input.scaled_by == ScaledBy::rows ? header.rows / std::max(1, ranks) + 1 : header.columns;
  return static_cast<double>(lines) * sizeof(double);
}

template <class T>
DataMatrix<T> with_weights(const InputArguments& input, double beta, DataMatrix<T> v) {
  if (input.weights.empty()) return v;
  LoadOptions reading = reading_of_weights(input);
  const Index rows = load_header(v.comm(), input.weights, reading).rows;
  if (rows == v.rows_global()) reading.owners = v.partition();
  const auto weights = load<T>(v.comm(), input.weights, reading);
  if (input.scaled_by == ScaledBy::nothing) return v.weighted(weights, input.missing);
  return std::move(v).scaled(weights, beta, input.missing);
}

template DataMatrix<float> with_weights(const InputArguments&, double, DataMatrix<float>);
template DataMatrix<double> with_weights(const InputArguments&, double, DataMatrix<double>);

}  // namespace mpinmf::cli
