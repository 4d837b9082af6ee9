// The reference data sets and what scikit-learn and NumPy make of them.
#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

#include "io/npy.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"

struct GivenStart {
  mpinmf::Matrix<double> w0, h0;
};

/// One reference data set and its reference.json.
class ReferenceSet {
 public:
  explicit ReferenceSet(const std::string& folder) : folder_(folder) {
    const auto path = reference_file(folder + "/reference.json");
    if (!path) return;
    reference_ = nlohmann::json::parse(std::ifstream(*path));
    matrix_ = *reference_file(folder + "/" + reference_["matrix"].get<std::string>());
  }
  bool is_there() const { return !reference_.is_null(); }
  const nlohmann::json& reference() const { return reference_; }

  template <class T = double>
  mpinmf::DataMatrix<T> load_v(bool itakura_saito = false) const {
    mpinmf::LoadOptions options;
    if (itakura_saito) options.add = reference_["offset_added_for_itakura_saito"];
    return mpinmf::load<T>(world(), matrix_, options);
  }

  mpinmf::Options options(mpinmf::Index k, const std::string& loss) const {
    mpinmf::Options result;
    result.components = k;
    result.loss = mpinmf::Loss::parse(loss);
    result.rule = "mu";
    result.stop = mpinmf::Stop::scikit_learn_mu;
    result.tolerance = 0;
    result.trace_every = 10;  // all references but those after 1 iteration lie there
    return result;
  }

  GivenStart start(const mpinmf::DataMatrix<double>& v, mpinmf::Index k) const {
    const auto file = [&](const char* factor) {
      const auto plain = *reference_file(folder_ + "/" + factor + "0.npy");
      return mpinmf::io::read_npy_header(plain).shape[factor[0] == 'W' ? 1 : 0] == k
                 ? plain
                 : *reference_file(folder_ + "/" + factor + "0_k" + std::to_string(k) + ".npy");
    };
    return {mpinmf::io::read_npy_rows<double>(file("W"), v.first_row(), v.rows_local()),
            mpinmf::io::read_npy<double>(file("H"))};
  }

 private:
  std::string folder_, matrix_;
  nlohmann::json reference_;
};
