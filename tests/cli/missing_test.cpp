// --missing: entries of V that are not known.
#include "cli_support.hpp"
#include "io/npy.hpp"

namespace {

/// 40 x 30, every third entry known.
void write_ratings(const std::string& path) {
  std::ofstream file(path);
  file << "%%MatrixMarket matrix coordinate real general\n40 30 400\n";
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 30; ++j) {
      if ((i + j) % 3 == 0) file << i + 1 << ' ' << j + 1 << ' ' << 1 + i % 4 + (i * j) % 7 << '\n';
    }
  }
}

}  // namespace

TEST_CASE("what is not stored is not known, for fit, transform and evaluate", "[missing]") {
  TemporaryFolder folder;
  write_ratings(folder / "V.mtx");
  const std::string all = "V.mtx -k 2 --missing zeros --max-iterations 2000 --tolerance 0 --force --output m ";
  for (const std::string loss : {"frobenius", "kullback-leibler", "itakura-saito", "1.5"}) {
    for (const int ranks : {1, 3}) {
      INFO(loss << " on " << ranks);
      const Ran fit = run(mpinmf_command(ranks, "fit " + all + "--loss " + loss), folder.path());
      INFO(fit.err);
      REQUIRE(fit.code == 0);
      const auto json = read_json(folder / "m/run.json");
      CHECK(json["input"]["missing"] == "zeros");
      CHECK(json["options"]["rule"] == "mu");
      CHECK(json["loss"].get<double>() > 1e-3);
      const Ran evaluated = run(mpinmf_command(ranks, "evaluate V.mtx --model m --json"), folder.path());
      INFO(evaluated.err);
      REQUIRE(evaluated.code == 0);
      const auto found = nlohmann::json::parse(evaluated.out);
      CHECK(found["kkt_w"].get<double>() == Approx(json["kkt_residual"]["W"].get<double>()).epsilon(1e-3));
      REQUIRE(run(mpinmf_command(ranks, "transform V.mtx --model m --force --output t"), folder.path()).code == 0);
      const auto again = read_json(folder / "t/run.json");
      CHECK(again["input"]["missing"] == "zeros");
      CHECK(again["loss"].get<double>() <= json["loss"].get<double>() * 1.001);
    }
  }
}

TEST_CASE("what is not a number is not known, in every format that can say so", "[missing]") {
  TemporaryFolder folder;
  std::vector<double> values;
  std::ofstream table(folder / "v.csv"), market(folder / "v.mtx");
  market << "%%MatrixMarket matrix array real general\n40 30\n";
  std::string columns[30];
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 30; ++j) {
      const bool is_known = (i + 2 * j) % 4 != 0 && i != 3;
      const int value = (i % 4 + 1) * (j % 3) + (i * j) % 2;
      values.push_back(is_known ? value : std::nan(""));
      table << (j > 0 ? "," : "") << (is_known ? std::to_string(value) : j % 2 == 0 ? "NA" : "");
      columns[j] += (is_known ? std::to_string(value) : "nan") + "\n";
    }
    table << "\n";
  }
  for (const std::string& column : columns) market << column;
  table.close();
  market.close();
  write_numbers(folder / "v.npy", 40, 30, values);
  const std::string options = " -k 2 --missing nan --max-iterations 30 --tolerance 0 --output ";
  double loss = 0;
  for (const std::string name : {"v.npy", "v.csv", "v.mtx"}) {
    for (const int ranks : {1, 3}) {
      const std::string model = name + std::to_string(ranks);
      INFO(model);
      const Ran fit = run(mpinmf_command(ranks, "fit " + name + options + model), folder.path());
      INFO(fit.err);
      REQUIRE(fit.code == 0);
      const auto json = read_json(folder / (model + "/run.json"));
      CHECK(json["input"]["missing"] == "nan");
      CHECK(json["options"]["rule"] == "anls-bpp");
      if (loss == 0) loss = json["loss"].get<double>();
      CHECK(json["loss"].get<double>() == Approx(loss).epsilon(1e-10));
      const Ran evaluated =
          run(mpinmf_command(ranks, "evaluate " + name + " --model " + model + " --json"), folder.path());
      REQUIRE(evaluated.code == 0);
      const auto found = nlohmann::json::parse(evaluated.out);
      CHECK(found["losses"]["frobenius"]["loss"].get<double>() == Approx(loss).epsilon(1e-10));
      REQUIRE(run(mpinmf_command(ranks, "transform " + name + " --model " + model + " --output t" + model),
                  folder.path())
                  .code == 0);
      CHECK(read_json(folder / ("t" + model + "/run.json"))["loss"].get<double>() <= loss * (1 + 1e-10));
    }
  }
  // these numbers are floats
  const Ran narrow = run(mpinmf_command(3, "fit v.npy --storage-type float" + options + "narrow"), folder.path());
  INFO(narrow.err);
  REQUIRE(narrow.code == 0);
  CHECK(read_json(folder / "narrow/run.json")["loss"].get<double>() == Approx(loss).epsilon(1e-10));
  const Ran drawn =
      run(mpinmf_command(1, "components v.npy1 --residual --rows 0,1 --output pictures"), folder.path());
  INFO(drawn.err);
  CHECK(drawn.code == 0);
  if (const std::string python = python_with("numpy"); python.empty()) {
    skip("python3 lacks numpy");
  } else {
    REQUIRE(
        run(mpinmf_command(3, "fit v.csv -k 2 --missing nan --scale-columns std --output scaled"), folder.path())
            .code == 0);
    write_text(folder / "compare.py",
               "import numpy as np\nscales, V = np.load('scaled/preparation_scales.npy'), np.load('v.npy')\n"
               "wanted = np.nanstd(V, axis=0)\nwanted[wanted == 0] = 1\n"
               "assert abs(scales.ravel() / wanted - 1).max() < 1e-12, (scales, wanted)\n");
    const Ran compared = run(python + " compare.py", folder.path());
    INFO(compared.err);
    CHECK(compared.code == 0);
  }
  // held out: an unknown entry, whose value another file has, beside one that is not known there either
  double sum = 0, known = 0;
  for (const double value : values) {
    sum += value == value ? value : 0;
    known += value == value ? 1 : 0;
  }
  std::ofstream(folder / "held-out.mtx")
      << "%%MatrixMarket matrix coordinate real general\n40 30 2\n1 1 7\n2 2 nan\n";
  for (const int ranks : {1, 3}) {
    const Ran ran =
        run(mpinmf_command(ranks, "evaluate v.npy --model v.npy1 --holdout held-out.mtx --json"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto found = nlohmann::json::parse(ran.out)["held_out"];
    CHECK(found["entries"] == 1);
    CHECK(found["rmse_of_mean"].get<double>() == Approx(7 - sum / known));
  }
  for (const auto& [arguments, said] :
       {std::pair("fit v.npy -k 2", "fit with --missing nan"),
        std::pair("fit v.csv -k 2", "fit with --missing nan"),
        std::pair("fit v.npy -k 2 --missing nan --init nndsvd", "use random"),
        std::pair("fit v.npy -k 2 --missing nan --rule hals --extrapolate yes", "leave --extrapolate out")}) {
    const Ran ran = run(mpinmf_command(3, std::string(arguments) + " --output new"), folder.path());
    INFO(arguments << "\n" << ran.err);
    CHECK((ran.code == 2 || ran.code == 3));
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(messages(ran.err)[0].find(said) != std::string::npos);
    CHECK(!std::filesystem::exists(folder / "new"));
  }
}

TEST_CASE("shares sum up to 1 where entries are not known, too", "[missing]") {
  TemporaryFolder folder;
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 30; ++j)
      values.push_back((i + 2 * j) % 4 == 0 ? std::nan("") : (i % 4 + 1) * (j % 3) + (i * j) % 2);
  }
  write_numbers(folder / "v.npy", 40, 30, values);
  const auto check_sums = [&](const std::string& path) {
    const auto w = mpinmf::io::read_npy<double>(folder / path);
    for (mpinmf::Index i = 0; i < w.rows(); ++i) {
      double sum = 0;
      for (mpinmf::Index c = 0; c < w.columns(); ++c) sum += w(i, c);
      CHECK(sum == Approx(1).epsilon(1e-12));
    }
  };
  for (const int ranks : {1, 3}) {
    const auto mpinmf = [&](const std::string& arguments) {
      const Ran ran = run(mpinmf_command(ranks, arguments), folder.path());
      INFO(arguments << "\n" << ran.err);
      REQUIRE(ran.code == 0);
    };
    mpinmf("fit v.npy -k 3 --missing nan --sum-to-one w --max-iterations 40 --force --output m");
    mpinmf("transform v.npy --model m --force --output t");
    check_sums("t/W.npy");
    CHECK(read_json(folder / "t/run.json")["stop_reason"] == "exact");
    CHECK(read_json(folder / "t/run.json")["loss"].get<double>() <=
          read_json(folder / "m/run.json")["loss"].get<double>() * (1 + 1e-10));
    mpinmf(
        "survey v.npy -k 2:3 --restarts 2 --missing nan --sum-to-one w --density-threshold 2 --force --output s");
    check_sums("s/k3/consensus/W.npy");
  }
}

TEST_CASE("what has no place for unknown entries is refused with one message", "[missing]") {
  TemporaryFolder folder;
  write_ratings(folder / "V.mtx");
  write_numbers(folder / "v.npy", 3, 2, {1, 0, 1, 1, 1, 1});
  for (const int ranks : {1, 3}) {
    for (const std::string arguments :
         {"fit v.npy -k 1 --missing zeros", "fit V.mtx -k 1 --missing zeros --add 1",
          "fit V.mtx -k 1 --missing zeros --rule anls-bpp", "fit V.mtx -k 1 --missing zeros --final-w yes"}) {
      const Ran ran = run(mpinmf_command(ranks, arguments + " --output new"), folder.path());
      INFO(arguments << "\n" << ran.err);
      CHECK(ran.code == 2);
      CHECK(messages(ran.err).size() == 1);
      CHECK(!std::filesystem::exists(folder / "new"));
    }
  }
}

TEST_CASE("weights are read in any format and shape, and make the same fit on any number of ranks", "[missing]") {
  TemporaryFolder folder;
  std::vector<double> v, of_entries, of_rows, of_columns, turned(600);
  for (int i = 0; i < 30; ++i) of_rows.push_back(i % 4);
  for (int j = 0; j < 20; ++j) of_columns.push_back(0.5 + j % 3);
  for (int i = 0; i < 30; ++i) {
    for (int j = 0; j < 20; ++j) {
      v.push_back(1 + (i * 7 + j * 3) % 11);
      of_entries.push_back(of_rows[static_cast<std::size_t>(i)] * 2);
      turned[static_cast<std::size_t>(j * 30 + i)] = v.back();
    }
  }
  write_numbers(folder / "v.npy", 30, 20, v);
  write_numbers(folder / "turned.npy", 20, 30, turned);
  write_numbers(folder / "entries.npy", 30, 20, of_entries);
  write_numbers(folder / "rows.npy", 30, 1, of_rows);
  write_numbers(folder / "row.npy", 1, 30, of_rows);
  write_numbers(folder / "columns.npy", 1, 20, of_columns);
  write_numbers(folder / "w0.npy", 30, 3, std::vector<double>(v.begin(), v.begin() + 90));
  write_numbers(folder / "h0.npy", 3, 20, std::vector<double>(v.end() - 60, v.end()));
  write_text(folder / "v.raw", std::string(v.begin(), v.end()));
  for (const std::string copy : {"entries.csr", "entries.mtx", "rows.csv", "v.mtx"}) {
    const std::string from = copy.substr(0, copy.find('.')) + ".npy";
    REQUIRE(run(mpinmf_command(1, "convert " + from + " " + copy), folder.path()).code == 0);
  }
  const auto record_of = [&](int ranks, const std::string& arguments) {
    const Ran ran = run(
        mpinmf_command(ranks, "fit " + arguments + " -k 3 --max-iterations 30 --tolerance 0 --output m --force"),
        folder.path());
    INFO(arguments << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(ran.out.find("with weights") != std::string::npos);
    const auto record = read_json(folder / "m/run.json");
    CHECK(!record["input"]["weights"].get<std::string>().empty());
    return record;
  };
  const auto loss_of = [&](int ranks, const std::string& arguments) {
    return record_of(ranks, arguments)["loss"].get<double>();
  };
  // of entries by mu alone, of rows and columns as without weights
  CHECK(record_of(1, "v.npy --weights entries.npy")["options"]["rule"] == "mu");
  CHECK(record_of(1, "v.npy --weights rows.npy")["options"]["rule"] == "anls-bpp");
  CHECK(record_of(1, "v.npy --weights rows.npy --loss 1")["options"]["rule"] == "scd");
  CHECK(record_of(1, "v.npy --weights rows.npy --loss 0")["options"]["rule"] == "mu");
  CHECK(record_of(1, "v.npy --weights rows.npy --alpha-w 0.1")["options"]["rule"] == "mu");
  CHECK(record_of(1, "v.npy --weights rows.npy --alpha-h 0.1")["options"]["rule"] == "anls-bpp");
  const std::string files = " --rule mu --w0 w0.npy --h0 h0.npy";
  const double by_rows = loss_of(1, "v.npy --weights rows.npy" + files),
               by_columns = loss_of(1, "v.npy --weights columns.npy" + files);
  CHECK(by_rows != Approx(by_columns));
  const std::string raw = "v.raw --format raw --element-type uint8 --shape 30x20 --precision double";
  for (const auto& [ranks, arguments, expected] :
       {std::tuple(1, std::string("v.npy --weights entries.csr"), 2 * by_rows),
        std::tuple(3, std::string("v.npy --weights entries.npy"), 2 * by_rows),
        std::tuple(3, std::string("v.npy --weights entries.mtx"), 2 * by_rows),
        std::tuple(1, std::string("v.npy --weights rows.csv"), by_rows),
        std::tuple(3, std::string("v.npy --weights rows.npy --storage disk"), by_rows),
        std::tuple(1, std::string("v.mtx --weights rows.npy"), by_rows),
        std::tuple(3, std::string("v.mtx --weights rows.npy --storage disk"), by_rows),
        std::tuple(1, raw + " --weights rows.npy", by_rows),
        std::tuple(3, std::string("v.npy --weights columns.npy"), by_columns),
        std::tuple(3, std::string("turned.npy --transpose --weights row.npy"), by_rows)}) {
    CHECK(loss_of(ranks, arguments + files) == Approx(expected).epsilon(1e-9));
  }
  CHECK(loss_of(3, "v.npy --weights rows.npy --storage-type float" + files) == Approx(by_rows).epsilon(1e-5));
  // what is evaluated anew is the loss of the fit, and that of the rows alone
  const auto evaluated = [&](int ranks, const std::string& arguments) {
    const Ran ran = run(mpinmf_command(ranks, "evaluate v.npy --model m --json " + arguments), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return nlohmann::json::parse(ran.out);
  };
  const double of_rows_now = loss_of(1, "v.npy --weights rows.npy" + files);
  const auto scaled = evaluated(3, "--weights rows.npy --storage disk"), plain = evaluated(1, "");
  CHECK(scaled["losses"]["frobenius"]["loss"].get<double>() == Approx(of_rows_now).epsilon(1e-9));
  CHECK(scaled["losses"]["kullback-leibler"]["loss"].is_null());
  CHECK(plain["losses"]["frobenius"]["loss"].get<double>() != Approx(of_rows_now));
  const auto by_entries = evaluated(3, "--weights entries.npy");
  CHECK(by_entries["losses"]["frobenius"]["loss"].get<double>() == Approx(2 * of_rows_now).epsilon(1e-9));
  CHECK(!by_entries["losses"]["kullback-leibler"]["loss"].is_null());
  const double of_columns_now = loss_of(1, "v.npy --weights columns.npy --loss 1");
  const Ran new_w =
      run(mpinmf_command(3, "transform v.npy --model m --weights columns.npy --output new"), folder.path());
  REQUIRE(new_w.code == 0);
  CHECK(read_json(folder / "new/run.json")["loss"].get<double>() < of_columns_now * (1 + 1e-6));
  CHECK(read_json(folder / "new/run.json")["loss"].get<double>() > of_columns_now * 0.9);
  CHECK(run(mpinmf_command(1, "transform v.npy --model m --weights rows.npy --output rows"), folder.path()).code ==
        2);
  // without them such a model counts all entries
  REQUIRE(run(mpinmf_command(1, "evaluate v.npy --model m"), folder.path()).code == 0);
  REQUIRE(run(mpinmf_command(1, "transform v.npy --model m --output t"), folder.path()).code == 0);
}

TEST_CASE("a fit with weights of rows goes on from a checkpoint to the same bits", "[missing]") {
  TemporaryFolder folder;
  std::vector<double> v, weights;
  for (int i = 0; i < 600; ++i) v.push_back((i * i * 7 + i) % 11);
  for (int i = 0; i < 30; ++i) weights.push_back(i % 4);
  write_numbers(folder / "v.npy", 30, 20, v);
  write_numbers(folder / "rows.npy", 30, 1, weights);
  const auto fit = [&](const std::string& arguments) {
    const Ran ran =
        run(mpinmf_command(2, "fit v.npy --weights rows.npy -k 4 --tolerance 0 " + arguments), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
  };
  fit("--max-iterations 40 --output whole");
  fit("--max-iterations 15 --checkpoint --output parts");
  fit("--max-iterations 40 --checkpoint --resume --output parts");
  CHECK(read_json(folder / "parts/run.json")["checkpoints"]["resumed_after"] == 15);
  for (const std::string factor : {"W.npy", "H.npy"})
    CHECK(read_text(folder / ("whole/" + factor)) == read_text(folder / ("parts/" + factor)));
}

TEST_CASE("weights that V has no place for are refused with one message", "[missing]") {
  TemporaryFolder folder;
  write_numbers(folder / "v.npy", 30, 20, std::vector<double>(600, 1));
  write_numbers(folder / "few.npy", 29, 1, std::vector<double>(29, 1));
  write_numbers(folder / "none.npy", 30, 1, std::vector<double>(30, 0));
  write_numbers(folder / "nan.npy", 1, 20, std::vector<double>(20, std::nan("")));
  write_text(folder / "gap.csv", "1,2,,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\n");
  write_numbers(folder / "negative.npy", 1, 20, std::vector<double>(20, -1));
  write_numbers(folder / "rows.npy", 30, 1, std::vector<double>(30, 1));
  for (const int ranks : {1, 3}) {
    for (const auto& [arguments, code, said] :
         {std::tuple("fit v.npy -k 2 --weights few.npy", 3,
                     "few.npy has weights for 29 x 1, but v.npy is 30 x 20"),
          std::tuple("fit v.npy -k 2 --weights none.npy", 3, "none.npy: no entry of V that is known has a weight"),
          std::tuple("fit v.npy -k 2 --weights negative.npy", 3, "negative.npy"),
          std::tuple("fit v.npy -k 2 --weights nan.npy", 3, "nan.npy"),
          std::tuple("fit v.npy -k 2 --weights gap.csv", 3, "gap.csv: 1 of the weights are not a number"),
          std::tuple("fit v.npy -k 2 --weights absent.npy", 4, "absent.npy"),
          std::tuple("fit v.npy -k 2 --weights v.npy --rule anls-bpp", 2, "takes every entry of V as known"),
          std::tuple("fit v.npy -k 2 --weights ''", 2, "the name of the file is empty"),
          std::tuple("fit v.npy -k 2 --weights v.npy --storage disk", 2, "is held in memory"),
          std::tuple("fit v.npy -k 2 --weights rows.npy --rule anls-bpp --alpha-w 1", 2,
                     "--alpha-w makes weights of rows those of entries"),
          std::tuple("fit v.npy -k 2 --weights rows.npy --sum-to-one w", 2,
                     "--sum-to-one w makes weights of rows those of entries"),
          std::tuple("fit v.npy -k 2 --weights rows.npy --storage-type uint8", 2, "holds whole numbers"),
          std::tuple("survey v.npy -k 2 --weights v.npy", 2, "a survey takes weights of rows or of columns")}) {
      const Ran ran = run(mpinmf_command(ranks, std::string(arguments) + " --output new"), folder.path());
      INFO(arguments << "\n" << ran.err);
      CHECK(ran.code == code);
      REQUIRE(messages(ran.err).size() == 1);
      CHECK(messages(ran.err)[0].find(said) != std::string::npos);
      CHECK(!std::filesystem::exists(folder / "new"));
    }
  }
}

TEST_CASE("evaluate says how far a model is from entries held out", "[missing]") {
  TemporaryFolder folder;
  write_ratings(folder / "V.mtx");
  write_numbers(folder / "w.npy", 40, 1, std::vector<double>(40, 2));
  std::vector<double> h(30, 1);
  h[4] = 0;
  write_numbers(folder / "h.npy", 1, 30, h);
  std::ofstream(folder / "held-out.mtx") << "%%MatrixMarket matrix coordinate real general\n40 30 3\n"
                                            "1 2 3\n40 30 4\n7 5 100\n";
  write_numbers(folder / "dense.npy", 40, 30, std::vector<double>(1200, 1));
  REQUIRE(
      run(mpinmf_command(1, "fit V.mtx -k 1 --missing zeros --w0 w.npy --h0 h.npy --max-iterations 0 --output m"),
          folder.path())
          .code == 0);
  for (const int ranks : {1, 3}) {
    const Ran ran =
        run(mpinmf_command(ranks, "evaluate V.mtx --model m --holdout held-out.mtx --json"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto found = nlohmann::json::parse(ran.out)["held_out"];
    CHECK(found["entries"] == 2);
    CHECK(found["without_model"] == 1);
    CHECK(found["rmse"].get<double>() == Approx(std::sqrt((1.0 + 4) / 2)));
    CHECK(found["mae"].get<double>() == Approx(1.5));
    for (const std::string refused : {"dense.npy", "absent.mtx"}) {
      const Ran other = run(mpinmf_command(ranks, "evaluate V.mtx --model m --holdout " + refused), folder.path());
      CHECK(other.code != 0);
      CHECK(messages(other.err).size() == 1);
    }
  }
}

TEST_CASE("entries held out are scaled as the rows of V are", "[missing]") {
  TemporaryFolder folder;
  write_ratings(folder / "V.mtx");
  std::vector<double> sums(40);
  for (int i = 0; i < 40; ++i) {
    for (int j = i % 3 == 0 ? 0 : 3 - i % 3; j < 30; j += 3)
      sums[static_cast<std::size_t>(i)] += 1 + i % 4 + (i * j) % 7;
  }
  write_numbers(folder / "w.npy", 40, 1, std::vector<double>(40, 2));
  write_numbers(folder / "w35.npy", 35, 1, std::vector<double>(35, 2));
  write_numbers(folder / "h.npy", 1, 30, std::vector<double>(30, 1));
  std::ofstream(folder / "held-out.mtx") << "%%MatrixMarket matrix coordinate real general\n40 30 2\n"
                                            "8 2 3\n40 30 4\n";
  REQUIRE(run(mpinmf_command(1, "convert V.mtx V.csr"), folder.path()).code == 0);
  const double first = 3 * 100 / sums[7], second = 4 * 100 / sums[39];
  const auto rmse = [](double a, double b) { return std::sqrt((a * a + b * b) / 2); };
  const double plain = rmse(first - 2, second - 2);
  for (const auto& [options, expected] :
       {std::pair("--w0 w.npy", plain), std::pair("--w0 w35.npy --rows=5:", plain),
        std::pair("--w0 w.npy --log1p", rmse(std::log1p(first) - 2, std::log1p(second) - 2))}) {
    for (const std::string v : {"V.mtx", "V.csr"}) {
      for (const int ranks : {1, 3}) {
        INFO(options << " " << v << " on " << ranks);
        const std::string fit = "fit " + v + " -k 1 --missing zeros --scale-rows sum:100 --h0 h.npy ";
        REQUIRE(run(mpinmf_command(ranks, fit + "--max-iterations 0 --force --output m " + options), folder.path())
                    .code == 0);
        const Ran ran = run(mpinmf_command(ranks, "evaluate " + v + " --model m --holdout held-out.mtx --json"),
                            folder.path());
        INFO(ran.err);
        REQUIRE(ran.code == 0);
        const auto found = nlohmann::json::parse(ran.out)["held_out"];
        CHECK(found["entries"] == 2);
        CHECK(found["rmse"].get<double>() == Approx(expected).epsilon(1e-12));
      }
    }
  }
  REQUIRE(run(mpinmf_command(1, "fit V.mtx -k 1 --add 1 --output added"), folder.path()).code == 0);
  for (const int ranks : {1, 3}) {
    const Ran ran =
        run(mpinmf_command(ranks, "evaluate V.mtx --model added --holdout held-out.mtx"), folder.path());
    CHECK(ran.code == 2);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err)[0], "the fit has added 1 to all entries of V"));
  }
}

TEST_CASE("zeros that are stored are known", "[missing]") {
  TemporaryFolder folder;
  std::ofstream market(folder / "V.mtx");
  market << "%%MatrixMarket matrix coordinate real general\n40 30 400\n";
  std::vector<double> dense;
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 30; ++j) {
      const bool is_known = (i + j) % 3 == 0;
      dense.push_back(is_known ? (i * j) % 3 : std::nan(""));
      if (is_known) market << i + 1 << ' ' << j + 1 << ' ' << (i * j) % 3 << '\n';
    }
  }
  market.close();
  write_numbers(folder / "V.npy", 40, 30, dense);
  write_numbers(folder / "w.npy", 40, 2, counting(40, 2));
  write_numbers(folder / "h.npy", 2, 30, counting(2, 30));
  std::vector<std::string> all = {"V.mtx"};
  if (const std::string python = python_with("numpy"); python.empty()) {
    skip("python3 lacks numpy");
  } else {  // rows that are read at will
    write_text(folder / "make.py",
               "import numpy as np, os\nV = np.load('V.npy')\nknown = V == V\nos.mkdir('V.csr')\n"
               "np.save('V.csr/data.npy', V[known])\nnp.save('V.csr/indices.npy', np.nonzero(known)[1])\n"
               "np.save('V.csr/indptr.npy', np.append(0, known.sum(1).cumsum()))\n"
               "np.save('V.csr/shape.npy', np.array(V.shape))\n");
    REQUIRE(run(python + " make.py", folder.path()).code == 0);
    all.emplace_back("V.csr");
  }
  for (const std::string how : {"", " --log1p", " --columns=0:29 --log1p", " --loss kullback-leibler"}) {
    const bool cuts = contains(how, "columns");
    if (cuts) write_numbers(folder / "h.npy", 2, 29, counting(2, 29));
    // what is known of the pair from files
    const std::string fit = " -k 2 --w0 w.npy --h0 h.npy --rule mu --max-iterations 0 --force" + how;
    REQUIRE(run(mpinmf_command(1, "fit V.npy --missing nan --output dense" + fit), folder.path()).code == 0);
    for (const std::string& v : all) {
      for (const int ranks : how.empty() ? std::vector{1, 3} : std::vector{3}) {
        INFO(v << how << " on " << ranks);
        const Ran ran =
            run(mpinmf_command(ranks, "fit " + v + " --missing zeros --output m" + fit), folder.path());
        INFO(ran.err);
        REQUIRE(ran.code == 0);
        const auto json = read_json(folder / "m/run.json");
        const auto wanted = read_json(folder / "dense/run.json");
        CHECK(json["input"]["unknown"] == wanted["input"]["unknown"]);
        CHECK(json["loss"].get<double>() == Approx(wanted["loss"].get<double>()).epsilon(1e-12));
        if (!how.empty()) continue;
        CHECK(json["input"]["unknown"] == 800);
        const Ran info = run(mpinmf_command(ranks, "info " + v + " --missing zeros"), folder.path());
        CHECK(contains(info.out, "entries that are not known: 800"));
        const Ran evaluated =
            run(mpinmf_command(ranks, "evaluate V.npy --model dense --holdout V.mtx --json"), folder.path());
        INFO(evaluated.err);
        REQUIRE(evaluated.code == 0);
        CHECK(nlohmann::json::parse(evaluated.out)["held_out"]["entries"] == 400);
      }
    }
    if (cuts) write_numbers(folder / "h.npy", 2, 30, counting(2, 30));
  }
}

TEST_CASE("statistics that ratings are prepared by are those of the same V with NaN", "[missing]") {
  TemporaryFolder folder;
  constexpr int rows = 30, columns = 12;
  std::ostringstream stored;
  std::vector<double> values;
  int count = 0;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      const bool is_known = (i * 7 + j * 3) % 5 < 2;
      const int rating = (i * j) % 6;  // 0 among them
      values.push_back(is_known ? rating : std::nan(""));
      if (!is_known) continue;
      stored << i + 1 << ' ' << j + 1 << ' ' << rating << '\n';
      ++count;
    }
  }
  write_text(folder / "V.mtx", "%%MatrixMarket matrix coordinate real general\n30 12 " + std::to_string(count) +
                                   "\n" + stored.str());
  write_numbers(folder / "v.npy", rows, columns, values);
  for (const std::string options : {"--scale-columns std", "--scale-columns l2", "--scale-columns idf",
                                    "--columns top-variance:5 --scale-columns max"}) {
    for (const int ranks : {1, 3}) {
      INFO(options << " on " << ranks);
      const std::string fit = " -k 2 --rule hals --max-iterations 3 --force --quiet " + options;
      const Ran zeros = run(mpinmf_command(ranks, "fit V.mtx --missing zeros --output z" + fit), folder.path());
      INFO(zeros.err);
      REQUIRE(zeros.code == 0);
      REQUIRE(run(mpinmf_command(1, "fit v.npy --missing nan --output n" + fit), folder.path()).code == 0);
      const auto of_zeros = mpinmf::io::read_npy_numbers(folder / "z/preparation_scales.npy"),
                 of_nan = mpinmf::io::read_npy_numbers(folder / "n/preparation_scales.npy");
      REQUIRE(of_zeros.size() == of_nan.size());
      for (std::size_t j = 0; j < of_nan.size(); ++j) CHECK(of_zeros[j] == Approx(of_nan[j]).epsilon(1e-12));
      if (contains(options, "top-variance"))
        CHECK(read_text(folder / "z/preparation_columns.npy") == read_text(folder / "n/preparation_columns.npy"));
    }
  }
}

TEST_CASE("ratings that were held out are met better than by their mean", "[missing]") {
  const auto file = reference_file("movielens_small/X.mtx.gz");
  if (!file) return;
  TemporaryFolder folder;
  // every tenth rating is held out
  const std::string split = "zcat " + *file +
                            " | awk '/^%/{next} !m{m=$1;n=$2;q=$3;t=int(q/10);h=\"%%MatrixMarket matrix "
                            "coordinate real general\\n\" m \" \" n "
                            "\" \"; print h q-t > \"V.mtx\"; print h t > \"T.mtx\"; next} {print > (++l%10==0 ? "
                            "\"T.mtx\" : \"V.mtx\")}'";
  REQUIRE(run(split, folder.path()).code == 0);
  for (const std::string k : {"1", "2", "5", "10", "20"}) {
    INFO("k = " << k);
    REQUIRE(run(mpinmf_command(
                    2, "fit V.mtx -k " + k +
                           " --missing zeros --alpha-w 1e-4 --alpha-h 1e-3 --max-iterations 20 --tolerance 0 "
                           "--force --output m"),
                folder.path())
                .code == 0);
    const Ran ran = run(mpinmf_command(2, "evaluate V.mtx --model m --holdout T.mtx --json"), folder.path());
    REQUIRE(ran.code == 0);
    const auto found = nlohmann::json::parse(ran.out)["held_out"];
    CHECK(found["entries"] == 9703);
    CHECK(found["rmse_of_mean"].get<double>() == Approx(1.0381).epsilon(1e-3));
    CHECK(found["rmse"].get<double>() < 0.97);
  }
}

TEST_CASE("a file says what is unknown, as NaN in V would", "[missing]") {
  TemporaryFolder folder;
  std::vector<double> v, marks, by_hand;
  std::string known = "%%MatrixMarket matrix coordinate real general\n40 30 ", unknown = known, lines, others;
  int count = 0;
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 30; ++j) {
      const int value = 1 + (i % 4 + 1) * (j % 3) + (i * j) % 5;
      const bool is_marked = (i + 2 * j) % 4 == 0 || i == 3;
      marks.push_back(is_marked ? 1 : 0);
      by_hand.push_back(is_marked ? std::nan("") : value);
      v.push_back(is_marked && j % 2 == 0 ? -9999 : value);
      const std::string place = std::to_string(i + 1) + ' ' + std::to_string(j + 1) + ' ';
      (is_marked ? others : lines) += place + std::to_string(value) + '\n';
      count += is_marked ? 1 : 0;
    }
  }
  write_numbers(folder / "v.npy", 40, 30, v);
  write_numbers(folder / "by_hand.npy", 40, 30, by_hand);
  write_numbers(folder / "mask.npy", 40, 30, marks);
  write_text(folder / "mask.mtx", unknown + std::to_string(count) + '\n' + others);
  write_text(folder / "known.mtx", known + std::to_string(1200 - count) + '\n' + lines);
  const auto fit = [&](int ranks, const std::string& arguments) {
    const Ran ran = run(
        mpinmf_command(ranks, "fit " + arguments + " -k 3 --max-iterations 40 --tolerance 0 --force --output m"),
        folder.path());
    INFO(arguments << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(ran.out.find(std::to_string(count) + " of its entries unknown") != std::string::npos);
    return read_json(folder / "m/run.json");
  };
  for (const int ranks : {1, 3}) {
    INFO(ranks << " ranks");
    fit(ranks, "by_hand.npy --missing nan");
    const std::string w = read_text(folder / "m/W.npy");
    for (const std::string mask : {"mask.npy", "mask.mtx"}) {
      const auto record = fit(ranks, "v.npy --missing " + mask);
      CHECK(read_text(folder / "m/W.npy") == w);
      CHECK(record["input"]["missing"] == "nan");
      CHECK(record["input"]["mask"] == mask);
      CHECK(record["input"]["unknown"] == count);
    }
    if (ranks == 1) continue;
    const double loss = read_json(folder / "m/run.json")["loss"].get<double>();
    // evaluate knows the mask of the fit; rows to be transformed have their own
    const auto evaluated = [&](const std::string& arguments) {
      const Ran ran = run(mpinmf_command(ranks, "evaluate " + arguments + " --model m --json"), folder.path());
      INFO(ran.err);
      REQUIRE(ran.code == 0);
      return nlohmann::json::parse(ran.out);
    };
    CHECK(evaluated("v.npy")["losses"]["frobenius"]["loss"].get<double>() == Approx(loss).epsilon(1e-10));
    CHECK(evaluated("by_hand.npy --missing nan")["losses"]["frobenius"]["loss"].get<double>() ==
          Approx(loss).epsilon(1e-10));
    const auto held_out = evaluated("v.npy --holdout mask.mtx")["held_out"];
    CHECK(held_out["entries"] == count - 30);
    CHECK(held_out["without_model"] == 30);  // the row of which nothing is known
    REQUIRE(run(mpinmf_command(ranks, "transform v.npy --model m --missing mask.mtx --force --output t"),
                folder.path())
                .code == 0);
    CHECK(read_json(folder / "t/run.json")["loss"].get<double>() <= loss * (1 + 1e-10));
    const Ran info = run(mpinmf_command(ranks, "info v.npy -k 3 --missing mask.mtx"), folder.path());
    CHECK(info.out.find("not known: " + std::to_string(count) + "\n") != std::string::npos);
    CHECK(info.out.find("range: 1 .. ") != std::string::npos);
  }
  CHECK(run(mpinmf_command(1, "components m --residual --rows 0,3 --output pictures"), folder.path()).code == 0);
  CHECK(run(mpinmf_command(1, "report m"), folder.path()).out.find("unknown by mask.mtx") != std::string::npos);
  // ratings: what is stored is known, or what a mask does not mark; the rules differ, the end hardly
  const auto long_fit = [&](const std::string& arguments) {
    const Ran ran =
        run(mpinmf_command(2, "fit " + arguments + " -k 2 --tolerance 0 --max-iterations 3000 --force --output r"),
            folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    return read_json(folder / "r/run.json")["loss"].get<double>();
  };
  const double of_stored = long_fit("known.mtx --missing zeros --rule mu");
  CHECK(long_fit("known.mtx --missing mask.npy --rule mu") == Approx(of_stored).epsilon(1e-3));
  const Ran survey =
      run(mpinmf_command(2,
                         "survey v.npy -k 2:3 --restarts 2 --missing mask.npy --holdout 0.1 --folds 1 "
                         "--max-iterations 30 --output s"),
          folder.path());
  INFO(survey.err);
  CHECK(survey.code == 0);
  CHECK(read_json(folder / "s/k2/seed0/run.json")["input"]["unknown"] == count);
}

TEST_CASE("a file of what is unknown that does not do is refused with one message", "[missing]") {
  TemporaryFolder folder;
  write_numbers(folder / "v.npy", 30, 20, std::vector<double>(600, 1));
  write_numbers(folder / "few.npy", 30, 19, std::vector<double>(570, 1));
  write_numbers(folder / "some.npy", 30, 20, [] {
    std::vector<double> some(600);
    some[7] = 1;
    return some;
  }());
  write_text(folder / "cut.mtx", "%%MatrixMarket matrix coordinate pattern general\n30 20 3\n1 1\n2 2\n");
  std::filesystem::create_directory(folder.path() / "folder");
  for (const int ranks : {1, 3}) {
    for (const auto& [missing, code, said] :
         {std::tuple("few.npy", 3, "few.npy says of 30 x 19 entries which are unknown, but v.npy is 30 x 20"),
          std::tuple("cut.mtx", 3, "cut.mtx"), std::tuple("folder", 3, "folder"),
          std::tuple("blanks", 4, "--missing is none, zeros, nan, or a file"),
          std::tuple("some.npy --storage-type uint8", 3, "as --storage-type uint8 needs it")}) {
      const Ran ran = run(mpinmf_command(ranks, "fit v.npy -k 2 --output new --missing " + std::string(missing)),
                          folder.path());
      INFO(missing << "\n" << ran.err);
      CHECK(ran.code == code);
      REQUIRE(messages(ran.err).size() == 1);
      CHECK(messages(ran.err)[0].find(said) != std::string::npos);
      CHECK(!std::filesystem::exists(folder / "new"));
    }
  }
}
