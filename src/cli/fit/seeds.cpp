#include "seeds.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <set>

#include "init/numpy_random.hpp"
#include "results.hpp"

namespace mpinmf::cli {
namespace {

std::vector<Seed> counted_seeds(const FitArguments& a) {
  std::vector<Seed> seeds;
  for (Index i = 0; i < a.restarts; ++i) seeds.push_back(a.options.seed.plus(static_cast<std::uint32_t>(i)));
  return seeds;
}

std::vector<Seed> seeds_of_cnmf(const FitArguments& a, Index k) {
  constexpr std::uint32_t last = (std::uint32_t{1} << 31) - 2;
  const Index smaller = std::count_if(a.components.begin(), a.components.end(), [k](Index c) { return c < k; });
  const std::vector<std::uint32_t> drawn = numpy_legacy_integers(
      a.options.seed.words().front(), 1, last, static_cast<std::size_t>((smaller + 1) * a.restarts));
  std::set<std::uint32_t> taken;
  std::vector<Seed> seeds;
  for (auto seed = drawn.begin() + smaller * a.restarts; seed != drawn.end(); ++seed) {
    if (taken.insert(*seed).second) seeds.emplace_back(*seed);
  }
  return seeds;
}

}  // namespace

std::vector<Options> fits_of(const FitArguments& a, Index k) {
  const std::vector<Seed> seeds = a.cnmf_seeds ? seeds_of_cnmf(a, k) : counted_seeds(a);
  std::vector<Options> fits(seeds.size(), a.options);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    fits[i].components = k;
    fits[i].seed = seeds[i];
  }
  return fits;
}

void require_no_other_fits(const Comm& comm, const FitArguments& a) {
  if (!a.checkpoint.resume || !a.writes()) return;
  comm.meet_on_root([&] {
    std::set<std::string> asked, of_these_k;
    for (const Index k : a.components) {
      for (const Options& fit : fits_of(a, k)) {
        const std::filesystem::path folder = series_folder(k, fit.seed);
        asked.insert(folder.string());
        of_these_k.insert(folder.parent_path().string());
      }
    }
    for (const std::filesystem::path& path : fit_folders_in(a.output)) {
      const std::filesystem::path folder = path.parent_path().filename() / path.filename();
      if (of_these_k.count(folder.parent_path().string()) == 0 || asked.count(folder.string()) > 0) continue;
      throw UsageError(
          fmt::format("{} is a fit that is not asked for now, as --seed, --seeds or --restarts say something "
                      "else: give another "
                      "--output, or start afresh without --resume",
                      path.string()));
    }
  });
}

void check_cnmf_seed(const Seed& seed) {
  if (seed.words().size() == 1) return;
  throw UsageError(fmt::format("--seeds cnmf: NumPy takes a seed below 2**32, not --seed {}", seed.text()));
}

}  // namespace mpinmf::cli
