#include "output_matrix.hpp"

#include <algorithm>
#include <cmath>

namespace mpinmf::io {

bool is_whole(double value) {
  constexpr double most = 9007199254740992;  // 2^53
  return value == std::floor(value) && value <= most;
}

OutputFacts output_facts(const Comm& comm, OutputMatrix& matrix) {
  Index own = 0;
  bool are_whole = true;
  double largest = 0;
  comm.meet([&] {
    matrix.reader->each([&](const OutputRow& row) {
      own += static_cast<Index>(row.values.size());
      are_whole = are_whole && std::all_of(row.values.begin(), row.values.end(), is_whole);
      for (const double value : row.values) largest = std::max(largest, value);
    });
  });
  OutputFacts facts;
  facts.stored = comm.sum(own);
  facts.stored_before = comm.sum_before(own);
  facts.largest = comm.max(largest);
  facts.are_whole = comm.sum(Index{are_whole ? 0 : 1}) == 0;
  return facts;
}

}  // namespace mpinmf::io
