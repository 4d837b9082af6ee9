// mpinmf generate: writes a made-up matrix, row by row, so it may be larger than memory, or made-up posts.
#include "io/generate/generate.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "command.hpp"
#include "io/generate/generators.hpp"
#include "io/write/write_matrix.hpp"
#include "matrix_output.hpp"
#include "text/made_up_posts.hpp"

namespace mpinmf::cli {
namespace {

/// The options and what they are, in the order of --help. Which generator has which, generate.hpp says.
struct Key {
  const char* name;
  const char* help;
};
constexpr std::array<Key, 7> keys = {{{"rows", "m, number of rows"},
                                      {"columns", "n, number of columns"},
                                      {"rank", "number of parts or topics planted"},
                                      {"noise", "size of the noise, relative to the mean entry"},
                                      {"density", "share of nonzeros, 0 to 1"},
                                      {"nonzeros", "number of nonzeros, in place of --density"},
                                      {"seed", "decimal, hexadecimal (0x...) or 2**N; default: 0"}}};

struct GenerateArguments {
  std::string name, precision = "double", text;
  MatrixOutput output;
  std::array<std::string, keys.size()> values;
  std::optional<text::MadeUpPosts> posts;  ///< asked for in place of a matrix
};

/// The one that is no matrix.
constexpr const char* posts_name = "posts";

std::string names_help() {
  std::string help = "which matrix:";
  for (const io::GeneratorInfo& info : io::generators()) {
    help += fmt::format("\n  {}: {}{}{}", info.name, info.help, info.keys.empty() ? "" : "; options ", info.keys);
  }
  return help + fmt::format("\n  {}: a corpus of posts about six things, as JSON lines; options rows=300,seed=S",
                            posts_name);
}

/// The text that fit, info and evaluate take in place of a file.
std::string generator_text(const GenerateArguments& a) {
  std::string text = "generate:" + a.name, separator = ":";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (a.values[i].empty()) continue;
    text += fmt::format("{}{}={}", separator, keys[i].name, a.values[i]);
    separator = ",";
  }
  return text;
}

void prepare(GenerateArguments& a) {
  a.text = generator_text(a);
  if (a.name != posts_name) {
    check_output(a.output);
    io::open_generator(a.text, false);
    return;
  }
  const io::GeneratorSettings settings(a.text, {"rows", "seed"});
  if (!a.output.format.empty() || !a.output.image_size.empty())
    throw UsageError("--to and --image-size are for matrices: posts are written as JSON lines");
  a.posts.emplace();
  a.posts->count = settings.count_or("rows", a.posts->count);
  a.posts->seed = settings.seed();
}

void run(const Comm& comm, const GenerateArguments& a) {
  if (a.posts) {
    text::write_made_up_posts(comm, *a.posts, a.output.path, a.output.force);
  } else {
    io::WriteOptions how = write_options(a.output);
    how.single_precision = a.precision == "float";
    const io::WrittenMatrix written = io::write_matrix(comm, a.text, {}, a.output.path, how);
    if (comm.is_root()) note_of_reading(written, a.output);
  }
  if (comm.is_root()) fmt::print("wrote {} ({})\n", a.output.path, a.text);
}

}  // namespace

Command add_generate(CLI::App& program) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* app = program.add_subcommand("generate", "write a made-up matrix to a file");
  app->add_option("NAME", arguments->name, names_help())->required();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    app->add_option(fmt::format("--{}", keys[i].name), arguments->values[i], keys[i].help);
  }
  app->add_option("--output", arguments->output.path,
                  "the file (of posts .jsonl) or folder to write; without an ending .npy where the matrix is "
                  "dense, and a CSR folder where it is sparse; of the ending, or of --to:" +
                      io::writer_help())
      ->required();
  app->add_option("--precision", arguments->precision, "float or double")
      ->check(CLI::IsMember({"float", "double"}))
      ->capture_default_str();
  add_matrix_output(*app, arguments->output);
  return {app, [arguments] { prepare(*arguments); }, [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
