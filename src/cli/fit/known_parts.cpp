#include "known_parts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "cli/component_list.hpp"
#include "cli/factor_files.hpp"

namespace mpinmf::cli {
namespace {

constexpr const char* option = "--fix-components";

/// From 0: those that were asked for, or the first `count`.
std::vector<Index> fixed_components(const FitArguments& a, Index count) {
  std::vector<Index> all;
  if (a.fix_components.empty()) {
    all.resize(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), Index{0});
  } else {
    for (const Index c : parse_component_numbers(a.fix_components, option)) all.push_back(c - 1);
  }
  return all;
}

/// The file of `name` (--fix-h) has `count` components of so many entries.
struct KnownPart {
  const char* name;
  std::string path;
  Index count, entries, wanted_entries;
};
void check_part(const FitArguments& a, const KnownPart& part) {
  if (part.entries != part.wanted_entries) {
    throw ShapeMismatch(fmt::format("{} {}: a component has {} entries, but V asks for {}", part.name, part.path,
                                    part.entries, part.wanted_entries));
  }
  if (part.count == 0) throw ShapeMismatch(fmt::format("{} {} has no components", part.name, part.path));
  const std::vector<Index> fixed = fixed_components(a, part.count);
  if (static_cast<Index>(fixed.size()) != part.count) {
    throw ShapeMismatch(fmt::format("{} {} has {} components, but {} {} names {}", part.name, part.path,
                                    part.count, option, a.fix_components, fixed.size()));
  }
  const Index last = *std::max_element(fixed.begin(), fixed.end()) + 1,
              least = *std::min_element(a.components.begin(), a.components.end());
  if (last > least) throw UsageError(fmt::format("{} fixes component {}, but k is {}", part.name, last, least));
}

}  // namespace

void check_fixed_components(const FitArguments& a) {
  const bool is_any_known = !a.solver.fix_h.empty() || !a.solver.fix_w.empty();
  if (a.options.merge > 0 && is_any_known) {
    throw UsageError("components that are known cannot be merged: leave --merge, or --fix-h and --fix-w, out");
  }
  const SumToOne bound = a.options.sum_to_one;
  if ((bound == SumToOne::w && !a.solver.fix_w.empty()) || (bound == SumToOne::h && !a.solver.fix_h.empty())) {
    throw UsageError(
        fmt::format("--sum-to-one {0} and --fix-{0} exclude each other: what is known cannot move to "
                    "make up a sum",
                    name_of(bound)));
  }
  if (a.fix_components.empty()) return;
  if (!is_any_known) {
    throw UsageError(fmt::format("{} says which components --fix-h or --fix-w gives: name such a file", option));
  }
  parse_component_numbers(a.fix_components, option);
}

void check_known_parts(const Comm& comm, const FitArguments& a, const MatrixHeader& header) {
  comm.meet_on_root([&] {
    if (!a.solver.fix_h.empty()) {
      const Shape h = factor_shape(a.solver.fix_h);
      check_part(a, {"--fix-h", a.solver.fix_h, h.rows, h.columns, header.columns});
    }
    if (!a.solver.fix_w.empty()) {
      const Shape w = factor_shape(a.solver.fix_w);
      check_part(a, {"--fix-w", a.solver.fix_w, w.columns, w.rows, header.rows});
    }
  });
}

std::vector<Index> known_spectra(const Comm& comm, const FitArguments& a) {
  if (a.solver.fix_h.empty()) return {};
  Index count = 0;
  comm.meet_on_root([&] { count = factor_shape(a.solver.fix_h).rows; });
  comm.broadcast_value(count);
  return fixed_components(a, count);
}

template <class T>
void fix_known_parts(const FitArguments& a, const DataMatrix<T>& v, Nmf<T>& model) {
  if (!a.solver.fix_h.empty()) {
    const auto h = read_factor_everywhere<T>(v.comm(), a.solver.fix_h);
    model.fix_h(fixed_components(a, h.rows()), h.view());
  }
  if (!a.solver.fix_w.empty()) {
    const auto w = read_factor_rows<T>(v.comm(), a.solver.fix_w, v.first_row(), v.rows_local());
    model.fix_w(fixed_components(a, w.columns()), w.view());
  }
}

template void fix_known_parts(const FitArguments&, const DataMatrix<float>&, Nmf<float>&);
template void fix_known_parts(const FitArguments&, const DataMatrix<double>&, Nmf<double>&);

}  // namespace mpinmf::cli
