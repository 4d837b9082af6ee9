// Systems G_FF x_F = b_F, each with its own set F of components, by Cholesky factorization without square roots:
// G_FF = U D^-1 U', D the diagonal of U. One lane a system, so that the sets may differ in size and members;
// systems with fewer components end in rows of the unit matrix. A result does not depend on the other lanes.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "pack.hpp"

namespace mpinmf {
namespace {

constexpr Index set_packs = systems_together / lanes<double>;
/// Rows of U whose sums are held in registers.
constexpr Index set_rows = 8 / set_packs;

struct SetPacks {
  Pack<double> packs[set_packs] = {};
  Pack<double>& operator[](Index p) { return packs[p]; }
};

/// The systems that are solved together, and their place in the scratch.
struct SetLanes {
  Index count = 0, order = 0;     // systems; components of the largest
  Index rows[systems_together];   // of b and x
  Index sizes[systems_together];  // components of each system
  Index* members = nullptr;       // members[i * systems_together + lane] is component i of a system
  double *u = nullptr, *inverse = nullptr;
  double *scaled = nullptr, *sums = nullptr;
};

/// Row i of U up to its diagonal.
inline double* u_row(const SetLanes& set_lanes, Index i) {
  return set_lanes.u + i * (i + 1) / 2 * systems_together;
}

inline SetLanes set_lanes_in(Index k, double* numbers, Index* places) {
  SetLanes result;
  result.members = places;
  result.u = numbers;
  result.inverse = u_row(result, k);
  result.scaled = result.inverse + k * systems_together;
  result.sums = result.scaled + k * systems_together;
  return result;
}

/// Whether the sets of `count` systems from `first` on are those of the systems just factorized.
inline bool has_same_sets(const SetSystems& systems, const SetLanes& factorized, Index first, Index count) {
  if (factorized.count < count) return false;
  for (Index l = 0; l < count; ++l) {
    const std::uint64_t* now = systems.sets + systems.order[first + l] * systems.words;
    const std::uint64_t* before = systems.sets + factorized.rows[l] * systems.words;
    for (Index w = 0; w < systems.words; ++w) {
      if (now[w] != before[w]) return false;
    }
  }
  return true;
}

inline void read_sets(const SetSystems& systems, SetLanes& to) {
  to.order = 0;
  for (Index l = 0; l < systems_together; ++l) {
    Index size = 0;
    for (Index w = 0; w < (l < to.count ? systems.words : 0); ++w) {
      for (std::uint64_t left = systems.sets[to.rows[l] * systems.words + w]; left != 0; left &= left - 1) {
        to.members[size++ * systems_together + l] = 64 * w + __builtin_ctzll(left);
      }
    }
    to.sizes[l] = size;
    to.order = size > to.order ? size : to.order;
  }
}

inline void read_gram(const SetSystems& systems, SetLanes& to) {
  for (Index i = 0; i < to.order; ++i) {
    double* u = u_row(to, i);
    for (Index l = 0; l < systems_together; ++l) {
      if (i < to.sizes[l]) {
        const double* gram_row = systems.gram.data + to.members[i * systems_together + l] * systems.gram.stride;
        for (Index j = 0; j <= i; ++j) {
          u[j * systems_together + l] = gram_row[to.members[j * systems_together + l]];
        }
      } else {
        for (Index j = 0; j <= i; ++j) u[j * systems_together + l] = i == j ? 1 : 0;
      }
    }
  }
}

// u_ij -= sum_p<j u_ip u_jp / d_p for some rows i; scaled_p = u_jp / d_p
template <Index rows>
inline void eliminate(const SetLanes& of, Index first, Index j) {
  double* u[rows];
  SetPacks sums[rows];
  for (Index r = 0; r < rows; ++r) {
    u[r] = u_row(of, first + r);
    for (Index p = 0; p < set_packs; ++p) sums[r][p] = load(u[r] + j * systems_together + p * lanes<double>);
  }
  for (Index q = 0; q < j; ++q) {
    for (Index p = 0; p < set_packs; ++p) {
      const Index at = q * systems_together + p * lanes<double>;
      const Pack<double> scaled = load(of.scaled + at);
      for (Index r = 0; r < rows; ++r) sums[r][p] -= load(u[r] + at) * scaled;
    }
  }
  for (Index r = 0; r < rows; ++r) {
    for (Index p = 0; p < set_packs; ++p) store(u[r] + j * systems_together + p * lanes<double>, sums[r][p]);
  }
}

/// The same for fewer rows than a block has.
template <Index most>
inline void eliminate_rest(const SetLanes& of, Index first, Index j) {
  if constexpr (most > 0) {
    if (of.order - first == most) {
      eliminate<most>(of, first, j);
    } else {
      eliminate_rest<most - 1>(of, first, j);
    }
  }
}

/// Where a pivot is lost in rounding 1 / d is 0, which keeps the component at 0.
inline void factorize(const SetSystems& systems, const SetLanes& of) {
  const Pack<double> zero{}, one = zero + 1.0, least = zero + systems.least_pivot;
  for (Index j = 0; j < of.order; ++j) {
    double* u = u_row(of, j);
    SetPacks before;
    for (Index p = 0; p < set_packs; ++p) before[p] = load(u + j * systems_together + p * lanes<double>);
    for (Index at = 0; at < j * systems_together; at += lanes<double>) {
      store(of.scaled + at, load(u + at) * load(of.inverse + at));
    }
    Index i = j;
    for (; i + set_rows <= of.order; i += set_rows) eliminate<set_rows>(of, i, j);
    eliminate_rest<set_rows - 1>(of, i, j);
    for (Index p = 0; p < set_packs; ++p) {
      const Index at = j * systems_together + p * lanes<double>;
      const Pack<double> pivot = load(u + at), share = before[p] * systems.least_share;
      store(of.inverse + at, ((pivot > share) & (pivot > least)) ? one / pivot : zero);
    }
  }
}

/// w = D^-1 U^-1 D b, then x = U'^-1 D w, in `scaled`.
inline void solve_factorized(const SetSystems& systems, const SetLanes& of) {
  for (Index i = 0; i < of.order; ++i) {
    for (Index l = 0; l < systems_together; ++l) {
      const Index at = i * systems_together + l;
      of.scaled[at] = i < of.sizes[l] ? systems.b.data[of.rows[l] * systems.b.stride + of.members[at]] : 0;
      of.sums[at] = 0;
    }
  }
  for (Index i = 0; i < of.order; ++i) {
    const double* u = u_row(of, i);
    for (Index p = 0; p < set_packs; ++p) {
      const Index here = p * lanes<double>, at = i * systems_together + here;
      Pack<double> even = load(of.scaled + at), odd{};
      Index q = 0;
      for (; q + 1 < i; q += 2) {
        const Index one = q * systems_together + here, two = one + systems_together;
        even -= load(u + one) * load(of.scaled + one);
        odd -= load(u + two) * load(of.scaled + two);
      }
      if (q < i) even -= load(u + q * systems_together + here) * load(of.scaled + q * systems_together + here);
      store(of.scaled + at, (even + odd) * load(of.inverse + at));
    }
  }
  for (Index i = of.order - 1; i >= 0; --i) {
    const double* u = u_row(of, i);
    for (Index p = 0; p < set_packs; ++p) {
      const Index here = p * lanes<double>, at = i * systems_together + here;
      const Pack<double> x = load(of.scaled + at) - load(of.sums + at) * load(of.inverse + at);
      store(of.scaled + at, x);
      for (Index q = here; q < i * systems_together; q += systems_together) {
        store(of.sums + q, load(of.sums + q) + load(u + q) * x);
      }
    }
  }
}

inline void write_solutions(const SetSystems& systems, const SetLanes& from) {
  for (Index l = 0; l < from.count; ++l) {
    double* x = systems.x.data + from.rows[l] * systems.x.stride;
    for (Index c = 0; c < systems.x.columns; ++c) x[c] = 0;
    for (Index i = 0; i < from.sizes[l]; ++i) {
      x[from.members[i * systems_together + l]] = from.scaled[i * systems_together + l];
    }
  }
}

inline void solve_sets(const SetSystems& systems, double* numbers, Index* places) {
  SetLanes now = set_lanes_in(systems.gram.rows, numbers, places);
  for (Index first = 0; first < systems.count; first += systems_together) {
    const Index left = systems.count - first, count = left < systems_together ? left : systems_together;
    const bool is_factorized = has_same_sets(systems, now, first, count);
    now.count = count;
    for (Index l = 0; l < count; ++l) now.rows[l] = systems.order[first + l];
    if (!is_factorized) {
      read_sets(systems, now);
      read_gram(systems, now);
      factorize(systems, now);
    }
    solve_factorized(systems, now);
    write_solutions(systems, now);
  }
}

}  // namespace
}  // namespace mpinmf
