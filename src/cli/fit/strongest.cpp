#include "strongest.hpp"

#include <vector>

#include "io/npy.hpp"
#include "stability/connectivity.hpp"

namespace mpinmf::cli {

template <class T>
void write_strongest(const Comm& comm, const std::string& path, const Nmf<T>& model) {
  const ConstMatrixView<T> w = model.w(), ht = model.ht();
  const Index k = ht.columns();
  std::vector<double> sums(static_cast<std::size_t>(k));
  for (Index j = 0; j < ht.rows(); ++j) {
    for (Index c = 0; c < k; ++c) sums[static_cast<std::size_t>(c)] += ht(j, c);
  }
  for (std::size_t c = 0; c < model.diagonal().size(); ++c) sums[c] *= model.diagonal()[c];
  const Index first = comm.sum_before(w.rows());
  const std::vector<Index> rows = stability::sampled_rows(comm.sum(w.rows()));
  std::vector<Index> strongest(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Index row = rows[i] - first;
    if (row < 0 || row >= w.rows()) continue;  // another rank's, which adds it
    const auto share = [&](Index c) { return static_cast<double>(w(row, c)) * sums[static_cast<std::size_t>(c)]; };
    for (Index c = 1; c < k; ++c) {
      if (share(c) > share(strongest[i])) strongest[i] = c;
    }
  }
  comm.sum(strongest);
  comm.meet_on_root([&] { io::write_npy_integers(path, strongest); });
}

template void write_strongest<float>(const Comm&, const std::string&, const Nmf<float>&);
template void write_strongest<double>(const Comm&, const std::string&, const Nmf<double>&);

}  // namespace mpinmf::cli
