#include "mail.hpp"

#include "calls.hpp"

namespace mpinmf {
namespace {

constexpr int tag = 3;
static_assert(std::is_trivially_copyable_v<Mail::Note>);

}  // namespace

Mail::Mail(const Comm& comm) : comm_(comm.split(0, comm.rank())) {}

void Mail::send(int to, Note note) {
  forget_arrived();
  Sent& sent = sent_.emplace_back(Sent{note});
  require_success(MPI_Isend(&sent.note, sizeof sent.note, MPI_BYTE, to, tag, comm_.handle(), &sent.request),
                  "MPI_Isend");
}

std::optional<Mail::Letter> Mail::take() {
  if (comm_.size() == 1) return std::nullopt;
  int is_there = 0;
  MPI_Status status;
  require_success(MPI_Iprobe(MPI_ANY_SOURCE, tag, comm_.handle(), &is_there, &status), "MPI_Iprobe");
  if (is_there == 0) return std::nullopt;
  Letter letter{status.MPI_SOURCE, {}};
  require_success(
      MPI_Recv(&letter.note, sizeof letter.note, MPI_BYTE, letter.from, tag, comm_.handle(), MPI_STATUS_IGNORE),
      "MPI_Recv");
  return letter;
}

void Mail::wait_for_sent() {
  for (Sent& sent : sent_) require_success(MPI_Wait(&sent.request, MPI_STATUS_IGNORE), "MPI_Wait");
  sent_.clear();
}

void Mail::forget_arrived() {
  sent_.remove_if([](Sent& sent) {
    int is_done = 0;
    require_success(MPI_Test(&sent.request, &is_done, MPI_STATUS_IGNORE), "MPI_Test");
    return is_done != 0;
  });
}

}  // namespace mpinmf
