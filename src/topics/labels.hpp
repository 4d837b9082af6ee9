// Topics beside labels that somebody gave.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::topics {

/// How many rows of each topic have each label: topics x labels numbers.
struct LabelTable {
  Index topics = 0, labels = 0;
  std::vector<Index> counts;

  Index at(Index topic, Index label) const { return counts[static_cast<std::size_t>(topic * labels + label)]; }
  Index rows() const;  ///< that were counted
};

/// topic_of[i] and label_of[i] are those of this rank's row i, from 0. Rows without a topic (-1) make a topic of
/// their own, the last of topics + 1; rows without a label (-1) are left out. Collective.
LabelTable table_of_labels(const Comm& comm, std::span<const Index> topic_of, Index topics,
                           std::span<const Index> label_of, Index labels);

/// How well topics and labels agree; scikit-learn's definitions (metrics/cluster/_supervised.py, 1.2.1).
struct Agreement {
  double purity = 0;  ///< the share of rows with the commonest label of their topic
  double nmi = 0;     ///< normalized mutual information, by the arithmetic mean of both entropies
  double ari = 0;     ///< adjusted Rand index
};
/// @pre rows were counted
Agreement agreement(const LabelTable& table);

}  // namespace mpinmf::topics
