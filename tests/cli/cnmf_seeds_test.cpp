// survey --seeds cnmf: the fits have the seeds that cNMF draws.
#include "cli_support.hpp"

namespace {

/// np.random.seed(14); np.random.randint(1, 2**31 - 1, size=6) of NumPy 1.24.2: three for k = 2, then for k = 3.
const std::vector<std::string> first_three = {"seed1173234957", "seed1812018521", "seed59886188"},
                               next_three = {"seed1573170938", "seed1590974792", "seed683264407"};

std::vector<std::string> seeds_in(const std::filesystem::path& folder) {
  std::vector<std::string> found = names(folder);
  std::erase_if(found, [](const std::string& name) { return !name.starts_with("seed"); });
  return found;
}

const std::string asked = " --restarts 3 --max-iterations 30 --quiet --seeds cnmf --seed 14 ";

Ran surveyed(const TemporaryFolder& folder, int ranks, const std::string& more) {
  const Ran ran = run(mpinmf_command(ranks, "survey v.npy" + asked + more), folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  return ran;
}

}  // namespace

TEST_CASE("the fits of a survey have the seeds that cNMF draws", "[cnmf_seeds]") {
  TemporaryFolder folder;
  write_numbers(folder / "v.npy", 30, 12, counting(30, 12));
  surveyed(folder, 1, "-k 3,2 --output one");  // cNMF sorts the k
  CHECK(seeds_in(folder / "one/k2") == first_three);
  CHECK(seeds_in(folder / "one/k3") == next_three);
  surveyed(folder, 1, "-k 2 --output parts");  // seeds of a k do not hang on larger ones
  surveyed(folder, 1, "-k 2,3 --output parts --resume");
  surveyed(folder, 2, "-k 2:3 --output groups --groups 2 --threads 1");
  for (const std::string same : {"parts", "groups"}) {
    CHECK(seeds_in(folder / (same + "/k2")) == first_three);
    CHECK(seeds_in(folder / (same + "/k3")) == next_three);
    CHECK(read_text(folder / (same + "/survey.csv")) == read_text(folder / "one/survey.csv"));
  }
  const Ran alone = run(mpinmf_command(1,
                                       "fit v.npy -k 2 --init random --max-iterations 30 --seed 1812018521 "
                                       "--quiet --output alone"),
                        folder.path());
  REQUIRE(alone.code == 0);
  CHECK(read_text(folder / "alone/H.npy") == read_text(folder / "one/k2/seed1812018521/H.npy"));
}

TEST_CASE("a seed that NumPy does not take is refused", "[cnmf_seeds]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(3, "survey v.npy -k 2:4 --seeds cnmf --seed 2**32"), folder.path());
  CHECK(ran.code == 2);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "NumPy takes a seed below 2**32"));
}
