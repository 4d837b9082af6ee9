#include "fit_identity.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "io/checksum.hpp"

namespace mpinmf::cli {
namespace {

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

}  // namespace

io::Facts fit_identity(const FitArguments& a, const Options& options, const MatrixHeader& header,
                       bool single_precision) {
  const Options o = options.with_choices(header.rows, header.columns);
  return {{"number of rows of V", std::to_string(header.rows)},
          {"number of columns of V", std::to_string(header.columns)},
          {"precision", single_precision ? "float" : "double"},
          {"--add", fmt::format("{}", a.input.add)},
          {"k", std::to_string(o.components)},
          {"loss", o.loss.name()},
          {"rule", o.rule},
          {"--extrapolate", yes_or_no(*o.extrapolate)},
          {"--inner-rounds", std::to_string(o.inner_rounds)},
          {"--order", o.order == Order::w_first ? "w-first" : "h-first"},
          {"--alpha-w", fmt::format("{}", o.alpha_w)},
          {"--alpha-h", fmt::format("{}", *o.alpha_h)},
          {"--l1-ratio", fmt::format("{}", o.l1_ratio)},
          {"--zero-below", fmt::format("{}", o.zero_below)},
          {"--revive", yes_or_no(o.revive)},
          {"--stop", name_of(o.stop)},
          {"start", name_of(o.start)},
          {"seed", o.seed.text()}};
}

template <class T>
io::Facts data_identity(const DataMatrix<T>& v) {
  // not its sum: that differs in its last digits with the number of ranks, and however few digits are kept, some
  // sums lie where these are rounded up by some ranks and down by others
  return {{"storage of V", v.is_sparse() ? "sparse" : "dense"},
          {"number of nonzeros of V", std::to_string(v.summary().nonzeros)},
          {"checksum of V", io::checksum_text(io::checksum(v))}};
}

void append(io::Facts& facts, io::Facts more) {
  std::move(more.begin(), more.end(), std::back_inserter(facts));
}

template io::Facts data_identity(const DataMatrix<float>&);
template io::Facts data_identity(const DataMatrix<double>&);

}  // namespace mpinmf::cli
