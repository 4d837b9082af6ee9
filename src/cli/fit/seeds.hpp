// Which seeds the fits of a series start from.
#pragma once

#include <vector>

#include "arguments.hpp"

namespace mpinmf::cli {

/// The fits of k, one of a.components: from --seed and those after it, or, with cnmf_seeds, from what cNMF 1.7
/// gives its replicates (get_nmf_iter_params): numpy.random.seed(seed) and randint(1, 2^31 - 1), drawn for one
/// smaller k after the other, `restarts` each. A seed that is drawn twice for k is there once.
std::vector<Options> fits_of(const FitArguments& a, Index k);

/// Throws UsageError, on every rank, where the output folder holds fits of these k from other seeds, which
/// --resume would mix with those that are asked for. Collective.
void require_no_other_fits(const Comm& comm, const FitArguments& a);

/// Throws UsageError where NumPy would not take the seed.
void check_cnmf_seed(const Seed& seed);

}  // namespace mpinmf::cli
