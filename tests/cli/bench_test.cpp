// mpinmf-bench from outside: what it counts and measures, the files it takes, its comparison and its faults.
#include <filesystem>

#include "bench_support.hpp"

namespace {

nlohmann::json measured(const TemporaryFolder& folder, int ranks, const std::string& arguments) {
  const Ran ran = run(bench_command(ranks, arguments + " --seconds 0.01 --json bench.json"), folder.path(), 240);
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  return read_json(folder / "bench.json");
}

const nlohmann::json& find_case(const nlohmann::json& json, const std::string& name, const std::string& loss,
                                const std::string& precision) {
  for (const auto& one : json.at("cases")) {
    if (one.at("name") == name && one.at("loss") == loss && one.at("precision") == precision) return one;
  }
  throw std::runtime_error("no case " + name + " " + loss + " " + precision);
}

void check_spread(const nlohmann::json& spread, int samples) {
  const auto number = [&](const char* key) { return spread.at(key).get<double>(); };
  CHECK(number("min") > 0);
  CHECK(number("min") <= number("lower_quartile"));
  CHECK(number("lower_quartile") <= number("median"));
  CHECK(number("median") <= number("upper_quartile"));
  CHECK(number("upper_quartile") <= number("max"));
  CHECK(spread.at("samples") == samples);
}

void check_rates(const nlohmann::json& one, const nlohmann::json& machine) {
  const auto number = [&](const char* key) { return one.at(key).get<double>(); };
  const double sweep = one.at("sweep_seconds").at("median"), iteration = one.at("iteration_seconds").at("median");
  const double peak = 1e9 * machine.at("product_gflops").at(one.at("precision")).at("best").get<double>();
  const double bandwidth = 1e9 * machine.at("bandwidth_gbytes_per_second").at("sum").at("best").get<double>();
  const double arithmetic = number("flops") / peak, memory = number("bytes") / bandwidth;
  CHECK(number("gflops") == Approx(1e-9 * number("flops") / sweep));
  CHECK(number("limit_seconds") == Approx(std::max(arithmetic, memory)));
  CHECK(one.at("limited_by") == (arithmetic >= memory ? "flops" : "bytes"));
  CHECK(number("share_of_limit") == Approx(number("limit_seconds") / sweep));
  CHECK(number("share_of_peak_with_padding") == Approx(number("flops_with_padding") / sweep / peak));
  CHECK(number("iteration_over_sweep") == Approx(iteration / sweep));
}

/// A .npy file of one dimension.
template <class T>
void write_vector(const std::string& path, const std::string& type, const std::vector<T>& values) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + std::to_string(values.size()) + ",), }";
  header.resize(128 - 10 - 1, ' ');
  header += '\n';
  std::ofstream out(path, std::ios::binary);
  out.write("\x93NUMPY\x01\x00", 8);
  out.put(static_cast<char>(header.size())).put('\0') << header;
  out.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

}  // namespace

TEST_CASE("The benchmark measures every workload and says so in JSON", "[bench]") {
  const TemporaryFolder folder;
  const auto json = measured(folder, 2, "--scale 0.005 --repeats 2 --loss frobenius,kullback-leibler");
  const auto& machine = json.at("machine");
  CHECK(machine.at("ranks") == 2);
  CHECK(machine.at("threads_per_rank") == 1);
  CHECK(machine.at("ranks_on_hosts").size() >= 1);
  CHECK(!machine.at("vectors").get<std::string>().empty());
  CHECK(!machine.at("versions").at("blas").get<std::string>().empty());
  for (const char* precision : {"double", "float"})
    CHECK(machine.at("product_gflops").at(precision).at("best") > 0);
  for (const char* walk : {"sum", "triad"}) {
    const auto& reached = machine.at("bandwidth_gbytes_per_second").at(walk);
    CHECK(reached.at("median") > 0);
    CHECK(reached.at("best") >= reached.at("median"));
  }
  CHECK(json.at("cases").size() == 8 * 2 * 2);
  for (const auto& one : json.at("cases")) {
    INFO(one.dump(2));
    check_spread(one.at("sweep_seconds"), 2);
    check_spread(one.at("iteration_seconds"), 2);
    check_rates(one, machine);
    CHECK(one.at("origin") == "generated");
    const bool decayed = contains(one.at("name"), "-decayed");
    CHECK(one.contains("first_sweep_seconds") == decayed);
    const bool compared = !decayed && one.at("loss") == "frobenius";
    CHECK(one.contains("products_seconds") == compared);
    if (compared) {
      CHECK(one.at("products") == (one.at("sparse") ? "CSR" : "BLAS"));
      check_spread(one.at("products_seconds"), 2);
    }
  }
}

TEST_CASE("The benchmark counts arithmetic and bytes as by hand", "[bench]") {
  const TemporaryFolder folder;
  const auto json = measured(folder, 2,
                             "--workloads D1,S1,T1 --scale 0.005 --repeats 1 --loss frobenius,kullback-leibler "
                             "--precision double,float");
  // D1: 100 x 2000, k = 20 or 24 with padding (float: 32)
  const auto& dense = find_case(json, "D1", "frobenius", "double");
  CHECK(dense.at("rows") == 100);
  CHECK(dense.at("stored") == 200000);
  CHECK(dense.at("flops") == 16160000);               // 4 x 200000 x 20 + 4 x 100 x 20^2
  CHECK(dense.at("flops_with_padding") == 19430400);  // 4 x 200000 x 24 + 4 x 100 x 24^2
  CHECK(dense.at("bytes") == 2912000);                // 1600000 V, 2 x 16000 W, 2 ranks x 2 x 320000 H and sums
  const auto& single = find_case(json, "D1", "kullback-leibler", "float");
  CHECK(single.at("flops") == 32000000);               // 8 x 200000 x 20
  CHECK(single.at("flops_with_padding") == 51200000);  // 8 x 200000 x 32
  CHECK(single.at("bytes") == 1456000);                // half of double
  const auto& sparse = find_case(json, "S1", "frobenius", "double");
  const double stored = sparse.at("stored");
  CHECK(sparse.at("rows") == 500);
  CHECK(stored == Approx(50000).epsilon(0.1));
  CHECK(sparse.at("flops") == 80 * stored + 4 * 500 * 400);
  CHECK(sparse.at("bytes") == 12 * stored + 8 * 501 + 2 * 500 * 160 + 2 * 2 * 20000 * 160);
  const auto& words = find_case(json, "T1", "frobenius", "float");
  CHECK(words.at("rows") == 64);  // never fewer
  CHECK(words.at("columns") == 1000);
}

TEST_CASE("The benchmark's matrices do not depend on the ranks", "[bench]") {
  const TemporaryFolder folder;
  const std::string arguments = "--workloads S1,T1,D3 --scale 0.005 --repeats 1 --precision double";
  const auto one = measured(folder, 1, arguments), three = measured(folder, 3, arguments);
  for (const char* name : {"S1", "T1", "D3"}) {
    CHECK(find_case(one, name, "frobenius", "double").at("stored") ==
          find_case(three, name, "frobenius", "double").at("stored"));
  }
}

TEST_CASE("The benchmark takes workloads from files", "[bench]") {
  const TemporaryFolder folder;
  write_numbers(folder / "D1.npy", 70, 7, counting(70, 7));
  std::vector<std::int64_t> offsets = {0};
  std::vector<std::int32_t> columns;
  std::string words = "%%MatrixMarket matrix coordinate integer general\n80 30 80\n";
  for (int i = 0; i < 90; ++i) {
    for (int j = 0; j < 3; ++j) columns.push_back(100 * j + i);
    offsets.push_back(static_cast<std::int64_t>(columns.size()));
    if (i < 80) words += std::to_string(80 - i) + " " + std::to_string(1 + i % 30) + " 2\n";
  }
  write_vector(folder / "S1_indptr.npy", "<i8", offsets);
  write_vector(folder / "S1_indices.npy", "<i4", columns);
  write_vector(folder / "S1_data.npy", "<f8", std::vector<double>(columns.size(), 1.5));
  std::filesystem::create_directory(folder / "newsgroups20");
  write_text(folder / "newsgroups20/X_train.mtx", words);
  REQUIRE(run("gzip newsgroups20/X_train.mtx", folder.path()).code == 0);

  const auto json = measured(folder, 2, "--workloads D1,S1,T1 --data newsgroups20,. --scale 0.9 --repeats 1");
  const auto check = [&](const char* name, const std::string& origin, int rows, int n, int stored) {
    const auto& one = find_case(json, name, "frobenius", "float");
    INFO(one.dump(2));
    CHECK(one.at("origin") == origin);
    CHECK(one.at("rows") == rows);
    CHECK(one.at("columns") == n);
    CHECK(one.at("stored") == stored);
  };
  check("D1", "./D1.npy", 64, 7, 64 * 7);
  check("S1", "./S1_indptr.npy", 81, 20000, 81 * 3);
  check("T1", "newsgroups20/X_train.mtx.gz", 72, 30, 72);

  write_vector(folder / "S1_data.npy", "<f8", std::vector<double>(7, 1.5));
  const Ran ran = run(bench_command(2, "--workloads S1 --data ."), folder.path());
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "do not belong together"));
}

TEST_CASE("The benchmark compares two builds in alternation", "[bench]") {
  const TemporaryFolder folder;
  const std::string launcher = std::string(std::getenv("MPINMF_MPIEXEC")) + " -n 2";
  const Ran ran = run(
      "mkdir scratch && TMPDIR=$PWD/scratch " + bench() + " --compare " + bench() +
          " --workloads T1,D3 --scale 0.005 --repeats 3 --seconds 0.01 --precision float --rounds 3 --launcher '" +
          launcher + "' --json compared.json",
      folder.path(), 240);
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  CHECK(contains(ran.out, "T1         frobenius        float"));
  CHECK(names(folder / "scratch").empty());
  const auto json = read_json(folder / "compared.json");
  CHECK(json.at("rounds") == 3);
  REQUIRE(json.at("cases").size() == 2);
  for (const auto& one : json.at("cases")) {
    for (const char* what : {"sweep", "iteration"}) {
      std::vector<double> own = one.at(what).at("seconds"), other = one.at(what).at("other_seconds"), ratios;
      REQUIRE((own.size() == 3 && other.size() == 3));
      for (std::size_t i = 0; i < 3; ++i) ratios.push_back(other[i] / own[i]);
      std::sort(ratios.begin(), ratios.end());
      CHECK(one.at(what).at("ratio").at("median").get<double>() == Approx(ratios[1]));
    }
  }
}

TEST_CASE("The benchmark measures with a kernel of OpenBLAS that suits the processor", "[bench]") {
  const TemporaryFolder folder;
  const std::string old = std::string(std::getenv("MPINMF_BUILD")) + "/tests/libold_blas.so",
                    unknown = "unset OPENBLAS_CORETYPE; export LD_PRELOAD=" + old + "; ";
  const std::string version = run(unknown + mpinmf_command(1, "--version"), folder.path()).out;
  if (!contains(version, "set OPENBLAS_CORETYPE=")) {
    skip("the kernel of this BLAS cannot be chosen, or no vector level is above its least");
    return;
  }
  // the heading of every measurement
  const auto heading = [&](const std::string& start, int ranks) {
    const Ran ran = run(start + bench_command(ranks,
                                              "--rule-cost --workloads D1 --scale 0.01 --repeats 1 "
                                              "--seconds 0.01 --rules hals --precision double"),
                        folder.path());
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out;
  };
  const std::string better = contains(version, "vectors: v4") ? "SkylakeX" : "Haswell";
  for (const int ranks : {1, 2}) CHECK(contains(heading(unknown, ranks), better + " MAX_THREADS"));
  CHECK(contains(heading(unknown + "OPENBLAS_CORETYPE=Prescott ", 1), "Prescott MAX_THREADS"));  // as it was told
}

TEST_CASE("The benchmark's comparison reports a child that fails, and ends its children with itself", "[bench]") {
  const std::string other =
      "printf '#!/bin/sh\\necho mpinmf-bench: odd >&2\\nexit 3\\n' > other && chmod +x other; ";
  const std::string compare = bench() + " --workloads T1 --scale 0.01 --repeats 1 --compare ";
  check_fault(other + compare + "./other", 4, "ended with exit code 3: odd");
  check_fault(compare + "/bin/true", 4, "is /bin/true an mpinmf-bench?");
  check_fault(compare + "missing", 4, "missing: is not a file");
  check_fault(compare + bench() + " --launcher 'no-such-launcher -n 2'", 4, "no-such-launcher: not found");
  check_fault(bench_command(2, "--compare " + bench()), 2, "must not be started by mpirun");

  const TemporaryFolder folder;
  const Ran ran =
      run("printf '#!/bin/sh\\necho $$ > pid\\nexec sleep 100\\n' > other && chmod +x other && mkdir s; "
          "TMPDIR=$PWD/s timeout --preserve-status -s INT 2 " +
              compare + "./other; echo $? > code; sleep 1; kill -0 $(cat pid) && echo alive",
          folder.path());
  INFO(ran.out << ran.err);
  CHECK(read_text(folder / "code") == "130\n");
  CHECK(!read_text(folder / "pid").empty());
  CHECK(!contains(ran.out, "alive"));
  CHECK(names(folder / "s").empty());
}

TEST_CASE("The benchmark refuses wrong options with one message on any number of ranks", "[bench]") {
  check_fault(bench_command(2, "--workloads D1,D9"), 2,
              "'D9' is not a workload; the known ones are D1, D1-decayed");
  check_fault(bench_command(2, "--scale 2"), 2, "--scale must be above 0 and at most 1, not 2");
  check_fault(bench_command(1, "--precision half"), 2, "half");
  check_fault(bench_command(1, "--loss nothing"), 2, "unknown loss 'nothing'");
  check_fault(bench_command(1, "--repeats -1"), 2, "--repeats must be from 0");
  check_fault(bench_command(1, "--seconds 0"), 2, "--seconds must be above 0");
  check_fault(bench_command(1, "--rounds 3"), 2, "need --compare");
  check_fault(bench_command(2, "--no-such-option"), 2, "--no-such-option");
  check_fault(bench_command(2, "--data missing"), 4, "missing: is not a folder, for --data");
  check_fault(bench_command(2, "--json missing/x.json"), 4, "is not a folder, for --json");
  const TemporaryFolder folder;
  const Ran help = run(bench_command(2, "--help"), folder.path());
  CHECK(help.code == 0);
  CHECK(contains(help.out, "--workloads"));
}
