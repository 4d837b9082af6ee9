// Surveys: how many components, by three conventions, from many fits of each k.
#include <cmath>
#include <cstring>
#include <map>

#include "cli_support.hpp"

namespace {

namespace fs = std::filesystem;

/// survey.csv: of each k its figures by name; what is not known is not there.
using Table = std::map<int, std::map<std::string, double>>;
Table table_in(const fs::path& folder) {
  std::istringstream in(read_text(folder / "survey.csv"));
  std::vector<std::string> heads;
  Table table;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> fields;
    std::istringstream cut(line);
    for (std::string field; std::getline(cut, field, ',');) fields.push_back(field);
    if (heads.empty()) {
      heads = fields;
      continue;
    }
    for (std::size_t f = 1; f < fields.size(); ++f) {
      if (!fields[f].empty()) table[std::stoi(fields[0])][heads[f]] = std::stod(fields[f]);
    }
  }
  return table;
}

/// What each convention suggests, as the program says it: "cNMF 7", "NMFk none".
std::vector<std::string> suggested(const std::string& out) {
  std::vector<std::string> found;
  std::istringstream in(out.substr(std::min(out.find("convention"), out.size())));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    for (const std::string convention : {"cNMF", "NMFk", "R NMF", "pyDNMFk", "held out"}) {
      if (!line.starts_with("  " + convention + " ")) continue;
      std::istringstream rest(line.substr(2 + convention.size()));
      std::string k;
      rest >> k;
      found.push_back(convention + " " + k);
    }
  }
  return found;
}

const std::string planted = "generate:lowrank:rows=120,columns=60,rank=4,noise=0.05,density=0.3,seed=";

std::string survey(const std::string& v, const std::string& more, const std::string& k = "2:6") {
  return "survey " + v + " --restarts 8 --init random --max-iterations 200 -k " + k + " " + more;
}

}  // namespace

TEST_CASE("all conventions find what was planted, with the same table on any number of ranks", "[survey]") {
  TemporaryFolder folder;
  Table of_one;
  for (const int ranks : {1, 3}) {  // 2, 3 and 4 are compared with 1 on more data where tests are long
    const Ran ran = run(mpinmf_command(ranks, survey(planted + "1", "--force --output s", "3:6")), folder.path());
    INFO(ranks << " ranks\n" << ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(suggested(ran.out) == std::vector<std::string>{"cNMF 4", "NMFk 4", "R NMF 4", "pyDNMFk 4"});
    const Table table = table_in(folder / "s");
    REQUIRE(table.size() == 4);
    CHECK(table.at(4).at("fits") == 8);
    const std::string suggestions = read_text(folder / "s/suggestions.csv");
    CHECK(suggestions.starts_with("convention,k,why\ncNMF,4,"));
    CHECK(lines_with(suggestions, "pyDNMFk,4,").size() == 1);
    if (ranks == 1) of_one = table;
    for (const auto& [k, figures] : of_one) {
      for (const auto& [name, value] : figures) {
        INFO(k << " " << name);
        CHECK(table.at(k).at(name) == Approx(value).epsilon(1e-6).margin(1e-6));
      }
    }
    for (const std::string drawn : {"survey.svg", "k4/clustering.svg", "k4/clustering.png"})
      CHECK((fs::exists(folder / ("s/" + drawn)) == fs::exists(folder / "s/summary.svg")));
  }
}

TEST_CASE("in noise no convention claims stable components", "[survey]") {
  TemporaryFolder folder;
  std::vector<double> noise;
  std::uint64_t state = 12345;
  for (int i = 0; i < 100 * 40; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    noise.push_back(static_cast<double>(state >> 11) / 9007199254740992.0);
  }
  write_numbers(folder / "noise.npy", 100, 40, noise);
  const Ran ran = run(mpinmf_command(2, survey("noise.npy", "--output s")), folder.path());
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  for (const std::string& said : suggested(ran.out)) {
    INFO(said);
    CHECK((said.ends_with(" none") || said.ends_with(" 1")));
  }
  CHECK(suggested(ran.out).size() == 4);
  // of held-out entries one component is best, which is a result
  for (const char* limit : {"12", "2"}) {
    const std::string asked = "survey noise.npy --restarts 2 --max-iterations 50 --holdout 0.4 --folds 1 --force ";
    const Ran found = run(mpinmf_command(2, asked + "--output found -k auto:" + limit), folder.path());
    INFO(found.out << found.err);
    REQUIRE(found.code == 0);
    CHECK(suggested(found.out).back() == "held out 1");
    CHECK(contains(found.out, "held out: 1 in 3 entries of V, from 1 fit of each k"));
    CHECK(lines_with(read_text(folder / "found/suggestions.csv"), "held out,1,").size() == 1);
  }
}

/// 120 x 60, four components on which half of the rows and of the columns have nothing, and noise; as v.mtx
/// (sparse) and v.npy.
void write_planted(const TemporaryFolder& folder) {
  std::uint64_t state = 7;
  const auto uniform = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11) / 9007199254740992.0;
  };
  constexpr int m = 120, n = 60, k = 4;
  std::vector<double> w, h, v(std::size_t{m} * n);
  for (int i = 0; i < m * k; ++i) w.push_back(uniform() < 0.5 ? 0 : uniform());
  for (int j = 0; j < n * k; ++j) h.push_back(uniform() < 0.5 ? 0 : uniform());
  std::string entries;
  int stored = 0;
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      double x = 0;
      for (int c = 0; c < k; ++c)
        x += w[static_cast<std::size_t>(i * k + c)] * h[static_cast<std::size_t>(j * k + c)];
      x = std::round(x * (0.9 + 0.2 * uniform()) * 1000) / 1000;
      v[static_cast<std::size_t>(i * n + j)] = x;
      if (x == 0) continue;
      entries += std::to_string(i + 1) + " " + std::to_string(j + 1) + " " + std::to_string(x) + "\n";
      ++stored;
    }
  }
  write_numbers(folder / "v.npy", m, n, v);
  std::ofstream(folder / "v.mtx") << "%%MatrixMarket matrix coordinate real general\n120 60 " << stored << "\n"
                                  << entries;
}

TEST_CASE("entries that fits have not seen tell k, the same on any number of ranks", "[survey]") {
  TemporaryFolder folder;
  write_planted(folder);
  const std::string asked = " -k 3:5 --restarts 2 --init random --max-iterations 200 --holdout 0.1 --folds 2 ";
  nlohmann::json of_one;
  for (const auto& [v, all_ranks] : std::map<std::string, std::vector<int>>{{"v.mtx", {2}}, {"v.npy", {1, 3}}}) {
    for (const int ranks : all_ranks) {
      const Ran ran = run(mpinmf_command(ranks, "survey " + v + asked + "--force --output s"), folder.path());
      INFO(v << " on " << ranks << " ranks\n" << ran.out << ran.err);
      REQUIRE(ran.code == 0);
      const std::vector<std::string> said = suggested(ran.out);
      REQUIRE(said.size() == 5);
      CHECK(said.back() == "held out 4");
      const auto found = read_json(folder / "s/cross-validation.json");
      if (of_one.is_null()) of_one = found;
      REQUIRE(found["fits"].size() == 6);
      double sum = 0;
      for (std::size_t i = 0; i < 6; ++i) {
        CHECK(found["fits"][i]["entries"] == of_one["fits"][i]["entries"]);
        CHECK(found["fits"][i]["loss"].get<double>() ==
              Approx(of_one["fits"][i]["loss"].get<double>()).epsilon(1e-5));
        if (found["fits"][i]["k"] == 4) sum += found["fits"][i]["loss"].get<double>();
      }
      CHECK(table_in(folder / "s").at(4).at("held_out_loss") == Approx(sum / 2));
      CHECK(std::abs(found["fits"][0]["entries"].get<double>() - 720) < 150);
    }
  }
  // what is not there is fitted again, and nothing else
  const std::string whole = read_text(folder / "s/cross-validation.json"),
                    table = read_text(folder / "s/survey.csv");
  auto part = read_json(folder / "s/cross-validation.json");
  auto of_group = part;  // of a survey in groups that was killed
  of_group["fits"] = nlohmann::json::array({part["fits"][5]});
  of_group["fits"][0]["iterations"] = 54321;
  std::ofstream(folder / "s/cross-validation-2.json") << of_group.dump(2);
  part["fits"].erase(5);
  part["fits"].erase(3);
  part["fits"][0]["iterations"] = 12345;
  std::ofstream(folder / "s/cross-validation.json") << part.dump(2);
  const std::string again = "survey v.npy" + asked + "--output s --resume";
  REQUIRE(run(mpinmf_command(3, again), folder.path()).code == 0);
  auto ended = read_json(folder / "s/cross-validation.json");
  CHECK(ended["fits"].size() == 6);
  CHECK(ended["fits"][0]["iterations"] == 12345);
  CHECK(ended["fits"][5]["iterations"] == 54321);
  CHECK(!fs::exists(folder / "s/cross-validation-2.json"));
  CHECK(read_text(folder / "s/survey.csv") == table);
  CHECK(!fs::exists(folder / "s/checkpoint"));
  for (const auto& [other, said] :
       {std::pair("--holdout 0.2 --folds 2", "share held out"),
        std::pair("--holdout 0.7 --folds 2", "at most 0.5"), std::pair("--holdout 0.1 --folds 11", "1 to 10")}) {
    std::string arguments = again;
    arguments.replace(arguments.find("--holdout 0.1 --folds 2"), std::strlen("--holdout 0.1 --folds 2"), other);
    const Ran ran = run(mpinmf_command(2, arguments), folder.path());
    INFO(arguments << "\n" << ran.err);
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(messages(ran.err)[0].find(said) != std::string::npos);
  }
}

TEST_CASE("k is searched for by held-out entries", "[survey]") {
  TemporaryFolder folder;
  write_planted(folder);
  const std::string asked =
      "survey v.npy --restarts 2 --init random --max-iterations 200 --holdout 0.1 --folds 2 ";
  std::string of_one;
  for (const std::string more : {"1", "3 --groups 2 --threads 1"}) {
    const int ranks = more[0] - '0';
    const Ran ran =
        run(mpinmf_command(ranks, asked + "-k auto:20 --force --output s" + more.substr(1)), folder.path());
    INFO(more << "\n" << ran.out << ran.err);
    REQUIRE(ran.code == 0);
    const std::size_t line = ran.out.find("held-out entries are met best with k = 4, of k = 1, 2, ");
    REQUIRE(line != std::string::npos);
    if (of_one.empty()) of_one = ran.out.substr(line, ran.out.find('\n', line) - line);
    CHECK(ran.out.find(of_one) != std::string::npos);
    const Table table = table_in(folder / "s");
    CHECK((table.count(4) == 1 && table.begin()->first >= 2 && table.rbegin()->first <= 8));
    CHECK(suggested(ran.out).back() == "held out 4");
    CHECK(!fs::exists(folder / "s/checkpoint"));
  }
  // nothing is fitted again; a consensus may have been solved for by a group of one rank before
  const Table before = table_in(folder / "s");
  REQUIRE(run(mpinmf_command(2, asked + "-k auto:20 --output s --resume"), folder.path()).code == 0);
  const Table after = table_in(folder / "s");
  REQUIRE(after.size() == before.size());
  for (const auto& [k, figures] : before) {
    for (const auto& [name, value] : figures) {
      INFO(k << " " << name);
      CHECK(after.at(k).at(name) == Approx(value).epsilon(name == "consensus_loss" ? 1e-9 : 0));
    }
  }
  write_numbers(folder / "h.npy", 1, 60, std::vector<double>(60, 1));
  for (const std::string refused :
       {"fit v.npy -k auto", "survey v.npy -k auto:0 --output n", "survey v.npy -k auto:x --output n",
        "survey v.npy -k auto --fix-h h.npy --output n"}) {
    const Ran ran = run(mpinmf_command(2, refused), folder.path());
    INFO(refused << "\n" << ran.err);
    CHECK(ran.code == 2);
    CHECK(messages(ran.err).size() == 1);
  }
}

TEST_CASE("ratings are held out of what is stored", "[survey]") {
  TemporaryFolder folder;
  write_planted(folder);
  const Ran ran =
      run(mpinmf_command(2, "survey v.mtx -k 2:4 --restarts 2 --missing zeros --holdout 0.1 --folds 1 --output s"),
          folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto fits = read_json(folder / "s/cross-validation.json")["fits"];
  const auto stored = read_json(folder / "s/k2/seed0/run.json")["input"]["nonzeros"].get<double>();
  CHECK(std::abs(fits[0]["entries"].get<double>() - stored / 10) < 5 * std::sqrt(stored * 0.09));
}

TEST_CASE("the consensus is a model for other commands", "[survey]") {
  TemporaryFolder folder;
  const std::string v = "generate:lowrank:rows=120,columns=60,rank=4,noise=0.05,density=0.3,seed=2";
  for (const std::string loss : {"frobenius", "kullback-leibler"}) {
    REQUIRE(
        run(mpinmf_command(2, survey(v, "--quiet --force --output s --loss " + loss, "4")), folder.path()).code ==
        0);
    CHECK(names(folder / "s/k4/consensus") == std::vector<std::string>{"H.npy", "W.npy", "run.json"});
    const auto record = read_json(folder / "s/k4/consensus/run.json");
    CHECK(record["loss"].get<double>() == Approx(table_in(folder / "s").at(4).at("consensus_loss")));
    for (const std::string& command : std::vector<std::string>{
             "evaluate " + v + " --model s/k4/consensus",
             "transform " + v + " --model s/k4/consensus --output none", "report s/k4/consensus",
             "compare s/k4/consensus s/k4/best",
             "fit " + v + " -k 4 --w0 s/k4/consensus/W.npy --h0 s/k4/consensus/H.npy --output none --loss " +
                 loss}) {
      const Ran ran = run(mpinmf_command(2, command), folder.path());
      INFO(command << ran.err);
      CHECK(ran.code == 0);
    }
  }
}

TEST_CASE("each fit may have noise of its own on V, and the consensus is for V itself", "[survey]") {
  TemporaryFolder folder;
  REQUIRE(run(mpinmf_command(1, survey(planted + "1", "--output plain", "4")), folder.path()).code == 0);
  const auto plain = table_in(folder / "plain").at(4);
  const auto surveyed = [&](int ranks, const std::string& more) {
    std::string command = survey(planted + "1", "--force --output s " + more);
    const std::string restarts = "--restarts 8 ";  // by its other name
    if (contains(more, "--perturbations")) command.erase(command.find(restarts), restarts.size());
    const Ran ran = run(mpinmf_command(ranks, command), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(suggested(ran.out) == std::vector<std::string>{"cNMF 4", "NMFk 4", "R NMF 4", "pyDNMFk 4"});
    return table_in(folder / "s").at(4);
  };
  const auto noisy = surveyed(1, "--perturb uniform:0.05"),
             of_three = surveyed(3, "--perturb uniform:0.05 --perturbations 8");
  CHECK(noisy.at("loss") > 2 * plain.at("loss"));
  CHECK(noisy.at("consensus_loss") < noisy.at("loss"));
  CHECK(noisy.count("explained_variance") == 0);
  for (const auto& [name, value] : noisy) {
    INFO(name);
    CHECK(of_three.at(name) == Approx(value).epsilon(1e-6).margin(1e-6));
  }
  const Ran other = run(mpinmf_command(2, survey(planted + "1", "--output s --resume")), folder.path());
  INFO(other.err);
  CHECK(other.code == 2);
  CHECK(contains(other.err, "noise on V"));
}

TEST_CASE("scales and penalties of the fits do not show in the table", "[survey]") {
  TemporaryFolder folder;
  const auto surveyed = [&](const std::string& more) {
    const Ran ran =
        run(mpinmf_command(2, survey(planted + "1", "--quiet --force --output s " + more, "4")), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return table_in(folder / "s").at(4);
  };
  const auto plain = surveyed(""), scaled = surveyed("--normalize l2 --diagonal");
  for (const std::string name : {"cophenetic", "dispersion", "pac"}) {
    INFO(name);
    CHECK(scaled.at(name) == Approx(plain.at(name)).margin(1e-9));
  }
  const auto penalised = surveyed("--alpha-w 0.01");
  const auto best = read_json(folder / "s/k4/best/run.json");
  CHECK(best["penalty"].get<double>() > 0);
  // W of the consensus is as small as that of the fits, and its spectra are as long as theirs
  CHECK(penalised.at("consensus_loss") == Approx(penalised.at("loss")).epsilon(0.01));
  const double penalty = read_json(folder / "s/k4/consensus/run.json")["penalty"];
  CHECK(penalty == Approx(best["penalty"].get<double>()).epsilon(0.01));
  CHECK(penalised.at("loss") == best["loss"].get<double>());
}

TEST_CASE("the consensus comes in the format that was asked for, with names", "[survey]") {
  TemporaryFolder folder;
  std::ofstream(folder / "v.csv") << "cell,g1,g2,g3\na,1,0,2\nb,0,3,1\nc,2,1,0\nd,1,1,1\n";
  const Ran ran =
      run(mpinmf_command(3, "survey v.csv -k 1:2 --restarts 3 --output-format tsv --output s"), folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const std::string h = read_text(folder / "s/k2/consensus/H.tsv"), w = read_text(folder / "s/k2/consensus/W.tsv");
  CHECK(contains(h, "g1\tg2\tg3"));
  CHECK(lines_with(w, "d\t").size() == 1);
  CHECK(contains(read_json(folder / "s/k2/consensus/run.json")["written"].dump(), "W.tsv"));
}

TEST_CASE("a survey that was killed goes on and ends with the same bytes", "[survey]") {
  TemporaryFolder folder;
  const std::string v = "generate:lowrank:rows=600,columns=120,rank=4,noise=0.05,density=0.3,seed=3";
  REQUIRE(run(mpinmf_command(1, survey(v, "--output whole")), folder.path()).code == 0);
  const std::string line = mpinmf_command(1, survey(v, "--output killed --resume"));
  for (const std::string seconds : {"0.5", "0.7", "1"})
    run("timeout --foreground -s KILL " + seconds + " " + line, folder.path());
  const Ran ran = run(line, folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  int compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "whole")) {
    const fs::path name = fs::relative(entry.path(), folder / "whole");
    if (!entry.is_regular_file() || (name.extension() != ".npy" && name != "survey.csv")) continue;
    INFO(name.string());
    CHECK(read_text(entry.path()) == read_text(folder / ("killed/" + name.string())));
    ++compared;
  }
  CHECK(compared == 1 + 5 * (8 * 2 + 1 + 2));  // H and strongest components of each fit, W of the best, consensus
  // and once more: nothing is fitted again
  CHECK(run(line, folder.path()).code == 0);
  // a fit whose file is gone is done again once its folder is, too, as the message says
  fs::remove(folder / "killed/k3/seed1/H.npy");
  const Ran damaged = run(line, folder.path());
  INFO(damaged.err);
  CHECK(damaged.code == 4);
  CHECK(contains(damaged.err, "remove killed/k3/seed1, and --resume fits that again"));
  fs::remove_all(folder / "killed/k3/seed1");
  CHECK(run(line, folder.path()).code == 0);
  CHECK(read_text(folder / "killed/survey.csv") == read_text(folder / "whole/survey.csv"));
  // fits from other seeds would stand beside those that the tables do not have
  for (const std::string other : {"--seed 5", "--seeds cnmf"}) {
    const Ran mixed = run(mpinmf_command(3, survey(v, "--output killed --resume " + other)), folder.path());
    INFO(mixed.err);
    CHECK(mixed.code == 2);
    REQUIRE(messages(mixed.err).size() == 1);
    CHECK(contains(mixed.err, "is a fit that is not asked for now"));
  }
}

TEST_CASE("rows and columns count by weights in the fits and in their consensus", "[survey]") {
  TemporaryFolder folder;
  const std::string v = planted + "3";
  const auto weights = [&](const std::string& name, int rows, int columns, double step) {
    std::vector<double> numbers;
    for (int i = 0; i < rows * columns; ++i) numbers.push_back(1 + step * (i % 7));
    write_numbers(folder / name, rows, columns, numbers);
  };
  weights("rows.npy", 120, 1, 0.5);
  weights("columns.npy", 1, 60, 0.25);
  weights("ones.npy", 120, 1, 0);
  weights("entries.npy", 120, 60, 0.1);
  const auto surveyed = [&](int ranks, const std::string& more, const std::string& k = "4") {
    const Ran ran = run(mpinmf_command(ranks, survey(v, "--quiet --force --output s " + more, k)), folder.path());
    INFO(more << ran.err);
    CHECK(ran.code == 0);
    return read_text(folder / "s/survey.csv");
  };
  const std::string held_out = " --holdout 0.1 --folds 1", plain = surveyed(2, held_out);
  CHECK((surveyed(2, "--weights ones.npy" + held_out) == plain));
  for (const auto& [which, loss] :
       {std::pair<std::string, std::string>{"rows", "kullback-leibler"}, {"columns", "frobenius"}}) {
    const std::string option = " --weights " + which + ".npy";
    surveyed(3, "--loss " + loss + option);
    const double told = table_in(folder / "s").at(4).at("consensus_loss");
    const Ran ran = run(mpinmf_command(2, "evaluate " + v + " --model s/k4/consensus" + option), folder.path());
    INFO(which << ' ' << loss << '\n' << ran.out << ran.err);
    REQUIRE(ran.code == 0);
    const std::string said = "\n" + loss + " ";  // a line of the table of losses
    REQUIRE(contains(ran.out, said));
    CHECK(std::stod(ran.out.substr(ran.out.find(said) + said.size())) == Approx(told).epsilon(1e-6));
  }
  // each of two groups reads the weights
  surveyed(2, "--weights rows.npy --holdout 0.1 --folds 1", "3:4");
  const Table of_one = table_in(folder / "s");
  surveyed(2, "--weights rows.npy --holdout 0.1 --folds 1 --groups 2", "3:4");
  const Table of_two = table_in(folder / "s");
  REQUIRE(of_two.size() == 2);
  for (const auto& [k, figures] : of_one) {
    for (const char* name : {"loss", "median_loss", "consensus_loss", "min_silhouette", "held_out_loss"})
      CHECK(of_two.at(k).at(name) == Approx(figures.at(name)).epsilon(1e-6));
  }
  const Ran entries = run(mpinmf_command(3, survey(v, "--output e --weights entries.npy")), folder.path());
  CHECK(entries.code == 2);
  REQUIRE(messages(entries.err).size() == 1);
  CHECK(contains(entries.err, "a survey takes weights of rows or of columns"));
  CHECK_FALSE(fs::exists(folder / "e"));
}

TEST_CASE("what a survey cannot do is said before V is read", "[survey]") {
  TemporaryFolder folder;
  const auto refused = [&](const std::string& more, const std::vector<std::string>& said) {
    for (const int ranks : {1, 3}) {
      const Ran ran = run(mpinmf_command(ranks, "survey missing.npy -k 2:4 " + more), folder.path());
      INFO(more << ": " << ran.err);
      CHECK(ran.code == 2);
      REQUIRE(messages(ran.err).size() == 1);
      for (const std::string& part : said) CHECK(contains(messages(ran.err).front(), part));
    }
  };
  refused("--restarts 1", {"--restarts 1", "2 or more"});
  refused("--output none", {"a survey compares what its fits leave: give a folder as --output"});
  for (const std::string option : {"--folds 2", "--holdout 0", "--holdout-of stored"})
    refused(option, {"is of cross-validation: say what share", "--holdout 0.05"});
  refused("--density-threshold 0", {"--density-threshold", "greater than 0"});
  refused("--perturbations 5", {"--perturbations requires --perturb"});
  refused("--perturb poisson --perturbations 5 --restarts 5", {"--restarts excludes --perturbations"});
  refused("--perturb gauss", {"poisson or uniform:WIDTH", "not gauss"});
  refused("--neighborhood 1.5", {"--neighborhood", "at most 1"});
  refused("--weights w.npy --perturb poisson --output s", {"--weights excludes --perturb"});
  refused("--weights w.npy --cnmf-files --output s", {"--weights excludes --cnmf-files"});
  refused("--fix-w w.npy", {"--fix-w is for mpinmf fit"});
  const Ran dense = run(mpinmf_command(3, survey(planted + "1", "--missing zeros --output s")), folder.path());
  CHECK(dense.code == 2);
  CHECK(contains(dense.err, "--missing zeros takes the entries that a sparse V does not store"));
  refused("--init nndsvd", {"--init nndsvd is the same start for every seed"});
  CHECK(names(folder.path()).empty());
}
