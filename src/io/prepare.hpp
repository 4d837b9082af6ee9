// The first reading of V for a preparation.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "mpinmf/comm.hpp"
#include "preparation.hpp"

namespace mpinmf::io {

/// As mpinmf::prepare, where `select` says on the root what is known before statistics, of the matrix as it is.
std::shared_ptr<const Prepared> prepare_with(const Comm& comm, const std::string& path, const LoadOptions& options,
                                             const std::function<Prepared(const Source& raw)>& select);

/// options.prepared for entries that were held out of the rows of the matrix at `path`, which are read by
/// `options`: where rows are scaled, by the factors of those rows, for which the matrix is read once more.
/// Collective; throws on every rank what reading throws.
std::shared_ptr<const Prepared> prepared_as_rows_of(const Comm& comm, const std::string& path,
                                                    const LoadOptions& options);
/// Bytes that this adds on every rank.
double bytes_of_row_factors(const std::shared_ptr<const Prepared>& prepared);

}  // namespace mpinmf::io
