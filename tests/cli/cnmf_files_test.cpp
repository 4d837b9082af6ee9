// survey --cnmf-files: the consensus under cNMF's names, as pandas reads it.
#include "cli_support.hpp"

namespace {

/// "a.csv" has names of rows and columns, "b.npy" none; 30 x 12, two components.
const char* const make_named = R"(
import numpy as np, pandas as pd
random = np.random.default_rng(4)
V = random.gamma(0.5, 1, (30, 2)) @ random.gamma(0.5, 1, (2, 12)) + 0.01 * random.random((30, 12))
pd.DataFrame(V, [f'cell {i}' for i in range(30)], [f'GENE{j}' for j in range(12)]).to_csv('a.csv')
np.save('b.npy', V)
)";

const char* const read_by_pandas = R"(
import numpy as np, pandas as pd, sys
k, is_named, is_scaled = int(sys.argv[1]), sys.argv[2] == 'named', sys.argv[4:] == ['scaled']
for what, factor in (('usages', 'W'), ('spectra', 'H')):
    table = pd.read_csv(f'out/pbmc/pbmc.{what}.k_{k}.dt_{sys.argv[3]}.consensus.txt', sep='\t', index_col=0,
                        float_precision='round_trip')
    expected = np.load(f'out/pbmc/k{k}/consensus/{factor}.npy')
    sums = np.load(f'out/pbmc/k{k}/consensus/H.npy').sum(1)
    assert table.shape == expected.shape, (what, table, expected)
    if is_scaled:  # the fits bind a scale, cNMF's spectra have none
        expected = expected * sums if factor == 'W' else expected / sums[:, None]
        assert abs(sums - 1).min() > 1e-3 and abs(expected - table.to_numpy()).max() <= 1e-12 * expected.max()
    elif what == 'spectra' or not is_named:  # with the Frobenius loss usages are refitted (cnmf_genes_test.cpp)
        assert (table.to_numpy(expected.dtype) == expected).all(), (what, table, expected)
    components, others = (table.columns, table.index) if factor == 'W' else (table.index, table.columns)
    assert [int(c) for c in components] == list(range(1, k + 1)), components
    wanted = ('cell {}' if factor == 'W' else 'GENE{}') if is_named else '{}'
    assert [str(name) for name in others] == [wanted.format(i) for i in range(len(others))], others
with open('out/pbmc/pbmc.overdispersed_genes.txt') as genes:
    assert genes.read() == '\n'.join(str(name) for name in others)
for what in ('gene_spectra_tpm', 'gene_spectra_score', 'starcat_spectra') if is_named else ():
    table = pd.read_csv(f'out/pbmc/pbmc.{what}.k_{k}.dt_{sys.argv[3]}.txt', sep='\t', index_col=0)
    assert list(table.columns) == [f'GENE{j}' for j in range(12)] and len(table) == k, (what, table)
)";

std::vector<std::string> cnmf_names(const TemporaryFolder& folder) {
  std::vector<std::string> found = names(folder / "out/pbmc");
  std::erase_if(found, [](const std::string& name) { return !name.starts_with("pbmc."); });
  return found;
}

}  // namespace

TEST_CASE("the consensus lies under cNMF's names, too, as pandas reads it", "[cnmf_files]") {
  const std::string python = python_with("numpy, pandas");
  if (python.empty()) {
    skip("no pandas for python3");
    return;
  }
  TemporaryFolder folder;
  write_text(folder / "make.py", make_named);
  write_text(folder / "read.py", read_by_pandas);
  REQUIRE(run(python + " make.py", folder.path()).code == 0);
  std::filesystem::create_directory(folder / "out");
  const std::string more = " --restarts 4 --quiet --cnmf-files --output out/pbmc/ ";
  struct Case {
    int ranks;
    std::string arguments, what_python_is_told;
  };
  for (const Case& one :
       {Case{1, "a.csv -k 2", "named 0_5"}, Case{3, "a.csv -k 2 --precision float", "named 0_5"},
        Case{2, "b.npy -k 2 --density-threshold 2 --groups 2 --loss kullback-leibler", "numbered 2_0"},
        Case{3, "b.npy -k 2 --density-threshold 2 --loss kullback-leibler --alpha-w 0.01",
             "numbered 2_0 scaled"}}) {
    const Ran ran = run(mpinmf_command(one.ranks, "survey " + one.arguments + more + "--force"), folder.path());
    INFO(one.arguments << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    const Ran read = run(python + " read.py 2 " + one.what_python_is_told, folder.path());
    INFO(read.err);
    CHECK(read.code == 0);
    CHECK(cnmf_names(folder).size() == (one.what_python_is_told.starts_with("named") ? 6 : 3));  // no older ones
  }
  std::filesystem::remove(folder / "out/pbmc/survey.csv");
  const Ran refused = run(mpinmf_command(1, "survey b.npy -k 3" + more), folder.path());
  CHECK(refused.code == 2);
  CHECK(cnmf_names(folder).size() == 3);
  std::filesystem::copy_file(folder / "out/pbmc/pbmc.usages.k_2.dt_2_0.consensus.txt",
                             folder / "out/pbmc/pbmc.usages.k_9.dt_2_0.consensus.txt.partial-host-1");
  std::ofstream(folder / "out/pbmc/other.usages.k_9.dt_2_0.consensus.txt") << "of cNMF";
  REQUIRE(run(mpinmf_command(1, "survey b.npy -k 2:3 --force" + more), folder.path()).code == 0);
  std::vector<std::string> wanted = {"pbmc.overdispersed_genes.txt"};
  for (const std::string k : {"2", "3"}) {
    for (const std::string table : {"gene_spectra_score", "gene_spectra_tpm", "starcat_spectra"})
      wanted.push_back("pbmc." + table + ".k_" + k + ".dt_0_5.txt");
    for (const std::string table : {"spectra", "usages"})
      wanted.push_back("pbmc." + table + ".k_" + k + ".dt_0_5.consensus.txt");
  }
  std::sort(wanted.begin(), wanted.end());
  CHECK(cnmf_names(folder) == wanted);
  CHECK(std::filesystem::exists(folder / "out/pbmc/other.usages.k_9.dt_2_0.consensus.txt"));
}
