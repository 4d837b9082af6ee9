// W as a heat map: rows in the order of their strongest component, binned.
#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "report/component_pictures.hpp"
#include "report/counted.hpp"

namespace mpinmf::report {
namespace {

/// Rows of one strongest component are sorted by its share, in so many steps: their places follow from counts
/// alone, and no row is kept.
constexpr std::size_t steps = 1024;

/// The share of each component in a row, and the number of the row's step in the order of the picture.
class RowOrder {
 public:
  explicit RowOrder(std::span<const double> sums) : sums_(sums), shares_(sums.size()) {}

  std::size_t groups() const { return sums_.size() * steps + 1; }
  std::span<const double> shares() const { return shares_; }
  std::size_t group_of(std::span<const double> row) {
    double sum = 0;
    for (std::size_t c = 0; c < shares_.size(); ++c) sum += shares_[c] = row[c] * sums_[c];
    if (sum <= 0) {
      std::fill(shares_.begin(), shares_.end(), 0.0);
      return groups() - 1;
    }
    for (double& share : shares_) share /= sum;
    const auto strongest =
        static_cast<std::size_t>(std::max_element(shares_.begin(), shares_.end()) - shares_.begin());
    const auto step = std::min(steps - 1, static_cast<std::size_t>(shares_[strongest] * steps));
    return strongest * steps + (steps - 1 - step);
  }

 private:
  std::span<const double> sums_;
  std::vector<double> shares_;
};

constexpr double map_left = 90, map_top = 40, map_width = 570, map_height = 390;

void draw_groups(const HeatMap& map, Canvas& canvas) {
  const std::size_t k = map.rows_before.size() - 2;
  const auto place = [&](Index row) {
    return map_top + map_height * static_cast<double>(row) / static_cast<double>(map.rows);
  };
  double free_from = 0;  // above it there is text already
  for (std::size_t c = 0; c <= k; ++c) {
    const Index begin = map.rows_before[c], end = map.rows_before[c + 1];
    if (begin == end) continue;
    constexpr double tick = 8;
    canvas.bar({map_left - tick, place(begin), tick, 1}, middle_grey);
    const double middle = (place(begin) + place(end)) / 2;
    if (middle - text_height / 2 < free_from) continue;
    canvas.text(map_left - 2 * tick, middle, c < k ? fmt::format("{}", c) : "none", Align::right);
    free_from = middle + text_height / 2;
  }
}

void draw_legend(Canvas& canvas) {
  constexpr Index levels = 64;
  Raster legend{1, levels, {}};
  for (Index l = 0; l < levels; ++l) {
    legend.pixels.push_back(viridis(1 - (static_cast<double>(l) + 0.5) / static_cast<double>(levels)));
  }
  const Box box{map_left + map_width + 30, map_top, 24, map_height};
  canvas.image(box, legend);
  canvas.frame(box);
  for (const double share : {0.0, 0.5, 1.0}) {
    canvas.text(box.left + box.width + text_height / 2, map_top + (1 - share) * map_height,
                fmt::format("{:.0f} %", 100 * share));
  }
}

}  // namespace

HeatMap heat_map(const RowWalk& w, std::span<const double> sums) {
  RowOrder order(sums);
  std::vector<Index> counts(order.groups());
  w([&](std::span<const double> row) { ++counts[order.group_of(row)]; });
  HeatMap map;
  map.rows = std::accumulate(counts.begin(), counts.end(), Index{0});
  map.bins = std::min(map.rows, HeatMap::most_bins);
  std::vector<Index> next(counts.size());  // the place of a group's next row
  std::exclusive_scan(counts.begin(), counts.end(), next.begin(), Index{0});
  const std::size_t k = sums.size();
  for (std::size_t c = 0; c <= k; ++c) map.rows_before.push_back(next[c * steps]);
  map.rows_before.push_back(map.rows);
  map.shares.resize(static_cast<std::size_t>(map.bins) * k);
  std::vector<double> rows_in(static_cast<std::size_t>(map.bins));
  w([&](std::span<const double> row) {
    const Index place = next[order.group_of(row)]++;
    const auto bin = static_cast<std::size_t>(place * map.bins / map.rows);
    for (std::size_t c = 0; c < k; ++c) map.shares[bin * k + c] += order.shares()[c];
    rows_in[bin] += 1;
  });
  for (std::size_t i = 0; i < map.shares.size(); ++i) map.shares[i] /= std::max(1.0, rows_in[i / k]);
  return map;
}

std::string draw_heat_map(const HeatMap& map, const std::string& stem) {
  constexpr Index height = 500;
  Canvas canvas(picture_width, height);
  const std::size_t k = map.rows_before.size() - 2;
  Raster raster{static_cast<Index>(k), map.bins, {}};
  for (const double share : map.shares) raster.pixels.push_back(viridis(share));
  const Box box{map_left, map_top, map_width, map_height};
  canvas.image(box, raster);
  canvas.frame(box);
  draw_groups(map, canvas);
  draw_legend(canvas);
  canvas.text(map_left - 16, map_top / 2, "strongest", Align::centre);
  canvas.text(map_left + map_width, map_top / 2, counted(map.rows, "row") + ", share of each component",
              Align::right);
  const double column = map_width / static_cast<double>(k);
  constexpr double label_width = 42;
  const auto every = static_cast<std::size_t>(label_width / column) + 1;
  for (std::size_t c = 0; c < k; c += every) {
    canvas.text(map_left + column * (static_cast<double>(c) + 0.5), map_top + map_height + 18,
                fmt::format("{}", c), Align::centre);
  }
  canvas.text(map_left + map_width / 2, map_top + map_height + 48, "component", Align::centre);
  return canvas.draw(stem);
}

}  // namespace mpinmf::report
