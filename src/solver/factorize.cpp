#include "factorize.hpp"

#include <optional>

#include "losses/loss_table.hpp"
#include "solver.hpp"

namespace mpinmf {

template <class T>
RunRecord factorize_by(Sweep<T>& sweep, const ResolvedOptions& options, MatrixView<T> w, SharedH<T>& h,
                       const Chunks& chunks, const FitHooks<T>& hooks) {
  std::optional<Problem<T>> problem;
  std::optional<Solver<T>> solver;
  sweep.walk().v().comm().meet([&] {  // its memory may not be there
    problem.emplace(sweep, options);
    solver.emplace(*problem, Walked<T>{w, h, sweep}, chunks, hooks);
  });
  return solver->run();
}

template <class T>
RunRecord factorize_in_chunks(const DataMatrix<T>& v, const ResolvedOptions& options, MatrixView<T> w,
                              SharedH<T>& h, const Chunks& chunks, const FitHooks<T>& hooks) {
  const Rule<T>& rule = options.rule<T>();
  const auto loss = make_loss<T>(options.loss, asked_by(rule, facts_of(options.loss).offers));
  std::optional<Sweep<T>> sweep;
  v.comm().meet([&] {
    sweep.emplace(v, *loss, options.components, options.threads.threads, loss->layout());
    sweep->use(rule, static_cast<Index>(options.fixed_w.size()));
  });
  return factorize_by(*sweep, options, w, h, chunks, hooks);
}

template <class T>
RunRecord factorize(const DataMatrix<T>& v, const ResolvedOptions& options, MatrixView<T> w, SharedH<T>& h,
                    const FitHooks<T>& hooks) {
  const Chunks chunks = chunks_for(v.columns(), options.components, sizeof(T), v.comm().size(),
                                   options.rule<T>().outweighs_messages);
  return factorize_in_chunks(v, options, w, h, chunks, hooks);
}

template RunRecord factorize(const DataMatrix<float>&, const ResolvedOptions&, MatrixView<float>, SharedH<float>&,
                             const FitHooks<float>&);
template RunRecord factorize(const DataMatrix<double>&, const ResolvedOptions&, MatrixView<double>,
                             SharedH<double>&, const FitHooks<double>&);

template RunRecord factorize_in_chunks(const DataMatrix<float>&, const ResolvedOptions&, MatrixView<float>,
                                       SharedH<float>&, const Chunks&, const FitHooks<float>&);
template RunRecord factorize_in_chunks(const DataMatrix<double>&, const ResolvedOptions&, MatrixView<double>,
                                       SharedH<double>&, const Chunks&, const FitHooks<double>&);

template RunRecord factorize_by(Sweep<float>&, const ResolvedOptions&, MatrixView<float>, SharedH<float>&,
                                const Chunks&, const FitHooks<float>&);
template RunRecord factorize_by(Sweep<double>&, const ResolvedOptions&, MatrixView<double>, SharedH<double>&,
                                const Chunks&, const FitHooks<double>&);

}  // namespace mpinmf
