// Groups of ranks, each of which does fits of its own, and which of them does which.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "comm/mail.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// The ranks of a job in groups of neighbours, as equal as may be: 7 ranks in 3 groups are 3, 2 and 2.
struct Groups {
  Comm all, own;
  int count = 1, number = 0;  ///< of groups, and of this rank's, whose first is that of the root of all

  /// Collective. @pre count is from 1 to the number of ranks
  Groups(const Comm& comm, int count);

  bool is_first() const { return number == 0; }
  /// Runs `work` in the first group, in which it may communicate; then all meet. Collective.
  template <class F>
  void in_first(F&& work) const {
    all.meet_groups(own, [&] {
      if (is_first()) work();
    });
  }
};

/// Jobs, which go to whichever group is free, in their order: the first rank of all hands them out whenever it is
/// asked or asks itself, so that nothing but notes of 16 bytes passes between groups. It learns at once of a group
/// that leaves early, and tells the others to stop.
class GroupQueue {
 public:
  /// As a group knows them; the rank that hands out is its root.
  struct Watch {
    std::function<bool()> is_stop_asked;       ///< whether this process was asked to stop, by a signal
    std::function<void(Index job)> note_done;  ///< on the root of all, when any group has done one
  };
  /// Collective over all ranks.
  GroupQueue(const Groups& groups, Index jobs, Watch watch);

  /// The next job for this group; nothing where there are none, or another group has left early. Collective in the
  /// group.
  std::optional<Index> next();
  /// This group has done the job that it was given last.
  void note_done();
  /// To be called now and then while a job is being done, on any rank. Whether it is to stop, because another
  /// group has left early.
  bool is_stop_asked();
  /// This group takes no more jobs: `early`, because of a fault or as it was asked to stop, and the others are to
  /// stop, too. Returns when all groups have left. @pre called once, by every group
  void leave(bool early);

 private:
  enum Kind : Index { wants, has_done, has_left, has_left_early, job, no_job, stop, end };

  bool hands_out() const { return all_.is_root(); }
  Index next_number();
  void attend();
  void hear(const Mail::Letter& letter);
  void answer(int rank);
  void stop_all();
  template <class F>
  void attend_until(F&& is_over);

  Comm all_, own_;
  Mail mail_;
  Index jobs_;
  Watch watch_;
  Index current_ = 0;           // of this group
  bool stops_ = false;          // no group takes more jobs
  Index handed_out_ = 0;        // the rest is the root's of all
  int groups_left_;             // of the others those that have not left
  std::vector<int> roots_;      // of the other groups
  std::optional<Index> given_;  // to the root of a group, what it has asked for; -1: none
  bool has_ended_ = false;      // all groups have left
};

}  // namespace mpinmf::cli
