#include "groups.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace mpinmf::cli {
namespace {

constexpr Index none = -1;
/// Between looks at the mail of a rank that has nothing else to do: short beside a fit, long enough to leave the
/// core to others.
constexpr std::chrono::microseconds between_looks{200};

int group_of(int rank, int ranks, int count) {
  return static_cast<int>(static_cast<Index>(rank) * count / ranks);
}

}  // namespace

Groups::Groups(const Comm& comm, int groups)
    : all(comm), own(comm), count(groups), number(group_of(comm.rank(), comm.size(), groups)) {
  if (count > 1) own = comm.split(number, comm.rank());
}

GroupQueue::GroupQueue(const Groups& groups, Index jobs, Watch watch)
    : all_(groups.all), own_(groups.own), mail_(groups.all), jobs_(jobs), watch_(std::move(watch)) {
  const std::vector<Index> places = all_.gather(static_cast<Index>(own_.rank()));
  for (int r = 1; r < all_.size(); ++r) {
    if (places[static_cast<std::size_t>(r)] == 0) roots_.push_back(r);
  }
  groups_left_ = static_cast<int>(roots_.size());
}

std::optional<Index> GroupQueue::next() {
  Index number = none;
  if (own_.is_root()) number = next_number();
  own_.broadcast_value(number);
  current_ = number;
  return number == none ? std::nullopt : std::optional(number);
}

Index GroupQueue::next_number() {
  attend();
  if (hands_out()) return stops_ || handed_out_ == jobs_ ? none : handed_out_++;
  given_.reset();
  mail_.send(0, {wants, 0});
  attend_until([&] { return given_.has_value(); });
  return *given_;
}

void GroupQueue::note_done() {
  if (!own_.is_root()) return;
  if (hands_out()) return watch_.note_done(current_);
  mail_.send(0, {has_done, current_});
}

bool GroupQueue::is_stop_asked() {
  if (own_.is_root()) attend();
  return stops_;
}

void GroupQueue::leave(bool early) {
  if (!own_.is_root()) return;
  if (!hands_out()) {
    mail_.send(0, {early ? has_left_early : has_left, 0});
    attend_until([&] { return has_ended_; });
    return mail_.wait_for_sent();
  }
  if (early) stop_all();
  attend_until([&] {
    if (watch_.is_stop_asked()) stop_all();
    return groups_left_ == 0;
  });
  for (const int rank : roots_) mail_.send(rank, {end, 0});
  mail_.wait_for_sent();
}

template <class F>
void GroupQueue::attend_until(F&& is_over) {
  for (attend(); !is_over(); attend()) std::this_thread::sleep_for(between_looks);
}

void GroupQueue::attend() {
  while (const std::optional<Mail::Letter> letter = mail_.take()) hear(*letter);
}

void GroupQueue::hear(const Mail::Letter& letter) {
  switch (static_cast<Kind>(letter.note.kind)) {
    case wants: return answer(letter.from);
    case has_done: return watch_.note_done(letter.note.number);
    case has_left_early: stop_all(); [[fallthrough]];
    case has_left: --groups_left_; return;
    case job: given_ = letter.note.number; return;
    case no_job: given_ = none; return;
    case stop: stops_ = true; return;
    case end: has_ended_ = true; return;
  }
}

void GroupQueue::answer(int rank) {
  const bool is_over = stops_ || handed_out_ == jobs_;
  mail_.send(rank, is_over ? Mail::Note{no_job, 0} : Mail::Note{job, handed_out_});
  if (!is_over) ++handed_out_;
}

void GroupQueue::stop_all() {
  if (stops_) return;
  stops_ = true;
  for (const int rank : roots_) mail_.send(rank, {stop, 0});
}

}  // namespace mpinmf::cli
