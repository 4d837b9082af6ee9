#include "race_sets.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "mpinmf/load.hpp"
#include "workloads.hpp"

namespace mpinmf::bench {
namespace {

struct HeldSet {
  const char* name;
  const char* file;
  Index components;
};
constexpr std::array<HeldSet, 7> held_sets{{{"newsgroups20", "newsgroups20/X_train.mtx.gz", 20},
                                            {"newsgroups20-k10", "newsgroups20/X_train.mtx.gz", 10},
                                            {"cbcl_faces", "cbcl_faces/X.mtx.gz", 49},
                                            {"jasper_ridge", "jasper_ridge/X.mtx.gz", 10},
                                            {"golub", "golub/X.mtx.gz", 10},
                                            {"movielens_small", "movielens_small/X.mtx.gz", 10},
                                            {"piano_spectrogram", "piano_spectrogram/power.mtx.gz", 8}}};
constexpr std::array<const char*, 8> raced_workloads{"D1", "S1", "R1", "R2", "R3", "words", "ratings", "cells"};

/// The path of the file in the first folder that has it, on every rank; empty: none has.
std::string find_held(const Comm& comm, const HeldSet& set, const std::vector<std::string>& folders) {
  std::string found;
  comm.meet_on_root([&] {
    for (const std::string& folder : folders) {
      const std::string path = folder + "/" + set.file;
      if (found.empty() && std::filesystem::exists(path)) found = path;
    }
  });
  comm.broadcast(found);
  return found;
}

}  // namespace

std::vector<std::string> race_names() {
  std::vector<std::string> names;
  for (const HeldSet& set : held_sets) names.emplace_back(set.name);
  names.insert(names.end(), raced_workloads.begin(), raced_workloads.end());
  return names;
}

std::vector<std::string> usual_race_names(const Loss& loss) {
  if (loss == Loss()) return {"newsgroups20", "cbcl_faces", "jasper_ridge", "golub", "D1", "S1"};
  return {"newsgroups20-k10", "newsgroups20", "movielens_small", "piano_spectrogram", "words", "ratings", "cells"};
}

std::optional<RaceData> find_race_data(const Comm& comm, const std::string& name, const Arguments& arguments,
                                       std::string& missing) {
  const auto set =
      std::find_if(held_sets.begin(), held_sets.end(), [&](const HeldSet& s) { return s.name == name; });
  if (set == held_sets.end()) {
    const Workload workload = find_workload(name);
    const DataOrigin origin = find_data(comm, workload, arguments.data, arguments.scale);
    return RaceData{make_data<double>(comm, workload, origin), workload.components};
  }
  const std::string path = find_held(comm, *set, arguments.data);
  if (path.empty()) {
    missing = set->file;
    return {};
  }
  LoadOptions options;
  options.components = set->components;
  return RaceData{load<double>(comm, path, options), set->components};
}

}  // namespace mpinmf::bench
