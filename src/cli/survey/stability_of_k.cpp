#include "stability_of_k.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cli/fit/results.hpp"
#include "io/npy.hpp"
#include "mpinmf/error.hpp"
#include "report/clustering.hpp"
#include "stability/connectivity.hpp"
#include "stability/matched_clusters.hpp"

namespace mpinmf::cli {
namespace {

std::vector<std::uint16_t> read_strongest(const std::string& folder) {
  const std::vector<Index> numbers = io::read_npy_integers(folder + "/" + strongest_file);
  return {numbers.begin(), numbers.end()};
}

/// H of all fits, one below another: there is no copy of it. Throws SystemError, BadData.
Matrix<double> stacked_spectra(const std::vector<std::string>& folders, Index k) {
  Matrix<double> all;
  Index to = 0;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/H.npy";
    const Matrix<double> h = io::read_npy<double>(path);
    if (to == 0) all = Matrix<double>(static_cast<Index>(folders.size()) * k, h.columns());
    if (h.rows() != k || h.columns() != all.columns())
      throw BadData(fmt::format("{} is {} x {}, not {} x {}", path, h.rows(), h.columns(), k, all.columns()));
    for (Index c = 0; c < k; ++c, ++to) std::copy_n(h.row(c), h.columns(), all.row(to));
  }
  return all;
}

double share(const std::vector<std::uint8_t>& marked) {
  return static_cast<double>(std::count(marked.begin(), marked.end(), 1)) / static_cast<double>(marked.size());
}

}  // namespace

StabilityOfK stability_of(const std::vector<std::string>& folders, const std::string& best, Index k,
                          const stability::ConsensusSettings& settings, const std::string& stem) {
  const Matrix<double> all = stacked_spectra(folders, k);
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
  stability::ConsensusSettings unfiltered = settings;
  unfiltered.density_threshold = stability::no_threshold;
  facts.consensus_silhouette = stability::consensus(all.view(), k, unfiltered).silhouette;
  try {
    stability::Consensus consensus = stability::consensus(all.view(), k, settings);
    found.row.kept = share(consensus.kept);
    found.not_drawn = report::draw_clustering(consensus, settings.density_threshold, stem);
    found.spectra = std::move(consensus.spectra);
  } catch (const BadData&) {
    found.row.kept = 0;  // fewer than k spectra have neighbours
  }
  return found;
}

}  // namespace mpinmf::cli
