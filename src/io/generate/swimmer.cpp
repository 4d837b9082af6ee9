// The swimmer of Donoho and Stodden (NIPS 2003, "When does non-negative matrix factorization give a correct
// decomposition into parts?"): 256 images of 32 x 32 pixels, a torso and four limbs in four positions each. The
// factorization into 17 parts is exact.
#include <algorithm>
#include <array>

#include "generators.hpp"

namespace mpinmf::io {
namespace {

constexpr Index side = 32, pixels = side * side;
constexpr Index limbs = 4, positions = 4, images = 256, part_count = 1 + limbs * positions;
constexpr Index torso_column = 16, torso_first_row = 10, torso_length = 12, limb_length = 6;

/// Rows grow downwards, columns to the right.
struct Step {
  Index row, column;
};
struct Limb {
  Step joint;                             // a limb begins one step from its joint
  std::array<Step, positions> direction;  // no two of one limb, nor of its neighbours, share a pixel
};
constexpr std::array<Limb, limbs> body = {{
    {{10, 15}, {{{-1, 0}, {-1, -1}, {0, -1}, {1, -1}}}},  // left arm: up, up-left, left, down-left
    {{10, 17}, {{{-1, 0}, {-1, 1}, {0, 1}, {1, 1}}}},     // right arm: up, up-right, right, down-right
    {{21, 15}, {{{1, 0}, {1, -1}, {0, -1}, {-1, -1}}}},   // left leg: down, down-left, left, up-left
    {{21, 17}, {{{1, 0}, {1, 1}, {0, 1}, {-1, 1}}}},      // right leg: down, down-right, right, up-right
}};

/// parts x pixels: the torso, then the positions of each limb.
Matrix<double> make_parts() {
  Matrix<double> parts(part_count, pixels);
  for (Index r = 0; r < torso_length; ++r) parts(0, (torso_first_row + r) * side + torso_column) = 1;
  Index part = 1;
  for (const Limb& limb : body) {
    for (const Step& step : limb.direction) {
      for (Index t = 1; t <= limb_length; ++t) {
        parts(part, (limb.joint.row + t * step.row) * side + limb.joint.column + t * step.column) = 1;
      }
      ++part;
    }
  }
  return parts;
}

/// Image i shows limb l in the position that is digit l of i, to base 4.
class Swimmer : public DenseRows {
 public:
  explicit Swimmer(bool transpose) : parts_(make_parts()), transpose_(transpose) {}

  void read(Index first, Index count, double* out) override {
    for (Index i = first; i < first + count; ++i) {
      for (Index j = 0; j < (transpose_ ? images : pixels); ++j) {
        *out++ = transpose_ ? pixel(j, i) : pixel(i, j);
      }
    }
  }

 private:
  double pixel(Index image, Index place) const {
    double value = parts_(0, place);
    for (Index limb = 0; limb < limbs; ++limb, image /= positions) {
      value += parts_(1 + limb * positions + image % positions, place);
    }
    return value;
  }

  Matrix<double> parts_;
  bool transpose_;
};

}  // namespace

template <class Row>
Row generator_row(GeneratorFile<struct SwimmerGenerator>) {
  return {{"swimmer", "", "256 images of 32 x 32 pixels made of 17 parts (Donoho and Stodden 2003)"},
          {},
          [](const GeneratorSettings& settings, bool transpose) {
            return Source{settings.text(), generated_header(settings, images, pixels, transpose),
                          std::make_unique<Swimmer>(transpose)};
          },
          [](const GeneratorSettings&) { return make_parts(); }};
}
template Generator generator_row(GeneratorFile<struct SwimmerGenerator>);

}  // namespace mpinmf::io
