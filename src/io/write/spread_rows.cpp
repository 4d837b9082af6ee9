#include "spread_rows.hpp"

#include <utility>
#include <vector>

namespace mpinmf::io {
namespace {

/// Where what comes before row `place` of those that are kept ends.
Index edge_of(const Subset& kept, Index place) {
  if (place == 0) return 0;
  return place == kept.count() ? kept.all() : kept.number_at(place);
}

class SpreadRows final : public OutputRows {
 public:
  SpreadRows(OutputMatrix matrix, const Subset& kept, double absent)
      : matrix_(std::move(matrix)),
        kept_(kept),
        absent_(static_cast<std::size_t>(matrix_.columns), absent),
        first_(edge_of(kept, matrix_.first_row)),
        last_(edge_of(kept, matrix_.first_row + matrix_.own_rows)) {}

  void each(const TakeOutputRow& take) override {
    Index next = first_;
    const auto fill = [&](Index end) {
      for (; next < end; ++next) take({next, {}, absent_});
    };
    matrix_.reader->each([&](const OutputRow& row) {
      const Index number = kept_.number_at(row.number);
      fill(number);
      take({number, row.columns, row.values});
      ++next;
    });
    fill(last_);
  }
  Index first() const { return first_; }
  Index count() const { return last_ - first_; }

 private:
  OutputMatrix matrix_;
  const Subset& kept_;
  std::vector<double> absent_;
  Index first_, last_;
};

}  // namespace

void spread_rows(OutputMatrix& matrix, const Subset& kept, double absent) {
  OutputMatrix spread;
  spread.name = matrix.name;
  spread.columns = matrix.columns;
  spread.single_precision = matrix.single_precision;
  spread.rows = kept.all();
  auto rows = std::make_unique<SpreadRows>(std::move(matrix), kept, absent);
  spread.first_row = rows->first();
  spread.own_rows = rows->count();
  spread.reader = std::move(rows);
  matrix = std::move(spread);
}

}  // namespace mpinmf::io
