#include "fit_options.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/whole_number.hpp"
#include "identity.hpp"

namespace mpinmf::cli {
namespace {

constexpr const char *by_checksum = "its checksum", *acts_at_the_end = "it acts after the last iteration",
                     *acts_aside = "the factors do not depend on it";

template <auto member>
CLI::Option* add_checkpoint_text(CLI::App& app, const FitOption& option, FitArguments& a) {
  return app.add_option(option.spellings, a.checkpoint.*member, option.help)->capture_default_str();
}
template <auto member>
CLI::Option* add_solver_text(CLI::App& app, const FitOption& option, FitArguments& a) {
  return app.add_option(option.spellings, a.solver.*member, option.help)->capture_default_str();
}

constexpr std::array<FitOption, 21> options_of_fit = {{
    {"--add",
     "add this constant to every entry of V, which makes a sparse V dense (itakura-saito with zeros needs it)",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return app.add_option(option.spellings, a.input.add, option.help)->capture_default_str();
     },
     refused("--add", [](const AskedFit& a) { return fmt::format("{}", a.arguments.input.add); })},
    {"--missing",
     "which entries of V are not known, so that they count in no sum: none, zeros (those that a sparse V does not "
     "store: ratings, say; with --rule mu, the default then, or hals or ahals), nan (those that are not a number, "
     "or nothing in a table; any rule), or FILE: as nan, and those where this matrix of the shape of V's file has "
     "a number above 0 (./nan where it is called so)",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return add_missing(app, option.spellings, option.help, a.input)->default_str(name_of(Missing::none));
     },
     refused("--missing", [](const AskedFit& a) { return name_of(a.arguments.input.missing); })},
    {"--weights",
     "a file in any format of how much counts in the loss (0, or not stored: not at all): a column with a weight "
     "of each row of V as it is fitted, or a row with one of each column, for any rule; or a matrix with one of "
     "each entry, with --rule mu, the default then, or hals or ahals",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return app.add_option(option.spellings, a.input.weights, option.help)
           ->capture_default_str()
           ->check(refuse_empty_name);
     },
     refused("--weights",
             [](const AskedFit& a) { return std::string(a.arguments.input.weights.empty() ? "none" : "given"); })},
    {"--restarts", "fit each k from so many random starts: --seed, the seed after it and so on",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return add_whole_number(app, option.spellings, a.restarts, option.help)->capture_default_str();
     },
     fine("each fit has checkpoints of its own")},
    {"--groups",
     "of ranks, for several fits with checkpoints: each has all of V and does fits of its own, so that as many "
     "fits "
     "are done at a time; or auto: where V is small as many as memory allows",
     add_value<FitArguments, &FitArguments::groups_text>, fine("the factors agree to rounding")},
    {"--like",
     "scikit-learn: its solver cd (or, with --rule mu or another loss, mu), start nndsvda, and stopping rule",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return add_solver_text<&SolverArguments::like>(app, option, a)->check(CLI::IsMember({"scikit-learn"}));
     },
     refused_by("rule, start and --stop, which it sets")},
    {"--w0", "the first W, a .npy file; implies --init files", add_solver_text<&SolverArguments::w0>,
     refused_by(by_checksum)},
    {"--h0", "the first H, a .npy file; together with --w0", add_solver_text<&SolverArguments::h0>,
     refused_by(by_checksum)},
    {"--fix-h", "rows of H that are known and stay, a .npy file; the others are learned",
     add_solver_text<&SolverArguments::fix_h>, refused_by(by_checksum)},
    {"--fix-w", "columns of W that are known and stay, a .npy file; the others are learned",
     add_solver_text<&SolverArguments::fix_w>, refused_by(by_checksum)},
    {"--fix-components",
     "which components those of --fix-h and --fix-w are, from 1: 1:8, or 2,5,7; default: the first ones",
     add_value<FitArguments, &FitArguments::fix_components>,
     refused("--fix-components",
             [](const AskedFit& a) {
               const std::string& text = a.arguments.fix_components;
               return text.empty() ? std::string("the first") : text;
             })},
    {"--checkpoint",
     "keep the state of the fit in this folder, so that --resume can go on whatever ends the run; without a "
     "folder: checkpoint in the output folder",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return app.add_option(option.spellings, a.checkpoint.folder, option.help)->expected(0, 1);
     },
     fine(acts_aside)},
    {"--checkpoint-every", "how often: 90s, 10min, 2h, or a number of iterations",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return add_checkpoint_text<&CheckpointArguments::every_text>(app, option, a)->needs("--checkpoint");
     },
     fine(acts_aside)},
    {"--checkpoint-keep", "how many of the newest to keep",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return add_whole_number(app, option.spellings, a.checkpoint.keep, option.help)
           ->needs("--checkpoint")
           ->capture_default_str();
     },
     fine(acts_aside)},
    {"--resume",
     "go on from the newest checkpoint; without one start afresh, after a finished run do nothing. One command "
     "line serves the first run and all that follow",
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return app.add_flag(option.spellings, a.checkpoint.resume, option.help)->needs("--checkpoint");
     },
     fine(acts_aside)},
    {"--output", "folder for W.npy, H.npy, trace.csv, run.json and the picture, or none; default: V's name + .nmf",
     add_value<FitArguments, &FitArguments::output>, fine(acts_at_the_end)},
    {"--write", "which factors to write: h, or w,h for both", add_value<FitArguments, &FitArguments::write>,
     fine(acts_at_the_end)},
    {"--output-format", output_format_help,
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return app.add_option(option.spellings, a.factors.format, option.help)->capture_default_str();
     },
     fine(acts_at_the_end)},
    {"--into", into_help,
     [](CLI::App& app, const FitOption& option, FitArguments& a) {
       return app.add_option(option.spellings, a.factors.into, option.help);
     },
     fine(acts_at_the_end)},
    {"--force", "replace the results that the output folder holds", add_switch<FitArguments, &FitArguments::force>,
     fine(acts_at_the_end)},
    {"--quiet", "no progress, no notes, no summary", add_switch<FitArguments, &FitArguments::quiet>,
     fine(acts_aside)},
}};

}  // namespace

std::span<const FitOption> fit_options() {
  return options_of_fit;
}

}  // namespace mpinmf::cli
