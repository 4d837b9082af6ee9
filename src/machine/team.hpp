// Threads that work on parts of a task, and what becomes of an exception in one of them.
#pragma once

#include <atomic>
#include <exception>

namespace mpinmf {

/// Runs work in parts, one a thread where the team is as large as asked for. A smaller team does the same parts
/// with the same bits.
///
/// No exception may leave a thread. After the first one, parts that have not begun are left out, and `run` throws
/// it when all threads have ended.
class Team {
 public:
  explicit Team(int parts) : parts_(parts) {}
  int parts() const { return parts_; }

  /// Opens the team: steps() runs on each thread. All threads must make the same calls of `share`.
  template <class F>
  void run(F&& steps) {
#pragma omp parallel num_threads(parts_)
    steps();
    if (fault_) std::rethrow_exception(fault_);
  }
  /// Within `run`: work(part) for each part, shared out over the threads. Returns when all parts are done.
  template <class F>
  void share(F&& work) {
#pragma omp for schedule(static, 1)
    for (int part = 0; part < parts_; ++part) {
      if (has_failed_) continue;
      try {
        work(part);
      } catch (...) {
        if (!has_failed_.exchange(true)) fault_ = std::current_exception();
      }
    }
  }
  /// The two in one: a single step.
  template <class F>
  void each(F&& work) {
    run([&] { share(work); });
  }

 private:
  int parts_;
  std::atomic<bool> has_failed_ = false;
  std::exception_ptr fault_;  // of the first that has failed
};

}  // namespace mpinmf
