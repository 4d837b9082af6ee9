#include "planted.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cli/solver_arguments.hpp"
#include "io/generate/generate.hpp"

namespace mpinmf::cli {
namespace {

constexpr double found_above = 0.9;

/// Cosine of two rows over the columns that count.
template <class A, class B>
double cosine(const A* a, const B* b, const std::vector<bool>& counts) {
  double dot = 0, a_squared = 0, b_squared = 0;
  for (std::size_t j = 0; j < counts.size(); ++j) {
    if (!counts[j]) continue;
    const auto x = static_cast<double>(a[j]), y = static_cast<double>(b[j]);
    dot += x * y;
    a_squared += x * x;
    b_squared += y * y;
  }
  return a_squared > 0 && b_squared > 0 ? dot / std::sqrt(a_squared * b_squared) : 0;
}

/// Columns in which the first part is 0. The swimmer's torso is its first part and in every image, so no
/// factorization can tell which limb it belongs to.
std::vector<bool> without_first_part(const Matrix<double>& parts) {
  std::vector<bool> counts;
  for (Index j = 0; j < parts.columns(); ++j) counts.push_back(parts(0, j) == 0);
  return counts;
}

}  // namespace

Index PlantedMatch::found() const {
  return std::count_if(best_cosines.begin(), best_cosines.end(), [](double c) { return c > found_above; });
}

std::string PlantedMatch::text() const {
  const double worst = best_cosines.empty() ? 0 : *std::min_element(best_cosines.begin(), best_cosines.end());
  return fmt::format("planted parts found (cosine > {}): {} of {}, the worst match is {:.4f}{}", found_above,
                     found(), best_cosines.size(), worst, pixels_left_out);
}

template <class T>
std::optional<PlantedMatch> match_planted_parts(const std::string& input, ConstMatrixView<T> h) {
  if (!io::is_generator(input)) return std::nullopt;
  const Matrix<double> parts = io::planted_parts(input);
  if (parts.rows() == 0 || parts.columns() != h.columns()) return std::nullopt;
  const bool swimmer = name_of_matrix(input) == "swimmer";
  PlantedMatch match;
  std::vector<bool> counts(static_cast<std::size_t>(h.columns()), true);
  if (swimmer) {
    counts = without_first_part(parts);
    match.pixels_left_out = " (limbs only: the torso is in every image)";
  }
  for (Index p = swimmer ? 1 : 0; p < parts.rows(); ++p) {
    double best = 0;
    for (Index i = 0; i < h.rows(); ++i) best = std::max(best, cosine(parts.row(p), h.row(i), counts));
    match.best_cosines.push_back(best);
  }
  return match;
}

template std::optional<PlantedMatch> match_planted_parts(const std::string&, ConstMatrixView<float>);
template std::optional<PlantedMatch> match_planted_parts(const std::string&, ConstMatrixView<double>);

}  // namespace mpinmf::cli
