// HDF5 files that others write, and what the program says of those that it cannot read.
#include "cli_support.hpp"
#include "hdf5_files.hpp"
#include "python_support.hpp"

namespace {

/// What Python writes: V (12 x 7) in many ways, and V.npy.
constexpr const char* writes = R"(
import warnings; warnings.filterwarnings('ignore')
import anndata, h5py, numpy as np, pandas as pd, scipy.sparse as s
from anndata.experimental import write_elem
S = s.random(12, 7, 0.4, format='csr', random_state=1)
np.save('V.npy', S.toarray())
obs, var = (pd.DataFrame(index=[w + ' %d' % i for i in range(n)]) for w, n in (('zell\u00e9', 12), ('gene', 7)))
for name, X in (('csr', S), ('csc', S.tocsc()), ('dense', S.toarray())):
    A = anndata.AnnData(X, obs=obs, var=var, dtype=X.dtype)
    A.raw = A
    A.layers['columns'], A.layers['array'] = S.tocsc(), np.asfortranarray(S.toarray())
    for compression in (None, 'gzip', 'lzf'):
        A.write_h5ad('%s-%s.h5ad' % (name, compression), compression=compression)
with h5py.File('csr-None.h5ad', 'r') as f, h5py.File('categories.h5ad', 'w') as g:
    for k in ('X', 'var'):
        f.copy(k, g)
    g.attrs['encoding-type'], g.attrs['encoding-version'] = 'anndata', '0.1.0'
    o = g.create_group('obs')
    o.attrs['_index'] = '_index'
    write_elem(o, '_index', pd.Categorical(['b', 'a'] * 6))
with h5py.File('plain.h5', 'w') as f:
    f.create_dataset('deep/V', data=S.toarray().astype('>f8'), chunks=(5, 3), compression='gzip', shuffle=True)
with h5py.File('ten.h5', 'w') as f:
    m = f.create_group('matrix')
    m['data'], m['indices'], m['indptr'], m['shape'] = S.data, S.indices.astype('i8'), S.indptr.astype('i8'), [7, 12]
    m['barcodes'], m['features/name'] = np.array(['AC-%d' % i for i in range(12)], 'S'), np.array(['g'] * 7, 'S')
with h5py.File('v.mat', 'w', userblock_size=512) as f:
    f['V'] = S.toarray().T
    f['V'].attrs['MATLAB_class'] = np.bytes_('double')
with open('v.mat', 'r+b') as f:
    f.write(b'MATLAB 7.3 MAT-file')
with h5py.File('v.loom', 'w') as f:
    f.create_dataset('matrix', data=S.toarray().T, chunks=(3, 4), compression='gzip')
    f['row_attrs/Gene'] = np.array(list('abcdefg'), h5py.string_dtype())
    f['col_attrs/CellID'] = np.array(['c%d' % i for i in range(12)], h5py.string_dtype())
)";

/// Whether every matrix given is V to the last bit, from its CSR folder.
constexpr const char* compares = R"(
import sys, numpy as np, scipy.sparse as s
V = np.load('V.npy')
for folder in sys.argv[1:]:
    a = {n: np.load('%s/%s.npy' % (folder, n)) for n in ('data', 'indices', 'indptr', 'shape')}
    got = s.csr_matrix((a['data'], a['indices'], a['indptr']), a['shape']).toarray()
    assert got.shape == V.shape and (got == V).all(), folder
)";

std::string lines(const std::string& word, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += word + " " + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("what anndata writes is read to the last bit, with its names", "[hdf5]") {
  const std::string python = python_with("anndata, h5py");
  if (python.empty()) {
    skip("no anndata and h5py for python3");
    return;
  }
  TemporaryFolder folder;
  write_text(folder / "write.py", writes);
  write_text(folder / "compare.py", compares);
  const Ran written = run(python + " write.py", folder.path());
  INFO(written.err);
  REQUIRE(written.code == 0);
  int count = 0;
  std::string made;
  const auto convert = [&](const std::string& matrix) {
    const std::string to = "c" + std::to_string(++count);
    const Ran ran = run(mpinmf_command(1, "convert " + matrix + " " + to), folder.path());
    INFO(matrix << ' ' << ran.err);
    CHECK(ran.code == 0);
    made += " " + to;
  };
  for (const std::string name : {"csr", "csc", "dense"}) {
    for (const std::string compression : {"None", "gzip", "lzf"}) convert(name + "-" + compression + ".h5ad");
    convert(name + "-gzip.h5ad:/raw/X");
  }
  convert("dense-lzf.h5ad:/layers/columns");
  convert("dense-lzf.h5ad:/layers/array");
  for (const std::string name : {"plain.h5", "ten.h5", "v.mat", "v.loom"}) convert(name);
  const Ran compared = run(python + " compare.py" + made, folder.path());
  INFO(compared.err);
  CHECK(compared.code == 0);
  const Ran fitted =
      run(mpinmf_command(2, "fit csr-gzip.h5ad:/layers/columns -k 2 --max-iterations 3"), folder.path());
  INFO(fitted.err);
  REQUIRE(fitted.code == 0);
  CHECK(read_text(folder / "csr-gzip.h5ad.nmf/row_names.txt") == lines("zell\xc3\xa9", 12));
  CHECK(read_text(folder / "csr-gzip.h5ad.nmf/column_names.txt") == lines("gene", 7));
  CHECK(run(mpinmf_command(1, "convert categories.h5ad categories"), folder.path()).code == 0);
  CHECK(read_text(folder / "categories/documents.txt") == "b\na\nb\na\nb\na\nb\na\nb\na\nb\na\n");
}

TEST_CASE("faults of HDF5 files are one message of one rank", "[hdf5]") {
  TemporaryFolder folder;
  {
    Hdf5Writer file(folder / "v.h5ad");
    file.attribute("/", "encoding-type", "anndata");
    file.numbers("/X", std::vector<double>{1, 2, 3, 4, -5, 6}, {2, 3});
    file.strings("/layers/words", {"a", "b"});
  }
  write_text(folder / "short.h5ad", read_text(folder / "v.h5ad").substr(0, 2000));
  write_text(folder / "head.h5ad", read_text(folder / "v.h5ad").substr(0, 9));
  write_text(folder / "bad.h5ad", with_spoilt_strings(read_text(folder / "v.h5ad")));
  struct Fault {
    std::string matrix;
    std::vector<std::string> said;
  };
  for (const Fault& fault : std::vector<Fault>{{"v.h5ad", {"v.h5ad:/X", "row 1", "column 1", "-5"}},
                                               {"v.h5ad:/layers/none", {"v.h5ad:/layers/none: there is nothing"}},
                                               {"v.h5ad:/layers/words", {"v.h5ad:/layers/words: holds strings"}},
                                               {"short.h5ad", {"short.h5ad: ", "cut short: copy it again"}},
                                               {"bad.h5ad", {"bad.h5ad:/: ", "encoding-type cannot be read"}},
                                               {"head.h5ad", {"head.h5ad: ", "HDF5"}}}) {
    for (const int ranks : {1, 3}) {
      const Ran ran = run(mpinmf_command(ranks, "fit " + fault.matrix + " -k 2"), folder.path());
      INFO(fault.matrix << " on " << ranks << " ranks\n" << ran.err);
      CHECK(ran.code == 3);
      CHECK(messages(ran.err).size() == 1);
      CHECK(!contains(ran.err, "HDF5-DIAG"));
      for (const std::string& part : fault.said) CHECK(contains(ran.err, part));
    }
  }
  CHECK(names(folder.path()) == std::vector<std::string>{"bad.h5ad", "head.h5ad", "short.h5ad", "v.h5ad"});
}

TEST_CASE("filters of Debian's plugins are read by all ranks, and named where they are not there", "[hdf5]") {
  const std::string python = python_with("h5py"), listed = run("dpkg -L hdf5-filter-plugin", "/").out,
                    folder_of = listed.substr(0, listed.find("/libh5lz4.so"));
  if (python.empty() || folder_of == listed) return skip("h5py or hdf5-filter-plugin is not installed");
  const std::string with = "HDF5_PLUGIN_PATH=" + folder_of.substr(folder_of.rfind('\n') + 1) + " ";
  TemporaryFolder folder;
  write_text(folder / "make.py",
             "import h5py, numpy as np\nV = np.arange(60.).reshape(12, 5)\nwith h5py.File('v.h5', 'w') as f:\n"
             "    f.create_dataset('lz4', data=V, chunks=(4, 5), compression=32004)\n"
             "    f.create_dataset('bzip2', data=V, chunks=(5, 2), compression=307)\nnp.save('V.npy', V)\n");
  const Ran made = run(with + python + " make.py", folder.path());
  INFO(made.err);
  REQUIRE(made.code == 0);
  for (const std::string name : {"lz4", "bzip2"}) {
    const std::string convert = "convert v.h5:/" + name + " read.npy --force";
    const Ran ran = run(with + mpinmf_command(3, convert), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    CHECK((read_text(folder / "read.npy") == read_text(folder / "V.npy")));
    const Ran without = run("unset HDF5_PLUGIN_PATH; " + mpinmf_command(1, convert), folder.path());
    if (without.code == 0) continue;  // found in the library's own folder
    CHECK(without.code == 3);
    CHECK(contains(without.err, "Debian: hdf5-filter-plugin"));
  }
}
