// Where a message names a command or an option, following it works.
#include "cli_support.hpp"

namespace {

/// The command that a message ends with; empty where it has none.
std::string command_in(const std::string& message) {
  for (const std::string start : {"convert it: ", "convert them: ", "correct it: ", "unpack it: "}) {
    const std::size_t at = message.find(start);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + start.size();
    return message.substr(begin, message.find('\n', begin) - begin);
  }
  return "";
}

/// With NumPy and SciPy; empty, and the test is skipped, where there is none.
std::string python_of_users() {
  const std::string python = python_with("numpy, scipy.io");
  if (python.empty()) skip("no scipy for python3");
  return python;
}

/// `info FILE` is refused with a command; that runs, and what it makes is a matrix of this shape.
void check_advice(const TemporaryFolder& folder, const std::string& file, const std::string& shape) {
  const Ran refused = run(mpinmf_command(1, "info '" + file + "'"), folder.path());
  std::string command = command_in(refused.err);
  if (command.rfind("python3 ", 0) == 0) command.replace(0, 7, python_with("numpy, scipy.io"));
  INFO(refused.err);
  CHECK(refused.code == 3);
  CHECK(messages(refused.err).size() == 1);
  REQUIRE(!command.empty());
  const Ran followed = run(command, folder.path());
  INFO(followed.err);
  REQUIRE(followed.code == 0);
  std::string made;
  for (const std::string& name : names(folder.path())) {
    if (name.rfind("converted", 0) == 0) made = name;
  }
  REQUIRE(!made.empty());
  const Ran read = run(mpinmf_command(1, "info " + made), folder.path());
  INFO(read.err);
  CHECK(read.code == 0);
  CHECK(contains(read.out, made + ": " + shape));
  std::filesystem::remove(folder / made);
}

const std::string market = "%%MatrixMarket matrix coordinate real general\n3 4 2\n1 2 2.5\n3 2 1\n";

}  // namespace

TEST_CASE("a file that is nearly Matrix Market, or compressed in another way, is named with what helps",
          "[advice]") {
  TemporaryFolder folder;
  write_text(folder / "one.mtx", market.substr(1));
  write_text(folder / "it's none.mtx", market.substr(2));
  check_advice(folder, "one.mtx", "3 x 4, sparse");
  std::string turned = market;
  std::replace(turned.begin(), turned.end(), '\n', '\r');
  write_text(folder / "mac.mtx", turned);
  check_advice(folder, "mac.mtx", "3 x 4, sparse");
  const Ran quoted = run(mpinmf_command(1, "info \"it's none.mtx\""), folder.path());
  REQUIRE(run(command_in(quoted.err), folder.path()).code == 0);
  CHECK(contains(run(mpinmf_command(1, "info converted.mtx"), folder.path()).out, "3 x 4, sparse"));
  std::filesystem::remove(folder / "converted.mtx");
  write_text(folder / "v.mtx", market);
  for (const std::string program : {"bzip2", "xz", "zstd"}) {
    if (run("command -v " + program, folder.path()).code != 0) {
      skip("no " + program);
      continue;
    }
    REQUIRE(run(program + " -c v.mtx > v." + program, folder.path()).code == 0);
    check_advice(folder, "v." + program, "3 x 4, sparse");
  }
}

TEST_CASE("what Python writes is named, and the command beside it makes a file that is read", "[advice]") {
  const std::string python = python_of_users();
  if (python.empty()) return;
  TemporaryFolder folder;
  write_text(folder / "make.py", R"(
import gzip, pickle
import numpy as np, scipy.io, scipy.sparse as s
V = np.round(np.random.default_rng(0).random((12, 7)), 3)
S = s.random(12, 7, 0.3, format='csr', random_state=1)
np.savez('three.npz', V.reshape(12, 7, 1))
np.savez_compressed('complex.npz', a=V + 0j, b=V[0])
np.savez_compressed('objects.npz', a=V.astype(object))
s.save_npz('complex_csr.npz', S + 0j * S)
scipy.io.savemat('d.mat', {'V': V})
scipy.io.savemat('s.mat', {'V': S})
pickle.dump(V, open('d.pkl', 'wb'))
pickle.dump(S, open('s.pkl', 'wb'))
np.savetxt('plain.csv', V, delimiter=',')
np.savetxt('header.csv', V, delimiter=';', header=';'.join('abcdefg'), comments='')
np.savetxt('blanks.txt', V)
with open('names.tsv', 'w') as out:
    out.write('\t'.join(['gene'] + list('abcdefg')) + '\n')
    for i, row in enumerate(V):
        out.write('\t'.join(['r%d' % i] + [str(x) for x in row]) + '\n')
gzip.open('plain.csv.gz', 'wb').write(open('plain.csv', 'rb').read())
np.save('scipy.npy', S)
np.save('complex.npy', V + 0j)
np.save('objects.npy', V.astype(object))
np.save('text.npy', V.astype(str))
np.save('structured.npy', V.astype([('FIELD', 'f8')]))
np.save('flat.npy', V[0])
np.save('three.npy', V.reshape(12, 7, 1))
gzip.open('complex.npy.gz', 'wb').write(open('complex.npy', 'rb').read())
)");
  const Ran made = run(python + " make.py", folder.path());
  INFO(made.err);
  REQUIRE(made.code == 0);
  for (const std::string file : {"three.npz", "complex.npz", "objects.npz", "d.pkl", "complex.npy", "objects.npy",
                                 "text.npy", "structured.npy", "three.npy", "complex.npy.gz"}) {
    check_advice(folder, file, "12 x 7, dense");
  }
  for (const std::string file : {"complex_csr.npz", "s.pkl", "scipy.npy"}) {
    check_advice(folder, file, "12 x 7, sparse");
  }
  check_advice(folder, "flat.npy", "1 x 7, dense");
  for (const std::string file : {"plain.csv", "header.csv", "blanks.txt", "names.tsv", "plain.csv.gz", "d.mat"}) {
    const Ran ran = run(mpinmf_command(2, "info " + file), folder.path());
    INFO(file << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "12 x 7, dense"));
  }
}

TEST_CASE("every real number type of NumPy is read, in both byte orders", "[advice]") {
  const std::string python = python_of_users();
  if (python.empty()) return;
  TemporaryFolder folder;
  write_text(folder / "make.py", R"(
import numpy as np
V = np.arange(12).reshape(3, 4) % 2 * 1.0
for kind in (np.sctypes['float'] + np.sctypes['int'] + np.sctypes['uint'] + [bool]) if hasattr(np, 'sctypes') else 'efdbhilqBHILQ?':
    for order in '<>':
        t = np.dtype(kind).newbyteorder(order)
        np.save('%s%s.npy' % ('little' if order == '<' else 'big', np.dtype(kind).name), V.astype(t))
)");
  REQUIRE(run(python + " make.py", folder.path()).code == 0);
  std::size_t types = 0;
  for (const std::string& name : names(folder.path())) {
    if (!contains(name, ".npy")) continue;
    const Ran ran = run(mpinmf_command(1, "info " + name), folder.path());
    INFO(name << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "3 x 4, dense"));
    CHECK(contains(ran.out, "nonzeros: 6\n"));
    CHECK(contains(ran.out, "range: 0 .. 1\n"));
    ++types;
  }
  CHECK(types >= 24);
}

TEST_CASE("what itakura-saito advises for zeros works, sparse or dense, and costs what it says", "[advice]") {
  TemporaryFolder folder;
  write_text(folder / "v.mtx", market);
  auto values = counting(12, 5);
  values[7] = 0;
  write_numbers(folder / "v.npy", 12, 5, values);
  for (const int ranks : {1, 3}) {
    for (const std::string v : ranks == 1 ? std::vector{"v.mtx", "v.npy"} : std::vector{"v.mtx"}) {
      const std::string fit = "fit " + v + " -k 2 --max-iterations 5 --tolerance 0 --force --output out ";
      const Ran refused = run(mpinmf_command(ranks, fit + "--loss itakura-saito"), folder.path());
      INFO(refused.err);
      CHECK(refused.code == 3);
      CHECK(contains(refused.err, "--loss kullback-leibler"));
      CHECK(contains(refused.err, "--add 1e-3"));
      CHECK(contains(refused.err, "makes it dense: 1 MiB") == (v == "v.mtx"));
      CHECK(run(mpinmf_command(ranks, fit + "--loss kullback-leibler"), folder.path()).code == 0);
      const Ran added = run(mpinmf_command(ranks, fit + "--loss itakura-saito --add 1e-3"), folder.path());
      INFO(added.err);
      CHECK(added.code == 0);
      CHECK(contains(added.out, v == "v.mtx" ? "3 x 4, dense" : "12 x 5, dense"));
      CHECK(run(mpinmf_command(ranks, "evaluate " + v + " --model out"), folder.path()).code == 0);
      CHECK(run(mpinmf_command(ranks, "transform " + v + " --model out --output none"), folder.path()).code == 0);
    }
  }
}

TEST_CASE("--clip-negative takes what round-off made negative as 0, wherever V is read, and says how many",
          "[advice]") {
  TemporaryFolder folder;
  auto values = counting(12, 5);
  values[7] = -1e-17;
  values[58] = -4e-10;
  write_numbers(folder / "v.npy", 12, 5, values);
  values[7] = values[58] = 0;
  write_numbers(folder / "zeros.npy", 12, 5, values);
  write_text(folder / "v.mtx",
             "%%MatrixMarket matrix coordinate real general\n3 4 3\n1 2 2.5\n3 2 1\n2 2 -1e-17\n");
  const std::string clip = " --clip-negative 1e-9";
  for (const int ranks : {1, 3}) {
    for (const std::string& command :
         std::vector<std::string>{"fit v.npy -k 2 --max-iterations 3 --output fitted --force", "info v.npy",
                                  "spectrum v.npy -k 2 --output none", "convert v.npy v.csr --force", "info v.mtx",
                                  "fit v.mtx -k 2 --max-iterations 3 --output none"}) {
      if (ranks > 1 && !command.starts_with("fit ")) continue;
      const Ran refused = run(mpinmf_command(ranks, command), folder.path());
      INFO(command << '\n' << refused.err);
      CHECK(refused.code == 3);
      CHECK(contains(refused.err, "--clip-negative 1e-09"));
      const Ran ran = run(mpinmf_command(ranks, command + clip), folder.path());
      INFO(ran.err);
      CHECK(ran.code == 0);
      const bool sparse = contains(command, "v.mtx");
      const std::string count = sparse ? "1\n" : "2\n";
      CHECK((contains(ran.err, "taken as 0, as --clip-negative asks: " + count) ||
             contains(ran.out, "negative entries that are taken as 0: " + count)));
    }
    REQUIRE(run(mpinmf_command(ranks, "fit zeros.npy -k 2 --max-iterations 3 --output as_zeros --force"),
                folder.path())
                .code == 0);
    CHECK(read_text(folder / "fitted/H.npy") == read_text(folder / "as_zeros/H.npy"));
    for (const std::string command :
         {"evaluate v.npy --model fitted", "transform v.npy --model fitted --output none"}) {
      const Ran ran = run(mpinmf_command(ranks, command), folder.path());  // as the fit was told
      INFO(ran.err);
      CHECK(ran.code == 0);
      CHECK(contains(ran.err, "asks: 2\n"));
      const Ran refused = run(mpinmf_command(ranks, command + " --clip-negative 1e-12"), folder.path());
      CHECK(refused.code == 3);
      CHECK(contains(refused.err, "--clip-negative 1e-09"));
    }
  }
}
