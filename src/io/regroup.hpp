// Rows that all ranks have read go to groups of ranks, each of which owns all of V.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "csr_builder.hpp"
#include "dense_room.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/partition.hpp"

namespace mpinmf::io {

/// Whose rows go where: every rank of `comm` has those that `from` gives it, and is to have those that `to` gives
/// it in its group. Collective, as all members but rows_there.
class Regrouping {
 public:
  Regrouping(const Comm& comm, const Partition& from, const Comm& group, const Partition& to);

  const Comm& comm() const { return comm_; }
  /// Of this rank: the first of its rows to be, and how many there are.
  Index first_row_there() const { return first_row_there_; }
  Index rows_there() const { return rows_there_; }

  /// Numbers of this rank's rows, which lie one after the other, row after row.
  template <class U>
  struct Numbers {
    std::function<Index(Index row)> before_here, before_there;  ///< how many lie before a row, here and there
    std::function<void(Index begin, Index count, U* out)> read;
    std::function<void(Index begin, std::span<const U>)> write;
  };
  /// Reads them here and writes them there, on every rank; no rank holds more than some 2^20 of them on their way
  /// from it, and as many on their way to it.
  template <class U>
  void move(const Numbers<U>& numbers) const;

 private:
  struct Range {
    Index begin = 0, end = 0;
  };
  static Range common(const Range& a, const Range& b);

  Comm comm_;
  Index rows_here_, first_row_there_, rows_there_;
  std::vector<Range> sent_, received_;  // rows that each rank is sent, counted from the first here, and there
};

/// The rows of this rank to be, which lie where the options say; those that it had are gone. Collective. Throws
/// SystemError, on every rank.
template <class T>
DenseRoom<T> regrouped(const Regrouping& groups, DenseRoom<T> rows, const LoadOptions& options);
template <class T>
CsrMemory<T> regrouped(const Regrouping& groups, CsrMemory<T> rows, const LoadOptions& options);

}  // namespace mpinmf::io
