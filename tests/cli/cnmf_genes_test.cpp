// What cNMF makes of counts before and after its fits, beside NumPy, SciPy and pandas (reference/cnmf.py):
// --columns overdispersed, and the tables of all genes of survey --cnmf-files.
#include <cstdlib>

#include "cli_support.hpp"

namespace {

/// cells.npy and cells.npz: 150 x 300 counts of 12 programmes; column 7 has none. deep.npy and deep.npz: a million
/// counts a row, of which most are in column 0; one column in ten varies more than Poisson's. empty.npy: row 5 has
/// none.
const char* const make_cells = R"(
import numpy as np, scipy.sparse as s
random = np.random.default_rng(11)
W, H = random.gamma(0.3, 1, (150, 12)), random.gamma(0.2, 1, (12, 300))
V = random.poisson(random.lognormal(0, 0.4, (150, 1)) * (W @ H + 0.05 * random.gamma(1, 1, 300))).astype(float)
V[:, 7] = 0
V[:, 0] += 1
np.save('cells.npy', V), s.save_npz('cells.npz', s.csr_matrix(V))
moved = np.where(np.arange(300) % 10 == 3, random.gamma(0.5, 2, (150, 1)), 1)
deep = random.poisson(random.gamma(2, 2, 300) * moved).astype(float)
deep[:, 0] = 1e6 - deep[:, 1:].sum(axis=1)
np.save('deep.npy', deep), s.save_npz('deep.npz', s.csr_matrix(deep))
V[5] = 0
np.save('empty.npy', V)
)";

/// Of the script, beside cells.npz or deep.npz.
Ran compared_by_script(const TemporaryFolder& folder, const std::string& python, const std::string& arguments) {
  const std::string script = std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/cnmf.py";
  const Ran ran = run(python + " '" + script + "' " + arguments, folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran;
}

void check_columns(const TemporaryFolder& folder, const std::string& python) {
  for (const std::string count : {"40", ""}) {
    const std::string asked = " --columns overdispersed" + (count.empty() ? "" : ":" + count),
                      name = count.empty() ? "deep." : "cells.";
    int ranks = 0;
    std::string chosen;
    for (const std::string ending : {"npy", "npz", "h5ad"}) {
      const std::string to = ending + count + ".npy";
      const Ran ran = run(
          mpinmf_command(++ranks, "convert " + name + ending + " " + to + asked + " --scale-columns sample-std"),
          folder.path());
      INFO(ran.err);
      REQUIRE(ran.code == 0);
      chosen += " " + to;
    }
    const Ran compared = compared_by_script(
        folder, python, name + "npz" + (count.empty() ? "" : " --count " + count) + " --chosen" + chosen);
    INFO(compared.out);
    const auto found = nlohmann::json::parse(compared.out);
    CHECK((found["columns"].size() == 40) == !count.empty());
    CHECK(found["columns"].size() > 20);
    for (const auto& difference : found["chosen"]) CHECK(difference.get<double>() < 1e-12);
  }
  const Ran refused =
      run(mpinmf_command(3, "fit empty.npy -k 2 --columns overdispersed:40 --output out"), folder.path());
  CHECK(refused.code == 3);
  REQUIRE(messages(refused.err).size() == 1);
  CHECK(contains(refused.err, "row 5 (counted from 0) holds nothing in the 40 columns"));
  // of a model, new rows may be so
  REQUIRE(run(mpinmf_command(2, "fit cells.h5ad -k 2 --max-iterations 20 --columns overdispersed:40 --output out"),
              folder.path())
              .code == 0);
  CHECK(run(mpinmf_command(2, "transform empty.npy --model out --output new"), folder.path()).code == 0);
}

/// Spectra and scores of all genes, and usages refitted by them.
void check_tables(const TemporaryFolder& folder, const std::string& python) {
  const std::string asked =
      " -k 3,4 --restarts 2 --max-iterations 50 --columns overdispersed:40 --scale-columns sample-std "
      "--cnmf-files "
      "--quiet --output ";
  struct Surveyed {
    std::string v, more;
    int ranks;
  };
  std::string outputs;
  for (const auto& [v, more, ranks] : std::vector<Surveyed>{{"cells.npz", " --groups 2 --threads 1", 2},
                                                            {"cells.npy", " --storage disk", 7},
                                                            {"cells.mtx", " --seeds cnmf", 3}}) {
    const std::string output = "of" + std::to_string(ranks);
    const Ran surveyed = run(mpinmf_command(ranks, "survey " + v + asked + output + more), folder.path());
    INFO(v << surveyed.err);
    REQUIRE(surveyed.code == 0);
    outputs += " " + output;
  }
  const Ran compared =
      compared_by_script(folder, python, "cells.npz --count 40 --components 3 4 --survey" + outputs);
  INFO(compared.out);
  const auto tables = nlohmann::json::parse(compared.out)["tables"];
  REQUIRE(tables.size() == 6);
  for (const auto& of_k : tables) {
    for (const std::string table :
         {"first_usages", "usages", "gene_spectra_tpm", "gene_spectra_score", "starcat_spectra"})
      CHECK(of_k[table].get<double>() < 1e-11);
  }
}

}  // namespace

TEST_CASE("columns are chosen and scaled, and all genes have spectra and scores, as in cNMF", "[cnmf_genes]") {
  const std::string python = python_with("numpy, scipy.sparse, scipy.optimize, pandas");
  if (python.empty()) {
    skip("no SciPy or pandas for python3");
    return;
  }
  TemporaryFolder folder;
  write_text(folder / "make.py", make_cells);
  REQUIRE(run(python + " make.py", folder.path()).code == 0);
  for (const std::string pair : {"cells.npz cells.h5ad", "cells.npz cells.mtx", "deep.npz deep.h5ad"})
    REQUIRE(run(mpinmf_command(1, "convert " + pair), folder.path()).code == 0);
  check_columns(folder, python);
  check_tables(folder, python);
}
