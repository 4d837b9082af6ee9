// Options with nothing left to choose.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

template <class T>
struct Rule;

/// What a fit of one V will do. Its members mean what those of Options mean.
struct ResolvedOptions : PlainOptions {
  bool extrapolate = false, final_w = false;
  Order order = Order::w_first;
  Stop stop = Stop::loss;
  double tolerance = 1e-4;
  double alpha_h = 0;
  Start start = Start::random;  ///< neither automatic nor scikit_learn
  ThreadPlan threads;
  /// Components whose row of H, or column of W, stays as it was given (Nmf::fix_h, Nmf::fix_w), ascending.
  std::vector<Index> fixed_h = {}, fixed_w = {};
  /// The rule's row in the table of rules, for either type of element; it lives as long as the program.
  std::tuple<const Rule<float>*, const Rule<double>*> rules;

  template <class T>
  const Rule<T>& rule() const {
    return *std::get<const Rule<T>*>(rules);
  }
  std::string rule_name() const;
};

/// Chooses what `options` leave open, for V of rows x columns. Does not communicate. Throws UsageError when there
/// is no such rule.
ResolvedOptions resolve(const Options& options, Index rows, Index columns, const ThreadPlan& threads = {});

}  // namespace mpinmf
