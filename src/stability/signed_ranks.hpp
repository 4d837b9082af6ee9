// Wilcoxon's signed-rank test: whether two measurements of the same things differ.
#pragma once

#include <span>

namespace mpinmf::stability {

/// The two-sided p-value of Wilcoxon (1945, Biometrics Bulletin 1:80-83) as scipy.stats.wilcoxon(a, b) has it:
/// pairs without a difference are left out, equal sizes share their mean rank. Exact for up to 50 pairs of which
/// none is equal, else by the normal law with its variance corrected for equal sizes. 1 where no pair differs
/// (SciPy refuses that). @pre as many in a as in b, none NaN
double signed_rank_p(std::span<const double> a, std::span<const double> b);

}  // namespace mpinmf::stability
