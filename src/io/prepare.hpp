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

}  // namespace mpinmf::io
