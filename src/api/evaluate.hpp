// How good a pair (W, H) is for V, by every measure at once.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

struct Evaluation {
  struct LossValue {
    std::string name;
    double loss = 0;                  ///< D
    double reconstruction_error = 0;  ///< sqrt(2 D)
    std::string why_not;              ///< not empty where the loss is not defined, or not finite
  };
  std::vector<LossValue> losses;  ///< Frobenius, Kullback-Leibler, Itakura-Saito, and the model's own if another
  double relative_error = 0;      ///< ||V - W H|| / ||V||
  double explained_variance = 0;  ///< 1 - ||V - W H||^2 / ||V||^2
  /// Hoyer 2004: (sqrt(n) - |x|_1 / |x|_2) / (sqrt(n) - 1), mean over the columns of W and over the rows of H.
  double sparseness_w = 0, sparseness_h = 0;
  /// How far the pair is from a stationary point of the model's loss: norm of the projected gradient over the norm
  /// of the gradient's negative part, for each factor. 0 at a stationary point. Entries below 2e-10 of the largest
  /// in their column count as zero.
  double kkt_w = 0, kkt_h = 0;
};

/// Collective; the same result on every rank. @pre w is rows_local x k, ht is n x k and the same on every rank
/// Throws ShapeMismatch; BadData where `loss`, the model's own, is not a finite number.
template <class T>
Evaluation evaluate(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, const Loss& loss,
                    int threads = 1);

/// Only its costs by this loss, as far as that is defined for V: one walk. Likewise.
template <class T>
Cost cost_of(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, const Loss& loss,
             int threads = 1);

/// How far W H is from entries of V that a fit has not seen.
struct EntryErrors {
  Index entries = 0;         ///< that count
  Index without_model = 0;   ///< others: their row of W or column of H is 0, as where a fit has seen nothing of it
  double rmse = 0;           ///< root of the mean of (v - w_i h_j)^2
  double mae = 0;            ///< mean of |v - w_i h_j|
  double rmse_of_guess = 0;  ///< root of the mean of (v - guess)^2
};
/// Over the stored entries of `held_out` that are numbers, whose rows w (rows_local x k) has; ht is n x k, in V's
/// own order of columns. `guess` is what a model without components would say: the mean of what a fit has seen.
/// Collective.
template <class T>
EntryErrors errors_at(const DataMatrix<T>& held_out, ConstMatrixView<T> w, ConstMatrixView<T> ht, double guess);

/// The mean over the stored entries of `held_out` of d_beta(v | x), x = w_i h_j but at least `least`, which keeps
/// it finite where a model says that an entry cannot be. Where rows or columns of V have weights (in this loss)
/// the mean is weighted. Likewise; the same on every rank, NaN where there are none.
template <class T>
double mean_divergence_at(const DataMatrix<T>& held_out, ConstMatrixView<T> w, ConstMatrixView<T> ht, double beta,
                          double least);

}  // namespace mpinmf
