// Matrices in other formats, as a user asks for them, and as NumPy, SciPy, pandas, h5py and anndata read them.
#include <sys/mount.h>

#include "cli_support.hpp"

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> endings = {"csr", "npy", "npz", "mtx", "csv", "tsv", "h5", "h5ad"};

/// Counts with names, some rows without entries, as v.csr; numbers as d.npy; in float as f.npy.
void write_examples(const TemporaryFolder& folder) {
  std::string rows, columns;
  for (int i = 0; i < 30; ++i) rows += "row, " + std::to_string(i) + "\n";
  for (int j = 0; j < 9; ++j) columns += std::to_string(2010 + j) + "\n";
  for (const std::string arguments : {"sparse-counts --rows 30 --columns 9 --density 0.1 --output v.csr",
                                      "lowrank --rows 20 --columns 7 --rank 3 --output d.npy",
                                      "lowrank --rows 20 --columns 7 --rank 3 --precision float --output f.npy"}) {
    REQUIRE(run(mpinmf_command(1, "generate " + arguments), folder.path()).code == 0);
  }
  write_text(folder / "v.csr/documents.txt", rows);
  write_text(folder / "v.csr/vocabulary.txt", columns);
}

/// That every file holds the numbers of v.csr, d.npy and f.npy to the last bit, v with its names.
constexpr const char* reads = R"(
import warnings; warnings.filterwarnings('ignore')
import anndata, h5py, numpy as np, pandas as pd, scipy.io, scipy.sparse as s, zipfile
folder = lambda f: s.csr_matrix(tuple(np.load(f'{f}/{n}.npy') for n in ('data', 'indices', 'indptr')), np.load(f'{f}/shape.npy'))
rows, columns = (open(f'v.csr/{n}.txt').read().splitlines() for n in ('documents', 'vocabulary'))
V = {'v': folder('v.csr').toarray(), 'd': np.load('d.npy'), 'f': np.load('f.npy')}
assert V['f'].dtype == 'f4' and V['v'].shape == (30, 9) and (V['v'].sum(1) == 0).any()
def same(name, got):
    assert got.shape == V[name].shape and (got.astype(V[name].dtype) == V[name]).all(), name
for n in V:
    sparse, named = n == 'v', n == 'v'
    file = f'out-{n}.'
    same(n, folder(file + 'csr').toarray())
    assert folder(file + 'csr').dtype == V[n].dtype and np.load(file + 'npy').dtype == V[n].dtype
    same(n, np.load(file + 'npy'))
    assert zipfile.ZipFile(file + 'npz').testzip() is None
    same(n, s.load_npz(file + 'npz').toarray() if sparse else np.load(file + 'npz')['V'])
    got = scipy.io.mmread(file + 'mtx')
    assert s.issparse(got) == sparse and (got.dtype.kind == 'i') == sparse
    same(n, got.toarray() if sparse else got)
    for ending, separator in (('csv', ','), ('tsv', '\t')):
        got = pd.read_csv(file + ending, sep=separator, float_precision='round_trip', **({'index_col': 0} if named else {'header': None}))
        same(n, got.to_numpy())
        assert not named or (list(got.index), list(got.columns)) == (rows, columns)
    with h5py.File(file + 'h5') as f:
        x = f['V']
        same(n, s.csr_matrix((x['data'][:], x['indices'][:], x['indptr'][:]), x['shape'][:]).toarray() if sparse else x[:])
        assert not named or list(f['row_names'].asstr()) == rows
    a = anndata.read_h5ad(file + 'h5ad')
    assert s.issparse(a.X) == sparse and a.X.dtype == V[n].dtype
    same(n, a.X.toarray() if sparse else a.X)
    assert not named or (list(a.obs_names), list(a.var_names)) == (rows, columns)
    assert named or list(a.obs_names)[-1] == str(a.n_obs - 1)
    a.write_h5ad('again.h5ad')
)";

}  // namespace

TEST_CASE("NumPy, SciPy, pandas, h5py and anndata read what is written", "[convert]") {
  const std::string python = python_with("anndata, h5py, pandas, scipy.io");
  if (python.empty()) {
    skip("no anndata, h5py, pandas and scipy for python3");
    return;
  }
  TemporaryFolder folder;
  write_examples(folder);
  write_text(folder / "read.py", reads);
  for (const std::string& ending : endings) {
    for (const std::string v : {"v.csr", "d.npy", "f.npy"}) {
      const Ran ran = run(mpinmf_command(v == "v.csr" && ending == "npz" ? 3 : 1,
                                         "convert " + v + " out-" + v.substr(0, 1) + "." + ending),
                          folder.path());
      INFO(v << " to " << ending << ": " << ran.err);
      CHECK(ran.code == 0);
    }
  }
  const Ran ran = run(python + " read.py", folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
}

namespace {

/// The same of files of other fields: counts with names as v, numbers as d and, in float, as f.
constexpr const char* reads_others = R"(
import h5py, numpy as np, scipy.io, scipy.sparse as s, sklearn.datasets
folder = lambda f: s.csr_matrix(tuple(np.load(f'{f}/{n}.npy') for n in ('data', 'indices', 'indptr')), np.load(f'{f}/shape.npy'))
rows, columns = (open(f'v.csr/{n}.txt').read().splitlines() for n in ('documents', 'vocabulary'))
V = {'v': folder('v.csr').toarray(), 'd': np.load('d.npy'), 'f': np.load('f.npy')}
def same(name, got):
    assert got.shape == V[name].shape and (got.astype(V[name].dtype) == V[name]).all(), name
got, labels = sklearn.datasets.load_svmlight_file('v.libsvm')
same('v', got.toarray())
assert (labels == 0).all()
with h5py.File('v.loom') as f:
    same('v', f['matrix'][:].T)
    assert f['attrs/LOOM_SPEC_VERSION'].asstr()[()] == '3.0.0' and {'layers', 'row_graphs', 'col_graphs'} < set(f)
    assert (list(f['col_attrs/CellID'].asstr()), list(f['row_attrs/Gene'].asstr())) == (rows, columns)
with h5py.File('v10.h5') as f:
    m = f['matrix']
    assert m['data'].dtype == 'i4' and list(m['shape']) == [9, 30]
    same('v', s.csc_matrix((m['data'][:], m['indices'][:], m['indptr'][:]), m['shape'][:]).toarray().T)
    assert list(m['barcodes'].asstr()) == rows and list(m['features/_all_tag_keys'].asstr()) == ['genome']
    assert all(list(m['features'][n].asstr()) == columns for n in ('id', 'name'))
    assert set(m['features/feature_type'].asstr()) == {'Gene Expression'} and len(m['features/genome']) == 9
for n, type in (('d', 'f8'), ('f', 'f4')):
    same(n, np.fromfile(n + '.raw', type).reshape(20, 7))
for n in V:
    got = scipy.io.loadmat(n + '.mat')['V']
    assert s.issparse(got) == (n == 'v') and got.dtype == V[n].dtype
    same(n, got.toarray() if n == 'v' else got)
same('v', scipy.io.mmread('v10/matrix.mtx').toarray().T)
assert open('v10/barcodes.tsv').read().splitlines() == rows
assert [line.split('\t') for line in open('v10/genes.tsv').read().splitlines()] == [[c, c] for c in columns]
sizes, entries = np.loadtxt('bag/docword.txt', int, max_rows=3), np.loadtxt('bag/docword.txt', int, skiprows=3)
assert sizes[2] == len(entries)
same('v', s.coo_matrix((entries[:, 2], (entries[:, 0] - 1, entries[:, 1] - 1)), sizes[:2]).toarray())
assert open('bag/vocab.txt').read().splitlines() == columns
)";

}  // namespace

TEST_CASE("scikit-learn, SciPy, h5py and NumPy read the formats of other fields", "[convert]") {
  const std::string python = python_with("h5py, scipy.io, sklearn.datasets");
  if (python.empty()) {
    skip("no h5py, scipy and scikit-learn for python3");
    return;
  }
  TemporaryFolder folder;
  write_examples(folder);
  write_text(folder / "read.py", reads_others);
  for (const std::string arguments :
       {"v.csr v.libsvm", "v.csr v.loom", "v.csr v10.h5 --to 10x-h5", "v.csr v10 --to 10x", "v.csr v.mat",
        "v.csr bag --to bag-of-words", "d.npy d.mat", "f.npy f.mat", "d.npy d.raw", "f.npy f.raw"}) {
    const Ran ran = run(mpinmf_command(1, "convert " + arguments), folder.path());
    INFO(arguments << ": " << ran.err);
    CHECK(ran.code == 0);
    if (contains(arguments, "d.raw")) {
      CHECK(contains(ran.err,
                     "note: d.raw does not say what it holds; it is read with --format raw --shape 20x7 "
                     "--element-type float64"));
    }
  }
  const Ran ran = run(python + " read.py", folder.path());
  INFO(ran.err);
  CHECK(ran.code == 0);
}

TEST_CASE("loompy reads what is written, and what it writes is read", "[convert]") {
  const std::string python = python_with("loompy");
  if (python.empty()) return skip("no loompy for python3");
  TemporaryFolder folder;
  write_examples(folder);
  REQUIRE(run(mpinmf_command(3, "convert v.csr v.loom"), folder.path()).code == 0);
  write_text(folder / "both.py", R"(
import loompy, numpy as np
names = lambda n: open(f'v.csr/{n}.txt').read().splitlines()
with loompy.connect('v.loom', 'r') as f:
    assert list(f.ca.CellID) == names('documents') and list(f.ra.Gene) == names('vocabulary')
    V = f[:, :]
loompy.create('w.loom', V, {'Gene': np.array(names('vocabulary'))}, {'CellID': np.array(names('documents'))})
)");
  const Ran ran = run(python + " both.py", folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  for (const std::string v : {"v.csr", "w.loom"})
    REQUIRE(run(mpinmf_command(1, "convert " + v + " " + v + ".npy"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(1, "convert w.loom again"), folder.path()).code == 0);
  CHECK((read_text(folder / "w.loom.npy") == read_text(folder / "v.csr.npy")));
  for (const std::string name : {"documents.txt", "vocabulary.txt"})
    CHECK(read_text(folder / ("again/" + name)) == read_text(folder / ("v.csr/" + name)));
}

TEST_CASE("generate writes what convert writes of its matrix", "[convert]") {
  TemporaryFolder folder;
  const std::string matrix = "sparse-counts --rows 30 --columns 9 --density 0.2 --output ";
  REQUIRE(run(mpinmf_command(1, "generate " + matrix + "v"), folder.path()).code == 0);
  CHECK(names(folder / "v") == std::vector<std::string>{"data.npy", "indices.npy", "indptr.npy", "shape.npy"});
  for (const std::string ending : {"npy", "npz", "mtx", "csv", "h5ad"}) {
    REQUIRE(run(mpinmf_command(1, "generate " + matrix + "g." + ending), folder.path()).code == 0);
    REQUIRE(run(mpinmf_command(1, "convert v c." + ending), folder.path()).code == 0);
    CHECK((read_text(folder / ("g." + ending)) == read_text(folder / ("c." + ending))));
  }
}

TEST_CASE("what is asked for wrongly is one message, and writes nothing", "[convert]") {
  TemporaryFolder folder;
  write_examples(folder);
  const auto refused = [&](const std::string& arguments, const std::vector<std::string>& said) {
    const int ranks = contains(arguments, "--to npy") ? 3 : 1;
    const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
    INFO(arguments << '\n' << ran.err);
    CHECK(ran.code == 2);
    CHECK(messages(ran.err).size() == 1);
    for (const std::string& part : said) CHECK(contains(ran.err, part));
    CHECK(names(folder.path()) == std::vector<std::string>{"d.npy", "f.npy", "v.csr"});
  };
  refused("convert d.npy d.parquet", {"d.parquet: no format is known by the ending .parquet", "--to", "h5ad"});
  refused("convert d.npy o.h5:/x/y", {"o.h5:/x/y: a matrix is written as a file of its own", "write o.h5"});
  refused("convert d.npy d.csv.gz", {"compressed files are not written", "gzip the file"});
  refused("convert d.npy out --to CSV", {"'CSV' is no format to write", "csr, npy, npz, mtx, csv, tsv, h5, h5ad"});
  refused("convert f.npy d.npy", {"d.npy: exists already", "--force"});
  refused("convert d.npy v.csr --to npy --force", {"v.csr: is a folder and is not replaced by a file"});
  refused("generate swimmer --output v.txt", {"no format is known by the ending .txt"});
  refused("generate posts --output p.jsonl --to mtx", {"--to and --image-size are for matrices"});
  refused("convert d.npy v.csr --to 10x --force", {"v.csr: is something else than a folder of this format"});
  refused("convert d.npy v.loom --log1p",
          {"written as loom, which goes column by column", "write .h5ad, and convert"});
  refused("convert d.npy out --to images", {"images need --image-size HEIGHTxWIDTH"});
  refused("convert d.npy out --to images --image-size 7", {"--image-size is rows x columns"});
  refused("convert d.npy out.npy --image-size 7x1", {"--image-size is for --to images, not npy: leave it out"});
  refused("convert d.npy ''", {"name of the file to write is empty"});
  REQUIRE(run(mpinmf_command(2, "convert d.npy d.npy --precision float --force"), folder.path()).code == 0);
  CHECK((read_text(folder / "d.npy") == read_text(folder / "f.npy")));
  REQUIRE(run(mpinmf_command(1, "convert f.npy table.data --to tsv"), folder.path()).code == 0);
  CHECK(contains(read_text(folder / "table.data"), "\t"));
}

TEST_CASE("--force takes nothing but what the format has written, and goes where a link leads", "[convert]") {
  TemporaryFolder folder;
  write_numbers(folder / "d.npy", 2, 2, {1, 2, 3, 4});
  fs::create_directories(folder / "t/genes.tsv");
  write_text(folder / "t/genes.tsv/mine", "mine");
  fs::create_directory(folder / "photos");
  write_text(folder / "photos/1.pgm", "mine");
  fs::create_directory(folder / "empty");
  for (const std::string arguments : {"t --to 10x", "photos --to images --image-size 1x2"}) {
    const auto before = contents(folder.path());
    const Ran ran = run(mpinmf_command(1, "convert d.npy " + arguments + " --force"), folder.path());
    INFO(arguments << '\n' << ran.err);
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "is not replaced"));
    CHECK((contents(folder.path()) == before));
  }
  CHECK(run(mpinmf_command(1, "convert d.npy empty --to images --image-size 1x2 --force"), folder.path()).code ==
        0);
  REQUIRE(run(mpinmf_command(1, "convert d.npy real --to 10x"), folder.path()).code == 0);
  const auto before = contents(folder / "real");
  fs::create_directory_symlink("real", folder / "link");
  fs::create_symlink("file.mat", folder / "link.mat");
  write_text(folder / "file.mat", "old");
  for (const std::string arguments : {"link --to 10x", "link.mat"}) {
    const Ran ran = run(mpinmf_command(1, "convert d.npy " + arguments + " --force"), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 0);
  }
  CHECK((fs::is_symlink(folder / "link") && fs::is_symlink(folder / "link.mat")));
  // a link that leads to what has no name
  const Ran piped = run(mpinmf_command(1, "convert d.npy /dev/stdout --to csv") + " | cat", folder.path());
  CHECK(contains(piped.err, "/dev/stdout: cannot write it: ranks cannot write into one pipe"));
  CHECK((contents(folder / "real") == before));
  CHECK(read_text(folder / "file.mat").starts_with("MATLAB"));
}

TEST_CASE("a full disk leaves nothing of any format", "[convert]") {
  TemporaryFolder folder;
  write_examples(folder);
  const auto disk = folder.path() / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=96k") != 0) {
    skip("only root can mount a small disk");
    return;
  }
  std::vector<std::string> outputs = {"--output disk/v.loom", "--output disk/v.mat",
                                      "--density 1 --output disk/v --to bag-of-words"};
  for (const std::string& ending : endings) outputs.push_back("--output disk/v." + ending);
  for (const std::string& output : outputs) {
    const int ranks = output.ends_with("h5") || output.ends_with("csv") ? 3 : 1;
    const std::string matrix = contains(output, "bag") ? "sparse-counts --rows 500 --columns 60 "
                                                       : "lowrank --rows 500 --columns 60 --rank 3 ";
    const Ran ran = run(mpinmf_command(ranks, "generate " + matrix + output), folder.path());
    INFO(output << ": " << ran.err);
    CHECK(ran.code == 4);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, "No space left on device; free some space"));
    CHECK(names(disk).empty());
  }
  // the work space of a stream is full
  REQUIRE(run(mpinmf_command(1, "generate lowrank --rows 500 --columns 60 --rank 3 --output v.mtx"), folder.path())
              .code == 0);
  for (const int ranks : {1, 3}) {
    const Ran ran = run(mpinmf_command(ranks, "convert v.mtx disk/v.npz"), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 4);
    CHECK(contains(ran.err, "No space left on device; free some space"));
    CHECK(names(disk).empty());
  }
  ::umount(disk.c_str());
}

TEST_CASE("a signal leaves nothing of any format", "[convert]") {
  TemporaryFolder folder;
  for (const std::string ending : {"csv", "h5ad"}) {
    const Ran ran =
        run("timeout -s INT 0.5 " +
                mpinmf_command(1, "generate lowrank --rows 1e6 --columns 3000 --rank 50 --output v." + ending),
            folder.path());
    CHECK(ran.code == 124);
    CHECK(names(folder.path()).empty());
  }
}
