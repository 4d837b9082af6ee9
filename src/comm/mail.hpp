// Notes from rank to rank, for ranks that are busy with something else: nobody waits for the other.
#pragma once

#include <list>
#include <optional>

#include "mpinmf/comm.hpp"

namespace mpinmf {

/// A note is a kind and a number, whatever these mean to those who write. Notes of one rank to another arrive in
/// the order in which they were sent. All members but the constructor are local.
class Mail {
 public:
  struct Note {
    Index kind = 0, number = 0;
  };
  struct Letter {
    int from = 0;
    Note note;
  };

  /// Among the ranks of `comm`, which are numbered as there. Collective. Throws SystemError.
  explicit Mail(const Comm& comm);
  Mail(const Mail&) = delete;
  Mail& operator=(const Mail&) = delete;

  void send(int to, Note note);
  /// The next note that has arrived, from whichever rank.
  std::optional<Letter> take();
  /// Returns when those to whom notes were sent have taken them, or MPI has. @pre they do take them
  void wait_for_sent();

 private:
  struct Sent {
    Note note;  // MPI reads it until the request is done
    MPI_Request request = MPI_REQUEST_NULL;
  };
  void forget_arrived();

  Comm comm_;
  std::list<Sent> sent_;
};

}  // namespace mpinmf
