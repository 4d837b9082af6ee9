#include "stability/average_linkage.hpp"

#include <utility>
#include <vector>

namespace mpinmf::stability {
namespace {

/// Each step looks for the nearest neighbour of the last cluster of a chain. Where that is the one before it, the
/// two are each other's nearest and are joined. Average linkage is reducible: no join makes another cluster a
/// nearer neighbour of what stands in the chain, so that heights are those of the tree made in order.
class Linkage {
 public:
  explicit Linkage(ConstMatrixView<double> distances)
      : n_(distances.rows()), between_(n_, n_), cophenetic_(n_, n_), members_(static_cast<std::size_t>(n_)) {
    for (Index i = 0; i < n_; ++i) {
      for (Index j = 0; j < n_; ++j) between_(i, j) = distances(i, j);
      members_[static_cast<std::size_t>(i)] = {i};
    }
  }

  Matrix<double> join_all() {
    std::vector<Index> chain;
    Index first = 0;
    for (Index joins = 0; joins + 1 < n_; ++joins) {
      if (chain.empty()) {
        while (is_gone(first)) ++first;
        chain.push_back(first);
      }
      while (true) {
        const Index last = chain.back();
        const Index before = chain.size() > 1 ? chain[chain.size() - 2] : -1;
        const Index nearest = nearest_of(last, before);
        if (nearest == before) break;
        chain.push_back(nearest);
      }
      const Index b = chain.back(), a = chain[chain.size() - 2];
      chain.resize(chain.size() - 2);
      join(a, b);
    }
    return std::move(cophenetic_);
  }

 private:
  std::vector<Index>& members(Index cluster) { return members_[static_cast<std::size_t>(cluster)]; }
  bool is_gone(Index cluster) { return members(cluster).empty(); }

  /// Of several the one before: else a chain would run in a circle. @pre before is a cluster or -1
  Index nearest_of(Index cluster, Index before) {
    Index nearest = before;
    const double* row = between_.row(cluster);
    for (Index j = 0; j < n_; ++j) {
      if (j == cluster || is_gone(j)) continue;
      if (nearest < 0 || row[j] < row[nearest]) nearest = j;
    }
    return nearest;
  }

  /// b <- a and b. d(a and b, j) = (|a| d(a, j) + |b| d(b, j)) / (|a| + |b|)
  void join(Index a, Index b) {
    const double height = between_(a, b);
    for (const Index i : members(a)) {
      for (const Index j : members(b)) cophenetic_(i, j) = cophenetic_(j, i) = height;
    }
    const auto size_a = static_cast<double>(members(a).size()), size_b = static_cast<double>(members(b).size());
    for (Index j = 0; j < n_; ++j) {
      if (j == a || j == b || is_gone(j)) continue;
      const double mean = (size_a * between_(a, j) + size_b * between_(b, j)) / (size_a + size_b);
      between_(b, j) = between_(j, b) = mean;
    }
    members(b).insert(members(b).end(), members(a).begin(), members(a).end());
    members(a).clear();
  }

  Index n_;
  Matrix<double> between_;     // n x n, of the clusters that are left
  Matrix<double> cophenetic_;  // n x n
  std::vector<std::vector<Index>> members_;
};

}  // namespace

Matrix<double> cophenetic_distances(ConstMatrixView<double> distances) {
  return Linkage(distances).join_all();
}

}  // namespace mpinmf::stability
