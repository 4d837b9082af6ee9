// What every entry must be before it is used: a number, finite, not negative, and small enough for its precision.
#pragma once

#include <limits>
#include <string>
#include <utility>

#include "mpinmf/load.hpp"

namespace mpinmf::io {

/// Takes entries as a source hands them out; messages name the row and column as they stand in the file.
template <class T>
class EntryCheck {
 public:
  /// `name` stands for the matrix in messages.
  explicit EntryCheck(std::string name, const LoadOptions& options = {})
      : name_(std::move(name)),
        transposed_(options.transpose),
        add_(options.add),
        clip_negative_(options.clip_negative),
        storage_type_(options.storage_type),
        takes_nan_(options.missing == Missing::nan),
        keeps_zeros_(options.keeps_zeros || options.missing == Missing::zeros),
        defers_(!options.mask.empty()) {}

  /// value + add in the precision of T, where value is 0 if it is negative by no more than is allowed; NaN where
  /// that stands for an unknown entry. Throws BadData.
  T operator()(double value, Index row, Index column) {
    if (value < 0 && value >= -clip_negative_) {
      value = 0;
      ++clipped_;
    }
    const T result = static_cast<T>(value + add_);
    if (value >= 0 && result <= std::numeric_limits<T>::max()) return result;
    if ((takes_nan_ && value != value) || defers_) return result;
    refuse(value, row, column);
  }

  /// The same for some entries at once, which go to `out`, if all of them pass and none is clipped; else false.
  bool take_plain(const double* values, Index count, T* out) const {
    Index others = 0;
    for (Index j = 0; j < count; ++j) {
      out[j] = static_cast<T>(values[j] + add_);
      others += (values[j] >= 0) & (out[j] <= std::numeric_limits<T>::max()) ? 0 : 1;
    }
    return others == 0;
  }

  /// Whether stored zeros are entries like others.
  bool keeps_zeros() const { return keeps_zeros_; }

  /// Whether anything passes, as it may be unknown: what is in a place is checked by what `known` returns once the
  /// mask has been seen.
  bool defers() const { return defers_; }
  EntryCheck known() const {
    EntryCheck check = *this;
    check.defers_ = false;
    check.clipped_ = 0;
    return check;
  }

  /// Throws BadData for a value, of the matrix as it is read, that cannot be held as options.storage_type.
  [[noreturn]] void refuse_to_hold(T value, Index row, Index column) const;

  /// How many entries were set to 0.
  Index clipped() const { return clipped_; }

 private:
  [[noreturn]] void refuse(double value, Index row, Index column) const;

  std::string name_;
  bool transposed_;
  double add_, clip_negative_;
  StorageType storage_type_;
  bool takes_nan_, keeps_zeros_, defers_;
  Index clipped_ = 0;
};

/// What a message says of a negative entry that round-off may have made: the option that helps. Else nothing.
std::string clip_advice(double value);

extern template class EntryCheck<float>;
extern template class EntryCheck<double>;

}  // namespace mpinmf::io
