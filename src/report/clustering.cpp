#include "clustering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "gnuplot.hpp"

namespace mpinmf::report {
namespace {

/// Pixels of the matrix at most: more spectra share them.
constexpr std::size_t most_pixels = 400;

/// The spectra that were kept, cluster by cluster.
std::vector<std::size_t> by_cluster(const stability::Consensus& consensus) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < consensus.labels.size(); ++i) {
    if (consensus.labels[i] >= 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (consensus.labels[a] != consensus.labels[b]) return consensus.labels[a] < consensus.labels[b];
    return consensus.local_density[a] < consensus.local_density[b];
  });
  return order;
}

/// $distances: a line a row of pixels, each the mean distance of the spectra that share it.
std::string distances_data(const stability::Consensus& consensus) {
  const std::vector<std::size_t> order = by_cluster(consensus);
  const std::size_t pixels = std::min(order.size(), most_pixels);
  const auto begin = [&](std::size_t pixel) { return pixel * order.size() / pixels; };
  std::string text = "$distances << EOD\n";
  for (std::size_t y = 0; y < pixels; ++y) {
    for (std::size_t x = 0; x < pixels; ++x) {
      double sum = 0;
      for (std::size_t i = begin(y); i < begin(y + 1); ++i) {
        const double* row = consensus.distances.row(static_cast<Index>(order[i]));
        for (std::size_t j = begin(x); j < begin(x + 1); ++j) sum += row[order[j]];
      }
      const auto count = static_cast<double>((begin(y + 1) - begin(y)) * (begin(x + 1) - begin(x)));
      fmt::format_to(std::back_inserter(text), "{:.4g} ", sum / count);
    }
    text += '\n';
  }
  return text + "EOD\n";
}

/// $densities: left end and count of each of 50 bins from 0 to the largest, or to the threshold.
std::string densities_data(const stability::Consensus& consensus, double most) {
  constexpr std::size_t bins = 50;
  std::vector<int> counts(bins);
  for (const double density : consensus.local_density) {
    const auto bin = static_cast<std::size_t>(density / most * static_cast<double>(bins));
    ++counts[std::min(bin, bins - 1)];
  }
  std::string text = "$densities << EOD\n";
  for (std::size_t bin = 0; bin < bins; ++bin)
    text += fmt::format("{:.6g} {}\n", (static_cast<double>(bin) + 0.5) * most / bins, counts[bin]);
  return text + "EOD\n";
}

}  // namespace

std::string draw_clustering(const stability::Consensus& consensus, double density_threshold,
                            const std::string& stem) {
  constexpr PictureSize size = {1300, 600};
  double most = std::min(density_threshold, stability::no_threshold);
  for (const double density : consensus.local_density) most = std::max(most, density);
  const std::string data = distances_data(consensus) + densities_data(consensus, most);
  const auto script = [&](const std::string& terminal, const std::string& output) {
    return data + gnuplot_head(terminal, output, "Spectra of all fits, by cluster", "") +
           "set multiplot layout 1,2\nunset grid\nunset key\nset size ratio 1\nset autoscale xfix\nset autoscale "
           "yfix\nset yrange [] reverse\nunset xtics\nunset ytics\nset cblabel 'Euclidean distance'\n"
           "set palette defined (0 '#08306b', 0.5 '#6baed6', 1 '#f7fbff')\nset cbrange [0:sqrt(2)]\n"
           "plot $distances matrix with image\n"
           "set size noratio\nset yrange [0:*] noreverse\nset xtics auto\nset ytics auto\nset grid\n" +
           fmt::format("set xrange [0:{:.6g}]\n", 1.02 * most) +
           "set xlabel 'Local density (mean distance to the nearest)'\nset ylabel 'Spectra'\n"
           "set style fill solid 0.6\n" +
           fmt::format("set arrow 1 from {0:.6g}, graph 0 to {0:.6g}, graph 1 nohead dashtype 2 linewidth 2\n",
                       density_threshold) +
           "plot $densities using 1:2 with boxes\nunset multiplot\n";
  };
  return draw_picture(script, stem, size);
}

}  // namespace mpinmf::report
