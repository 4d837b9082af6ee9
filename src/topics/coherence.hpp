// How well the terms of a topic go together: the measures of gensim 4.2 (models/coherencemodel.py), which is that
// of Mimno et al. 2011 (UMass) and those of Röder, Both and Hinneburg 2015.
#pragma once

#include <vector>

#include "term_pairs.hpp"

namespace mpinmf::topics {

inline constexpr Index npmi_window = 10, c_v_window = 110;  // tokens; gensim's

// One value a topic. As in gensim, NaN for a topic too short to have a pair, and NaN or infinite where a term of
// the topic was never seen (but UMass, in which such a term conditions nothing). NaN where nothing was counted.

/// The mean over pairs of log((D(i, j) / N + e) / (D(j) / N)), j before i in the topic, D of N documents.
std::vector<double> umass(const TermPairs& pairs, const PairCounts& documents);
/// The mean over pairs of the normalized pointwise mutual information
/// log((p(i, j) + e) / (p(i) p(j))) / -log(p(i, j) + e), p of windows of npmi_window tokens.
std::vector<double> npmi(const TermPairs& pairs, const PairCounts& windows);
/// The mean over terms of the cosine between the term's vector of NPMI with all terms of the topic and the sum of
/// all these vectors, in windows of c_v_window tokens.
std::vector<double> c_v(const TermPairs& pairs, const PairCounts& windows);

/// The mean of those that are finite; NaN: none is.
double mean_coherence(const std::vector<double>& of_topics);

}  // namespace mpinmf::topics
