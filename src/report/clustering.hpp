// The picture of how the spectra of all fits of one k fall into clusters.
#pragma once

#include <string>

#include "stability/consensus.hpp"

namespace mpinmf::report {

/// Draws STEM.svg and STEM.png, as cNMF does: distances between the spectra that were kept, in the order of their
/// clusters, the densest places first; and how many spectra have which local density, with the threshold. Or
/// returns what is in the way, as draw_picture does.
std::string draw_clustering(const stability::Consensus& consensus, double density_threshold,
                            const std::string& stem);

}  // namespace mpinmf::report
