#include "cli_support.hpp"

namespace {

const std::string small = "generate:lowrank:rows=40,columns=30,rank=4,noise=0.01,seed=3";

}  // namespace

TEST_CASE("fit writes factors, trace, record and picture", "[fit]") {
  for (const int ranks : {1, 3}) {
    TemporaryFolder folder;
    const Ran ran = run(mpinmf_command(ranks, "fit " + small + " -k 5 --max-iterations 20"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    for (const std::string part :
         {"40 x 30", "k = 5", "20 iterations", "max-iterations", "relative error", "results: lowrank.nmf"}) {
      CHECK(contains(ran.out, part));
    }
    const auto dir = folder.path() / "lowrank.nmf";
    CHECK(contains(npy_header(dir / "W.npy"), "(40, 5)"));
    CHECK(contains(npy_header(dir / "H.npy"), "(5, 30)"));

    const auto json = read_json(dir / "run.json");
    CHECK(json["command"] == "fit");
    CHECK(json["ranks"] == ranks);
    CHECK(json["iterations"] == 20);
    CHECK(json["stop_reason"] == "max-iterations");
    CHECK(json["options"]["components"] == 5);
    CHECK(json["options"]["precision"] == "double");
    CHECK(json["shapes"]["V"] == nlohmann::json({40, 30}));
    CHECK(json["seconds"]["sweep"]["max"] >= json["seconds"]["sweep"]["min"]);
    CHECK(json["peak_memory_bytes_per_rank"] > 0);
    CHECK(!json["versions"]["mpi"].get<std::string>().empty());

    const std::string trace = read_text(dir / "trace.csv");
    CHECK(trace.rfind("iteration,seconds,loss,reconstruction_error,mean_row_norm,relative_error\n", 0) == 0);
    CHECK(contains(trace, "\n20,"));
    for (const std::string& name : names(dir)) CHECK(!contains(name, "partial"));
  }
}

TEST_CASE("results are not overwritten without --force", "[fit]") {
  for (const int ranks : {1, 3}) {
    TemporaryFolder folder;
    const std::string fit = "fit " + small + " -k 2 --max-iterations 3 --output out";
    REQUIRE(run(mpinmf_command(ranks, fit), folder.path()).code == 0);
    const auto before = contents(folder.path());
    const Ran refused = run(mpinmf_command(ranks, fit + " --seed 7"), folder.path());
    CHECK(refused.code == 2);
    REQUIRE(messages(refused.err).size() == 1);
    CHECK(contains(refused.err, "--force"));
    CHECK(contents(folder.path()) == before);
    CHECK(run(mpinmf_command(ranks, fit + " --seed 7 --force --write h"), folder.path()).code == 0);
    CHECK(read_json(folder / "out/run.json")["options"]["seed"] == "7");
    // the older W does not belong to the new H
    CHECK(!std::filesystem::exists(folder / "out/W.npy"));
  }
}

TEST_CASE("output none and quiet", "[fit]") {
  TemporaryFolder folder;
  const Ran ran =
      run(mpinmf_command(3, "fit " + small + " -k 2 --max-iterations 3 --output none --quiet"), folder.path());
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  CHECK(messages(ran.err).empty());
  CHECK(names(folder.path()).empty());
}

TEST_CASE("a log file sees no bar and few lines", "[fit]") {
  TemporaryFolder folder;
  const Ran ran =
      run(mpinmf_command(2, "fit " + small + " -k 4 --max-iterations 2000 --tolerance 0 --output none"),
          folder.path());
  CHECK(ran.code == 0);
  CHECK(!contains(ran.err, "\r"));
  CHECK(static_cast<double>(messages(ran.err).size()) <= 1 + ran.seconds / 5);
}

TEST_CASE("scikit-learn's spellings mean the same", "[fit]") {
  TemporaryFolder folder;
  write_numbers(folder / "w0.npy", 40, 3, counting(40, 3));
  write_numbers(folder / "h0.npy", 3, 30, counting(3, 30));
  const std::string files = " --w0 w0.npy --h0 h0.npy";
  REQUIRE(run(mpinmf_command(1, "fit " + small +
                                    " -k 3 --max-iterations 7 --tolerance 1e-9 --loss kullback-leibler --rule mu "
                                    "--seed 5 --output ours --init files" +
                                    files),
              folder.path())
              .code == 0);
  REQUIRE(run(mpinmf_command(1, "fit " + small +
                                    " --n-components 3 --max-iter 7 --tol 1e-9 --beta-loss kullback-leibler "
                                    "--solver mu --random-state 5 --output theirs --init custom" +
                                    files),
              folder.path())
              .code == 0);
  CHECK(read_text(folder / "ours/W.npy") == read_text(folder / "theirs/W.npy"));
  CHECK(read_text(folder / "ours/H.npy") == read_text(folder / "theirs/H.npy"));
  CHECK(read_json(folder / "ours/run.json")["options"] == read_json(folder / "theirs/run.json")["options"]);
}

TEST_CASE("the precision is that of the file unless asked otherwise", "[fit]") {
  TemporaryFolder folder;
  const std::string shape = " --rows 20 --columns 10 --rank 2 ";
  REQUIRE(run(mpinmf_command(1, "generate lowrank" + shape + "--precision float --output f.npy"), folder.path())
              .code == 0);
  REQUIRE(run(mpinmf_command(1, "generate lowrank" + shape + "--output d.npy"), folder.path()).code == 0);
  const auto precision = [&](const std::string& arguments) {
    REQUIRE(
        run(mpinmf_command(1, "fit " + arguments + " -k 2 --max-iterations 2 --force --output out"), folder.path())
            .code == 0);
    const bool single = contains(npy_header(folder / "out/H.npy"), "<f4");
    CHECK(read_json(folder / "out/run.json")["options"]["precision"] == (single ? "float" : "double"));
    return std::string(single ? "f4" : "f8");
  };
  CHECK(precision("f.npy") == "f4");
  CHECK(precision("d.npy") == "f8");
  CHECK(precision("f.npy --precision double") == "f8");
  CHECK(precision("d.npy --precision float") == "f4");
}

TEST_CASE("a generator and the file it writes give the same bits", "[fit]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(
                  2, "generate lowrank --rows 40 --columns 30 --rank 4 --noise 0.01 --seed 3 --output v.npy"),
              folder.path())
              .code == 0);
  REQUIRE(run(mpinmf_command(2, "fit v.npy -k 3 --max-iterations 9 --output a"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(2, "fit " + small + " -k 3 --max-iterations 9 --output b"), folder.path()).code == 0);
  CHECK(read_text(folder / "a/W.npy") == read_text(folder / "b/W.npy"));
  CHECK(read_text(folder / "a/H.npy") == read_text(folder / "b/H.npy"));
}

TEST_CASE("seeds come in decimal, hex and as a power of two", "[fit]") {
  TemporaryFolder folder;
  const auto fit = [&](const std::string& seed, const std::string& output) {
    return run(mpinmf_command(1, "fit " + small + " -k 2 --init numpy --max-iterations 2 --quiet --seed '" + seed +
                                     "' --output " + output),
               folder.path())
        .code;
  };
  REQUIRE(fit("1024", "a") == 0);
  REQUIRE(fit("0x400", "b") == 0);
  REQUIRE(fit("2**10", "c") == 0);
  CHECK(fit("2**1000", "d") == 0);
  CHECK(fit("-1", "e") == 2);
  CHECK(read_text(folder / "a/H.npy") == read_text(folder / "b/H.npy"));
  CHECK(read_text(folder / "a/H.npy") == read_text(folder / "c/H.npy"));
  CHECK(read_text(folder / "a/H.npy") != read_text(folder / "d/H.npy"));
}

TEST_CASE("a wide matrix gets one hint with both memory figures, where transposing saves some that matters",
          "[fit]") {
  TemporaryFolder folder;
  const std::string wide = "generate:lowrank:rows=60,columns=400000,rank=2 --precision float -k 16";
  for (const std::string& arguments :
       {"fit " + wide + " --rule hals --init random --max-iterations 1 --tolerance 0 --output none",
        "info --header-only " + wide + " --rule hals"}) {
    const Ran ran = run(mpinmf_command(2, arguments), folder.path());
    CHECK(ran.code == 0);
    INFO(ran.err);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, "--transpose"));
    CHECK(contains(ran.err, "6666 times as many columns as rows"));
  }
  write_numbers(folder / "small.npy", 8, 20, counting(8, 20));
  write_numbers(folder / "flat.npy", 8, 2000, counting(8, 2000));
  for (const std::string v : {"small.npy", "flat.npy"}) {
    for (const std::string command : {"fit ", "info "}) {
      const std::string options = command == "fit " ? " --output none" : "";
      const Ran ran = run(mpinmf_command(1, command + v + " -k 6" + options), folder.path());
      INFO(ran.err);
      CHECK(ran.code == 0);
      CHECK(messages(ran.err).empty());
    }
  }
}
