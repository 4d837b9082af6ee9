#include "solver_arguments.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <limits>

#include "cli/fit/identity.hpp"
#include "command.hpp"
#include "io/prepared_files.hpp"
#include "losses/loss_table.hpp"
#include "rules/rule.hpp"
#include "sizes.hpp"
#include "whole_number.hpp"

namespace mpinmf::cli {

namespace {

using InputOption = CommandOption<InputArguments>;

CLI::Option* add_precision(CLI::App& app, const InputOption& option, InputArguments& input) {
  return add_value<InputArguments, &InputArguments::precision>(app, option, input)
      ->check(CLI::IsMember({"float", "double"}));
}

CLI::Option* add_storage_name(CLI::App& app, const InputOption& option, InputArguments& input) {
  return add_value<InputArguments, &InputArguments::storage>(app, option, input)
      ->check(CLI::IsMember({"memory", "disk", "auto"}));
}

constexpr const char* in_checksum = "what it changes is in the checksum of V";

constexpr std::array<std::pair<const char*, StorageType>, 5> storage_types = {{{"auto", StorageType::automatic},
                                                                               {"double", StorageType::float64},
                                                                               {"float", StorageType::float32},
                                                                               {"uint8", StorageType::uint8},
                                                                               {"uint16", StorageType::uint16}}};

CLI::Option* add_storage_type(CLI::App& app, const InputOption& option, InputArguments& input) {
  std::vector<std::string> names;
  for (const auto& [name, type] : storage_types) names.emplace_back(name);
  return add_value<InputArguments, &InputArguments::storage_type>(app, option, input)->check(CLI::IsMember(names));
}

/// Bound to a member of FileReading.
template <std::string FileReading::*text>
CLI::Option* add_text(CLI::App& app, const InputOption& option, InputArguments& input) {
  return app.add_option(option.spellings, input.file.*text, option.help);
}

CLI::Option* add_format(CLI::App& app, const InputOption& option, InputArguments& input) {
  return add_text<&FileReading::format>(app, option, input)->check(CLI::IsMember(io::format_keys(io::formats())));
}

/// Rows of the table: V, --transpose and --precision, then where and how it is held, then how the file is read,
/// then what becomes of V.
constexpr std::size_t of_the_whole = 3, of_storage = 3, of_reading = 10;

template <auto member>
CLI::Option* add_prepared(CLI::App& app, const InputOption& option, InputArguments& input) {
  return app.add_option(option.spellings, input.preparation.*member, option.help)->capture_default_str();
}

constexpr OptionFate of_preparation = refused_by("--rows, which stands for all of the preparation of V");

constexpr std::array<InputOption, 23> options_of_input = {{
    {"V", "the matrix",
     [](CLI::App& app, const InputOption& option, InputArguments& input) {
       return app.add_option(option.spellings, input.path, matrix_help)->required();  // with the table of formats
     },
     refused_by("the shape and checksum of V")},
    {"--transpose", "use the transposed matrix", add_switch<InputArguments, &InputArguments::transpose>,
     refused_by("the shape and checksum of V")},
    {"--precision", "float or double; default: float when V is stored as 32-bit floating point, else double",
     add_precision,
     refused("precision",
             [](const AskedFit& a) -> std::string { return a.single_precision ? "float" : "double"; })},
    {"--storage",
     "memory, disk (rows of V are put into files of the scratch folder and read anew in each iteration) or auto, "
     "which takes the disk where memory is too small",
     add_storage_name, fine("the bits of V are the same")},
    {"--scratch", "the folder for rows of V on disk; default: $TMPDIR, or else /var/tmp",
     add_value<InputArguments, &InputArguments::scratch>, fine("the bits of V are the same")},
    {"--storage-type",
     "how values of V are held, at most in the precision of the fit: uint8 or uint16 (whole numbers), float "
     "(rounded), double, or auto (integers where V is dense and its file has such)",
     add_storage_type, fine(in_checksum)},
    {"--clip-negative", "take negative entries of V down to minus this, which round-off made, as 0: 1e-9, say",
     add_value<InputArguments, &InputArguments::clip_negative>, fine(in_checksum)},
    {"--format", "the format of V's file, instead of the one that is recognised", add_format, fine(in_checksum)},
    {"--feature-type", "of 10x Genomics' matrices, keep only the features of this type: 'Gene Expression', say",
     add_text<&FileReading::feature_type>, fine(in_checksum)},
    {"--delimiter",
     "between the numbers of a table: tab, semicolon, comma, blanks, or one character; default: as its first "
     "lines "
     "have it",
     add_text<&FileReading::delimiter>, fine(in_checksum)},
    {"--decimal", "the decimal mark in a table: point (default) or comma", add_text<&FileReading::decimal>,
     fine(in_checksum)},
    {"--header",
     "whether the first line of a table names its columns: yes, no or auto (default; its first lines tell)",
     add_text<&FileReading::header>, fine(in_checksum)},
    {"--row-names", "whether the first field of a table's lines names a row: yes, no or auto (default)",
     add_text<&FileReading::row_names>, fine(in_checksum)},
    {"--shape", "ROWSxCOLUMNS of a raw file (--format raw)", add_text<&FileReading::shape>,
     refused_by("the shape and checksum of V")},
    {"--element-type",
     "of a raw file, as NumPy calls it: float32, float64, uint8, uint16 and so on, little-endian",
     add_text<&FileReading::element_type>, fine(in_checksum)},
    {"--layout", "of a raw file: rows (default; the numbers of a row lie together) or columns",
     add_text<&FileReading::layout>, refused_by("the checksum of V")},
    {"--rows", "take these rows of V alone: a:b, from 0 and without b; -100: are the last hundred",
     add_prepared<&Preparation::rows>,
     refused("preparation of V",
             [](const AskedFit& a) {
               const std::string text = a.arguments.input.preparation.options();
               return text.empty() ? "none" : text.substr(1);
             })},
    {"--columns",
     "take these columns alone: a:b, a file of names or numbers, top-variance:2000, or, as cNMF chooses genes, "
     "overdispersed:2000",
     add_prepared<&Preparation::columns>, of_preparation},
    {"--min-row-sum", "leave out rows whose entries sum up to less", add_prepared<&Preparation::min_row_sum>,
     of_preparation},
    {"--scale-rows", "scale each row to a sum, maximum or l2 norm: sum:1e4, max, l2",
     add_prepared<&Preparation::scale_rows>, of_preparation},
    {"--log1p", "replace each entry x by ln(1 + x)",
     [](CLI::App& app, const InputOption& option, InputArguments& input) {
       return app.add_flag(option.spellings, input.preparation.log1p, option.help);
     },
     of_preparation},
    {"--min-column-count", "leave out columns with fewer nonzero entries",
     [](CLI::App& app, const InputOption& option, InputArguments& input) {
       return add_whole_number(app, option.spellings, input.preparation.min_column_count, option.help)
           ->capture_default_str();
     },
     of_preparation},
    {"--scale-columns",
     "divide each column by its std (not centred), sample-std, max or l2 norm, or multiply it by its idf",
     add_prepared<&Preparation::scale_columns>, of_preparation},
}};

}  // namespace

std::span<const CommandOption<InputArguments>> input_options() {
  return options_of_input;
}

void add_input(CLI::App& app, InputArguments& input) {
  add_options(app, input_options(), input);
}

void add_storage(CLI::App& app, InputArguments& input) {
  add_options(app, input_options().subspan(of_the_whole, of_storage), input);
}

void add_reading(CLI::App& app, InputArguments& input) {
  add_options(app, input_options().subspan(of_the_whole + of_storage, of_reading), input);
}

void add_preparation(CLI::App& app, InputArguments& input) {
  add_options(app, input_options().subspan(of_the_whole + of_storage + of_reading), input);
}

void add_input_option(CLI::App& app, std::string_view name, InputArguments& input) {
  for (const InputOption& option : options_of_input) {
    if (option.spellings == name) option.add(app, option, input);
  }
}

std::string check_components(std::string& text) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  const auto k = whole_number_in(text);
  if (!k) return fmt::format("k is one whole number, not '{}'", text);
  if (*k < 1 || *k > most) return fmt::format("k must be at least 1 and at most {}, not {}", most, text);
  return spell_out(text, 1, most);
}

namespace {

/// What scikit-learn does where the user has not said otherwise.
void be_like_scikit_learn(const TypedOptions& typed, Options& options) {
  if (options.rule.empty()) {
    const bool has_least_squares = facts_of(options.loss).has_least_squares();
    options.rule = default_rule<double>(has_least_squares ? DefaultFor::scikit_learn : DefaultFor::any_loss).name;
  }
  if (options.start == Start::automatic) options.start = Start::scikit_learn;
  if (!typed.has("revive")) options.revive = false;
  const bool counts_violation = find_rule<double>(options.rule).counts_violation;
  if (!typed.has("stop")) options.stop = counts_violation ? Stop::scikit_learn_cd : Stop::scikit_learn_mu;
}

}  // namespace

Options to_options(const SolverArguments& a, Index components, bool needs_h0) {
  Options options;
  a.typed.apply(options);
  options.loss.missing = a.missing;
  options.components = components;
  const bool has_files = !a.w0.empty() || !a.h0.empty();
  if (has_files && options.start != Start::automatic && options.start != Start::given) {
    throw UsageError(
        fmt::format("--init {} and a start from files (--w0, --h0) exclude each other", a.typed.text("init")));
  }
  if (has_files) options.start = Start::given;
  if (a.like == "scikit-learn") be_like_scikit_learn(a.typed, options);
  if (options.start == Start::given && (a.w0.empty() || (needs_h0 && a.h0.empty()))) {
    throw UsageError(needs_h0 ? "a start from files needs both --w0 FILE and --h0 FILE"
                              : "a start from files needs --w0 FILE");
  }
  options.check();
  return options;
}

bool single_precision(const InputArguments& input, const MatrixHeader& header) {
  return input.precision.empty() ? header.single_precision : input.precision == "float";
}

LoadOptions load_options(const InputArguments& input, Index components) {
  LoadOptions options;
  options.transpose = input.transpose;
  options.add = input.add;
  options.clip_negative = input.clip_negative;
  options.storage = asked_storage(input).value_or(Storage::memory);
  options.scratch = input.scratch;
  options.scratch_for_preparation = !asked_storage(input);
  options.missing = input.missing;
  options.mask = input.mask;
  options.components = components;
  options.file = input.file;
  options.preparation = input.preparation;
  options.prepared = input.prepared;
  for (const auto& [name, type] : storage_types) {
    if (input.storage_type == name) options.storage_type = type;
  }
  return options;
}

std::optional<Storage> asked_storage(const InputArguments& input) {
  if (input.storage == "auto") return std::nullopt;
  return input.storage == "disk" ? Storage::disk : Storage::memory;
}

std::string refuse_empty_name(const std::string& name) {
  return name.empty() ? "the name of the file is empty" : "";
}

CLI::Option* add_missing(CLI::App& app, const std::string& spellings, const std::string& help,
                         InputArguments& input) {
  const auto take = [&input](const std::string& text) {
    const std::vector<std::string> names = missing_names();
    const bool is_name = std::find(names.begin(), names.end(), text) != names.end();
    input.missing = is_name ? parse_missing(text) : Missing::nan;
    input.mask = is_name ? "" : text;
  };
  return app.add_option_function<std::string>(spellings, take, help)->check(refuse_empty_name);
}

void require_place_for_missing(const InputArguments& input, const MatrixHeader& header) {
  if (input.missing != Missing::zeros || header.sparse) return;
  UsageError error(
      fmt::format("--missing zeros takes the entries that a sparse V does not store as unknown, but {} is "
                  "dense{}: store it as a "
                  "sparse matrix (mpinmf convert to .mtx)",
                  input.path, input.add > 0 ? " with --add" : ""));
  error.set_met();  // every rank sees the same header
  throw error;
}

void prepare_input(const Comm& comm, InputArguments& input) {
  const auto begin = std::chrono::steady_clock::now();
  input.prepared = prepare(comm, input.path, load_options(input, LoadOptions().components));
  input.seconds_of_statistics = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void prepare_input_again(const Comm& comm, InputArguments& input, const std::string& model, bool same_rows) {
  input.prepared =
      io::prepare_again(comm, input.path, load_options(input, LoadOptions().components), model, same_rows);
}

std::string name_of_matrix(const std::string& path) {
  constexpr const char* prefix = "generate:";
  if (path.rfind(prefix, 0) == 0) {
    const std::string rest = path.substr(std::string(prefix).size());
    return rest.substr(0, rest.find(':'));
  }
  std::filesystem::path whole(io::locate(path).file);
  if (!whole.has_filename()) whole = whole.parent_path();
  return whole.filename().string();
}

}  // namespace mpinmf::cli
