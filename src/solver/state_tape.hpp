// Numbers of a state in a fixed order: the same code writes them and reads them back.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "mpinmf/error.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf {

class StateTape {
 public:
  /// To write on.
  StateTape() = default;
  /// To read from.
  explicit StateTape(std::vector<double> numbers) : numbers_(std::move(numbers)), reads_(true) {}

  /// Writes x, or reads it. Throws BadData where the tape has ended.
  void pass(double& x) {
    if (!reads_) {
      numbers_.push_back(x);
    } else if (next_ < numbers_.size()) {
      x = numbers_[next_++];
    } else {
      throw BadData("a checkpoint holds too few numbers: it is of another version of mpinmf");
    }
  }
  void pass(bool& x) { pass_as_number(x); }
  /// @pre |x| < 2^53
  void pass(Index& x) { pass_as_number(x); }
  void pass(std::span<double> numbers) {
    for (double& x : numbers) pass(x);
  }

  bool reads() const { return reads_; }
  /// All that was written.
  std::vector<double> take() { return std::move(numbers_); }

 private:
  template <class N>
  void pass_as_number(N& x) {
    auto number = static_cast<double>(x);
    pass(number);
    x = static_cast<N>(number);
  }

  std::vector<double> numbers_;
  std::size_t next_ = 0;
  bool reads_ = false;
};

}  // namespace mpinmf
