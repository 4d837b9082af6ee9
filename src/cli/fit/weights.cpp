#include "weights.hpp"

#include <fmt/core.h>

#include <algorithm>

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

}  // namespace

void prepare_weights(FitArguments& a) {
  if (a.input.weights.empty()) return;
  if (a.input.storage == "disk") {
    throw UsageError("V with --weights is held in memory: leave --storage disk out");
  }
  a.input.storage = "memory";
}

MatrixHeader weighted_header(const Comm& comm, const FitArguments& a, const MatrixHeader& header) {
  if (a.input.weights.empty()) return header;
  const MatrixHeader weights = load_header(comm, a.input.weights, reading_of_weights(a));
  const bool is_of_entries = weights.rows == header.rows && weights.columns == header.columns;
  const bool is_of_rows = weights.rows == header.rows && weights.columns == 1,
             is_of_columns = weights.rows == 1 && weights.columns == header.columns;
  comm.meet([&] {
    if (is_of_entries || is_of_rows || is_of_columns) return;
    throw ShapeMismatch(fmt::format(
        "{} has weights for {} x {}, but {} is {} x {}{}: give one of each entry, a column with one of "
        "each row, or a row with one of each column",
        a.input.weights, weights.rows, weights.columns, a.input.path, header.rows, header.columns,
        a.input.prepared ? " after its preparation" : ""));
  });
  MatrixHeader held = header;
  held.has_weights = true;
  held.held_as = StorageType::automatic;
  if (!header.sparse || a.input.missing != Missing::zeros) held.stored = header.rows * header.columns;
  if (is_of_entries && weights.sparse) held.stored = std::min(held.stored, weights.stored);
  held.sparse = held.stored < header.rows * header.columns;
  const auto of_rows = [&](const MatrixHeader& one) {  // while the two become one
    return static_cast<double>(one.stored) / static_cast<double>(one.rows) *
           static_cast<double>(sizeof(double) + (one.sparse ? sizeof(ColumnIndex) : 0));
  };
  held.reader_bytes_of_row += of_rows(header) + of_rows(weights);
  return held;
}

template <class T>
DataMatrix<T> with_weights(const FitArguments& a, DataMatrix<T> v) {
  if (a.input.weights.empty()) return v;
  LoadOptions reading = reading_of_weights(a);
  const Index rows = load_header(v.comm(), a.input.weights, reading).rows;
  if (rows == v.rows_global()) reading.owners = v.partition();
  const auto weights = load<T>(v.comm(), a.input.weights, reading);
  return v.weighted(weights, a.input.missing);
}

template DataMatrix<float> with_weights(const FitArguments&, DataMatrix<float>);
template DataMatrix<double> with_weights(const FitArguments&, DataMatrix<double>);

}  // namespace mpinmf::cli
