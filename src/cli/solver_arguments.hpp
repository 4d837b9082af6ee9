// The arguments that commands share, and how they become mpinmf::Options.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "command_option.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/options.hpp"
#include "typed_options.hpp"

namespace mpinmf::cli {

/// What the model and its start are to be.
struct SolverArguments {
  TypedOptions typed;
  std::string like, w0, h0, fix_w, fix_h;
  Missing missing = Missing::none;  ///< what of V is not known
};

/// Weights of what V is multiplied by; none: each entry has one beside it, or there are none.
enum class ScaledBy { nothing, rows, columns };

/// How V is read and what becomes of it.
struct InputArguments {
  std::string path, precision;
  std::string storage = "auto", scratch, storage_type = "auto";
  bool transpose = false;
  double add = 0, clip_negative = 0;
  Missing missing = Missing::none;
  std::string mask;     ///< a file of which entries are not known, besides those that are NaN; empty: none
  std::string weights;  ///< a file of how much entries, rows or columns count; empty: all alike
  ScaledBy scaled_by = ScaledBy::nothing;  ///< once V's header is known (weights.hpp)
  FileReading file = {};
  Preparation preparation;
  std::shared_ptr<const io::Prepared> prepared;  ///< once prepare_input has read its statistics
  double seconds_of_statistics = 0;              ///< that this took
};

/// V, and how it is read; fit, info, spectrum and others take these.
std::span<const CommandOption<InputArguments>> input_options();
void add_input(CLI::App& app, InputArguments& input);
/// Those of them that say where V lies.
void add_storage(CLI::App& app, InputArguments& input);
/// Those of them that say how V's file is read, without V, --transpose and --precision, whose help differs from
/// command to command.
void add_reading(CLI::App& app, InputArguments& input);
/// Those of them that say what becomes of V while it is read.
void add_preparation(CLI::App& app, InputArguments& input);
/// One of them alone: "--rows".
void add_input_option(CLI::App& app, std::string_view name, InputArguments& input);
/// Of one k: spells 1e3 out as digits, and says what is wrong with it, or nothing. Refuses a k that is out of
/// range before it is cut to 64 bits.
std::string check_components(std::string& text);

/// The options that were typed, and what --like, --w0 and --h0 make of them, for k components. Throws UsageError.
/// `needs_h0`: files must give both factors (fit), or W alone (transform).
Options to_options(const SolverArguments& arguments, Index components, bool needs_h0);

/// float when V is stored so, unless the user decides.
bool single_precision(const InputArguments& input, const MatrixHeader& header);

/// Calls f with a float or a double.
template <class F>
void with_precision(bool single, F&& f) {
  if (single) {
    f(float{});
  } else {
    f(double{});
  }
}

LoadOptions load_options(const InputArguments& input, Index components);
/// Nothing: auto.
std::optional<Storage> asked_storage(const InputArguments& input);
/// What an option says of an empty name of a file; nothing of others. For CLI::Option::check.
std::string refuse_empty_name(const std::string& name);
CLI::Option* add_missing(CLI::App& app, const std::string& spellings, const std::string& help,
                         InputArguments& input);
/// Throws UsageError, on every rank alike, where V is held in a way that has no place for what is missing.
void require_place_for_missing(const InputArguments& input, const MatrixHeader& header);
/// Reads the statistics of V that its preparation needs, if any. Collective; throws what mpinmf::prepare throws.
void prepare_input(const Comm& comm, InputArguments& input);
/// What was done to the V of the model in this folder, once more. Rows are those of the model's V, or else those
/// that are asked for.
void prepare_input_again(const Comm& comm, InputArguments& input, const std::string& model, bool same_rows);

/// "V.npy" for "a/V.npy", "V.csr" for "a/V.csr/", "V.h5" for a place in "a/V.h5", "swimmer" for
/// "generate:swimmer:...".
std::string name_of_matrix(const std::string& path);

}  // namespace mpinmf::cli
