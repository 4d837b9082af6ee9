// Entry by entry: the weights that the losses put in place of V, what the entries cost, and how a factor moves.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "vector_math.hpp"

namespace mpinmf {
namespace {

inline Doubles larger(Doubles x, double bound) {
  const Doubles bounds = Doubles{} + bound;
  return x > bounds ? x : bounds;
}
inline Doubles smaller(Doubles x, double bound) {
  const Doubles bounds = Doubles{} + bound;
  return x < bounds ? x : bounds;
}

/// A zero of W H under v > 0 costs what scikit-learn's stand-in for it does (float32 epsilon); that is scaled down
/// with v, so that data on a small scale cost as much as the same data on a large one.
inline double stand_in_for_zero(double v) {
  constexpr double float_epsilon = 1.1920928955078125e-07;
  return float_epsilon * (v < 1 ? v : 1);
}

/// Packs of doubles that cover `count` numbers, the last one perhaps with fewer: f(first, valid).
template <class F>
inline void for_doubles(Index count, F&& f) {
  for (Index q = 0; q < count; q += lanes<double>) f(q, count - q < lanes<double> ? count - q : lanes<double>);
}

/// The first `valid` of a pack of numbers as doubles, and what the others shall be; and back.
template <class T>
inline Doubles load_some(const T* from, Index valid, double others = 1) {
  if (valid == lanes<double>) return load_doubles(from);
  Doubles pack = Doubles{} + others;
  for (Index l = 0; l < valid; ++l) pack[l] = static_cast<double>(from[l]);
  return pack;
}
template <class T>
inline void store_some(T* to, Doubles pack, Index valid) {
  if (valid == lanes<double>) {
    store_doubles(to, pack);
  } else {
    for (Index l = 0; l < valid; ++l) to[l] = static_cast<T>(pack[l]);
  }
}

/// log v / x, also where the quotient leaves the range of numbers.
inline double log_of_ratio(double v, double x) {
  const double ratio = v / x;
  return ratio > 1e-300 && ratio < 1e300 ? __builtin_log(ratio) : __builtin_log(v) - __builtin_log(x);
}

/// The divergences of one entry, v >= 0 and x = (W H)_ij. For packs `is_odd` says where `pack` does not hold.
struct KullbackLeiblerTerm {
  // v log(v / x) - v + x
  static Doubles pack(Doubles v, Doubles x, Bits& is_odd) {
    const Bits is_positive = v > 0.0;
    const Doubles ratio = is_positive ? v / x : Doubles{} + 1.0;
    is_odd |= ~((ratio > 1e-300) & (ratio < 1e300));
    return is_positive ? larger(v * log_of(ratio) - v + x, 0) : x;
  }
  static double one(double v, double x) { return v > 0 ? v * log_of_ratio(v, x) - v + x : x; }
  static constexpr bool needs_positive_model = true;
};

struct ItakuraSaitoTerm {
  // v / x - log(v / x) - 1
  static Doubles pack(Doubles v, Doubles x, Bits& is_odd) {
    const Doubles ratio = v / x;
    is_odd |= ~((ratio > 1e-300) & (ratio < 1e300));
    return larger(ratio - log_of(ratio) - 1.0, 0);
  }
  static double one(double v, double x) { return v / x - log_of_ratio(v, x) - 1; }
  static constexpr bool needs_positive_model = true;
};

/// The second divided difference of exp at a, b and 0, for a <= b <= 0: (exp[b, 0] - exp[a, b]) / -a with exp[a,
/// b] = (e^b - e^a) / (b - a), or where the three lie close together the sum of h_n(a, b) / (n + 2)!, h_n the sum
/// of all products of n factors a or b.
constexpr double close_together = 0.7;
constexpr int close_terms = 16;
template <class Number, class Growth, class Exp>
inline Number far_difference(Number a, Number b, Growth growth, Exp exp) {
  return (growth(b) - exp(b) * growth(a - b)) / -a;
}
template <class Number>
inline Number close_difference(Number a, Number b) {
  Number power = a, products = a + b, sum = 0.5 + products / 6.0;
  double factorial = 6;
  for (int n = 2; n < close_terms; ++n) {
    power *= a;
    products = power + b * products;
    factorial *= n + 2;
    sum += products * (1 / factorial);
  }
  return sum;
}

/// With t = log(v / x) the divergence is x^beta (e^(beta t) - 1 - beta (e^t - 1)) / (beta (beta - 1)), and that is
/// x^beta t^2 times the second divided difference of exp at 0, t and beta t: nothing cancels where beta is close
/// to 0 or 1, or v to x. The largest of the three is taken out as a factor.
struct BetaTerm {
  double beta;
  bool needs_positive_model = beta < 2;
  /// Of the logarithms of v and x: no power of them leaves the range of numbers, or loses more than 1e-13 to the
  /// rounding of its logarithm.
  double largest_log = 440 / __builtin_fmax(1, __builtin_fmax(__builtin_fabs(beta), __builtin_fabs(beta - 1)));

  // x^beta / beta where v = 0
  Doubles pack(Doubles v, Doubles x, Bits& is_odd) const {
    const Bits is_positive = v > 0.0;
    const Doubles log_x = log_of(x), ratio = is_positive ? v / x : Doubles{} + 1.0;
    is_odd |= ~((ratio > 1e-100) & (ratio < 1e100));
    const Doubles apart = is_positive ? (v - x) / x : Doubles{}, rounded = ratio - 1.0;
    const Bits is_close = (apart > -0.5) & (apart < 0.5);
    const Doubles t = log_of(ratio) + (is_close ? apart - rounded : Doubles{}), log_v = log_x + t;
    is_odd |= ~((log_x > -largest_log) & (log_x < largest_log) & (log_v > -largest_log) & (log_v < largest_log));
    const Doubles bt = beta * t, least = smaller(t < bt ? t : bt, 0), most = larger(t > bt ? t : bt, 0);
    const Doubles middle = t + bt - least - most, a = least - most, b = middle - most;
    const Doubles far = far_difference(a, b, growth_of, exp_of), close = close_difference(a, b);
    const Doubles size = exp_of(beta * log_x + most), difference = a < -close_together ? far : close;
    return is_positive ? larger(size * (t * t * difference), 0) : size / beta;
  }
  double one(double v, double x) const {
    if (v == 0) return x > 0 ? __builtin_pow(x, beta) / beta : 0;
    if (x == 0) return __builtin_pow(v, beta) / (beta * (beta - 1));
    if (x == v) return 0;
    const double apart = (v - x) / x;
    const double t = __builtin_fabs(apart) < 0.5 ? __builtin_log1p(apart) : log_of_ratio(v, x), bt = beta * t;
    const double least = __builtin_fmin(0, __builtin_fmin(t, bt)), most = __builtin_fmax(0, __builtin_fmax(t, bt));
    const double middle = t + bt - least - most, a = least - most, b = middle - most;
    const auto growth = [](double z) { return z < 0 ? __builtin_expm1(z) / z : 1.0; };
    const auto exp = [](double z) { return __builtin_exp(z); };
    const double far = far_difference(a, b, growth, exp), close = close_difference(a, b);
    return size_of(v, x, most) * (t * t * (a < -close_together ? far : close));
  }
  /// x^beta e^most. v x^(beta-1): x^(beta-1) alone may leave the range of numbers where the product does not
  double size_of(double v, double x, double most) const {
    const double full = __builtin_pow(x, beta), ratio = v / x;
    if (most == 0) return full;
    if (beta > 1 || ratio < 1) return __builtin_pow(v, beta);
    return ratio < 1e300 && full > 0 ? full * ratio : v * __builtin_pow(x, beta - 1);
  }
};

template <class Term>
inline double odd_term(const Term& term, double v, double x, double& zero_models) {
  if (x == 0 && v == 0) return 0;  // d(0 | 0)
  if (x == 0 && term.needs_positive_model) {
    zero_models += 1;
    x = stand_in_for_zero(v);
  }
  const double value = term.one(v, x);
  return value < 0 ? 0 : value;  // what is not a number stays so, to be seen
}

template <bool has_weights, class T, class Term>
void add_cost_of(const Term& term, const T* v, const T* model, Index count, EntryCost& cost, const T* weights) {
  Doubles loss{}, models{};
  Bits is_odd{};
  for_doubles(count, [&](Index q, Index valid) {
    const Doubles x = load_some(model + q, valid);
    const Doubles terms = term.pack(load_some(v + q, valid), x, is_odd);  // d(1 | 1) = 0 behind the last entry
    if constexpr (has_weights) {
      loss += terms * load_some(weights + q, valid);
    } else {
      loss += terms;
    }
    models += valid == lanes<double> ? x : load_some(model + q, valid, 0);
  });
  cost.model += sum_of_lanes<double>(models);
  if (!any(is_odd)) {
    cost.loss += sum_of_lanes<double>(loss);
    return;
  }
  for (Index q = 0; q < count; ++q) {
    const double times = has_weights ? static_cast<double>(weights[q]) : 1;
    cost.loss +=
        times * odd_term(term, static_cast<double>(v[q]), static_cast<double>(model[q]), cost.zero_models);
  }
}

/// `weights`: how many times each entry counts; null: once.
template <class T, class Term>
void add_cost(const Term& term, const T* v, const T* model, Index count, EntryCost& cost,
              const T* weights = nullptr) {
  weights == nullptr ? add_cost_of<false>(term, v, model, count, cost, weights)
                     : add_cost_of<true>(term, v, model, count, cost, weights);
}

// weights = v x^(beta-2), x = x^(beta-1), in double: powers leave the range of float where sums of them do not
template <class T, class Weigh>
void weigh(const Weigh& weigh_pack, double beta, const PoweredEntries<T>& entries, T largest) {
  const double bound = static_cast<double>(largest);
  T *const model = entries.model, *const weights = entries.weights, *const curvatures = entries.curvatures;
  for_doubles(entries.count, [&](Index q, Index valid) {
    const Doubles x = load_some(model + q, valid), value = load_some(entries.v + q, valid), zero{};
    const Bits is_positive = x > zero;
    Doubles weight, power;
    weigh_pack(value, is_positive ? x : zero + 1.0, weight, power);
    store_some(weights + q, (is_positive & (value > zero)) ? smaller(weight, bound) : zero, valid);
    store_some(model + q, is_positive ? smaller(power, bound) : zero, valid);
    if (curvatures == nullptr) return;
    const Doubles curvature = ((2 - beta) * weight + (beta - 1) * power) / x;
    store_some(curvatures + q, is_positive ? smaller(curvature, bound) : zero, valid);
  });
}

template <class T>
void powers(double beta, const PoweredEntries<T>& entries, T largest, EntryCost* cost) {
  if (beta == 0) {
    if (cost != nullptr)
      add_cost(ItakuraSaitoTerm{}, entries.v, entries.model, entries.count, *cost, entries.of_entries);
    const auto inverse_powers = [](Doubles value, Doubles x, Doubles& weight, Doubles& power) {
      power = 1.0 / x;
      weight = value * power * power;
    };
    weigh(inverse_powers, beta, entries, largest);
  } else {
    if (cost != nullptr)
      add_cost(BetaTerm{beta}, entries.v, entries.model, entries.count, *cost, entries.of_entries);
    const auto real_powers = [beta](Doubles value, Doubles x, Doubles& weight, Doubles& power) {
      power = exp_of((beta - 1) * log_of(x));
      weight = value * (power / x);
    };
    weigh(real_powers, beta, entries, largest);
  }
}

// x <- x (numerator / denominator)^exponent. 0/0 and x/0 are 0; a positive product stays positive.
template <class T, class Power>
void move_rows(Block<T> x, Block<const T> numerator, Block<const T> denominator, const MoveSettings<T>& settings,
               Power power) {
  const Pack<T> zero{}, least = zero + settings.least_positive, zero_below = zero + settings.zero_below;
  const Pack<T> l1 = zero + settings.l1, l2 = zero + settings.l2;
  for (Index i = 0; i < x.rows; ++i) {
    T* row = x.data + i * x.stride;
    for (Index c = 0; c < x.columns; c += lanes<T>) {
      const Pack<T> old = load(row + c);
      const Pack<T> below = load(denominator.data + i * denominator.stride + c) + (l1 + l2 * old);
      const Pack<T> above = load(numerator.data + i * numerator.stride + c);
      const Pack<T> quotient = below > zero ? above / below : zero;
      Pack<T> moved = old * power(quotient);
      // not quotient > zero: it may be so small that it is flushed to 0
      moved = ((old > zero) & (above > zero) & (below > zero) & (moved < least)) ? least : moved;
      store(row + c, moved < zero_below ? zero : moved);
    }
  }
}

template <class T>
void move(Block<T> x, Block<const T> numerator, Block<const T> denominator, const MoveSettings<T>& settings) {
  if (settings.exponent == 1) {
    move_rows(x, numerator, denominator, settings, [](Pack<T> q) { return q; });
  } else {
    const T exponent = static_cast<T>(settings.exponent);
    move_rows(x, numerator, denominator, settings, [exponent](Pack<T> q) {
      for (Index l = 0; l < lanes<T>; ++l) {
        q[l] = static_cast<T>(exponent == T(0.5) ? __builtin_sqrt(q[l]) : __builtin_pow(q[l], exponent));
      }
      return q;
    });
  }
}

// products_i = sum_c x_ic y_ic in double
template <class T>
void row_products(Block<const T> x, Block<const T> y, double* products) {
  for (Index i = 0; i < x.rows; ++i) {
    Doubles sum{};
    for (Index c = 0; c < x.columns; c += lanes<double>) {
      sum += load_doubles(x.data + i * x.stride + c) * load_doubles(y.data + i * y.stride + c);
    }
    products[i] = sum_of_lanes<double>(sum);
  }
}

}  // namespace
}  // namespace mpinmf
