// Factors in the formats of other programs, beside W.npy and H.npy.
#include "cli_support.hpp"

namespace {

/// 40 x 12 counts with names, as v.csr and v.h5ad.
struct NamedV {
  TemporaryFolder folder;

  NamedV() {
    REQUIRE(mpinmf(1, "generate sparse-counts --rows 40 --columns 12 --density 0.4 --output v.csr").code == 0);
    std::string rows, columns;
    for (int i = 0; i < 40; ++i) rows += "cell " + std::to_string(i) + "\n";
    for (int j = 0; j < 12; ++j) columns += "gene, " + std::to_string(j) + "\n";
    write_text(folder / "v.csr/documents.txt", rows);
    write_text(folder / "v.csr/vocabulary.txt", columns);
    REQUIRE(mpinmf(1, "convert v.csr v.h5ad").code == 0);
  }
  Ran mpinmf(int ranks, const std::string& arguments) {
    return run(mpinmf_command(ranks, arguments), folder.path());
  }
  bool has(const std::string& file) const { return std::filesystem::exists(folder / file); }
};

struct Where {
  std::string format, w, h;
};
const std::vector<Where> formats_of_factors = {{"csv", "W.csv", "H.csv"},
                                               {"tsv", "W.tsv", "H.tsv"},
                                               {"mtx", "W.mtx", "H.mtx"},
                                               {"npz", "factors.npz:/W", "factors.npz:/H"},
                                               {"h5", "factors.h5:/W", "factors.h5:/H"},
                                               {"h5ad", "factors.h5ad:/obsm/X_nmf", "factors.h5ad:/varm/NMF"}};

constexpr const char* reads_factors = R"(
import warnings; warnings.filterwarnings('ignore')
import anndata, h5py, numpy as np, pandas as pd
names = [f'cell {i}' for i in range(40)], [f'gene, {j}' for j in range(12)]
load = lambda f: (np.load(f + '/W.npy'), np.load(f + '/H.npy'))
W, H = load('csv')
w, h = (pd.read_csv(f'csv/{n}.csv', index_col=0, float_precision='round_trip') for n in 'WH')
assert (w.to_numpy() == W).all() and (h.to_numpy() == H).all()
assert list(w.index) == names[0] and list(h.columns) == names[1] and list(w.columns) == list(h.index) == ['component_0', 'component_1', 'component_2']
W, H = load('h5')
with h5py.File('h5/factors.h5') as f:
    assert (f['W'][:] == W).all() and (f['H'][:] == H).all() and list(f['column_names'].asstr()) == names[1]
W, H = load('h5ad')
a = anndata.read_h5ad('h5ad/factors.h5ad')
assert (a.obsm['X_nmf'] == W).all() and (a.varm['NMF'] == H.T).all()
assert (list(a.obs_names), list(a.var_names)) == names
assert a.uns['nmf']['k'] == 3 and a.uns['nmf']['beta_loss'] == 'frobenius' and a.uns['nmf']['loss'] > 0 and a.uns['nmf']['version']
# into a file with more in it than mpinmf knows
a = anndata.read_h5ad('v.h5ad')
a.obs['kind'] = pd.Categorical(['x', 'y'] * 20)
a.layers['twice'] = 2 * a.X
a.obsm['X_nmf'], a.uns['nmf'], a.uns['mine'] = np.zeros((40, 9)), 'old', {'a': [1, 2]}
a.write_h5ad('rich.h5ad', compression='gzip')
)";
constexpr const char* reads_copy = R"(
import warnings; warnings.filterwarnings('ignore')
import anndata, numpy as np
a, before = anndata.read_h5ad('out/factors.h5ad'), anndata.read_h5ad('rich.h5ad')
assert (a.obsm['X_nmf'] == np.load('out/W.npy')).all() and (a.varm['NMF'] == np.load('out/H.npy').T).all()
assert (a.X != before.X).nnz == 0 and (a.layers['twice'] != before.layers['twice']).nnz == 0
assert (a.obs['kind'] == before.obs['kind']).all() and list(a.uns['mine']['a']) == [1, 2] and a.uns['nmf']['k'] == 3
assert before.uns['nmf'] == 'old'
a.write_h5ad('again.h5ad')
)";

constexpr const char* reads_part = R"(
import warnings; warnings.filterwarnings('ignore')
import anndata, numpy as np
a, W, H = anndata.read_h5ad('part/factors.h5ad'), np.load('part/W.npy'), np.load('part/H.npy')
rows, columns = ([n in set(open(f'part/{f}.txt').read().split('\n')) for n in names]
                 for f, names in (('row_names', a.obs_names), ('column_names', a.var_names)))
assert W.shape == (18, 3) and H.shape == (3, 5) and sum(rows) == 18 and sum(columns) == 5
assert a.obsm['X_nmf'].shape == (40, 3) and a.varm['NMF'].shape == (12, 3)
assert (a.obsm['X_nmf'][rows] == W).all() and np.isnan(a.obsm['X_nmf'][~np.array(rows)]).all()
assert (a.varm['NMF'][columns] == H.T).all() and (a.varm['NMF'][~np.array(columns)] == 0).all()
)";

}  // namespace

TEST_CASE("factors are the same to the last bit in every format", "[factors]") {
  NamedV v;
  for (const Where& where : formats_of_factors) {
    INFO(where.format);
    const std::string out = where.format;
    const Ran ran = v.mpinmf(out == "csv" || out == "h5ad" ? 3 : 1,
                             "fit v.csr -k 3 --max-iterations 5 --output " + out + " --output-format " + out);
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto written = read_json(v.folder / (out + "/run.json"))["written"];
    for (const std::string& place : {where.w, where.h}) {
      const std::string file = place.substr(0, place.find(':'));
      CHECK(std::find(written.begin(), written.end(), file) != written.end());
    }
    const std::string back = out + "/";
    REQUIRE(v.mpinmf(1, "convert " + back + where.w + " w.npy --force").code == 0);
    CHECK((read_text(v.folder / "w.npy") == read_text(v.folder / (back + "W.npy"))));
    REQUIRE(
        v.mpinmf(1, "convert " + back + where.h + " h.npy --force" + (out == "h5ad" ? " --transpose" : "")).code ==
        0);
    CHECK((read_text(v.folder / "h.npy") == read_text(v.folder / (back + "H.npy"))));
  }
  REQUIRE(v.mpinmf(2, "transform v.csr --model csv --output new --output-format tsv").code == 0);
  CHECK(names(v.folder / "new") == std::vector<std::string>{"W.npy", "W.tsv", "row_names.txt", "run.json"});
  CHECK(read_text(v.folder / "new/W.tsv").starts_with("\tcomponent_0\tcomponent_1\tcomponent_2\ncell 0\t"));
  REQUIRE(v.mpinmf(1, "fit v.csr -k 3 --max-iterations 5 --output csv --force").code == 0);
  CHECK_FALSE(v.has("csv/W.csv"));  // of the fit that was replaced

  const std::string python = python_with("anndata, h5py, pandas");
  if (python.empty()) {
    skip("no anndata, h5py and pandas for python3");
    return;
  }
  REQUIRE(v.mpinmf(1, "fit v.csr -k 3 --max-iterations 5 --output csv --output-format csv --force").code == 0);
  write_text(v.folder / "read.py", reads_factors);
  const Ran read = run(python + " read.py", v.folder.path());
  INFO(read.err);
  REQUIRE(read.code == 0);
  const std::string before = read_text(v.folder / "rich.h5ad");
  const Ran into =
      v.mpinmf(3, "fit rich.h5ad -k 3 --max-iterations 5 --output out --output-format h5ad --into rich.h5ad");
  INFO(into.err);
  REQUIRE(into.code == 0);
  CHECK((read_text(v.folder / "rich.h5ad") == before));
  write_text(v.folder / "read.py", reads_copy);
  const Ran copy = run(python + " read.py", v.folder.path());
  INFO(copy.err);
  CHECK(copy.code == 0);
  // of some rows and columns, in a copy of all
  for (const int ranks : {1, 3}) {
    const Ran part = v.mpinmf(ranks,
                              "fit v.h5ad -k 3 --rows 11:29 --columns top-variance:5 --max-iterations 5 --output "
                              "part --output-format h5ad --into v.h5ad --force");
    INFO(part.err);
    REQUIRE(part.code == 0);
    write_text(v.folder / "read.py", reads_part);
    const Ran spread = run(python + " read.py", v.folder.path());
    INFO(spread.err);
    CHECK(spread.code == 0);
  }
}

TEST_CASE("a file that factors do not fit into is refused", "[factors]") {
  NamedV v;
  REQUIRE(v.mpinmf(1, "generate lowrank --rows 40 --columns 11 --rank 3 --output other.h5ad").code == 0);
  REQUIRE(v.mpinmf(1, "generate lowrank --rows 40 --columns 12 --rank 3 --output unnamed.h5ad").code == 0);
  write_text(v.folder / "cut.h5ad", read_text(v.folder / "v.h5ad").substr(0, 3000));
  const auto refused = [&](int ranks, const std::string& options, int code, const std::vector<std::string>& said) {
    const Ran ran = v.mpinmf(ranks, "fit v.csr -k 3 --output out " + options);
    INFO(options << '\n' << ran.err);
    CHECK(ran.code == code);
    CHECK(messages(ran.err).size() == 1);
    for (const std::string& part : said) CHECK(contains(ran.err, part));
    CHECK_FALSE(v.has("out"));
  };
  refused(1, "--output-format xlsx", 2, {"--output-format is npy", "h5ad", "'xlsx'"});
  refused(1, "--into v.h5ad", 2, {"--into is for --output-format h5ad"});
  refused(3, "--output-format h5ad --into other.h5ad", 3,
          {"other.h5ad:/obs: name 0 (counted from 0) is not cell 0"});
  refused(1, "--output-format h5ad --into unnamed.h5ad", 3,
          {"unnamed.h5ad:/obs: name 0", "bring its rows into V's order"});
  refused(3, "--output-format h5ad --into v.csr/data.npy", 3, {"v.csr/data.npy: "});
  refused(1, "--output-format h5ad --into none.h5ad", 4, {"none.h5ad: cannot open it"});
  refused(1, "--output-format h5ad --into cut.h5ad", 3, {"cut.h5ad: ", "cut short: copy it again"});
  const Ran sizes = v.mpinmf(1, "fit unnamed.h5ad -k 3 --output out --output-format h5ad --into other.h5ad");
  CHECK(sizes.code == 3);
  CHECK(contains(sizes.err, "other.h5ad:/var: has 11 names, but V has 12 columns"));
}

TEST_CASE("of several fits the best of each k has its factors in another format", "[factors]") {
  NamedV v;
  const std::string fits = "fit v.csr -k 2,3 --restarts 3 --max-iterations 5 --output s --output-format ";
  for (const std::string format : {"tsv", "npz"}) {
    REQUIRE(v.mpinmf(1, fits + format + " --force").code == 0);
    for (const std::string k : {"2", "3"}) {
      for (const std::string seed : {"0", "1", "2"}) {
        const std::string fit = "s/k" + k + "/seed" + seed + "/";
        const bool is_best = v.has(fit + "W.npy");
        const auto written = read_json(v.folder / (fit + "run.json"))["written"];
        for (const std::string name : {"W.tsv", "H.tsv", "factors.npz"}) {
          INFO(fit << name);
          const bool is_wanted = is_best && (name == "factors.npz") == (format == "npz");
          CHECK(v.has(fit + name) == is_wanted);
          CHECK((std::count(written.begin(), written.end(), name) == 1) == is_wanted);
        }
      }
    }
  }
}
