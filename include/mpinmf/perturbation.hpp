// Noise on V: a fit that is to be trusted finds the same components in spite of it.
#pragma once

#include <cstdint>
#include <string>

namespace mpinmf {

/// How the stored entries of V are changed, each by itself; what is 0 stays 0. A changed entry is a function of
/// its value, its row and column in V and the key alone, so that it is the same for any number of ranks.
struct Perturbation {
  enum class Law {
    uniform,  ///< v (1 + width u) with u uniform on [-1, 1) (NMFk)
    poisson,  ///< a count drawn from Poisson's law with mean v (SigProfilerExtractor's resampling)
  };
  Law law = Law::uniform;
  double width = 0;  ///< of `uniform`; in (0, 1)
  std::uint64_t key = 0;

  /// "uniform:0.03" or "poisson". Throws UsageError, listing these.
  static Perturbation parse(const std::string& text);
  /// The same, without the key.
  std::string text() const;
};

}  // namespace mpinmf
