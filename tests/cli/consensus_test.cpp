// The consensus of a survey beside what NumPy, SciPy and scikit-learn make of it (reference/consensus.py).
#include <cstdlib>

#include "cli_support.hpp"

namespace {

struct SurveyedData {
  std::string v;               ///< .npy or .npz
  std::string survey;          ///< how it was surveyed into the folder "s"
  std::string script_options;  ///< the loss, say
  std::size_t consensuses;     ///< k that have one
  int ranks;
};

/// Cosines of spectra and usages, silhouettes and losses here and there.
void check_agreement(const nlohmann::json& found, std::size_t consensuses) {
  constexpr double least_cosine = 0.999, most_difference = 1e-3;
  REQUIRE(found["consensuses"].size() == consensuses);
  for (const auto& of_k : found["consensuses"]) {
    INFO(of_k.dump());
    for (const std::string factor : {"spectra", "usages"}) {
      CHECK(of_k[factor].size() == of_k["k"].get<std::size_t>());
      for (const auto& cosine : of_k[factor]) CHECK(cosine.get<double>() >= least_cosine);
    }
    CHECK(of_k["in_order"] == true);
    for (const std::string share : {"silhouette", "kept"})
      CHECK(of_k[share]["here"].get<double>() ==
            Approx(of_k[share]["there"].get<double>()).margin(most_difference));
    for (const std::string error : {"loss", "squared_error"})
      CHECK(of_k[error]["here"].get<double>() ==
            Approx(of_k[error]["there"].get<double>()).epsilon(most_difference));
  }
}

/// Surveys V, and lets the script compute the consensus in each of these ways.
void compare_with_script(const TemporaryFolder& folder, const std::string& python, const SurveyedData& data,
                         const std::vector<std::string>& ways) {
  const Ran surveyed =
      run(mpinmf_command(data.ranks, "survey " + data.v + " --quiet --force --output s " + data.survey),
          folder.path());
  INFO(surveyed.err);
  REQUIRE(surveyed.code == 0);
  const std::string script = std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/consensus.py";
  for (const std::string& way : ways) {
    const Ran ran =
        run(python + " -W ignore '" + script + "' s " + data.v + " " + data.script_options + way, folder.path());
    INFO(data.v << way << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    check_agreement(nlohmann::json::parse(ran.out), data.consensuses);
  }
}

/// golub.npy, samples x genes as cNMF wants them: false where it is absent.
bool write_golub_transposed(const TemporaryFolder& folder, const std::string& python) {
  const auto path = reference_file("golub/X.npy");
  if (!path) return false;  // noted as skipped by reference_file
  write_text(folder / "transpose.py",
             "import numpy as np, sys\nnp.save('golub.npy', np.load(sys.argv[1]).T.astype(float))\n");
  REQUIRE(run(python + " transpose.py '" + *path + "'", folder.path()).code == 0);
  return true;
}

/// cells.npz: counts, sparse, with five planted programmes.
void make_counts(const TemporaryFolder& folder) {
  const Ran ran = run(mpinmf_command(1,
                                     "generate sparse-counts --rows 300 --columns 500 --density 0.08 --rank 5 "
                                     "--seed 1 --output cells.npz"),
                      folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
}

const std::string by_divergence = "--loss kullback-leibler";

}  // namespace

TEST_CASE("the consensus of a survey is that which NumPy makes of its spectra", "[consensus]") {
  const std::string python = python_with("numpy, scipy.optimize, scipy.sparse");
  if (python.empty()) {
    skip("no SciPy for python3");
    return;
  }
  TemporaryFolder folder;
  // by scikit-learn, where it is there, and by what the script has itself
  const std::vector<std::string> ways = {"", " --plain"};
  if (write_golub_transposed(folder, python)) {
    compare_with_script(folder, python, {"golub.npy", "-k 3,4 --restarts 20 --init random", "", 2, 2}, ways);
  }
  make_counts(folder);
  compare_with_script(folder, python, {"cells.npz", "-k 4,5 --restarts 20 " + by_divergence, by_divergence, 2, 2},
                      ways);
}

TEST_CASE("the consensus of a survey is that of scikit-learn's fits from the same seeds", "[consensus]") {
  const std::string python = python_with("numpy, scipy.optimize, scipy.sparse, sklearn");
  if (python.empty()) {
    skip("no scikit-learn for python3");
    return;
  }
  TemporaryFolder folder;
  const std::string alike = " --restarts 8 --like scikit-learn --init numpy --tolerance 0 --max-iterations 100 ";
  if (write_golub_transposed(folder, python))
    compare_with_script(folder, python, {"golub.npy", "-k 3,4" + alike, "", 2, 1}, {" --fit 100"});
  make_counts(folder);
  compare_with_script(folder, python, {"cells.npz", "-k 4,5" + alike + by_divergence, by_divergence, 2, 1},
                      {" --fit 100"});
}
