// All rows of a matrix that are kept, one after the other, each rank some of them.
#pragma once

#include <memory>

#include "mpinmf/comm.hpp"
#include "source.hpp"
#include "whole_rows.hpp"

namespace mpinmf::io {

/// Hands over every row that `prepared` keeps, as it is in the file; the ranks have consecutive ones, in order.
/// Nothing of a source of rows is held but what a row needs; a stream's are put together by their owners before.
/// `take` must not communicate. Collective; throws what reading and `take` throw, on every rank. @pre `raw` is as
/// open_on_all opens it without preparation. Returns how many negative entries this rank has taken as 0 before; of
/// rows at will none, as `take` is given them.
Index walk_whole_rows(const Comm& comm, Source raw, const std::shared_ptr<const Prepared>& prepared,
                      const LoadOptions& options, const TakeWholeRow& take);

}  // namespace mpinmf::io
