// A dense matrix of known rank: V = W0 H0 + noise.
#include <algorithm>
#include <limits>
#include <vector>

#include "generators.hpp"
#include "kernels/philox.hpp"

namespace mpinmf::io {
namespace {

constexpr double greatest_noise = 1e100;  // times any rank it is still finite

struct LowRank {
  Index rows, columns, rank;
  double noise, density;
  std::uint64_t key;

  explicit LowRank(const GeneratorSettings& settings)
      : rows(settings.count("rows")),
        columns(settings.count("columns", GeneratorSettings::greatest_columns)),
        rank(settings.count("rank", std::min(rows, columns))),
        noise(settings.number_or("noise", 0, 0, greatest_noise)),
        density(settings.number_or("density", 0.5, 0, 1)),
        key(settings.seed().key()) {}

  /// Component c of row i of a factor: uniform on [0, 1), kept with probability `density`, else 0.
  double factor_entry(Stream factor, Index i, Index c) const {
    const auto numbers = uniforms(random_words(key, factor, i, c));
    return numbers[1] < density ? numbers[0] : 0;
  }
  /// rank x count: components 0 .. rank - 1 of rows 0 .. count - 1 of a factor.
  Matrix<double> factor_columns(Stream factor, Index count) const {
    Matrix<double> result(rank, count);
    for (Index c = 0; c < rank; ++c) {
      for (Index j = 0; j < count; ++j) result(c, j) = factor_entry(factor, j, c);
    }
    return result;
  }
  /// The expected entry of W0 H0: a kept factor entry has mean 1/2.
  double expected_entry() const { return static_cast<double>(rank) * density * density / 4; }
};

/// V_ij = sum_c W0_ic H0_cj + noise * expected_entry * u_ij. The sum runs over c in ascending order whether V or
/// its transpose is asked for, so that both have the same bits. Of the two factors the one along a row is held (as
/// large as the H of a factorization) from the first read on, the other is made row by row.
class LowRankRows : public DenseRows {
 public:
  LowRankRows(const LowRank& law, bool transpose) : law_(law), transpose_(transpose) {}

  void read(Index first, Index count, double* out) override {
    if (count > 0 && along_.rows() == 0) make_along();
    for (Index i = first; i < first + count; ++i, out += along_.columns()) {
      std::fill_n(out, along_.columns(), 0.0);
      for (Index c = 0; c < law_.rank; ++c) {
        add_component(law_.factor_entry(transpose_ ? Stream::lowrank_h : Stream::lowrank_w, i, c), c, out);
      }
      if (law_.noise > 0) add_noise(i, out);
    }
  }

 private:
  void make_along() {
    along_ = transpose_ ? law_.factor_columns(Stream::lowrank_w, law_.rows)
                        : law_.factor_columns(Stream::lowrank_h, law_.columns);
  }
  void add_component(double weight, Index c, double* out) const {
    if (weight == 0) return;  // adding 0 changes no bit
    const double* component = along_.row(c);
    for (Index j = 0; j < along_.columns(); ++j) out[j] += weight * component[j];
  }
  void add_noise(Index i, double* out) const {
    const double size = law_.noise * law_.expected_entry();
    for (Index j = 0; j < along_.columns(); ++j) {
      const auto words = transpose_ ? random_words(law_.key, Stream::lowrank_noise, j, i)
                                    : random_words(law_.key, Stream::lowrank_noise, i, j);
      out[j] += size * unit_interval(words[0]);
    }
  }

  LowRank law_;
  bool transpose_;
  Matrix<double> along_;  // rank x (columns of what is read); empty before the first read
};

}  // namespace

template <class Row>
Row generator_row(GeneratorFile<struct LowRankGenerator>) {
  return {{"lowrank", "rows=M,columns=N,rank=R,noise=0,density=0.5,seed=0",
           "dense, W0 H0 + noise, factors uniform on [0,1) with a share of nonzeros"},
          {"rows", "columns", "rank", "noise", "density", "seed"},
          [](const GeneratorSettings& settings, bool transpose) {
            const LowRank law(settings);
            MatrixHeader header = generated_header(settings, law.rows, law.columns, transpose);
            header.reader_bytes =
                sizeof(double) * static_cast<double>(law.rank) * static_cast<double>(header.columns);
            return Source{settings.text(), header, std::make_unique<LowRankRows>(law, transpose)};
          },
          [](const GeneratorSettings& settings) {
            const LowRank law(settings);
            return law.factor_columns(Stream::lowrank_h, law.columns);
          }};
}
template Generator generator_row(GeneratorFile<struct LowRankGenerator>);

}  // namespace mpinmf::io
