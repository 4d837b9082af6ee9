// What every entry must be before it is used: a number, finite, not negative, and small enough for its precision.
#pragma once

#include <limits>
#include <string>
#include <utility>

#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

/// Takes entries as a source hands them out; messages name the row and column as they stand in the file.
template <class T>
class EntryCheck {
 public:
  /// `name` stands for the matrix in messages. `add` will be added to every entry.
  EntryCheck(std::string name, bool transposed, double add = 0)
      : name_(std::move(name)), transposed_(transposed), add_(add) {}

  /// value + add in the precision of T. Throws BadData.
  T operator()(double value, Index row, Index column) const {
    const T result = static_cast<T>(value + add_);
    if (value >= 0 && result <= std::numeric_limits<T>::max()) return result;
    refuse(value, row, column);
  }

 private:
  [[noreturn]] void refuse(double value, Index row, Index column) const;

  std::string name_;
  bool transposed_;
  double add_;
};

extern template class EntryCheck<float>;
extern template class EntryCheck<double>;

}  // namespace mpinmf::io
