// Archives of NumPy and SciPy: what they write is read as they mean it, and faults are one message.
#include "python_support.hpp"
#include "zip_files.hpp"

namespace {

void check_refused(const std::string& zip, const std::string& file, int code,
                   const std::vector<std::string>& said) {
  for (const int ranks : {1, 3}) {
    for (const std::string command : {"info ", "fit -k 2 --output out "}) {
      TemporaryFolder folder;
      write_text(folder / "v.npz", zip);
      const Ran ran = run(mpinmf_command(ranks, command + file), folder.path());
      INFO(command << file << " on " << ranks << " ranks\n" << ran.out << ran.err);
      CHECK(ran.code == code);
      CHECK(messages(ran.err).size() == 1);
      for (const std::string& part : said) CHECK(contains(ran.err, part));
      CHECK(names(folder.path()) == std::vector<std::string>{"v.npz"});
    }
  }
}

/// 12 x 5 numbers as NumPy writes them, of which one may be other.
std::string array(double at_7_3 = 1) {
  TemporaryFolder folder;
  std::vector<double> values = counting(12, 5);
  values[7 * 5 + 3] = at_7_3;
  write_numbers(folder / "v.npy", 12, 5, values);
  return read_text(folder / "v.npy");
}

}  // namespace

TEST_CASE("broken archives are one message, whoever reads them", "[npz]") {
  const std::string good = zip_bytes({{"a.npy", array()}});
  check_refused(good.substr(0, good.size() / 2), "v.npz", 3, {"v.npz: ", "cut short"});
  ZipEntry spoilt{"a.npy", array(), true};
  spoilt.checksum = 1;
  check_refused(zip_bytes({spoilt}), "v.npz", 3, {"v.npz:/a: ", "checksum"});
  check_refused(zip_bytes({{"a.npy", array(-2)}}), "v.npz", 3, {"v.npz", "row 7, column 3", "-2"});
  check_refused(zip_bytes({{"a.npy", array()}, {"b.npy", array()}}), "v.npz", 2,
                {"name one, such as v.npz:/a", "a (12 x 5), b (12 x 5)"});
  check_refused(good, "v.npz:/c", 2, {"v.npz:/c: ", "no such array", "a (12 x 5)"});
  check_refused(zip_bytes({{"notes.txt", "mine"}}), "v.npz", 3, {"v.npz: ", "unzip v.npz"});
}

TEST_CASE("what SciPy and NumPy write is what is read", "[npz]") {
  const int count = check_what_python_writes("numpy, scipy.sparse", R"(
import numpy as np, scipy.sparse as s
random = np.random.default_rng(0)
S = s.random(120, 72, 0.2, format='coo', random_state=1)
twice = s.coo_matrix((np.r_[S.data, S.data[:50]], (np.r_[S.row, S.row[:50]], np.r_[S.col, S.col[:50]])), S.shape)
matrices = {f: S.asformat(f) for f in ('csr', 'csc', 'coo')}
matrices['bsr'] = S.tobsr((4, 6))
matrices['turned'] = S.tobsr((3, 8)).T
matrices['dia'] = s.dia_matrix((random.random((4, 90)), [-119, -3, 5, 200]), (120, 72))
matrices['short'] = s.dia_matrix((random.random((3, 20)), [-30, 0, 60]), (120, 72))
matrices['twice'] = twice
unsorted = twice.tocsc()
unsorted.indices, unsorted.data = unsorted.indices[::-1].copy(), unsorted.data[::-1].copy()
unsorted.indptr = unsorted.indptr[-1] - unsorted.indptr[::-1]
matrices['unsorted'] = unsorted
for kind in ('f4', 'u1', '>i8', '?'):
    matrices['of' + kind.strip('>?')] = (S * 100).astype(kind if kind != '?' else bool).tocsr()
wide = S.tocsr()
wide.indices, wide.indptr = wide.indices.astype('i8'), wide.indptr.astype('>i8')
matrices['wide'] = wide
expected = {}
for name, V in matrices.items():
    for compressed in (False, True):
        file = f'{name}{compressed:d}.npz'
        s.save_npz(file, V, compressed=compressed)
        expected[file] = s.load_npz(file).toarray().astype('f8')
A, B = random.random((30, 20)), np.asfortranarray(random.random((9, 7)).astype('>f4'))
for save in (np.savez, np.savez_compressed):
    save(save.__name__ + '.npz', A, **{'x': np.arange(3), 'B of \u00e4': B})
    expected[save.__name__ + '.npz:/arr_0'], expected[save.__name__ + '.npz:/B of \u00e4'] = A, B
    save(save.__name__ + '-one.npz', x=np.arange(3), A=A)
    expected[save.__name__ + '-one.npz'] = A
expected = {f"'{name}'": V for name, V in expected.items()}
)");
  CHECK((count == 0 || count == 2 * 14 + 6));
}
