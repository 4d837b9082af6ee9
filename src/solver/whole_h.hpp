// H in one piece: one Allreduce of all sums, the rule on the root, one broadcast.
#pragma once

#include <optional>

#include "clock.hpp"
#include "communication.hpp"
#include "h_exchange.hpp"

namespace mpinmf {

/// One packed sum, one broadcast.
Communication communication_in_one(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                                   Index features);
double whole_bytes_in_mpi(double packed_bytes);

template <class T>
class WholeH final : public HExchange<T> {
 public:
  WholeH(const Comm& comm, Index features, PhaseSeconds& seconds)
      : comm_(comm), features_(features), seconds_(seconds) {}

  bool moves_here() const override { return comm_.is_root(); }
  std::vector<FeatureRange> moved_here() const override {
    return moves_here() ? std::vector<FeatureRange>{all()} : std::vector<FeatureRange>();
  }
  bool sum(Sums<T>& sums) override {
    const PhaseTimer timer(seconds_.sum);
    sums.sum_over(comm_);
    return sums.is_finite();
  }
  bool move(const HUpdate& update, Sums<T>& sums, HMover<T>& mover) override {
    if (!moves_here()) return true;
    const PhaseTimer timer(seconds_.rule);
    try {
      mover.move(update, sums);
    } catch (const Error& error) {
      fault_ = error;
    } catch (const std::exception& error) {
      fault_ = SystemError(error.what());
    }
    return true;
  }
  void replace(SharedH<T>& h, const HChange& change) override {
    if (!moves_here()) return;
    change.make(all());
    h.refresh();
  }
  void agree(Verdict&) override {}  // the root moves alone
  void show(SharedH<T>& h, Decision& decision) override { share(h, decision, {}); }
  /// Sets decision.finite. Throws, on every rank, what the rule threw on the root.
  void share(SharedH<T>& h, Decision& decision, const HChange& change) override {
    if (change.is_due) replace(h, change);
    decision.finite = fault_ ? has_thrown : h.is_finite() ? 1 : 0;
    const PhaseTimer timer(seconds_.broadcast);
    h.publish(comm_, decision);
    if (decision.finite == has_thrown) comm_.require_all(fault_);
  }
  SumFeatures<T> sums_for_review() override { return {}; }  // in one message
  void settle(SharedH<T>&, const HChange&) override {}      // shared already

 private:
  static constexpr double has_thrown = -1;  // in place of decision.finite

  FeatureRange all() const { return {0, features_}; }

  const Comm& comm_;
  Index features_;
  PhaseSeconds& seconds_;
  std::optional<Error> fault_;  // of the root's rule
};

}  // namespace mpinmf
