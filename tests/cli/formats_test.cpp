// Files that other programs write: what they mean is what is read.
#include "python_support.hpp"

namespace fs = std::filesystem;

TEST_CASE("libsvm files are read as scikit-learn reads them", "[formats]") {
  check_what_python_writes("numpy, sklearn.datasets", R"(
import numpy as np, scipy.sparse as s
from sklearn.datasets import dump_svmlight_file, load_svmlight_file
V = s.random(50, 20, 0.2, format='csr', random_state=1)
y = np.arange(50) % 3 - 1.0
dump_svmlight_file(V, y, 'zero')
dump_svmlight_file(V, y, 'one', zero_based=False, comment='one-based')
dump_svmlight_file(V[:, 1:], y, 'ranked', query_id=np.arange(50) // 7)
dump_svmlight_file(V[:, 3:], s.csr_matrix(np.eye(50, 4, k=-1)), 'classes', zero_based=False, multilabel=True)
expected = {}
for name in ('zero', 'one', 'ranked', 'classes'):
    expected[name + ' --format libsvm'] = load_svmlight_file(name, multilabel=name == 'classes')[0].toarray()
)");
}

TEST_CASE("MATLAB files are read as SciPy writes them", "[formats]") {
  check_what_python_writes("numpy, scipy.io", R"(
import numpy as np, scipy.sparse as s
from scipy.io import savemat
random = np.random.default_rng(0)
V, S = random.random((40, 30)), s.random(50, 20, 0.2, format='csr', random_state=1)
matrices = {'V': V, 'S': S, 'C': s.csc_matrix(S[:7]), 'single': V.astype('f4'), 'sparse_flags': S > 0.5,
            'row': V[:1], 'one': s.csc_matrix(([3.0], ([1], [2])), (5, 4))}
for kind in ('u1', 'i8'):
    matrices[kind] = (100 * V).astype(kind)
others = {'k': 3, 'text': 'hello', 'struct': {'a': V}, 'cells': np.array([V, V[:3]], dtype=object), 'cube': np.ones((2, 3, 4))}
expected = {}
for packed in (False, True):
    savemat(f'v{packed:d}.mat', others | matrices, do_compression=packed)
    savemat(f'only{packed:d}.mat', {'k': 3, 'V': V, 'name': 'x'}, do_compression=packed)
    expected |= {f'v{packed:d}.mat:/{name}': s.csr_matrix(M).toarray().astype('f8') for name, M in matrices.items()}
    expected[f'only{packed:d}.mat'] = V
)");
}

TEST_CASE("raw numbers, tables, 10x folders and bags of words are what NumPy and SciPy write", "[formats]") {
  check_what_python_writes("numpy, scipy.io", R"(
import numpy as np, os, scipy.io, scipy.sparse as s
random = np.random.default_rng(0)
V, S = random.random((40, 30)), s.random(50, 20, 0.2, format='csr', random_state=1)
expected = {}
for kind in ('float32', 'uint16'):
    W = (200 * V).astype(kind)
    W.tofile(kind)
    W.T.tofile(kind + '.columns')
    options = f' --format raw --shape 40x30 --element-type {kind}'
    expected[kind + options] = expected[f'{kind}.columns --layout columns {options}'] = W.astype('f8')
np.savetxt('v.txt', V, delimiter='|', fmt='%.17g')
open('v.csv', 'w').write(open('v.txt').read().replace('|', ';').replace('.', ','))
expected['v.txt --delimiter "|"'] = expected['v.csv --decimal comma'] = V
os.mkdir('cells')
scipy.io.mmwrite('cells/matrix.mtx', S.T.tocoo(), precision=17)
open('cells/barcodes.tsv', 'w').writelines(f'cell{i}\n' for i in range(50))
open('cells/features.tsv', 'w').writelines(f'id{j}\tgene{j}\t{"some" if j % 3 else "others"}\n' for j in range(20))
expected['cells'], expected['cells --feature-type others'] = S.toarray(), S.toarray()[:, ::3]
C = S.tocoo()
with open('docword.v.txt', 'w') as file:
    file.write(f'50\n20\n{C.nnz}\n')
    file.writelines(f'{i + 1} {j + 1} {v!r}\n' for i, j, v in zip(C.row, C.col, C.data.tolist()))
expected['docword.v.txt'] = S.toarray()
)");
}

TEST_CASE("images are read as Pillow reads them", "[formats]") {
  check_what_python_writes("numpy, PIL.Image", R"(
import numpy as np, os
from PIL import Image
random = np.random.default_rng(0)
grey, colour = random.integers(0, 256, (3, 7, 9), 'u1'), random.integers(0, 256, (2, 4, 5, 3), 'u1')
wide = random.integers(0, 65536, (2, 6, 3)).astype('i4')
expected = {}
def folder(name, images, ending, **options):
    os.mkdir(name)
    for i, image in enumerate(images):
        image.save(f'{name}/{i}.{ending}', **options)
for ending in ('png', 'pgm'):
    folder('grey_' + ending, [Image.fromarray(x) for x in grey], ending)
    expected['grey_' + ending] = grey.reshape(3, -1)
for ending in ('png', 'ppm'):
    folder('colour_' + ending, [Image.fromarray(x) for x in colour], ending)
    expected['colour_' + ending] = colour.reshape(2, -1)
folder('wide', [Image.fromarray(x.astype('u2')) for x in wide], 'png')
expected['wide'] = wide.reshape(2, -1)
palette = [Image.fromarray(x).quantize(7) for x in colour]
folder('palette', palette, 'png')
expected['palette'] = np.array([np.asarray(x.convert('RGB')) for x in palette]).reshape(2, -1)
expected = {name: V.astype('f8') for name, V in expected.items()}
)");
}

TEST_CASE("what is wrong in a file of another program is one message, whoever reads it", "[formats]") {
  TemporaryFolder folder;
  write_text(folder / "v.svm", "1 1:2 3:4\n2 2:1\n1 2:x\n");
  write_text(folder / "docword.v.txt", "3\n4\n3\n1 1 1\n2 2 2\n9 1 1\n");
  write_text(folder / "v.raw", std::string(24, '\1'));
  fs::create_directory(folder.path() / "faces");
  for (const int i : {0, 1, 2, 3}) {
    write_text(folder / ("faces/" + std::to_string(i) + ".pgm"),
               i < 3 ? "P2 2 2 255 1 2 3 4" : "P2 2 2 255 1 2 3 400");
  }
  struct Case {
    std::string arguments, said;
    int code;
  };
  const auto before = contents(folder.path());
  for (const Case& c : {Case{"v.svm", "v.svm, line 3: 'LABEL INDEX:VALUE", 3},
                        Case{"docword.v.txt", "docword.v.txt, line 6: row 8, column 0", 3},
                        Case{"v.raw --format raw --shape 2x4 --element-type float32", "v.raw: has 24 bytes", 3},
                        Case{"v.raw --format raw --shape 2x3", "needs --element-type", 2},
                        Case{"faces", "faces/3.pgm: ", 3}, Case{"faces --transpose", "faces/3.pgm: ", 3}}) {
    const Ran ran = run(mpinmf_command(3, "fit " + c.arguments + " -k 1 --output out"), folder.path());
    INFO(c.arguments << '\n' << ran.err);
    CHECK(ran.code == c.code);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, c.said));
    CHECK(contents(folder.path()) == before);
  }
}
