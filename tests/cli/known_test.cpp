// Rows of H and columns of W that are given and stay, as the program reads and writes them.
#include "cli_support.hpp"
#include "io/npy.hpp"

namespace {

const std::string known_problem = "generate:lowrank:rows=90,columns=30,rank=4,noise=0.05,seed=3";
const std::string fit_known = "fit " + known_problem + " -k 4 --max-iterations 30 --quiet ";

/// h.npy: 2 x 30, w.npy: 90 x 2, both with zeros.
void write_known(const TemporaryFolder& folder) {
  std::vector<double> h = counting(2, 30), w = counting(90, 2);
  h[7] = w[9] = 0;
  write_numbers(folder / "h.npy", 2, 30, h);
  write_numbers(folder / "w.npy", 90, 2, w);
}

}  // namespace

TEST_CASE("rows of H and columns of W in files are those of the results", "[known]") {
  TemporaryFolder folder;
  write_known(folder);
  const auto fit = [&](const std::string& options) {
    const Ran ran = run(mpinmf_command(2, fit_known + "--force --output m " + options), folder.path());
    INFO(options << ": " << ran.err);
    REQUIRE(ran.code == 0);
  };
  const auto h = mpinmf::io::read_npy<double>(folder / "h.npy"),
             w = mpinmf::io::read_npy<double>(folder / "w.npy");
  for (const std::string rule : {"--rule hals", "--rule anls-bpp", "--loss kullback-leibler"}) {
    fit(rule + " --fix-h h.npy --fix-components 4,2");
    const auto found = mpinmf::io::read_npy<double>(folder / "m/H.npy");
    for (mpinmf::Index j = 0; j < 30; ++j) {
      CHECK(found(3, j) == h(0, j));
      CHECK(found(1, j) == h(1, j));
    }
    CHECK(read_json(folder / "m/run.json")["options"]["fix_h"]["components"] == nlohmann::json({2, 4}));
    fit(rule + " --fix-w w.npy --normalize l2");
    const auto of_w = mpinmf::io::read_npy<double>(folder / "m/W.npy");
    for (mpinmf::Index i = 0; i < 90; ++i) {
      CHECK(of_w(i, 0) == w(i, 0));
      CHECK(of_w(i, 1) == w(i, 1));
    }
    CHECK(read_json(folder / "m/run.json")["options"]["fix_w"]["file"] == "w.npy");
  }
  // of several fits, too
  fit("--restarts 2 --fix-h h.npy");
  for (const char* seed : {"seed0", "seed1"}) {
    const auto found = mpinmf::io::read_npy<double>(folder / ("m/k4/" + std::string(seed) + "/H.npy"));
    for (mpinmf::Index j = 0; j < 30; ++j) CHECK(found(1, j) == h(1, j));
  }
}

TEST_CASE("a fit with known parts that is interrupted goes on with the same bits", "[known]") {
  TemporaryFolder folder;
  write_known(folder);
  const std::string fit = "fit " + known_problem + " -k 4 --quiet --tolerance 0 --fix-h h.npy --max-iterations ";
  for (const std::string rule : {" --rule ao-admm", " --rule anls-bpp --extrapolate", " --loss 1"}) {
    INFO(rule);
    for (const char* name : {"whole", "out"}) std::filesystem::remove_all(folder.path() / name);
    REQUIRE(run(mpinmf_command(2, fit + "20 --output whole" + rule), folder.path()).code == 0);
    REQUIRE(run(mpinmf_command(2, fit + "9 --checkpoint --output out" + rule), folder.path()).code == 0);
    REQUIRE(run(mpinmf_command(2, fit + "20 --checkpoint --resume --output out" + rule), folder.path()).code == 0);
    CHECK(read_text(folder / "whole/H.npy") == read_text(folder / "out/H.npy"));
    CHECK(read_text(folder / "whole/W.npy") == read_text(folder / "out/W.npy"));
  }
}

TEST_CASE("known parts that do not fit are refused with one message", "[known]") {
  TemporaryFolder folder;
  write_known(folder);
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--fix-components 1:2", "name such a file"},
      {"--fix-h w.npy", "has 2 entries"},
      {"--fix-w h.npy", "has 2 entries"},
      {"--fix-h h.npy --fix-components 1:3", "names 3"},
      {"--fix-h h.npy --fix-components 4:5", "fixes component 5, but k is 4"},
      {"--fix-h h.npy --fix-components 0,1", "--fix-components"},
      {"--fix-h h.npy --fix-components 2,2", "--fix-components 2,2 names 2 twice"},
      {"--fix-h none.npy", "none.npy"},
      {"--fix-w w.npy --sum-to-one w", "--sum-to-one w and --fix-w exclude each other"},
      {"--fix-h h.npy --sum-to-one h", "--sum-to-one h and --fix-h exclude each other"},
  };
  for (const auto& [options, said] : wrong) {
    INFO(options);
    const Ran ran = run(mpinmf_command(2, fit_known + "--output m " + options), folder.path());
    CHECK(ran.code != 0);
    CHECK(messages(ran.err).size() == 1);
    INFO(ran.err);
    CHECK(contains(ran.err, said));
  }
}

TEST_CASE("the consensus of a survey keeps what its fits are held to", "[known]") {
  TemporaryFolder folder;
  write_known(folder);
  const auto known = mpinmf::io::read_npy<double>(folder / "h.npy");
  const auto read = [&](const std::string& name) { return mpinmf::io::read_npy<double>(folder / ("s/" + name)); };
  const auto loss_of = [&](const std::string& name) {
    return read_json(folder / ("s/" + name + "/run.json"))["loss"].get<double>();
  };
  for (const int ranks : {1, 3}) {
    const auto survey = [&](const std::string& more) {
      const Ran ran = run(mpinmf_command(ranks, "survey " + known_problem +
                                                    " --restarts 3 --max-iterations 40 --density-threshold 2 "
                                                    "--quiet --force --output s " +
                                                    more),
                          folder.path());
      INFO(more << "\n" << ran.err);
      REQUIRE(ran.code == 0);
    };
    survey("-k 3:4 --sum-to-one w");
    for (const std::string k : {"k3", "k4"}) {
      // usages that are bound to a sum cannot make up for the scale of spectra
      CHECK(loss_of(k + "/consensus") < 1.5 * loss_of(k + "/best"));
      const auto w = read(k + "/consensus/W.npy");
      for (mpinmf::Index i = 0; i < w.rows(); ++i) {
        double sum = 0;
        for (mpinmf::Index c = 0; c < w.columns(); ++c) sum += w(i, c);
        CHECK(sum == Approx(1).epsilon(1e-12));
      }
    }
    survey("-k 4 --sum-to-one h");
    const auto bound = read("k4/consensus/H.npy");
    for (mpinmf::Index j = 0; j < 30; ++j)
      CHECK(bound(0, j) + bound(1, j) + bound(2, j) + bound(3, j) == Approx(1).epsilon(1e-12));
    CHECK(loss_of("k4/consensus") < 1.5 * loss_of("k4/best"));
    survey("-k 4:5 --fix-h h.npy --fix-components 4,2");
    for (const std::string k : {"k4", "k5"}) {
      const auto h = read(k + "/consensus/H.npy");
      for (mpinmf::Index j = 0; j < 30; ++j) {
        CHECK(h(3, j) == known(0, j));
        CHECK(h(1, j) == known(1, j));
      }
      double sum = 0;
      for (mpinmf::Index j = 0; j < 30; ++j) sum += h(0, j);
      CHECK(sum == Approx(1).epsilon(1e-12));
    }
    survey("-k 2 --fix-h h.npy");  // all is known
    const auto all = read("k2/consensus/H.npy");
    for (mpinmf::Index j = 0; j < 30; ++j) CHECK((all(0, j) == known(0, j) && all(1, j) == known(1, j)));
  }
}
