#include "merge.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <queue>
#include <tuple>

namespace mpinmf {
namespace {

/// sin^2 of an angle between two vectors below which they are parallel but for the rounding of their products.
constexpr double least_square_of_sine = 1e-12;

/// 1 - cos^2 of the angle between a and b. @pre neither is 0
double square_of_sine(const PairProducts& of) {
  const double cosine = of.ab / std::sqrt(of.aa) / std::sqrt(of.bb);
  const double square = (1 - cosine) * (1 + cosine);
  return square < least_square_of_sine ? 0 : square;
}

/// Pairs, the least loss first; of equal ones the first pair.
struct Candidate {
  double loss;
  Index a, b;
  Index age_a, age_b;  ///< of the components when their loss was found

  auto order() const { return std::tie(loss, a, b); }
  friend bool operator>(const Candidate& x, const Candidate& y) { return x.order() > y.order(); }
};

/// A merged component takes the place of the first of its parts.
class Merger {
 public:
  Merger(MatrixView<double> gram_w, MatrixView<double> gram_h) : gram_w_(gram_w), gram_h_(gram_h) {
    const Index all = gram_w.rows();
    const auto count = static_cast<std::size_t>(all);
    result_.components = all;
    result_.of_w.assign(count, 1);
    result_.of_h.assign(count, 1);
    for (Index c = 0; c < all; ++c) result_.into.push_back(c);
    ages_.assign(count, 0);
    for (Index b = 0; b < all; ++b) {
      for (Index a = 0; a < b; ++a) consider(a, b);
    }
  }

  void merge_best() {
    Candidate best = candidates_.top();
    for (; !is_current(best); best = candidates_.top()) candidates_.pop();
    const Index a = best.a, b = best.b;
    const MergedPair pair = pair_of(a, b);
    take(gram_w_, a, b, pair.of_w);
    take(gram_h_, a, b, pair.of_h);
    for (std::size_t c = 0; c < result_.into.size(); ++c) {
      const std::size_t part = result_.into[c] == a ? 0 : 1;
      if (result_.into[c] != a && result_.into[c] != b) continue;
      result_.of_w[c] *= pair.of_w[part];
      result_.of_h[c] *= pair.of_h[part];
      result_.into[c] = a;
    }
    ++age(a);
    age(b) = gone;
    --result_.components;
    for (Index c = 0; c < gram_w_.rows(); ++c) {
      if (c != a && age(c) != gone) consider(std::min(a, c), std::max(a, c));
    }
  }

  const Merging& result() const { return result_; }
  /// The places that are left become 0 .. k - 1.
  Merging finish() {
    std::vector<Index> number(ages_.size());
    Index next = 0;
    for (std::size_t c = 0; c < ages_.size(); ++c) {
      if (ages_[c] != gone) number[c] = next++;
    }
    for (Index& into : result_.into) into = number[static_cast<std::size_t>(into)];
    return std::move(result_);
  }

 private:
  static constexpr Index gone = -1;

  Index& age(Index c) { return ages_[static_cast<std::size_t>(c)]; }
  bool is_current(const Candidate& c) { return age(c.a) == c.age_a && age(c.b) == c.age_b; }
  MergedPair pair_of(Index a, Index b) const {
    return merge_pair({gram_w_(a, a), gram_w_(a, b), gram_w_(b, b)},
                      {gram_h_(a, a), gram_h_(a, b), gram_h_(b, b)});
  }
  void consider(Index a, Index b) { candidates_.push({pair_of(a, b).loss, a, b, age(a), age(b)}); }

  /// x_a <- s_0 x_a + s_1 x_b, in the Gram matrix of x.
  static void take(MatrixView<double> gram, Index a, Index b, const std::array<double, 2>& s) {
    const double square = s[0] * s[0] * gram(a, a) + 2 * s[0] * s[1] * gram(a, b) + s[1] * s[1] * gram(b, b);
    for (Index c = 0; c < gram.rows(); ++c) gram(a, c) = gram(c, a) = s[0] * gram(a, c) + s[1] * gram(b, c);
    gram(a, a) = square;
  }

  MatrixView<double> gram_w_, gram_h_;
  Merging result_;
  std::vector<Index> ages_;  // how often each was merged
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates_;
};

}  // namespace

/// M = w_a h_a' + w_b h_b'. u = (w_a, w_b) y is an eigenvector of M M' where y is one of P = Gh Gw, 2 x 2 and
/// non-negative, for the same eigenvalue: the square of a singular value of M. M' u = (h_a, h_b) Gw y.
MergedPair merge_pair(const PairProducts& w, const PairProducts& h) {
  const double p = h.aa * w.aa + h.ab * w.ab, q = h.aa * w.ab + h.ab * w.bb;
  const double r = h.ab * w.aa + h.bb * w.ab, s = h.ab * w.ab + h.bb * w.bb;
  const double half = (p - s) / 2, root = std::hypot(half, std::sqrt(q) * std::sqrt(r));
  const double largest = (p + s) / 2 + root;  // = p - half + root = s + half + root
  MergedPair merged{0, {1, 0}, {1, 0}};
  if (!(largest > 0)) return merged;
  const double a = w.aa * h.aa, b = w.bb * h.bb;  // squares of the two components
  // det P / largest, with det Gw = w.aa w.bb sin^2
  if (a > 0 && b > 0) merged.loss = a / largest * b * square_of_sine(w) * square_of_sine(h);
  // y; of two expressions the one that does not cancel
  const double y_a = (half >= 0 ? half + root : q) / largest, y_b = (half >= 0 ? r : root - half) / largest;
  const double z_a = w.aa * y_a + w.ab * y_b, z_b = w.ab * y_a + w.bb * y_b;
  const double square = y_a * z_a + y_b * z_b;                 // of u
  const double of_y = std::sqrt(std::sqrt(largest) / square);  // |w|^2 is the singular value, and so is |h|^2
  const double of_z = of_y / std::sqrt(largest);
  merged.of_w = {y_a * of_y, y_b * of_y};
  merged.of_h = {z_a * of_z, z_b * of_z};
  return merged;
}

Merging merge_components(MatrixView<double> gram_w, MatrixView<double> gram_h, Index components) {
  assert(gram_w.rows() == gram_w.columns() && gram_h.rows() == gram_w.rows() && gram_h.columns() == gram_w.rows());
  assert(components >= 1 && components <= gram_w.rows());
  Merger merger(gram_w, gram_h);
  while (merger.result().components > components) merger.merge_best();
  return merger.finish();
}

template <class T>
void merge_columns(ConstMatrixView<T> x, const Merging& merging, std::span<const double> shares,
                   MatrixView<T> merged) {
  assert(x.rows() == merged.rows() && merged.columns() == merging.components);
  assert(static_cast<std::size_t>(x.columns()) == shares.size());
  std::vector<double> sums(static_cast<std::size_t>(merging.components));
  for (Index i = 0; i < x.rows(); ++i) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t c = 0; c < shares.size(); ++c) {
      sums[static_cast<std::size_t>(merging.into[c])] +=
          shares[c] * static_cast<double>(x(i, static_cast<Index>(c)));
    }
    std::transform(sums.begin(), sums.end(), merged.row(i), [](double sum) { return static_cast<T>(sum); });
  }
}

template void merge_columns(ConstMatrixView<float>, const Merging&, std::span<const double>, MatrixView<float>);
template void merge_columns(ConstMatrixView<double>, const Merging&, std::span<const double>, MatrixView<double>);

}  // namespace mpinmf
