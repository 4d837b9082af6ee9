// What may be wrong with a fit, though it is a fit: what was asked of it, and what it has found.
#pragma once

#include "cli/warnings.hpp"
#include "mpinmf/nmf.hpp"

namespace mpinmf::cli {

/// Before the fit: of a k that V cannot fill, and of a penalty on one factor alone. `components`: every k that is
/// asked for.
template <class T>
void warn_of_request(const DataMatrix<T>& v, const Options& options, const std::vector<Index>& components,
                     Warnings& warnings);

/// After the fit: of one that has not converged, of components that explain nothing, and of a W H that is 0 under
/// V.
template <class T>
void warn_of_result(const DataMatrix<T>& v, const Nmf<T>& model, Warnings& warnings);

}  // namespace mpinmf::cli
