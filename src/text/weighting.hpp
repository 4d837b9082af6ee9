// What becomes of counts: nothing, or tf-idf.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf::text {

enum class RowNorm { none, l1, l2 };
/// "l1", "l2" or "none". Throws UsageError.
RowNorm norm_named(const std::string& name);
const char* name_of(RowNorm norm);

/// As scikit-learn's TfidfTransformer.
struct TfidfOptions {
  bool smooth_idf = true;  ///< as if one more document had every term
  bool sublinear_tf = false;
  RowNorm norm = RowNorm::l2;

  friend bool operator==(const TfidfOptions&, const TfidfOptions&) = default;
};

/// ln((documents + s) / (documents_with + s)) + 1, s = 1 if smooth, else 0. Infinite for a term that no document
/// has, unless smooth.
std::vector<double> idf_of(Index documents, std::span<const Index> documents_with, bool smooth);

/// Counts of a row, in the columns `columns`, become tf idf, divided by the norm of the row (one that is 0 stays).
/// tf is the count or, sublinear, ln(count) + 1.
void weigh_row(std::span<const ColumnIndex> columns, std::span<double> values, std::span<const double> idf,
               const TfidfOptions& options);

}  // namespace mpinmf::text
