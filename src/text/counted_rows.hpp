// Documents of a rank as rows of counts, before it is known which terms become columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "spool.hpp"

namespace mpinmf::text {

/// Terms have the numbers of a round, which are small. What they are for all ranks, their ids, is told at its end.
struct CountedRows {
  /// `folder` and `most_bytes` as in Spool. Far fewer bytes are needed for the rounds.
  CountedRows(const std::string& folder, Index most_bytes)
      : rows(folder, most_bytes), rounds(folder, most_bytes / 8) {}

  void begin_row(std::size_t distinct) { rows.append_number(distinct); }
  /// As often as begin_row was told.
  void add(std::uint32_t number, std::uint32_t count) {
    rows.append_value(number);  // the same number of bytes for all can be foretold, which saves more than bytes
    rows.append_number(count);
  }
  /// Of the last `documents` rows: the id of each number.
  void end_round(Index documents, std::span<const std::uint64_t> ids) {
    rounds.append_number(static_cast<std::uint64_t>(documents));
    rounds.append_number(ids.size());
    for (const std::uint64_t id : ids) rounds.append_number(id);
  }

  Spool rows;    ///< of each row: how many distinct terms, then number and count of each
  Spool rounds;  ///< of each round: how many rows, how many terms, then the id of each
};

}  // namespace mpinmf::text
