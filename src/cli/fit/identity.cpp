#include "identity.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

#include "io/checksum.hpp"

namespace mpinmf::cli {
namespace {

using Value = std::string (*)(const AskedFit&);

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

/// It decides the bits of the factors, or which pair the fit ends with.
constexpr OptionFate refused(const char* option, const char* fact, Value value) {
  return {option, true, fact, value, ""};
}
constexpr OptionFate refused_by(const char* option, const char* who) {
  return {option, true, nullptr, nullptr, who};
}
constexpr OptionFate fine(const char* option, const char* why) {
  return {option, false, nullptr, nullptr, why};
}

/// Why, or by whom.
constexpr const char *by_entries = "the shape and checksum of V", *by_checksum = "its checksum",
                     *is_a_limit = "a limit", *acts_after = "it acts after the last iteration",
                     *acts_beside = "the factors do not depend on it";

constexpr std::array fates = {
    refused_by("V", by_entries),
    refused_by("--transpose", by_entries),
    refused("--precision", "precision",
            [](const AskedFit& a) -> std::string { return a.single_precision ? "float" : "double"; }),
    refused("--add", "--add", [](const AskedFit& a) { return fmt::format("{}", a.arguments.input.add); }),
    fine("--clip-negative", "what it changes is in the checksum of V"),
    refused("--components", "k", [](const AskedFit& a) { return std::to_string(a.options.components); }),
    refused("--loss", "loss", [](const AskedFit& a) { return a.options.loss.name(); }),
    refused("--rule", "rule", [](const AskedFit& a) { return a.options.rule; }),
    refused("--extrapolate", "--extrapolate", [](const AskedFit& a) { return yes_or_no(*a.options.extrapolate); }),
    refused("--inner-rounds", "--inner-rounds",
            [](const AskedFit& a) { return std::to_string(a.options.inner_rounds); }),
    refused("--order", "--order",
            [](const AskedFit& a) -> std::string {
              return a.options.order == Order::w_first ? "w-first" : "h-first";
            }),
    refused("--alpha-w", "--alpha-w", [](const AskedFit& a) { return fmt::format("{}", a.options.alpha_w); }),
    refused("--alpha-h", "--alpha-h", [](const AskedFit& a) { return fmt::format("{}", *a.options.alpha_h); }),
    refused("--l1-ratio", "--l1-ratio", [](const AskedFit& a) { return fmt::format("{}", a.options.l1_ratio); }),
    refused("--zero-below", "--zero-below",
            [](const AskedFit& a) { return fmt::format("{}", a.options.zero_below); }),
    refused("--revive", "--revive", [](const AskedFit& a) { return yes_or_no(a.options.revive); }),
    refused("--stop", "--stop", [](const AskedFit& a) { return name_of(a.options.stop); }),
    refused("--init", "start", [](const AskedFit& a) { return name_of(a.options.start); }),
    refused("--seed", "seed", [](const AskedFit& a) { return a.options.seed.text(); }),
    refused_by("--like", "rule, start and --stop, which it sets"),
    refused_by("--w0", by_checksum),
    refused_by("--h0", by_checksum),
    fine("--max-iterations", is_a_limit),
    fine("--max-seconds", is_a_limit),
    fine("--tolerance", is_a_limit),
    fine("--final-w", acts_after),
    fine("--normalize", acts_after),
    fine("--normalize-factor", acts_after),
    fine("--diagonal", acts_after),
    fine("--write", acts_after),
    fine("--output", acts_after),
    fine("--force", acts_after),
    fine("--trace-every", acts_beside),
    fine("--quiet", acts_beside),
    fine("--checkpoint", acts_beside),
    fine("--checkpoint-every", acts_beside),
    fine("--checkpoint-keep", acts_beside),
    fine("--resume", acts_beside),
    fine("--threads", "the factors agree to rounding"),
    fine("--restarts", "each fit has checkpoints of its own"),
};

}  // namespace

std::span<const OptionFate> fates_of_options() {
  return fates;
}

io::Facts fit_identity(const FitArguments& arguments, const Options& options, const MatrixHeader& header,
                       bool single_precision) {
  const AskedFit asked{arguments, options.with_choices(header.rows, header.columns), header, single_precision};
  io::Facts facts = {{"number of rows of V", std::to_string(header.rows)},
                     {"number of columns of V", std::to_string(header.columns)}};
  for (const OptionFate& fate : fates) {
    if (fate.value != nullptr) facts.emplace_back(fate.fact, fate.value(asked));
  }
  return facts;
}

io::Facts start_identity(const Comm& comm, const SolverArguments& arguments) {
  io::Facts facts;
  for (const auto& [name, path] : {std::pair("--w0", arguments.w0), std::pair("--h0", arguments.h0)}) {
    if (path.empty()) continue;
    std::string text;
    comm.meet_on_root([&] { text = io::checksum_text(io::checksum_of_file(path)); });
    comm.broadcast(text);
    facts.emplace_back(fmt::format("checksum of {}", name), text);
  }
  return facts;
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
