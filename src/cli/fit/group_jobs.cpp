#include "group_jobs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/counted.hpp"
#include "report/say.hpp"

namespace mpinmf::cli {
namespace {

constexpr double seconds_between_lines = 5;

/// How far all groups are.
class JobProgress {
 public:
  explicit JobProgress(const std::vector<GroupJob>& jobs) : jobs_(jobs) {
    for (const GroupJob& job : jobs) cost_left_ += job.cost;
  }

  void note_done(Index place) {
    const double cost = jobs_[static_cast<std::size_t>(place)].cost;
    cost_done_ += cost;
    cost_left_ -= cost;
    ++done_;
    const double now = seconds_since(begin_);
    if (now - said_at_ < seconds_between_lines) return;
    said_at_ = now;
    report::say(fmt::format("mpinmf: {} of {} done, about {:.0f} s left\n", done_,
                            report::counted(jobs_.size(), "fit"), std::ceil(now * cost_left_ / cost_done_)));
  }

 private:
  const std::vector<GroupJob>& jobs_;
  FitClock::time_point begin_ = FitClock::now();
  double cost_done_ = 0, cost_left_ = 0, said_at_ = 0;
  Index done_ = 0;
};

/// The limits know of the queue as long as this lives.
class WatchedByLimits {
 public:
  WatchedByLimits(RunLimits& limits, GroupQueue& queue) : limits_(limits) {
    limits_.set_others([&queue] { return queue.is_stop_asked(); });
  }
  ~WatchedByLimits() { limits_.set_others({}); }
  WatchedByLimits(const WatchedByLimits&) = delete;
  WatchedByLimits& operator=(const WatchedByLimits&) = delete;

 private:
  RunLimits& limits_;
};

}  // namespace

void do_in_groups(const Groups& groups, std::vector<GroupJob> jobs, RunLimits& limits, bool talks,
                  const std::function<void(Index number)>& work) {
  std::stable_sort(jobs.begin(), jobs.end(), [](const GroupJob& a, const GroupJob& b) { return a.cost > b.cost; });
  JobProgress progress(jobs);
  GroupQueue queue(groups, static_cast<Index>(jobs.size()),
                   {[&] { return limits.signals().is_stop_asked(); },
                    [&](Index place) {
                      if (talks) progress.note_done(place);
                    }});
  const WatchedByLimits watch(limits, queue);
  groups.all.meet_groups(groups.own, [&] {
    try {
      while (const std::optional<Index> place = queue.next()) {
        work(jobs[static_cast<std::size_t>(*place)].number);
        queue.note_done();
      }
    } catch (const Error& error) {
      if (error.has_met() || groups.own.size() == 1) queue.leave(true);
      throw;
    } catch (...) {
      if (groups.own.size() == 1) queue.leave(true);
      throw;
    }
    queue.leave(false);
  });
}

}  // namespace mpinmf::cli
