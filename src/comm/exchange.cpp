// Each rank sends each rank what is its own.
#include <algorithm>

#include "calls.hpp"

namespace mpinmf {
namespace {

/// One span a rank.
template <class Byte>
std::vector<std::span<Byte>> cut_into_shares(std::span<Byte> bytes, std::span<const Index> counts,
                                             Index element_bytes) {
  std::vector<std::span<Byte>> shares;
  for (const Index count : counts) {
    const auto size = static_cast<std::size_t>(count * element_bytes);
    shares.push_back(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  return shares;
}

}  // namespace

std::vector<Index> Comm::swap_counts(std::span<const Index> counts) const {
  std::vector<Index> swapped(counts.begin(), counts.end());
  if (size_ == 1) return swapped;
  tally(counts_->exchange, counts.size(), sizeof(Index));
  require_success(MPI_Alltoall(counts.data(), 1, MPI_INT64_T, swapped.data(), 1, MPI_INT64_T, comm_),
                  "MPI_Alltoall");
  return swapped;
}

// In turn s every rank r sends to r + s and receives from r - s, piece by piece, both at the same time: whoever is
// the first to wait finds its partner in the same turn, at the same piece.
void Comm::exchange_bytes(const Shares<const std::byte>& from, const Shares<std::byte>& to, Index at_once) const {
  constexpr int tag = 2;
  const auto most = static_cast<std::size_t>(std::clamp<Index>(at_once, 1, INT_MAX));
  const std::vector<std::span<const std::byte>> out = cut_into_shares(from.bytes, from.counts, from.element_bytes);
  const std::vector<std::span<std::byte>> in = cut_into_shares(to.bytes, to.counts, to.element_bytes);
  const auto own = static_cast<std::size_t>(rank_);
  std::copy(out[own].begin(), out[own].end(), in[own].begin());
  for (int turn = 1; turn < size_; ++turn) {
    const int to_rank = (rank_ + turn) % size_, from_rank = (rank_ - turn + size_) % size_;
    auto sent = out[static_cast<std::size_t>(to_rank)];
    auto received = in[static_cast<std::size_t>(from_rank)];
    while (!sent.empty() || !received.empty()) {
      const auto sent_now = sent.first(std::min(most, sent.size()));
      const auto received_now = received.first(std::min(most, received.size()));
      if (!sent_now.empty()) tally(counts_->exchange, sent_now.size(), 1);
      require_success(
          MPI_Sendrecv(sent_now.data(), static_cast<int>(sent_now.size()), MPI_BYTE,
                       sent_now.empty() ? MPI_PROC_NULL : to_rank, tag, received_now.data(),
                       static_cast<int>(received_now.size()), MPI_BYTE,
                       received_now.empty() ? MPI_PROC_NULL : from_rank, tag, comm_, MPI_STATUS_IGNORE),
          "MPI_Sendrecv");
      sent = sent.subspan(sent_now.size());
      received = received.subspan(received_now.size());
    }
  }
}

}  // namespace mpinmf
