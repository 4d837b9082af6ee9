// Preparation of V by options: as scikit-learn and NumPy prepare it, kept with the model, and repeated for new
// rows.
#include "cli_support.hpp"

namespace {

namespace fs = std::filesystem;

void check_runs(const TemporaryFolder& folder, int ranks, const std::string& command) {
  const Ran ran = run(mpinmf_command(ranks, command), folder.path());
  INFO(command << '\n' << ran.err);
  REQUIRE(ran.code == 0);
}

/// 6 x 4 numbers with names, of which the row "empty" has none but zeros.
const std::string named =
    "gene,a,b,c,d\nr0,1,2,0,4\nr1,0,3,1,1\nempty,0,0,0,0\nr3,5,0,2,7\nr4,2,2,2,2\nr5,1,0,9,3\n";

}  // namespace

TEST_CASE("V is prepared as scikit-learn and NumPy prepare it, and new rows likewise", "[preparation]") {
  const std::string python = python_with("numpy, scipy.sparse, scipy.io, sklearn");
  if (python.empty()) {
    skip("no scikit-learn for python3");
    return;
  }
  TemporaryFolder folder;
  write_text(folder / "make.py", R"(
import numpy as np, scipy.io, scipy.sparse as s
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import MaxAbsScaler, Normalizer, StandardScaler
random = np.random.default_rng(3)
V, new = (random.poisson(random.gamma(0.4, 2.0, 40), (m, 40)).astype(float) for m in (120, 50))
V[7] = new[3] = V[:, 5] = 0
np.save('v.npy', V), np.save('new.npy', new)
scipy.io.mmwrite('v.mtx', s.coo_matrix(V)), scipy.io.mmwrite('new.mtx', s.coo_matrix(new))
s.save_npz('v.npz', s.csc_matrix(V)), s.save_npz('new.npz', s.csr_matrix(new))
l1 = lambda X: Normalizer('l1').fit_transform(X)
def top(X, n): return np.sort(np.argsort(-X.var(axis=0), kind='stable')[:n])
def case(number, first, scaler, columns=lambda X: slice(None)):
    X = first(V)
    kept = columns(X)
    scaler.fit(X[:, kept])
    for name, rows in (('p', V), ('q', new)):
        prepared = scaler.transform(first(rows)[:, kept])
        np.save(f'{name}{number}.npy', prepared.toarray() if s.issparse(prepared) else prepared)
case(0, lambda X: np.log1p(1e4 * l1(X)), StandardScaler(with_mean=False), lambda X: top(X, 12))
case(1, Normalizer('l2').fit_transform, MaxAbsScaler())
case(2, np.array, TfidfTransformer(norm=None))
case(3, lambda X: X[:, 3:30], StandardScaler(with_mean=False), lambda X: (X > 0).sum(axis=0) >= 40)
)");
  write_text(folder / "compare.py", R"(
import numpy as np, sys
worst = 0
for number in sys.argv[1:]:
    for a, b in (('a', 'b'), ('c', 'd')):
        for factor in ('W', 'H') if a == 'a' else ('W',):
            A, B = (np.load(f'{x}{number}/{factor}.npy') for x in (a, b))
            assert A.shape == B.shape, (number, factor, A.shape, B.shape)
            worst = max(worst, np.linalg.norm(A - B) / np.linalg.norm(B))
    E, P = np.load(f'e{number}.npy'), np.load(f'p{number}.npy')
    assert E.shape == P.shape and abs(E - P).max() <= 1e-12 * P.max(), (number, E, P)
assert worst < 1e-10, worst
X = np.load('p3.npy')
V = np.load('v.npy')[:, np.load('a3/preparation_columns.npy')]
assert abs(V / np.load('a3/preparation_scales.npy') - X).max() <= 1e-12 * X.max()
)");
  const Ran made = run(python + " make.py", folder.path());
  INFO(made.err);
  REQUIRE(made.code == 0);
  const std::vector<std::string> options = {
      "--scale-rows sum:1e4 --log1p --columns top-variance:12 --scale-columns std",
      "--scale-rows l2 --scale-columns max", "--scale-columns idf",
      "--columns 3:30 --min-column-count 40 --scale-columns std"};
  const std::vector<std::string> endings = {".npy", ".mtx", ".npz"};
  const std::string fit = " -k 3 --rule mu --tolerance 0 --max-iterations 5 --force --quiet --output ";
  std::string numbers;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string n = std::to_string(i), ending = endings[i % endings.size()];
    const int ranks = 1 + 2 * static_cast<int>(i % 2);
    numbers += " " + n;
    check_runs(folder, ranks, "fit v" + ending + " " + options[i] + fit + "a" + n);
    check_runs(folder, 4 - ranks, "convert v" + ending + " e" + n + ".npy " + options[i]);
    check_runs(folder, 1, "fit p" + n + ".npy" + fit + "b" + n);
    check_runs(folder, ranks, "transform new" + ending + " --model a" + n + " --quiet --output c" + n);
    check_runs(folder, 1, "transform q" + n + ".npy --model b" + n + " --quiet --output d" + n);
  }
  const Ran compared = run(python + " compare.py" + numbers, folder.path());
  INFO(compared.err);
  CHECK(compared.code == 0);
}

TEST_CASE("a fit keeps what was done to V with its names, and those who read V again repeat it", "[preparation]") {
  TemporaryFolder folder;
  write_text(folder / "v.csv", named);
  write_text(folder / "some.txt", "d\nb\na\n");
  const std::string fit = "fit v.csv -k 2 --max-iterations 20 --output out --force --quiet ";
  for (const int ranks : {1, 3}) {
    check_runs(folder, ranks,
               fit + "--columns some.txt --min-row-sum 3 --scale-rows sum:10 --log1p --min-column-count 4");
    CHECK(read_text(folder / "out/row_names.txt") == "r0\nr1\nr3\nr4\nr5\n");
    CHECK(read_text(folder / "out/column_names.txt") == "a\nd\n");
    const auto record = read_json(folder.path() / "out/run.json"),
               kept = read_json(folder.path() / "out/preparation.json");
    CHECK(record["input"]["rows"] == 5);
    CHECK(contains(record["input"]["preparation"], "--columns=some.txt --min-row-sum 3"));
    CHECK((kept["columns_before"] == 4 && kept["rows_before"] == 6 && kept["scale_rows"] == "sum:10"));
    fs::remove(folder.path() / "some.txt");  // the model has its columns itself
    const Ran evaluated = run(mpinmf_command(ranks, "evaluate v.csv --model out --json"), folder.path());
    INFO(evaluated.err);
    REQUIRE(evaluated.code == 0);
    const double loss = nlohmann::json::parse(evaluated.out)["losses"]["frobenius"]["loss"];
    CHECK(std::abs(loss - record["loss"].get<double>()) <= 1e-9 * loss);
    check_runs(folder, ranks, "topics out --quiet");
    check_runs(folder, ranks, "transform v.csv --model out --rows 2:5 --output new --force --quiet");
    CHECK(read_text(folder / "new/row_names.txt") == "r3\nr4\n");
    check_runs(folder, ranks, fit);
    for (const auto& entry : fs::directory_iterator(folder.path() / "out")) {
      CHECK_FALSE(contains(entry.path().filename(), "preparation"));
    }
    CHECK_FALSE(read_json(folder.path() / "out/run.json")["input"].contains("preparation"));
    write_text(folder / "some.txt", "d\nb\na\n");
  }
}

TEST_CASE("what cannot be prepared is one message, and nothing is written", "[preparation]") {
  TemporaryFolder folder;
  write_text(folder / "v.csv", named);
  write_text(folder / "wide.csv", "1,2,3\n4,5,6\n");
  check_runs(folder, 1, "fit v.csv -k 1 --columns :3 --output model --quiet");
  struct Fault {
    std::string command;
    int code;
    std::string said;
  };
  const std::vector<Fault> faults = {
      {"fit v.csv -k 1 --rows 0:7 --output out", 2, "--rows=0:7 reaches beyond the 6 rows"},
      {"info v.csv --rows=3", 2, "--rows is a range a:b"},
      {"fit v.csv -k 1 --columns none.txt --output out", 4, "none.txt"},
      {"fit v.csv -k 1 --columns top-variance:5 --output out", 3, "4 columns are left, but 5 are wanted"},
      {"info v.csv --columns 3", 4, "--columns 3: there is no such file"},
      {"spectrum v.csv -k 1 --min-row-sum 100 --output out", 3, "no row is left"},
      {"fit v.csv -k 1 --scale-rows mean --output out", 2, "--scale-rows is sum, max or l2"},
      {"fit v.csv -k 1 --scale-columns=norm --output out", 2, "--scale-columns is std, sample-std, max"},
      {"fit v.csv -k 1 --min-column-count -1 --output out", 2, "--min-column-count"},
      {"transform wide.csv --model model --output out", 3,
       "has 3 columns, but the model in model was fitted to 3 of 4"},
      {"convert v.csv out.mtx --to mtx --log1p", 2, "write .h5ad"},
      {"info --shape 10x10 --log1p", 2, "--shape excludes --log1p"},
  };
  for (const Fault& fault : faults) {
    const Ran ran = run(mpinmf_command(3, fault.command), folder.path());
    INFO(fault.command << '\n' << ran.err);
    CHECK(ran.code == fault.code);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, fault.said));
    CHECK_FALSE((fs::exists(folder.path() / "out") || fs::exists(folder.path() / "out.mtx")));
  }
}
