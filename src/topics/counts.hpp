// What is counted in V.
#pragma once

#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "term_pairs.hpp"

namespace mpinmf::topics {

/// The sum of each column, n numbers: how often a term occurs. Collective; the same bits however rows are cut.
template <class T>
std::vector<double> sums_of_columns(const DataMatrix<T>& v);

/// In how many rows the features of the pairs have an entry above 0. Collective.
template <class T>
PairCounts count_documents(const DataMatrix<T>& v, const TermPairs& pairs);

}  // namespace mpinmf::topics
