// The rows of a stream, put together where they are to lie.
#pragma once

#include "csr_builder.hpp"
#include "row_plan.hpp"

namespace mpinmf::io {

/// A quarter of the memory that each rank of this host may use. Does not communicate.
double share_of_memory(const Comm& comm);

/// Gives `builder` this rank's rows of `source`, if that is a stream. Rows that go to disk from a stream that does
/// not come row by row are read in several parts, each from the whole stream, so that a part stays in
/// memory until its rows are complete. Collective; throws what reading throws, on every rank.
template <class T>
void add_stream(const Comm& comm, Source& source, const RowPlan& plan, const LoadOptions& options,
                CsrBuilder<T>& builder);

}  // namespace mpinmf::io
