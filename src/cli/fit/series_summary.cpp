#include "series_summary.hpp"

#include <fmt/core.h>

#include <utility>

#include "one_fit.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "results.hpp"

namespace mpinmf::cli {

bool SeriesSummary::is_best(const report::SummaryRow& row) const {
  const bool is_other_k = rows_.empty() || rows_.back().components != row.components;
  return is_other_k || !best_ || report::minimised(row) < best_->minimised;
}

void SeriesSummary::add(report::SummaryRow row, const std::string& path) {
  if (rows_.empty() || rows_.back().components != row.components) best_.reset();
  row.best = is_best(row);
  const std::string beaten = row.best ? (best_ ? best_->path : "") : path;
  if (row.best) {
    if (best_) rows_[best_->row].best = false;
    best_ = Best{rows_.size(), report::minimised(row), path};
    if (!path.empty() && arguments_.groups == 1) comm_.meet_on_root([&] { link_best(path); });
  }
  rows_.push_back(std::move(row));
  if (!beaten.empty()) remove_w(comm_, arguments_, beaten);
}

void SeriesSummary::clear() {
  rows_.clear();
  best_.reset();
}

void SeriesSummary::write(OutputFolder& folder) const {
  const std::string path = folder.partial("summary.csv");
  comm_.meet_on_root([&] { report::write_text_file(path, report::summary_csv(rows_)); });
  folder.publish();
}

void SeriesSummary::draw(const OutputFolder& folder) const {
  if (!comm_.is_root()) return;
  const std::string fault = report::draw_summary(rows_, folder.path() + "/summary");
  if (!fault.empty() && arguments_.talks(comm_)) {
    report::note(fmt::format("summary.svg and summary.png were not drawn: {}", fault));
  }
}

}  // namespace mpinmf::cli
