// --storage and --scratch, from outside.
#include "cli_support.hpp"

namespace {

constexpr const char* matrix = "generate:lowrank:rows=20000,columns=600,rank=4";  // 92 MiB

}  // namespace

TEST_CASE("V on disk gives the results of V in memory and leaves nothing behind", "[storage]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "scratch");
  const std::string fit = "fit generate:sparse-counts:rows=900,columns=5000,density=0.01 -k 5 --max-iterations 5 ";
  for (const int ranks : {1, 3}) {
    const Ran memory = run(mpinmf_command(ranks, fit + "--force --output memory --storage memory"), folder.path());
    const Ran disk =
        run(mpinmf_command(ranks, fit + "--force --output disk --storage disk --scratch scratch"), folder.path());
    INFO(memory.err << disk.err);
    REQUIRE(memory.code == 0);
    REQUIRE(disk.code == 0);
    CHECK(read_text(folder / "memory/W.npy") == read_text(folder / "disk/W.npy"));
    CHECK(read_text(folder / "memory/H.npy") == read_text(folder / "disk/H.npy"));
    CHECK(std::filesystem::is_empty(folder / "scratch"));
  }
  for (const std::string& command : {std::string("transform %s --model disk --output t --quiet"),
                                     std::string("evaluate %s --model disk"), std::string("spectrum %s -k 3")}) {
    std::string line = command;
    line.replace(line.find("%s"), 2, "generate:sparse-counts:rows=900,columns=5000,density=0.01");
    const Ran ran = run(mpinmf_command(2, line + " --storage disk --scratch scratch"), folder.path());
    INFO(ran.err);
    CHECK(ran.code == 0);
  }
}

TEST_CASE("the disk is taken where memory is too small, which is said, and takes what info says", "[storage]") {
  TemporaryFolder folder;
  const std::string little = "SLURM_MEM_PER_NODE=90 ", fit = std::string("fit ") + matrix +
                                                             " -k 4 --init random --max-iterations 2 --output o "
                                                             "--force --scratch . ";
  const Ran automatic = run(little + mpinmf_command(1, fit), folder.path());
  INFO(automatic.err);
  REQUIRE(automatic.code == 0);
  CHECK(contains(automatic.err, "V is larger than the memory: 91.6 MiB a rank lie in ."));
  const double peak = read_json(folder / "o/run.json")["peak_memory_bytes_per_rank"];
  CHECK(peak < 90.0 * 1024 * 1024);
  const Ran enough = run(mpinmf_command(1, fit), folder.path());
  CHECK(enough.code == 0);
  CHECK_FALSE(contains(enough.err, "larger than the memory"));
  const Ran refused = run(little + mpinmf_command(1, fit + "--storage memory"), folder.path());
  CHECK(refused.code == 4);
  CHECK(contains(refused.err, "too large for the memory"));
  CHECK(contains(refused.err, "--storage disk"));
  const Ran info =
      run(little + mpinmf_command(1, std::string("info --header-only --init random ") + matrix), folder.path());
  CHECK(contains(info.out, "with V on disk"));
  CHECK(contains(info.out, "V on disk: 91.6 MiB in "));
}

TEST_CASE("a disk that is too small is refused before reading", "[storage]") {
  TemporaryFolder folder;
  const Ran ran = run(mpinmf_command(2,
                                     "fit generate:lowrank:rows=1e9,columns=100000,rank=2 -k 2 --init random "
                                     "--storage disk --scratch . --output o"),
                      folder.path());
  INFO(ran.err);
  CHECK(ran.code == 4);
  CHECK_FALSE(std::filesystem::exists(folder / "o"));
  const Ran nowhere = run(mpinmf_command(2,
                                         "fit generate:lowrank:rows=100,columns=10,rank=2 -k 2 --storage disk "
                                         "--scratch /no/such/folder --output o"),
                          folder.path());
  CHECK(nowhere.code == 4);
  CHECK(lines_with(nowhere.err, "mpinmf: /no/such/folder").size() == 1);
}

TEST_CASE("a scratch file that is cut short while it is read ends the fit with a message", "[storage]") {
  TemporaryFolder folder;
  write_text(folder / "cut.sh", R"sh(
"$@" &
files() { for f in /proc/$!/fd/*; do case $(readlink "$f") in "$PWD"/*deleted*) echo "$f" ;; esac; done; }
for i in $(seq 100); do
  [ -n "$(files)" ] && break
  sleep 0.1
done
sleep 1
for f in $(files); do truncate -s 0 "$f"; done
wait $!
)sh");
  const Ran ran =
      run("sh cut.sh " + mpinmf_command(1, std::string("fit ") + matrix +
                                               " -k 4 --init random --max-iterations 1000000 --tolerance "
                                               "0 --output o --storage disk --scratch ."),
          folder.path());
  INFO(ran.err);
  CHECK(ran.code == 4);
  CHECK(contains(ran.err, "could not be read or written there: the disk failed"));
}

TEST_CASE("values in fewer bytes take what info says, and are refused where they do not fit", "[storage]") {
  TemporaryFolder folder;
  const std::string raw = "V.raw --format raw --element-type uint8 --shape 20000x600 ",
                    fit = "fit " + raw + "-k 4 --init random --max-iterations 2 --force --output ";
  write_text(folder / "V.raw", std::string(std::size_t{20000} * 600, '\7'));
  const Ran narrow = run(mpinmf_command(1, fit + "narrow"), folder.path());
  const Ran wide = run(mpinmf_command(1, fit + "wide --storage-type double"), folder.path());
  INFO(narrow.err << wide.err);
  REQUIRE((narrow.code == 0 && wide.code == 0));
  CHECK(read_text(folder / "narrow/W.npy") == read_text(folder / "wide/W.npy"));
  const double peak = read_json(folder / "narrow/run.json")["peak_memory_bytes_per_rank"];
  CHECK(peak < 60.0 * 1024 * 1024);  // V takes 11.4 MiB of it; in double 91.6
  const Ran info = run(mpinmf_command(1, "info --header-only --init random -k 4 " + raw), folder.path());
  CHECK(contains(info.out, "V 12.6 MiB"));
  const Ran refused = run(mpinmf_command(3, fit + "none --storage-type uint8 --add 250"), folder.path());
  CHECK(refused.code == 3);
  CHECK(contains(refused.err, "257 in row 0, column 0 (counted from 0) is not a whole number up to 255"));
  CHECK(contains(refused.err, "use uint16, or auto"));
  CHECK_FALSE(std::filesystem::exists(folder / "none"));
}
