// The one door to MPI: a communicator whose collectives are named by what they mean.
#pragma once

#include <mpi.h>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mpinmf/error.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// What this rank has handed to MPI: the payload of each call and the number of calls (pieces of a message that
/// was split count one by one), not what the network makes of them.
struct CommCounts {
  struct Kind {
    Index messages = 0, bytes = 0;
    friend bool operator==(const Kind&, const Kind&) = default;
    Kind& operator+=(const Kind& other) {
      messages += other.messages;
      bytes += other.bytes;
      return *this;
    }
    friend Kind operator-(const Kind& a, const Kind& b) { return {a.messages - b.messages, a.bytes - b.bytes}; }
  };
  Kind sum, broadcast;
  Kind extreme;   ///< max and min
  Kind gather;    ///< gather and sum_before
  Kind scatter;   ///< what the root sends or another rank receives
  Kind exchange;  ///< what this rank sends
  Kind verdict;   ///< require_all, wait_for_all

  Kind total() const {
    Kind all;
    for (const Kind& kind : {sum, broadcast, extreme, gather, scatter, exchange, verdict}) all += kind;
    return all;
  }
};

/// A message under way, from Comm::start_*. Its memory belongs to MPI until wait. One that is destroyed
/// while under way is not waited for: that happens only when this rank has thrown and the others do not know yet,
/// so that waiting could last for ever; the program then ends by Session::abort.
class Pending {
 public:
  Pending() = default;
  Pending(Pending&& other) noexcept : request_(std::exchange(other.request_, MPI_REQUEST_NULL)) {}
  Pending& operator=(Pending&& other) noexcept {
    std::swap(request_, other.request_);
    return *this;
  }
  ~Pending() = default;

  /// Returns at once when nothing is under way. Throws SystemError.
  void wait();

 private:
  friend class Comm;
  MPI_Request request_ = MPI_REQUEST_NULL;
};

/// What this rank was sent by each rank, in rank order.
template <class T>
struct Exchanged {
  std::vector<T> values;
  std::vector<Index> counts;  ///< counts[r] of `values` are rank r's
};

/// A handle to a group of ranks. Copying it never communicates. All members are collective unless said
/// otherwise; with one rank none of them calls MPI, so Comm::self() works without a Session.
/// Arrays of more than 2^31-1 elements are split into several messages.
class Comm {
 public:
  /// One rank, this one; needs no MPI.
  static Comm self() { return Comm(); }
  /// Wraps the caller's communicator. The caller keeps it alive while any copy of the handle, or anything made
  /// with one, is in use, and then frees it. No other ranks take part in what is done with it, and none of it goes
  /// over MPI_COMM_WORLD. The caller receives no messages on it meanwhile: give a duplicate (MPI_Comm_dup) where
  /// some may be under way. Errors on it must return (MPI_ERRORS_RETURN) to be thrown as SystemError; otherwise
  /// MPI's own handler acts. Throws SystemError. Local.
  static Comm borrow(MPI_Comm comm);

  /// The ranks that give the same colour (0 or more), by ascending key and, where keys are equal, in the order
  /// they have here. The new communicator lives as long as copies of its handle; it counts its own messages.
  /// Throws SystemError.
  Comm split(int colour, int key = 0) const;

  int rank() const { return rank_; }  // local
  int size() const { return size_; }  // local
  bool is_root() const { return rank_ == 0; }
  MPI_Comm handle() const { return comm_; }
  /// Local. All copies of a handle count together.
  const CommCounts& counts() const { return *counts_; }

  /// Element by element over the ranks, the result on every rank.
  void sum(std::span<double> values) const;
  void sum(std::span<Index> values) const;
  void max(std::span<double> values) const;
  void min(std::span<double> values) const;
  Index sum(Index value) const;
  double sum(double value) const;
  double max(double value) const;
  double min(double value) const;
  /// Sum of `value` over the ranks before this one.
  Index sum_before(Index value) const;

  /// `bytes` of the root replace those of every other rank.
  void broadcast(std::span<std::byte> bytes, int root = 0) const;
  template <class T>
  void broadcast(std::span<T> values, int root = 0) const {
    static_assert(std::is_trivially_copyable_v<T>);
    broadcast(std::as_writable_bytes(values), root);
  }
  template <class T>
  void broadcast_value(T& value, int root = 0) const {
    broadcast(std::span<T>(&value, 1), root);
  }
  void broadcast(std::string& text, int root = 0) const;

  /// Starts the sum over the ranks that ends in `values` of the owner; those of the others are read only. Every
  /// rank starts its messages in the same order. @pre at most 2^31-1 values (else SystemError): these are not
  /// split
  [[nodiscard]] Pending start_sum_to(int owner, std::span<double> values) const;
  /// Starts a broadcast. As above.
  [[nodiscard]] Pending start_broadcast(int root, std::span<float> values) const;
  [[nodiscard]] Pending start_broadcast(int root, std::span<double> values) const;

  /// One value a rank, in rank order, on every rank.
  std::vector<Index> gather(Index value) const;
  std::vector<double> gather(double value) const;
  /// One text a rank, in rank order, on every rank.
  std::vector<std::string> gather(const std::string& text) const;
  /// Counts[r] numbers for rank r, taken from `all` on the root (read there only); `own` has counts[rank].
  void scatter(std::span<const Index> all, std::span<const Index> counts, std::span<Index> own) const;

  /// No rank has more than this under way in an exchange, sent and received each, in bytes.
  static constexpr Index exchanged_at_once = Index{64} << 20;
  /// Each rank sends each rank what is its own: counts[r] of `all`, which lie there in rank order, go to rank r.
  /// In as many messages as it takes for no rank to have more than `at_once` bytes under way. Throws SystemError
  /// (the memory of some rank does not hold what it is sent), on every rank. @pre the counts add up to all.size()
  template <class T>
  Exchanged<T> exchange(std::span<const T> all, std::span<const Index> counts,
                        Index at_once = exchanged_at_once) const {
    static_assert(std::is_trivially_copyable_v<T>);
    Exchanged<T> received;
    received.counts = swap_counts(counts);
    meet([&] {
      Index total = 0;
      for (const Index count : received.counts) total += count;
      received.values.resize(static_cast<std::size_t>(total));
    });
    constexpr auto size = static_cast<Index>(sizeof(T));
    exchange_bytes({std::as_bytes(all), counts, size},
                   {std::as_writable_bytes(std::span(received.values)), received.counts, size}, at_once);
    return received;
  }

  void wait_for_all() const;
  /// How many ranks of this communicator share this host's memory.
  int ranks_on_this_host() const;

  /// Verdicts meet: if any rank brings a fault, every rank throws that of the lowest such rank.
  void require_all(const std::optional<Error>& fault) const;

  /// Runs `work` on this rank; then verdicts meet. `work` must not communicate. Whatever a rank throws
  /// (an mpinmf::Error, std::bad_alloc or any std::exception) is thrown by every rank, and has met.
  template <class F>
  void meet(F&& work) const {
    std::optional<Error> fault;
    try {
      work();
    } catch (const Error& error) {
      fault = error;
    } catch (const std::bad_alloc&) {
      fault = SystemError(out_of_memory());
    } catch (const std::exception& error) {
      fault = SystemError(error.what());
    }
    require_all(fault);
  }
  /// As meet, but only the root works; the others wait for its verdict.
  template <class F>
  void meet_on_root(F&& work) const {
    meet([&] {
      if (is_root()) work();
    });
  }
  /// As meet, for work in which the ranks of each `group` (made by split) communicate with each other, so that
  /// what it throws has met there; what has not leaves at once, and ends the program by Session::abort. Stopped
  /// gives way to real faults.
  template <class F>
  void meet_groups(const Comm& group, F&& work) const {
    std::optional<Error> fault;
    try {
      group.size() > 1 ? work() : self().meet(work);
    } catch (const Error& error) {
      if (!error.has_met()) throw;
      fault = error;
    }
    const bool stopped = fault && fault->kind() == ErrorKind::stopped;
    require_all(stopped ? std::nullopt : fault);
    require_all(fault);
  }

 private:
  /// The share of each rank, one after the other.
  template <class Byte>
  struct Shares {
    std::span<Byte> bytes;
    std::span<const Index> counts;  // elements
    Index element_bytes;
  };

  Comm() = default;
  std::string out_of_memory() const;
  /// The number that each rank has for this one.
  std::vector<Index> swap_counts(std::span<const Index> counts) const;
  void exchange_bytes(const Shares<const std::byte>& from, const Shares<std::byte>& to, Index at_once) const;

  MPI_Comm comm_ = MPI_COMM_NULL;
  std::shared_ptr<const void> owner_;  // of comm_, where it was made by split
  int rank_ = 0, size_ = 1;
  std::shared_ptr<CommCounts> counts_ = std::make_shared<CommCounts>();
};

/// MPI for the lifetime of the object. Not finalized while an exception is thrown: the other ranks may sit
/// in a collective, and finalizing would wait for them for ever; `main` reports and aborts.
class Session {
 public:
  /// Starts MPI unless the caller has. Throws SystemError.
  Session(int& argc, char**& argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// All ranks of the program, in a communicator of our own.
  const Comm& comm() const { return comm_; }
  /// Ends every rank now. For an exception that has not met the others'.
  [[noreturn]] void abort(ExitCode code) const;

 private:
  bool owns_mpi_ = false;
  int exceptions_at_birth_ = 0;
  MPI_Comm world_ = MPI_COMM_NULL;
  Comm comm_;
};

/// Name and version of the MPI library; may be asked before MPI starts.
std::string mpi_library_version();
/// This machine's name.
std::string host_name();

namespace detail {
/// Calls f(first, count) for pieces of at most `limit` that cover 0 .. count.
template <class F>
void in_pieces(std::size_t count, std::size_t limit, F&& f) {
  for (std::size_t first = 0; first < count; first += limit) {
    f(first, count - first < limit ? count - first : limit);
  }
}
}  // namespace detail

}  // namespace mpinmf
