// Sums over the features of H.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// A view of what sweeps and the loss need to know of some features of H besides H itself, in double. Adds up over
/// features.
class FactorSums {
 public:
  /// What has moved, besides H: numbers at the end.
  struct Move {
    double linear;     ///< <S, H>, with the numerators S by which H moved
    double quadratic;  ///< <W'W, H H'>; extrapolated runs only
    double penalty;    ///< of H
    double violation;  ///< what the rule returned (rules/rule.hpp)
  };
  static constexpr Index move_numbers = sizeof(Move) / sizeof(double);
  /// Numbers it views, for k components: k k + k + those of Move.
  static Index numbers(Index components) { return components * components + components + move_numbers; }
  /// @pre numbers.size() >= FactorSums::numbers(components)
  FactorSums(std::span<double> numbers, Index components)
      : numbers_(numbers.first(static_cast<std::size_t>(FactorSums::numbers(components)))),
        components_(components) {}

  MatrixView<double> gram() const { return {numbers_.data(), components_, components_, components_}; }  ///< k x k
  std::span<double> column_sums() const {
    return numbers_.subspan(static_cast<std::size_t>(components_ * components_),
                            static_cast<std::size_t>(components_));
  }
  /// Gram matrix, then column sums.
  std::span<double> statistics() const {
    return numbers_.first(numbers_.size() - static_cast<std::size_t>(move_numbers));
  }
  Move moved() const {
    const double* at = moved_data();
    return {at[0], at[1], at[2], at[3]};
  }
  void add_moved(const Move& move) const {
    double* at = moved_data();
    at[0] += move.linear;
    at[1] += move.quadratic;
    at[2] += move.penalty;
    at[3] += move.violation;
  }
  void clear() const;
  void add(const FactorSums& other) const;

 private:
  double* moved_data() const { return numbers_.data() + statistics().size(); }

  std::span<double> numbers_;
  Index components_;
};

}  // namespace mpinmf
