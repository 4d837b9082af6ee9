#include "mpinmf/comm.hpp"

#include <algorithm>

#include "calls.hpp"

namespace mpinmf {
namespace {

/// The length of a message that is not split.
int whole(std::size_t count) {
  if (count > INT_MAX) throw SystemError("a message of more than 2^31-1 elements was not split");
  return static_cast<int>(count);
}

template <class T>
void reduce(std::span<T> values, MPI_Datatype type, MPI_Op operation, MPI_Comm comm, CommCounts::Kind& kind) {
  detail::in_pieces(values.size(), largest_message, [&](std::size_t first, std::size_t count) {
    tally(kind, count, sizeof(T));
    require_success(
        MPI_Allreduce(MPI_IN_PLACE, values.data() + first, static_cast<int>(count), type, operation, comm),
        "MPI_Allreduce");
  });
}

template <class T>
std::vector<T> gather_one(T value, int ranks, MPI_Datatype type, MPI_Comm comm, CommCounts::Kind& kind) {
  std::vector<T> all(static_cast<std::size_t>(ranks), value);
  if (ranks == 1) return all;
  tally(kind, 1, sizeof(T));
  require_success(MPI_Allgather(&value, 1, type, all.data(), 1, type, comm), "MPI_Allgather");
  return all;
}

/// A communicator of our own.
class Communicator {
 public:
  explicit Communicator(MPI_Comm comm) : comm_(comm) {}
  ~Communicator() {
    int ended = 0;
    MPI_Finalized(&ended);
    if (!ended) MPI_Comm_free(&comm_);
  }
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

 private:
  MPI_Comm comm_;
};

}  // namespace

void Pending::wait() {
  if (request_ != MPI_REQUEST_NULL) require_success(MPI_Wait(&request_, MPI_STATUS_IGNORE), "MPI_Wait");
}

Comm Comm::borrow(MPI_Comm comm) {
  Comm result;
  result.comm_ = comm;
  require_success(MPI_Comm_rank(comm, &result.rank_), "MPI_Comm_rank");
  require_success(MPI_Comm_size(comm, &result.size_), "MPI_Comm_size");
  return result;
}

Comm Comm::split(int colour, int key) const {
  Comm result;
  if (size_ == 1) return result;
  require_success(MPI_Comm_split(comm_, colour, key, &result.comm_), "MPI_Comm_split");
  result.owner_ = std::make_shared<const Communicator>(result.comm_);
  require_success(MPI_Comm_rank(result.comm_, &result.rank_), "MPI_Comm_rank");
  require_success(MPI_Comm_size(result.comm_, &result.size_), "MPI_Comm_size");
  return result;
}

void Comm::sum(std::span<double> values) const {
  if (size_ > 1) reduce(values, MPI_DOUBLE, MPI_SUM, comm_, counts_->sum);
}
void Comm::sum(std::span<Index> values) const {
  if (size_ > 1) reduce(values, MPI_INT64_T, MPI_SUM, comm_, counts_->sum);
}
void Comm::max(std::span<double> values) const {
  if (size_ > 1) reduce(values, MPI_DOUBLE, MPI_MAX, comm_, counts_->extreme);
}
void Comm::min(std::span<double> values) const {
  if (size_ > 1) reduce(values, MPI_DOUBLE, MPI_MIN, comm_, counts_->extreme);
}
Index Comm::sum(Index value) const {
  sum(std::span<Index>(&value, 1));
  return value;
}
double Comm::sum(double value) const {
  sum(std::span<double>(&value, 1));
  return value;
}
double Comm::max(double value) const {
  max(std::span<double>(&value, 1));
  return value;
}
double Comm::min(double value) const {
  min(std::span<double>(&value, 1));
  return value;
}

Index Comm::sum_before(Index value) const {
  Index before = 0;
  if (size_ > 1) {
    tally(counts_->gather, 1, sizeof value);
    require_success(MPI_Exscan(&value, &before, 1, MPI_INT64_T, MPI_SUM, comm_), "MPI_Exscan");
  }
  return rank_ == 0 ? 0 : before;
}

void Comm::broadcast(std::span<std::byte> bytes, int root) const {
  if (size_ == 1) return;
  detail::in_pieces(bytes.size(), largest_message, [&](std::size_t first, std::size_t count) {
    tally(counts_->broadcast, count, 1);
    require_success(MPI_Bcast(bytes.data() + first, static_cast<int>(count), MPI_BYTE, root, comm_), "MPI_Bcast");
  });
}

void Comm::broadcast(std::string& text, int root) const {
  Index length = static_cast<Index>(text.size());
  broadcast_value(length, root);
  text.resize(static_cast<std::size_t>(length));
  broadcast(std::span<char>(text.data(), text.size()), root);
}

Pending Comm::start_sum_to(int owner, std::span<double> values) const {
  Pending pending;
  if (size_ == 1) return pending;
  const int count = whole(values.size());
  tally(counts_->sum, values.size(), sizeof(double));
  const bool owns = rank_ == owner;
  require_success(MPI_Ireduce(owns ? MPI_IN_PLACE : values.data(), owns ? values.data() : nullptr, count,
                              MPI_DOUBLE, MPI_SUM, owner, comm_, &pending.request_),
                  "MPI_Ireduce");
  return pending;
}

Pending Comm::start_broadcast(int root, std::span<float> values) const {
  Pending pending;
  if (size_ == 1) return pending;
  const int count = whole(values.size());
  tally(counts_->broadcast, values.size(), sizeof(float));
  require_success(MPI_Ibcast(values.data(), count, MPI_FLOAT, root, comm_, &pending.request_), "MPI_Ibcast");
  return pending;
}
Pending Comm::start_broadcast(int root, std::span<double> values) const {
  Pending pending;
  if (size_ == 1) return pending;
  const int count = whole(values.size());
  tally(counts_->broadcast, values.size(), sizeof(double));
  require_success(MPI_Ibcast(values.data(), count, MPI_DOUBLE, root, comm_, &pending.request_), "MPI_Ibcast");
  return pending;
}

std::vector<Index> Comm::gather(Index value) const {
  return gather_one(value, size_, MPI_INT64_T, comm_, counts_->gather);
}
std::vector<double> Comm::gather(double value) const {
  return gather_one(value, size_, MPI_DOUBLE, comm_, counts_->gather);
}

std::vector<std::string> Comm::gather(const std::string& text) const {
  if (size_ == 1) return {text};
  const std::vector<Index> lengths = gather(static_cast<Index>(text.size()));
  std::vector<int> counts, offsets;
  Index total = 0;
  for (Index length : lengths) total += length;
  if (total > INT_MAX) throw SystemError("texts of more than 2 GiB cannot be gathered");
  total = 0;
  for (Index length : lengths) {
    counts.push_back(static_cast<int>(length));
    offsets.push_back(static_cast<int>(total));
    total += length;
  }
  std::string all(static_cast<std::size_t>(total), ' ');
  tally(counts_->gather, text.size(), 1);
  require_success(MPI_Allgatherv(text.data(), static_cast<int>(text.size()), MPI_CHAR, all.data(), counts.data(),
                                 offsets.data(), MPI_CHAR, comm_),
                  "MPI_Allgatherv");
  std::vector<std::string> result;
  for (std::size_t r = 0; r < counts.size(); ++r) {
    result.push_back(all.substr(static_cast<std::size_t>(offsets[r]), static_cast<std::size_t>(counts[r])));
  }
  return result;
}

void Comm::scatter(std::span<const Index> all, std::span<const Index> counts, std::span<Index> own) const {
  if (size_ == 1) {
    std::copy(all.begin(), all.end(), own.begin());
    return;
  }
  constexpr int tag = 1;
  const auto send = [&](const Index* data, std::size_t total, int to) {
    detail::in_pieces(total, largest_message, [&](std::size_t first, std::size_t count) {
      tally(counts_->scatter, count, sizeof(Index));
      require_success(MPI_Send(data + first, static_cast<int>(count), MPI_INT64_T, to, tag, comm_), "MPI_Send");
    });
  };
  if (!is_root()) {
    detail::in_pieces(own.size(), largest_message, [&](std::size_t first, std::size_t count) {
      tally(counts_->scatter, count, sizeof(Index));
      require_success(
          MPI_Recv(own.data() + first, static_cast<int>(count), MPI_INT64_T, 0, tag, comm_, MPI_STATUS_IGNORE),
          "MPI_Recv");
    });
    return;
  }
  const Index* next = all.data();
  for (int r = 0; r < size_; ++r) {
    const auto count = static_cast<std::size_t>(counts[static_cast<std::size_t>(r)]);
    if (r == 0) {
      std::copy(next, next + count, own.begin());
    } else {
      send(next, count, r);
    }
    next += count;
  }
}

void Comm::wait_for_all() const {
  if (size_ == 1) return;
  tally(counts_->verdict, 0, 0);
  require_success(MPI_Barrier(comm_), "MPI_Barrier");
}

int Comm::ranks_on_this_host() const {
  if (size_ == 1) return 1;
  MPI_Comm host = MPI_COMM_NULL;
  require_success(MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &host),
                  "MPI_Comm_split_type");
  int ranks = 1;
  MPI_Comm_size(host, &ranks);
  MPI_Comm_free(&host);
  return ranks;
}

void Comm::require_all(const std::optional<Error>& fault) const {
  int first = fault ? rank_ : size_;
  if (size_ > 1) {
    const int own = first;
    tally(counts_->verdict, 1, sizeof own);
    require_success(MPI_Allreduce(&own, &first, 1, MPI_INT, MPI_MIN, comm_), "MPI_Allreduce");
  }
  if (first == size_) return;
  std::string message = fault ? fault->what() : "";
  auto kind = fault ? fault->kind() : ErrorKind::system;
  broadcast(message, first);
  broadcast_value(kind, first);
  throw_error(kind, message, true);
}

std::string Comm::out_of_memory() const {
  return "rank " + std::to_string(rank_) + " on " + host_name() +
         " has not enough memory; use more nodes, or fewer ranks on each";
}

}  // namespace mpinmf
