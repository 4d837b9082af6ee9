#include "perturbed_rows.hpp"

#include <Random123/philox.h>
#include <fmt/format.h>

// behind a generator, whose macros it takes
#include <Random123/MicroURNG.hpp>

#include <array>
#include <limits>
#include <random>

#include "kernels/philox.hpp"
#include "mpinmf/error.hpp"
#include "panel_memory.hpp"

namespace mpinmf {
namespace {

/// The noise of one law after the other entry, most often in the same row and near the last one.
class Noise {
 public:
  explicit Noise(const Perturbation& how) : how_(how) {}

  double operator()(double value, Index row, Index column) {
    return how_.law == Perturbation::Law::uniform ? value * (1 + how_.width * (2 * uniform(row, column) - 1))
                                                  : poisson(value, row, column);
  }

 private:
  /// Four neighbours share a call of the generator.
  double uniform(Index row, Index column) {
    const Index four = column / numbers_at_once;
    if (row != row_ || four != four_) words_ = random_words(how_.key, Stream::perturbation, row, four);
    row_ = row;
    four_ = four;
    return unit_interval(words_[static_cast<std::size_t>(column % numbers_at_once)]);
  }

  double poisson(double mean, Index row, Index column) const {
    if (!(mean > 0)) return mean;  // unknown entries stay so
    using Generator = r123::Philox4x64;
    const Generator::ctr_type counter = {
        {static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(column), 0, 0}};
    const Generator::key_type key = {{how_.key, static_cast<std::uint64_t>(Stream::perturbation)}};
    r123::MicroURNG<Generator> words(counter, key);
    return static_cast<double>(std::poisson_distribution<Index>(mean)(words));
  }

  const Perturbation how_;
  Index row_ = -1, four_ = -1;
  std::array<std::uint64_t, numbers_at_once> words_ = {};
};

/// These rows with the values in `memory`.
template <class T>
RowPanel<T> with_values(const DensePanel<T>& rows, const std::shared_ptr<PanelMemory<T>>& memory) {
  return {DensePanel<T>{{memory->values.data(), rows.rows(), rows.columns(), rows.columns()}}, memory};
}
template <class T>
RowPanel<T> with_values(const SparsePanel<T>& rows, const std::shared_ptr<PanelMemory<T>>& memory) {
  memory->offsets.assign(rows.begins, rows.begins + rows.row_count);
  memory->offsets.push_back(rows.row_count == 0 ? 0 : rows.ends[rows.row_count - 1]);
  const Index begin = memory->offsets.front();  // entries follow each other
  for (Index& offset : memory->offsets) offset -= begin;
  const Index* const offsets = memory->offsets.data();
  return {SparsePanel<T>{rows.row_count, rows.column_count, offsets, offsets + 1, rows.indices + begin,
                         memory->values.data()},
          memory};
}

}  // namespace

Perturbation Perturbation::parse(const std::string& text) {
  Perturbation made;
  if (text == "poisson") {
    made.law = Law::poisson;
    return made;
  }
  const std::string uniform = "uniform:";
  try {
    std::size_t read = 0;
    if (text.starts_with(uniform)) made.width = std::stod(text.substr(uniform.size()), &read);
    if (read > 0 && read + uniform.size() == text.size() && made.width > 0 && made.width < 1) return made;
  } catch (const std::logic_error&) {
  }
  throw UsageError(fmt::format(
      "noise is poisson or uniform:WIDTH, with a width above 0 and below 1 such as uniform:0.03, not {}", text));
}

std::string Perturbation::text() const {
  return law == Law::poisson ? "poisson" : fmt::format("uniform:{}", width);
}

template <class T>
RowPanel<T> PerturbedRows<T>::rows(Index first_row, Index count) const {
  const RowPanel<T> from = this->plain().rows(first_row, count);
  const std::shared_ptr<PanelMemory<T>> memory = free_panel_memory<T>(from.stored());
  const std::span<const ColumnIndex> order = this->plain().column_order();
  Noise draw(noise_);
  T* to = memory->values.data();
  for (Index i = 0; i < count; ++i) {
    const Index row = this->plain().first_row() + first_row + i;
    from.for_stored(i, [&](Index j, T value) {
      const Index column = order.empty() ? j : order[static_cast<std::size_t>(j)];
      const T changed = static_cast<T>(draw(static_cast<double>(value), row, column));
      *to++ = changed < std::numeric_limits<T>::min() ? T{0} : changed;  // a sweep reads denormal numbers as 0
    });
  }
  return from.visit_whole_rows([&](const auto& panel) { return with_values(panel, memory); });
}

template class PerturbedRows<float>;
template class PerturbedRows<double>;

}  // namespace mpinmf
