// A fit that begins with one of more components, which are merged in pairs (PlainOptions::merge).
#pragma once

#include "model.hpp"

namespace mpinmf {

/// What is asked of the fit of more components. `chosen`: for the same V, or any. The tolerance is the square root
/// of that of the fit that follows, as in the authors' package: what merging changes need not be known to more
/// digits.
Options wider_options(const Options& options, const ResolvedOptions& chosen);

/// Fits the model to v so. Goes on in either of the two fits, as hooks.components_of_state says. Collective;
/// throws what fits throw. @pre chosen.merge > 0
template <class T>
void fit_by_merging(NmfModel<T>& model, const DataMatrix<T>& v, const ResolvedOptions& chosen);

}  // namespace mpinmf
