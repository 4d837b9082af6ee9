// Every fault, on one rank and on three: one message from one rank, the exit code, no hang, nothing written.
#include <sys/mount.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>

#include "cli_support.hpp"

namespace {

struct Fault {
  std::string name;
  std::string arguments;
  int code;
  std::vector<std::string> said;
  std::function<void(const TemporaryFolder&)> files = {};
  std::string environment = "";
};

/// 12 x 5 numbers of which one is `value`, in row 7, column 3 counted from 0.
std::function<void(const TemporaryFolder&)> with_entry(double value) {
  return [value](const TemporaryFolder& folder) {
    auto values = counting(12, 5);
    values[7 * 5 + 3] = value;
    write_numbers(folder / "v.npy", 12, 5, values);
  };
}

std::function<void(const TemporaryFolder&)> text(const std::string& name, const std::string& content) {
  return [=](const TemporaryFolder& folder) { write_text(folder / name, content); };
}

void good(const TemporaryFolder& folder) {
  write_numbers(folder / "v.npy", 12, 5, counting(12, 5));
}

void check_fault(const Fault& fault, int ranks) {
  TemporaryFolder folder;
  if (fault.files) fault.files(folder);
  const auto before = contents(folder.path());
  const Ran ran = run(fault.environment + " " + mpinmf_command(ranks, fault.arguments), folder.path());
  INFO(fault.name << " on " << ranks << " ranks\n" << ran.out << ran.err);
  CHECK(ran.code == fault.code);
  CHECK(ran.seconds < 20);
  const auto said = messages(ran.err);
  CHECK(said.size() == 1);
  for (const std::string& part : fault.said) CHECK(contains(ran.err, part));
  CHECK(contents(folder.path()) == before);
}

void check_faults(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    for (const int ranks : {1, 3}) check_fault(fault, ranks);
  }
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

const std::string mtx_head = "%%MatrixMarket matrix coordinate real general\n3 3 2\n";

}  // namespace

TEST_CASE("files that are missing or malformed", "[faults]") {
  const auto truncated = [](const TemporaryFolder& folder) {
    good(folder);
    std::filesystem::resize_file(folder / "v.npy", std::filesystem::file_size(folder / "v.npy") - 9);
  };
  check_faults({
      {"missing", "fit nothing.npy -k 2", 4, {"nothing.npy"}},
      {"missing for info", "info nothing.npy", 4, {"nothing.npy"}},
      {"truncated", "fit v.npy -k 2", 3, {"v.npy"}, truncated},
      {"no matrix", "fit v.txt -k 2", 3, {"v.txt"}, text("v.txt", "hello, world\n")},
      {"a bad line", "fit v.mtx -k 2", 3, {"v.mtx", "line 4"}, text("v.mtx", mtx_head + "1 1 2.5\n1 x 2\n")},
      {"an index too large", "fit v.mtx -k 2", 3, {"line 3"}, text("v.mtx", mtx_head + "4 1 2.5\n1 1 2\n")},
      {"too few lines", "fit v.mtx -k 2", 3, {"v.mtx"}, text("v.mtx", mtx_head + "1 1 2.5\n")},
  });
}

TEST_CASE("entries that no factorization can stand for", "[faults]") {
  check_faults({
      {"negative", "fit v.npy -k 2", 3, {"row 7", "column 3", "-2"}, with_entry(-2)},
      {"NaN", "fit v.npy -k 2", 3, {"row 7", "column 3", "--missing nan"}, with_entry(not_a_number)},
      {"infinite", "fit v.npy -k 2", 3, {"row 7", "column 3"}, with_entry(infinity)},
      {"negative, sparse",
       "fit v.mtx -k 2",
       3,
       {"row 2", "column 1"},
       text("v.mtx", mtx_head + "1 1 2\n3 2 -1\n")},
      {"Itakura-Saito with a zero",
       "fit v.npy -k 2 --loss itakura-saito",
       3,
       {"row 7", "column 3", "kullback-leibler", "--add"},
       with_entry(0)},
      {"Itakura-Saito with a denormal number",
       "fit v.npy -k 2 --loss itakura-saito",
       3,
       {"row 7", "column 3", "least normal number", "--add"},
       with_entry(1e-310)},
      {"a beta that takes V out of the range of numbers",
       "fit v.npy -k 2 --loss 1e9",
       3,
       {"v.npy", "powers", "--loss 1000000000"},
       good},
  });
}

TEST_CASE("wrong options", "[faults]") {
  check_faults({
      {"k = 0", "fit v.npy -k 0", 2, {"at least 1"}, good},
      {"k < 0", "fit v.npy -k -3", 2, {"at least 1"}, good},
      {"unknown loss", "fit v.npy -k 2 --loss frob", 2, {"frobenius", "kullback-leibler", "itakura-saito"}, good},
      {"unknown rule", "fit v.npy -k 2 --rule magic", 2, {"mu"}, good},
      {"clip below 0 on the way to CSR",
       "convert v.mtx v.csr --clip-negative -1",
       2,
       {"--clip-negative must be non-negative and finite, not -1"},
       text("v.mtx", mtx_head + "1 1 2\n3 2 1\n")},
      {"clip below 0",
       "fit v.npy -k 2 --clip-negative -1",
       2,
       {"--clip-negative must be non-negative and finite, not -1"},
       good},
      {"tolerance below 0", "fit v.npy -k 2 --tolerance -1", 2, {"tolerance"}, good},
      {"k that no 64 bits hold", "fit v.npy -k 99999999999999999999", 2, {"99999999999999999999"}, good},
      {"a threshold where there is none",
       "fit v.npy -k 2 --zero-below 1e-9",
       2,
       {"--zero-below", "frobenius", "kullback-leibler"},
       good},
      {"no name", "fit \"\" -k 2", 2, {"V is empty"}},
      {"two starts", "fit v.npy -k 2 --init random --w0 v.npy --h0 v.npy", 2, {"--init random"}, good},
      {"far too many columns",
       "generate lowrank --rows 1000 --columns 1e13 --rank 1000 --output x.npy",
       2,
       {"columns"}},
      {"W0 alone", "fit v.npy -k 2 --w0 v.npy", 2, {"--h0"}, good},
      {"unknown generator", "fit generate:swimer -k 2", 2, {"swimmer", "lowrank"}},
      {"unknown key", "info generate:lowrank:row=3,columns=3,rank=1", 2, {"row", "rows"}},
      {"generator without a size", "generate lowrank --rows 4 --output v.npy", 2, {"columns"}},
  });
}

TEST_CASE("factors and models of the wrong shape name both shapes", "[faults]") {
  const auto starts = [](const TemporaryFolder& folder) {
    good(folder);
    write_numbers(folder / "w0.npy", 12, 2, counting(12, 2));
    write_numbers(folder / "h0.npy", 2, 5, counting(2, 5));
    write_numbers(folder / "bad.npy", 4, 3, counting(4, 3));
    auto values = counting(12, 2);
    values[5 * 2 + 1] = -1;
    write_numbers(folder / "negative.npy", 12, 2, values);
  };
  const auto model = [](const TemporaryFolder& folder) {
    good(folder);
    std::filesystem::create_directory(folder.path() / "m");
    write_numbers(folder / "m/W.npy", 12, 2, counting(12, 2));
    write_numbers(folder / "m/H.npy", 2, 6, counting(2, 6));
  };
  const auto spoilt = [](const TemporaryFolder& folder) {
    good(folder);
    for (const std::string name : {"n", "nan", "w"}) {
      std::filesystem::create_directory(folder.path() / name);
      auto w = counting(12, 2), h = counting(2, 5);
      (name == "w" ? w[11 * 2 + 1] : h[1 * 5 + 2]) = name == "nan" ? not_a_number : -1;
      write_numbers(folder / (name + "/W.npy"), 12, 2, w);
      write_numbers(folder / (name + "/H.npy"), 2, 5, h);
    }
  };
  check_faults({
      {"W0", "fit v.npy -k 2 --w0 bad.npy --h0 h0.npy", 3, {"4 x 3", "12 x 2"}, starts},
      {"H0", "fit v.npy -k 2 --w0 w0.npy --h0 bad.npy", 3, {"4 x 3", "2 x 5"}, starts},
      {"a negative W0",
       "fit v.npy -k 2 --w0 negative.npy --h0 h0.npy",
       3,
       {"negative.npy", "-1", "row 5", "column 1"},
       starts},
      {"a negative H for transform",
       "transform v.npy --model n --output out",
       3,
       {"n/H.npy", "row 1", "column 2"},
       spoilt},
      {"a NaN in H for evaluate", "evaluate v.npy --model nan", 3, {"nan/H.npy", "row 1", "column 2"}, spoilt},
      {"a negative W for evaluate", "evaluate v.npy --model w", 3, {"w/W.npy", "row 11", "column 1"}, spoilt},
      {"evaluate", "evaluate v.npy --model m", 3, {"12 x 5", "12 x 2", "2 x 6"}, model},
      {"transform", "transform v.npy --model m --output out", 3, {"5 columns", "has 6"}, model},
      {"no model", "evaluate v.npy --model nothing", 4, {"nothing"}, good},
  });
}

TEST_CASE("outputs that cannot be written are found before computing", "[faults]") {
  const std::string long_fit = " -k 2 --max-iterations 100000000 --tolerance 0 ";
  check_faults({
      {"a file in the way", "fit v.npy" + long_fit + "--output v.npy", 4, {"v.npy"}, good},
      {"a file above", "fit v.npy" + long_fit + "--output v.npy/out", 4, {"v.npy/out"}, good},
      {"no such device", "fit v.npy" + long_fit + "--output /proc/nothing/out", 4, {"/proc/nothing"}, good},
      {"generate below a file", "generate swimmer --output v.npy/s.npy", 4, {"v.npy/s.npy"}, good},
      {"generate over a file", "generate swimmer --output v.npy", 2, {"v.npy", "--force"}, good},
  });
}

TEST_CASE("too large for memory", "[faults]") {
  check_faults({
      {"for this machine",
       "fit generate:lowrank:rows=1e9,columns=1000,rank=2 -k 4",
       4,
       {"too large for the memory", "TiB", "such nodes"}},
      {"for Slurm",
       "fit generate:lowrank:rows=4e5,columns=1000,rank=2 -k 4 --storage memory",
       4,
       {"SLURM_MEM_PER_NODE is 500.0 MiB", "such nodes"},
       {},
       "SLURM_MEM_PER_NODE=500"},
      {"for Slurm's share",
       "fit generate:lowrank:rows=4e5,columns=1000,rank=2 -k 4 --storage memory",
       4,
       {"SLURM_MEM_PER_CPU is 600.0 MiB"},
       {},
       "SLURM_MEM_PER_CPU=300 SLURM_CPUS_ON_NODE=2"},
      {"H alone",
       "fit generate:lowrank:rows=10,columns=4e6,rank=2 -k 40",
       4,
       {"no number of such nodes"},
       {},
       "SLURM_MEM_PER_NODE=500"},
  });
}

TEST_CASE("a full device", "[faults]") {
  if (::access("/dev/full", W_OK) != 0) {
    skip("there is no /dev/full");
    return;
  }
  check_faults({{"generate", "generate swimmer --force --output /dev/full", 4, {"/dev/full"}},
                {"fit", "fit v.npy -k 2 --output /dev/full", 4, {"/dev/full"}, good}});
  REQUIRE(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("a file that may not grow", "[faults]") {
  TemporaryFolder folder;
  // 10 MB, enough for Open MPI's own files; W has 32 MB
  const std::string fit =
      "fit generate:lowrank:rows=20000,columns=200,rank=2 -k 200 --rule mu --max-iterations 1 --tolerance 0 "
      "--output out";
  const Ran ran = run("ulimit -f 20000; " + mpinmf_command(1, fit), folder.path());
  INFO(ran.err);
  CHECK(ran.code == 4);
  CHECK(messages(ran.err).size() == 1);
  CHECK(names(folder.path()).empty());
}

TEST_CASE("a full disk", "[faults]") {
  TemporaryFolder folder;
  const auto disk = folder.path() / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    skip("only root can mount a small disk");
    return;
  }
  for (const int ranks : {1, 3}) {
    for (const std::string arguments : {"fit generate:swimmer -k 17 --max-iterations 2 --output disk/out",
                                        "generate swimmer --output disk/s.npy"}) {
      const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
      INFO(ran.err);
      CHECK(ran.code == 4);
      CHECK(messages(ran.err).size() == 1);
      CHECK(contains(ran.err, "disk"));
      CHECK(names(disk).empty());
    }
  }
  ::umount(disk.c_str());
}

TEST_CASE("a rank that sees another file of the same shape", "[faults]") {
  TemporaryFolder folder;
  for (const char* place : {"a", "b"}) std::filesystem::create_directory(folder / place);
  write_numbers(folder / "a/v.npy", 12, 5, counting(12, 5));
  auto others = counting(12, 5);
  others[33] += 1;
  write_numbers(folder / "b/v.npy", 12, 5, others);
  const std::string one = mpinmf_command(1, "fit v.npy -k 2 --output " + (folder / "out"));
  const std::string mpirun = mpinmf_command(2, "");
  const std::string start = mpirun.substr(0, mpirun.find(" -n 2"));
  const Ran ran = run(start + " -n 1 --wdir a " + one + " : -n 1 --wdir b " + one, folder.path());
  INFO(ran.err);
  CHECK(ran.code == 4);
  CHECK(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "v.npy: rank 1 on "));
  CHECK(contains(ran.err, "sees another file than rank 0"));
  CHECK_FALSE(std::filesystem::exists(folder / "out"));
}

TEST_CASE("standard output that is full", "[faults]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(1, "info generate:swimmer") + " >/dev/full", folder.path());
  CHECK(ran.code == 4);
  CHECK(contains(ran.err, "standard output"));
}
