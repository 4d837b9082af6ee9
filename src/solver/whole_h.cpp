#include "whole_h.hpp"

#include <fmt/format.h>

namespace mpinmf {
namespace {

/// Messages that so many elements need.
Index messages_for(Index elements) {
  return (elements + longest_message - 1) / longest_message;
}

}  // namespace

Communication communication_in_one(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                                   Index features) {
  const Index k = sizes.components, padded = padded_columns(k, element_bytes), tail = tail_rows(k, element_bytes);
  const Index numbers = packed_numbers(statistics, features, k);
  const Index broadcast = (features + tail) * padded * element_bytes;
  Communication result;
  result.bytes_by_formula = 8 * numbers + broadcast;
  result.messages_by_formula = messages_for(numbers) + messages_for(broadcast);
  if (sizes.tells_apart) {
    result.bytes_by_formula += 8 * decision_numbers;
    result.messages_by_formula += 1;
  }
  result.formula = fmt::format(
      "sum of 8*({n}*{k} + {others}) bytes, broadcast of {s}*{padded}*({n} + {tail}) bytes: H, whose rows are "
      "padded to {padded}, and {tail} rows for H H', its sums and the decision{first}",
      fmt::arg("n", features), fmt::arg("k", k),
      fmt::arg("others", packed_numbers_text(statistics - StatisticsSet{Statistic::numerator}, features, k)),
      fmt::arg("s", element_bytes), fmt::arg("padded", padded), fmt::arg("tail", tail),
      fmt::arg("first", sizes.tells_apart ? fmt::format(", which is told by itself after the sum, in 8*{} bytes",
                                                        decision_numbers)
                                          : ""));
  return result;
}

/// Measured with Open MPI 4.1: the sum over all ranks works in half as much as the message (Rabenseifner's
/// algorithm).
double whole_bytes_in_mpi(double packed_bytes) {
  return packed_bytes / 2;
}

}  // namespace mpinmf
