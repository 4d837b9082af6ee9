// What Python writes, converted, beside what it means.
#pragma once

#include "cli_support.hpp"

/// Compares V, converted, with what Python has left in "expected.npy" (a dict: the arguments that name V -> the
/// matrix).
inline const char* const compare_with_expected = R"(
import numpy as np, scipy.sparse as s
expected = np.load('expected.npy', allow_pickle=True).item()
for i, (name, V) in enumerate(expected.items()):
    load = lambda part: np.load(f'{i}.csr/{part}.npy')
    W = s.csr_matrix((load('data'), load('indices'), load('indptr')), load('shape')).toarray()
    assert W.shape == V.shape and abs(W - V).max() <= 1e-15, (name, W, V)
print(len(expected))
)";

/// `make` writes files and says in `expected` what each is. Returns how many were compared, or 0 where Python or a
/// module is not there, which is noted.
inline int check_what_python_writes(const std::string& modules, const std::string& make) {
  const std::string python = python_with(modules);
  if (python.empty()) {
    skip("python3 lacks one of " + modules);
    return 0;
  }
  TemporaryFolder folder;
  write_text(folder / "make.py", make + "np.save('expected.npy', expected)\nprint('\\n'.join(expected))\n");
  write_text(folder / "compare.py", compare_with_expected);
  const Ran made = run(python + " make.py", folder.path());
  INFO(made.err);
  REQUIRE(made.code == 0);
  std::istringstream inputs(made.out);
  int count = 0;
  for (std::string input; std::getline(inputs, input); ++count) {
    const Ran ran =
        run(mpinmf_command(1, "convert " + input + " " + std::to_string(count) + ".csr"), folder.path());
    INFO(input << '\n' << ran.err);
    REQUIRE(ran.code == 0);
  }
  const Ran compared = run(python + " compare.py", folder.path());
  INFO(compared.err);
  CHECK(compared.code == 0);
  CHECK(compared.out == std::to_string(count) + "\n");
  CHECK(count > 0);
  return count;
}
