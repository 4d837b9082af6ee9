#include "stability_of_k.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "cli/fit/results.hpp"
#include "io/npy.hpp"
#include "mpinmf/error.hpp"
#include "report/clustering.hpp"
#include "stability/connectivity.hpp"
#include "stability/matched_clusters.hpp"

namespace mpinmf::cli {
namespace {

/// What `read` returns of a file that the fit in `folder` has left. Throws its errors, with what to do.
template <class F>
auto read_of_fit(const std::string& folder, F&& read) {
  const auto with_cure = [&](const Error& error) {
    return fmt::format("{} (a file of a fit that has ended: remove {}, and --resume fits that again)",
                       error.what(), folder);
  };
  try {
    return read();
  } catch (const SystemError& error) {
    throw SystemError(with_cure(error));
  } catch (const BadData& error) {
    throw BadData(with_cure(error));
  }
}

std::vector<std::uint16_t> read_strongest(const std::string& folder) {
  const std::vector<Index> numbers =
      read_of_fit(folder, [&] { return io::read_npy_integers(folder + "/" + strongest_file); });
  return {numbers.begin(), numbers.end()};
}

/// H of all fits, one below another: there is no copy of it. Throws SystemError, BadData.
Matrix<double> stacked_spectra(const std::vector<std::string>& folders, Index k) {
  Matrix<double> all;
  Index to = 0;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/H.npy";
    const Matrix<double> h = read_of_fit(folder, [&] { return io::read_npy<double>(path); });
    if (to == 0) all = Matrix<double>(static_cast<Index>(folders.size()) * k, h.columns());
    if (h.rows() != k || h.columns() != all.columns())
      throw BadData(fmt::format("{} is {} x {}, not {} x {}", path, h.rows(), h.columns(), k, all.columns()));
    for (Index c = 0; c < k; ++c, ++to) std::copy_n(h.row(c), h.columns(), all.row(to));
  }
  return all;
}

/// Those of 0 .. k - 1 that are not known.
std::vector<Index> learned_components(Index k, const std::vector<Index>& known) {
  std::vector<Index> learned;
  for (Index c = 0; c < k; ++c) {
    if (std::find(known.begin(), known.end(), c) == known.end()) learned.push_back(c);
  }
  return learned;
}

/// Leaves of each k rows those of these components, in place. Returns how many are left.
Index keep_components(Matrix<double>& stacked, Index k, const std::vector<Index>& kept) {
  Index to = 0;
  for (Index first = 0; first < stacked.rows(); first += k) {
    for (const Index c : kept) {
      if (to != first + c) std::copy_n(stacked.row(first + c), stacked.columns(), stacked.row(to));
      ++to;
    }
  }
  return to;
}

/// Each column over its sum; in one that is 0 all share alike.
void make_columns_sum_to_one(Matrix<double>& h) {
  for (Index j = 0; j < h.columns(); ++j) {
    double sum = 0;
    for (Index c = 0; c < h.rows(); ++c) sum += h(c, j);
    for (Index c = 0; c < h.rows(); ++c) h(c, j) = sum > 0 ? h(c, j) / sum : 1 / static_cast<double>(h.rows());
  }
}

double share(const std::vector<std::uint8_t>& marked) {
  return static_cast<double>(std::count(marked.begin(), marked.end(), 1)) / static_cast<double>(marked.size());
}

/// Puts the consensus of all fits, one below another, into `found`. Of `all` nothing is left to be used.
void agree(Matrix<double>& all, const Agreement& agreement, const std::string& stem, StabilityOfK& found) {
  const Index k = found.row.facts.k;
  Matrix<double> spectra(k, all.columns());
  for (const Index c : agreement.known) std::copy_n(all.row(c), all.columns(), spectra.row(c));
  const std::vector<Index> learned = learned_components(k, agreement.known);
  found.row.kept = 1;
  if (!learned.empty()) {
    const Index rows = keep_components(all, k, learned);
    stability::Consensus consensus;
    try {
      consensus = stability::consensus(all.view().middle_rows(0, rows), static_cast<Index>(learned.size()),
                                       agreement.settings);
    } catch (const BadData&) {
      found.row.kept = 0;  // fewer than k spectra have neighbours
      return;
    }
    found.row.kept = share(consensus.kept);
    found.not_drawn = report::draw_clustering(consensus, agreement.settings.density_threshold, stem);
    for (std::size_t c = 0; c < learned.size(); ++c)
      std::copy_n(consensus.spectra.row(static_cast<Index>(c)), all.columns(), spectra.row(learned[c]));
  }
  if (agreement.columns_sum_to_one) make_columns_sum_to_one(spectra);
  found.spectra = std::move(spectra);
}

}  // namespace

StabilityOfK stability_of(const std::vector<std::string>& folders, const std::string& best, Index k,
                          const Agreement& agreement, const std::string& stem) {
  Matrix<double> all = stacked_spectra(folders, k);
  std::vector<std::vector<std::uint16_t>> strongest;
  StabilityOfK found;
  for (const std::string& folder : folders) {
    if (folder == best) {
      const auto first = static_cast<Index>(strongest.size()) * k;
      found.row.sparseness = stability::sparseness(all.view().middle_rows(first, k));
    }
    strongest.push_back(read_strongest(folder));
  }
  stability::KFacts& facts = found.row.facts;
  facts.k = k;
  if (folders.size() < 2) return found;
  const stability::MatchedClusters clusters = stability::matched_clusters(all.view(), k);
  facts.min_silhouette = clusters.min_silhouette;
  facts.mean_silhouette = clusters.mean_silhouette;
  const stability::Connectivity connectivity = stability::connectivity(strongest);
  facts.cophenetic = connectivity.cophenetic;
  facts.dispersion = connectivity.dispersion;
  facts.pac = connectivity.pac;
  // cNMF takes the silhouette of all spectra for its choice of k, and leaves out outliers for the model alone
  stability::ConsensusSettings unfiltered = agreement.settings;
  unfiltered.density_threshold = stability::no_threshold;
  facts.consensus_silhouette = stability::consensus(all.view(), k, unfiltered).silhouette;
  agree(all, agreement, stem, found);
  return found;
}

}  // namespace mpinmf::cli
