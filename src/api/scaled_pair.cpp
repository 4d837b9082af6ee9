#include "scaled_pair.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "losses/loss_table.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf {
namespace {

/// x_ic <- f(x_ic, scales_i) in double, or 0 where the scale is. Nothing where there are no scales, or no x.
template <class T, class F>
void change_rows(std::span<const double> scales, MatrixView<T> x, F&& f) {
  for (std::size_t i = 0; i < scales.size() && x.rows() > 0; ++i) {
    T* const row = x.row(static_cast<Index>(i));
    const double scale = scales[i];
    std::transform(row, row + x.columns(), row, [&](T value) {
      return scale == 0 ? T{0} : static_cast<T>(f(static_cast<double>(value), scale));
    });
  }
}

template <class T, class F>
void change_pair(const DataMatrix<T>& v, MatrixView<T> w, MatrixView<T> ht, F&& f) {
  const WeightScales* const scales = v.scales();
  if (scales == nullptr) return;
  change_rows(scales->of_rows, w, f);
  change_rows(scales->of_columns, ht, f);
}

[[noreturn]] void refuse_scales(const std::string& message) {
  UsageError error(message);
  error.set_met();  // every rank knows the same
  throw error;
}

}  // namespace

std::string what_bars_scales(const ResolvedOptions& o, bool of_rows) {
  const LossFacts loss = facts_of(o.loss);
  const SumToOne own_sums = of_rows ? SumToOne::w : SumToOne::h;
  if (!loss.beta || loss.needs_positive_v) return "--loss " + o.loss.name();
  if ((of_rows ? o.alpha_w : o.alpha_h) > 0) return of_rows ? "--alpha-w" : "--alpha-h";
  if (o.sum_to_one == own_sums) return "--sum-to-one " + name_of(own_sums);
  if (o.zero_below > 0 && (of_rows ? loss.zeroes_w : loss.zeroes_h)) return "--zero-below";
  return "";
}

template <class T>
void require_scales_suit(const DataMatrix<T>& v, const Loss& loss) {
  const WeightScales* const scales = v.scales();
  if (scales == nullptr || facts_of(loss).beta == scales->beta) return;
  refuse_scales(fmt::format("{}: its weights are those of the loss {}, not {}", v.name(),
                            Loss{scales->beta}.name(), loss.name()));
}

template <class T>
void require_scales_suit(const DataMatrix<T>& v, const ResolvedOptions& options) {
  require_scales_suit(v, options.loss);
  if (v.scales() == nullptr) return;
  const bool of_rows = v.scales()->of_columns.empty();
  const std::string bar = what_bars_scales(options, of_rows);
  if (!bar.empty())
    refuse_scales(fmt::format("{}: weights of {} exclude {}", v.name(), of_rows ? "rows" : "columns", bar));
}

template <class T>
void scale_in(const DataMatrix<T>& v, MatrixView<T> w, MatrixView<T> ht) {
  change_pair(v, w, ht, [](double value, double scale) { return value * scale; });
}

template <class T>
void scale_out(const DataMatrix<T>& v, MatrixView<T> w, MatrixView<T> ht) {
  change_pair(v, w, ht, [](double value, double scale) { return value / scale; });
}

#define MPINMF_INSTANTIATE(T)                                                      \
  template void require_scales_suit(const DataMatrix<T>&, const Loss&);            \
  template void require_scales_suit(const DataMatrix<T>&, const ResolvedOptions&); \
  template void scale_in(const DataMatrix<T>&, MatrixView<T>, MatrixView<T>);      \
  template void scale_out(const DataMatrix<T>&, MatrixView<T>, MatrixView<T>);
MPINMF_INSTANTIATE(float)
MPINMF_INSTANTIATE(double)
#undef MPINMF_INSTANTIATE

}  // namespace mpinmf
