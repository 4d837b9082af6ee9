// Where there is no libFuzzer: seeds changed at random, always the same ones, until the time is over or a reader
// breaks.
//
//   MPINMF_FUZZ_FORMAT=npz fuzz_smoke FOLDER_OF_SEEDS -max_total_time=1 -artifact_prefix=found/
//
// Options are libFuzzer's; others of them do nothing. What breaks a reader (a signal, or 10 s without an end) is
// left in a file.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned seconds_of_one = 10;
/// Twice as many addresses as memory: libraries reserve some that they do not use.
constexpr rlim_t mebibytes_of_addresses = rlim_t{2} << 20;
/// In place of a number, or of anything else.
constexpr std::array<std::string_view, 14> words = {"0",
                                                    "-1",
                                                    "1",
                                                    "2147483648",
                                                    "4294967297",
                                                    "9223372036854775807",
                                                    "18446744073709551617",
                                                    "\n",
                                                    "nan",
                                                    "inf",
                                                    "1e309",
                                                    "1e-320",
                                                    "\r\n",
                                                    ","};

std::string input, left_at;

void leave(int signal) {
  const int file = open(left_at.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && write(file, input.data(), input.size()) < 0) _exit(1);
  constexpr std::string_view said = "a reader broke; the input is left\n";
  if (write(STDERR_FILENO, said.data(), said.size()) < 0) _exit(1);
  _exit(128 + signal);
}

class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, std::size_t most_bytes)
      : seeds_(std::move(seeds)), most_bytes_(most_bytes) {}

  std::string next() {
    std::string bytes = any_seed();
    for (std::size_t times = 1 + below(6); times > 0; --times) change(bytes);
    bytes.resize(std::min(bytes.size(), most_bytes_));
    return bytes;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(generator_() % bound); }
  const std::string& any_seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& bytes) {
    const std::size_t at = below(bytes.size() + 1), count = std::min(bytes.size() - at, 1 + below(16));
    switch (below(8)) {
      case 0: bytes.resize(at); return;
      case 1: bytes.erase(at, count); return;
      case 2: bytes.insert(at, bytes.substr(at, count)); return;
      case 3: bytes.replace(at, count, words[below(words.size())]); return;
      case 4: {
        const std::string& other = any_seed();
        bytes.replace(at, std::string::npos, other, below(other.size()), std::string::npos);
        return;
      }
      case 5:
        for (std::size_t i = at; i < at + count; ++i) bytes[i] = static_cast<char>(below(2) == 0 ? 0xff : 0);
        return;
      default:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
    }
  }

  std::vector<std::string> seeds_;
  std::size_t most_bytes_;
  std::mt19937_64 generator_{1};
};

/// What follows `name` in one of the arguments.
std::string option(int argc, char** argv, const std::string& name, const std::string& otherwise) {
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    if (text.starts_with(name)) return text.substr(name.size());
  }
  return otherwise;
}

std::vector<std::string> read_seeds(const std::string& folder) {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (seeds.back().empty()) seeds.pop_back();
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const rlim_t most_memory = std::stoul(option(argc, argv, "-rss_limit_mb=", "2048")) * mebibytes_of_addresses;
  const rlimit memory{most_memory, most_memory};
  if (most_memory > 0) setrlimit(RLIMIT_AS, &memory);
  const double seconds = std::stod(option(argc, argv, "-max_total_time=", "20"));
  left_at = option(argc, argv, "-artifact_prefix=", "") + "input";
  LLVMFuzzerInitialize(&argc, &argv);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM}) std::signal(signal, leave);
  std::vector<std::string> seeds = read_seeds(argv[1]);
  if (seeds.empty()) return 2;
  Mutator mutator(std::move(seeds), std::stoul(option(argc, argv, "-max_len=", "4096")));
  const auto begin = std::chrono::steady_clock::now();
  long count = 0;
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < seconds) {
    input = mutator.next();
    alarm(seconds_of_one);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    ++count;
  }
  alarm(0);
  std::printf("%ld executions\n", count);
  std::fflush(stdout);
  _exit(count > 0 ? 0 : 1);  // as libFuzzer ends: without MPI_Finalize
}
