// Sums over ranks whose bits depend neither on the order of what is added nor on who adds it.
#pragma once

#include <cstddef>
#include <vector>

#include "mpinmf/comm.hpp"

namespace mpinmf::topics {

/// Numbers are cut into two integers, of which sums are exact: of a double, at least the 40 leading bits of the
/// largest count, for up to 2^40 numbers in a sum.
class OrderlessSums {
 public:
  /// `sums` sums, of at most `addends` numbers from 0 to `largest` each; the same on every rank.
  OrderlessSums(std::size_t sums, Index addends, double largest);

  void add(std::size_t sum, double value);
  /// What all ranks have added. Collective; to be called once.
  std::vector<double> total(const Comm& comm);

 private:
  int bits_ = 0, exponent_ = 0;    // of a part; of the largest
  std::vector<Index> high_, low_;  // in units of 2^(exponent - bits) and 2^(exponent - 2 bits)
};

}  // namespace mpinmf::topics
