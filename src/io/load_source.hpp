// From an opened source to the rows that each rank owns.
#pragma once

#include "mpinmf/load.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// What load does once it has opened V. Collective. @pre opened by open_on_all, or the same on every rank
template <class T>
DataMatrix<T> load_source(const Comm& comm, Source source, const LoadOptions& options);

/// How the values of an opened matrix will be held: as asked for, or as in its file where that loses nothing.
StorageType held_as(const MatrixHeader& header, const LoadOptions& options);

}  // namespace mpinmf::io
