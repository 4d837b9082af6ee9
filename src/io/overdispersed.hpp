// Which columns vary more than counts of their mean do.
#pragma once

#include "column_statistics.hpp"

namespace mpinmf::io {

/// What each row sums up to in transcripts per million (TPM).
inline constexpr double tpm_sum = 1e6;

/// The overdispersed genes of cNMF 1.7 (get_highvar_genes; Kotliar et al. 2019, eLife 8:e43803) among these
/// columns: the `count` of the largest Fano factor in relation to what is expected of their mean, or, 0, all for
/// which that is above cNMF's threshold and the mean above 1/2. Less where fewer columns hold anything. Of equal
/// ones the first are taken. `tpm`: of rows that sum up to tpm_sum.
Subset overdispersed(const ColumnStatistics& tpm, const Subset& among, Index count);

}  // namespace mpinmf::io
