#include "stability/k_means.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/philox.hpp"

namespace mpinmf::stability {
namespace {

constexpr Index most_rounds = 300;  // scikit-learn's; some 10 are used

/// One start. Means are never formed: with D the squared distances and C a cluster of c rows,
/// |x_i - mean|² = sum_{j in C} D_ij / c - sum_{j, l in C} D_jl / (2 c²).
class Lloyd {
 public:
  Lloyd(ConstMatrixView<double> squared, Index k)
      : squared_(squared),
        to_means_(squared.rows(), k),
        labels_(static_cast<std::size_t>(squared.rows())),
        sizes_(static_cast<std::size_t>(k)),
        spreads_(static_cast<std::size_t>(k)) {}

  void run(std::uint64_t seed, Index start) {
    seed_means(seed, start);
    std::vector<Index> before;
    for (Index round = 0; round < most_rounds && before != labels_; ++round) {
      before = labels_;
      measure();
      move_rows();
      fill_empty();
    }
    measure();
  }
  const std::vector<Index>& labels() const { return labels_; }
  /// sum over clusters of sum_{j, l in C} D_jl / (2 c)
  double inertia() const {
    double sum = 0;
    for (std::size_t c = 0; c < sizes_.size(); ++c) sum += spreads_[c] / (2 * static_cast<double>(sizes_[c]));
    return sum;
  }

 private:
  Index rows() const { return squared_.rows(); }
  Index k() const { return to_means_.columns(); }
  Index& label(Index i) { return labels_[static_cast<std::size_t>(i)]; }

  /// Rows that lie far from those picked so far are picked as the next means.
  void seed_means(std::uint64_t seed, Index start) {
    const Index draws = 2 + static_cast<Index>(std::log(static_cast<double>(k())));
    const auto drawn = [&](Index c, Index draw) {
      return unit_interval(random_words(seed, Stream::k_means, start, c * draws + draw)[0]);
    };
    const auto first = static_cast<Index>(drawn(0, 0) * static_cast<double>(rows()));
    std::vector<double> nearest(squared_.row(first), squared_.row(first) + rows());
    copy_distances(first, 0);
    for (Index c = 1; c < k(); ++c) {
      double least = std::numeric_limits<double>::infinity();
      Index best = 0;
      std::vector<double> best_nearest;
      for (Index draw = 0; draw < draws; ++draw) {
        const Index candidate = row_at(nearest, drawn(c, draw));
        std::vector<double> closer = nearest;
        for (std::size_t i = 0; i < closer.size(); ++i) {
          closer[i] = std::min(closer[i], squared_.row(candidate)[i]);
        }
        const double potential = std::accumulate(closer.begin(), closer.end(), 0.0);
        if (potential >= least) continue;
        least = potential;
        best = candidate;
        best_nearest = std::move(closer);
      }
      nearest = std::move(best_nearest);
      copy_distances(best, c);
    }
    std::fill(labels_.begin(), labels_.end(), 0);
    move_rows();
    fill_empty();
  }

  /// The first row at which the running sum of weights is `share` of the whole or more.
  static Index row_at(const std::vector<double>& weights, double share) {
    const double goal = share * std::accumulate(weights.begin(), weights.end(), 0.0);
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sum += weights[i];
      if (sum >= goal && weights[i] > 0) return static_cast<Index>(i);
    }
    return static_cast<Index>(weights.size()) - 1;
  }

  void copy_distances(Index row, Index c) {
    for (Index i = 0; i < rows(); ++i) to_means_(i, c) = squared_(row, i);
  }

  /// spreads_c = sum_{j, l in C} D_jl, to_means_ic as above
  void measure() {
    std::fill(sizes_.begin(), sizes_.end(), 0);
    std::fill(spreads_.begin(), spreads_.end(), 0.0);
    for (Index i = 0; i < rows(); ++i) {
      double* sums = to_means_.row(i);
      std::fill_n(sums, k(), 0.0);
      const double* row = squared_.row(i);
      for (Index j = 0; j < rows(); ++j) sums[label(j)] += row[j];
      const auto own = static_cast<std::size_t>(label(i));
      ++sizes_[own];
      spreads_[own] += sums[own];
    }
    for (Index i = 0; i < rows(); ++i) {
      double* sums = to_means_.row(i);
      for (std::size_t c = 0; c < sizes_.size(); ++c) {
        const auto size = static_cast<double>(sizes_[c]);
        sums[c] = std::max(0.0, sums[c] / size - spreads_[c] / (2 * size * size));
      }
    }
  }

  void move_rows() {
    for (Index i = 0; i < rows(); ++i) {
      for (Index c = 0; c < k(); ++c) {
        if (to_means_(i, c) < to_means_(i, label(i))) label(i) = c;
      }
    }
  }

  void fill_empty() {
    std::vector<Index> sizes(static_cast<std::size_t>(k()));
    for (const Index c : labels_) ++sizes[static_cast<std::size_t>(c)];
    std::vector<bool> has_moved(labels_.size(), false);
    for (std::size_t empty = 0; empty < sizes.size(); ++empty) {
      if (sizes[empty] > 0) continue;
      Index farthest = -1;
      for (Index i = 0; i < rows(); ++i) {
        if (has_moved[static_cast<std::size_t>(i)] || sizes[static_cast<std::size_t>(label(i))] == 1) continue;
        if (farthest < 0 || to_means_(i, label(i)) > to_means_(farthest, label(farthest))) farthest = i;
      }
      --sizes[static_cast<std::size_t>(label(farthest))];
      ++sizes[empty];
      label(farthest) = static_cast<Index>(empty);
      has_moved[static_cast<std::size_t>(farthest)] = true;
    }
  }

  ConstMatrixView<double> squared_;
  Matrix<double> to_means_;  // r x k, squared distances
  std::vector<Index> labels_, sizes_;
  std::vector<double> spreads_;
};

std::vector<Index> numbered_by_first_rows(const std::vector<Index>& labels, Index k) {
  std::vector<Index> number(static_cast<std::size_t>(k), -1), renamed;
  Index next = 0;
  for (const Index label : labels) {
    Index& name = number[static_cast<std::size_t>(label)];
    if (name < 0) name = next++;
    renamed.push_back(name);
  }
  return renamed;
}

}  // namespace

Clusters k_means(ConstMatrixView<double> squared_distances, Index k, Index starts, std::uint64_t seed) {
  assert(k >= 1 && k <= squared_distances.rows() && starts >= 1);
  Clusters best{{}, std::numeric_limits<double>::infinity()};
  Lloyd lloyd(squared_distances, k);
  for (Index start = 0; start < starts; ++start) {
    lloyd.run(seed, start);
    if (lloyd.inertia() < best.inertia) best = {lloyd.labels(), lloyd.inertia()};
  }
  best.labels = numbered_by_first_rows(best.labels, k);
  return best;
}

}  // namespace mpinmf::stability
