// What is known of the factors: --fix-h, --fix-w and --fix-components.
#pragma once

#include <vector>

#include "arguments.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"

namespace mpinmf::cli {

/// Throws UsageError where --fix-components is no list of components, there is no file for it, or what is known
/// cannot be kept.
void check_fixed_components(const FitArguments& arguments);

/// Throws ShapeMismatch, UsageError on every rank unless the files fit V, the components that they are for, and
/// every k. Collective.
void check_known_parts(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header);

/// The components of H that --fix-h gives, from 0. Collective.
std::vector<Index> known_spectra(const Comm& comm, const FitArguments& arguments);

/// Reads the files, and tells the model. Collective. @pre check_known_parts was called
template <class T>
void fix_known_parts(const FitArguments& arguments, const DataMatrix<T>& v, Nmf<T>& model);

}  // namespace mpinmf::cli
