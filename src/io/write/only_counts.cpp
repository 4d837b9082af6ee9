#include "only_counts.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "mpinmf/error.hpp"

namespace mpinmf::io {
namespace {

class RowsOfCounts final : public OutputRows {
 public:
  RowsOfCounts(OutputMatrix& matrix, Index largest, std::string_view format)
      : rows_(std::move(matrix.reader)), name_(matrix.name), largest_(largest), format_(format) {}

  void each(const TakeOutputRow& take) override {
    const auto most = static_cast<double>(largest_);
    rows_->each([&](const OutputRow& row) {
      for (std::size_t q = 0; q < row.values.size(); ++q) {
        if (!is_whole(row.values[q]) || row.values[q] > most) throw no_count(row, q);
      }
      take(row);
    });
  }
  Index clipped() const override { return rows_->clipped(); }
  Index summed() const override { return rows_->summed(); }

 private:
  BadData no_count(const OutputRow& row, std::size_t q) const {
    const Index column = row.columns.empty() ? static_cast<Index>(q) : Index{row.columns[q]};
    return BadData(
        fmt::format("{}: the entry {} in row {}, column {} (counted from 0, of what is written) has no place in "
                    "{}, which holds whole "
                    "numbers up to {}; write another format, such as .h5ad",
                    name_, row.values[q], row.number, column, format_, largest_));
  }

  std::unique_ptr<OutputRows> rows_;
  std::string name_;
  Index largest_;
  std::string_view format_;
};

}  // namespace

void require_counts(OutputMatrix& matrix, Index largest, std::string_view format) {
  matrix.reader = std::make_unique<RowsOfCounts>(matrix, largest, format);
}

}  // namespace mpinmf::io
