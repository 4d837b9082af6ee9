#include "checks.hpp"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <string>

#include "kernels/panel.hpp"
#include "losses/loss_table.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf {
namespace {

[[noreturn]] void refuse_on_all(const std::string& message) {
  BadData error(message);
  error.set_met();  // every rank knows the same summary, so every rank throws
  throw error;
}

/// Whether powers of V, and of numbers up to twice as large or as small, stay in range: outside [0, 2] they may
/// leave it where squares do not. Losses are summed in double whatever T is; numerators are not.
template <class T>
bool powers_are_seen(const DataSummary& v, const PowersOfV& powers) {
  constexpr double most_of_loss = 640;  // in natural logarithms, with room for sums
  const double most_of_weight = std::log(static_cast<double>(largest_quotient<T>));
  const auto is_seen = [&](double entry) {
    const double log = std::fabs(std::log(entry)) + std::log(2.0);
    return std::fabs(powers.in_loss) * log < most_of_loss && std::fabs(powers.in_numerator) * log < most_of_weight;
  };
  const bool knows_least = v.minimum > 0;
  return v.maximum == 0 || (is_seen(v.maximum) && (powers.in_loss > 0 || !knows_least || is_seen(v.minimum)));
}

}  // namespace

template <class T>
void require_valid_factor(ConstMatrixView<T> x, const char* name, Index first_row) {
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) {
      const T value = x(i, c);
      if (value >= 0 && value <= std::numeric_limits<T>::max()) continue;
      throw BadData(
          fmt::format("{} has the entry {:g} in row {}, column {} (counted from 0); a factor needs finite "
                      "entries >= 0",
                      name, static_cast<double>(value), first_row + i, c));
    }
  }
}
template void require_valid_factor(ConstMatrixView<float>, const char*, Index);
template void require_valid_factor(ConstMatrixView<double>, const char*, Index);

void require_shape(const char* name, Index rows, Index columns, Index wanted_rows, Index wanted_columns) {
  if (rows == wanted_rows && columns == wanted_columns) return;
  throw ShapeMismatch(
      fmt::format("{} is {} x {} where {} x {} is needed", name, rows, columns, wanted_rows, wanted_columns));
}

template <class T>
bool is_finite_for(const DataMatrix<T>& v, const Loss& loss) {
  const DataSummary& all = v.summary();
  const LossFacts facts = facts_of(loss);
  return !facts.needs_positive_v || (facts.is_observed ? all.nonzeros == all.stored : !all.first_zero);
}
template bool is_finite_for(const DataMatrix<float>&, const Loss&);
template bool is_finite_for(const DataMatrix<double>&, const Loss&);

template <class T>
void require_unknown_allowed(const DataMatrix<T>& v, const Loss& loss) {
  if (v.summary().has_weights && !facts_of(loss).is_observed) {
    UsageError error(fmt::format(
        "{}: its entries have weights, and others are not known: the loss must have Missing::zeros", v.name()));
    error.set_met();
    throw error;
  }
  if (!v.has_unknown() || facts_of(loss).is_filled) return;
  refuse_on_all(
      fmt::format("{}: {} of its entries are unknown (NaN), which a loss over all of V does not take: fit with "
                  "--missing nan",
                  v.name(), v.summary().unknown));
}
template void require_unknown_allowed(const DataMatrix<float>&, const Loss&);
template void require_unknown_allowed(const DataMatrix<double>&, const Loss&);

template <class T>
void require_loss_allows(const DataMatrix<T>& v, const Loss& loss) {
  const DataSummary& all = v.summary();
  const LossFacts facts = facts_of(loss);
  require_unknown_allowed(v, loss);
  const char* precision = sizeof(T) == 4 ? "single" : "double";
  if (facts.is_observed && !is_finite_for(v, loss)) {
    refuse_on_all(fmt::format(
        "{}: {} of its known entries are 0, where the {} loss is infinite; fit with --loss kullback-leibler",
        v.name(), all.stored - all.nonzeros, loss.name()));
  }
  if (!is_finite_for(v, loss)) {
    const std::string flushed =
        all.flushed == 0 ? ""
                         : fmt::format(
                               " (or below {:g}, the least normal number of {} precision, as {} of its entries "
                               "are{})",
                               static_cast<double>(std::numeric_limits<T>::min()), precision, all.flushed,
                               sizeof(T) == 4 ? "; --precision double keeps more of them" : "");
    const double mebibytes =
        std::ceil(static_cast<double>(v.rows_global()) * static_cast<double>(v.columns()) * sizeof(T) / (1 << 20));
    const std::string cost =
        v.is_sparse() ? fmt::format(", which makes it dense: {:.0f} MiB over all ranks", mebibytes) : "";
    refuse_on_all(fmt::format(
        "{}: the entry in row {}, column {} (counted from 0) is 0{}, where the {} loss is infinite; fit with "
        "--loss kullback-leibler, or with a small constant added to V (--add 1e-3{})",
        v.name(), all.first_zero->row, all.first_zero->column, flushed, loss.name(), cost));
  }
  if (!facts.powers_of_v || powers_are_seen<T>(all, *facts.powers_of_v)) return;
  refuse_on_all(fmt::format(
      "{}: powers of its entries ({:g} to {:g}), as --loss {} takes them, leave the range of {} precision "
      "numbers; "
      "take a beta closer to 2{}, or rescale V so that its entries are closer to 1",
      v.name(), all.minimum, all.maximum, loss.name(), precision, sizeof(T) == 4 ? ", --precision double" : ""));
}
template void require_loss_allows(const DataMatrix<float>&, const Loss&);
template void require_loss_allows(const DataMatrix<double>&, const Loss&);

}  // namespace mpinmf
