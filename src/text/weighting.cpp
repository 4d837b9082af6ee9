#include "weighting.hpp"

#include <fmt/format.h>

#include <cmath>

namespace mpinmf::text {

RowNorm norm_named(const std::string& name) {
  for (const RowNorm norm : {RowNorm::none, RowNorm::l1, RowNorm::l2}) {
    if (name == name_of(norm)) return norm;
  }
  throw UsageError(fmt::format("--norm {}: must be l1, l2 or none", name));
}

const char* name_of(RowNorm norm) {
  switch (norm) {
    case RowNorm::l1: return "l1";
    case RowNorm::l2: return "l2";
    case RowNorm::none: break;
  }
  return "none";
}

std::vector<double> idf_of(Index documents, std::span<const Index> documents_with, bool smooth) {
  const double s = smooth ? 1 : 0;
  std::vector<double> idf;
  for (const Index with : documents_with) {
    idf.push_back(std::log((static_cast<double>(documents) + s) / (static_cast<double>(with) + s)) + 1);
  }
  return idf;
}

void weigh_row(std::span<const ColumnIndex> columns, std::span<double> values, std::span<const double> idf,
               const TfidfOptions& options) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double tf = options.sublinear_tf ? std::log(values[i]) + 1 : values[i];
    values[i] = tf * idf[static_cast<std::size_t>(columns[i])];
    sum += options.norm == RowNorm::l2 ? values[i] * values[i] : values[i];
  }
  if (options.norm == RowNorm::none || sum == 0) return;
  const double norm = options.norm == RowNorm::l2 ? std::sqrt(sum) : sum;
  for (double& value : values) value /= norm;
}

}  // namespace mpinmf::text
