#include "identity.hpp"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <utility>

#include "api/option_table.hpp"
#include "fit_options.hpp"
#include "io/checksum.hpp"
#include "io/format.hpp"

namespace mpinmf::cli {
namespace {

template <class Arguments>
void add_fates(std::span<const CommandOption<Arguments>> options, std::vector<NamedFate>& fates) {
  for (const auto& option : options) {
    const OptionFate& fate = option.fate;
    fates.push_back(
        {option.spellings, fate.is_refused, fate.fact == nullptr ? "" : fate.fact, fate.value, fate.why});
  }
}

void add_fates_of_model(std::vector<NamedFate>& fates) {
  for (const OptionRow& row : option_table()) {
    const auto value = [&row](const AskedFit& a) { return text_of(row.access.value(a.options)); };
    fates.push_back({"--" + row.name, !row.fact.empty(), row.fact, value, row.why_fine});
  }
}

}  // namespace

std::vector<NamedFate> fates_of_options() {
  std::vector<NamedFate> fates;
  add_fates(input_options(), fates);
  add_fates_of_model(fates);
  add_fates(fit_options(), fates);
  return fates;
}

io::Facts fit_identity(const FitArguments& arguments, const ResolvedOptions& options, const MatrixHeader& header,
                       bool single_precision) {
  const AskedFit asked{arguments, options, header, single_precision};
  io::Facts facts = {{"number of rows of V", std::to_string(header.rows)},
                     {"number of columns of V", std::to_string(header.columns)}};
  for (const NamedFate& fate : fates_of_options()) {
    if (!fate.fact.empty()) facts.emplace_back(fate.fact, fate.value(asked));
  }
  facts.emplace_back("noise on V", arguments.noise ? arguments.noise->text() : "none");
  return facts;
}

io::Facts file_identity(const Comm& comm, const FitArguments& arguments) {
  io::Facts facts;
  const SolverArguments& solver = arguments.solver;
  for (const auto& [name, path] :
       {std::pair("--w0", solver.w0), std::pair("--h0", solver.h0), std::pair("--fix-w", solver.fix_w),
        std::pair("--fix-h", solver.fix_h), std::pair("--missing", arguments.input.mask),
        std::pair("--weights", arguments.input.weights)}) {
    std::string text = "none";  // a fit that was told what is known is another one than that which was not
    comm.meet_on_root([&] {
      if (path.empty()) return;
      std::error_code ignored;
      const bool is_matrix = path == arguments.input.mask || path == arguments.input.weights;
      const bool is_other = is_matrix && !std::filesystem::is_regular_file(path, ignored);
      // a folder, or a place in a file: the checksum of V knows what that says of entries
      text = is_other ? "another" : io::checksum_text(io::checksum_of_file(path));
    });
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

std::string sample_of_v(const Comm& comm, const FitArguments& arguments) {
  const std::string& path = arguments.input.path;
  std::uint64_t sample = 0;
  comm.meet_on_root([&] { sample = io::checksum_of_sample(io::locate(path).file); });
  comm.broadcast_value(sample);
  return sample == 0 ? path : io::checksum_text(sample);
}

void append(io::Facts& facts, io::Facts more) {
  std::move(more.begin(), more.end(), std::back_inserter(facts));
}

template io::Facts data_identity(const DataMatrix<float>&);
template io::Facts data_identity(const DataMatrix<double>&);

}  // namespace mpinmf::cli
