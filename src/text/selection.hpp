// Which terms of a corpus become columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "owned_terms.hpp"

namespace mpinmf::text {

/// A number of documents, or a share of all of them, which is not rounded.
struct DocumentBound {
  double value = 1;
  bool is_share = false;

  friend bool operator==(const DocumentBound&, const DocumentBound&) = default;
  double documents(Index all) const { return is_share ? value * static_cast<double>(all) : value; }
  /// "0.5", or "2".
  std::string to_string() const;
};

struct SelectionOptions {
  DocumentBound min_df{1, false}, max_df{1, true};
  std::optional<Index> max_features;

  friend bool operator==(const SelectionOptions&, const SelectionOptions&) = default;
};

/// Where --max-features cuts between terms that occur equally often.
struct Tie {
  Index count = 0;  ///< how often each of them occurs
  Index kept = 0, left_out = 0;
  std::vector<std::string> kept_terms,
      left_out_terms;  ///< some of them: the last that are kept, the first that are not
};

struct Selection {
  std::vector<std::string> terms;      ///< of the columns, by code points; on every rank
  std::vector<Index> documents;        ///< of each column: in how many documents it is
  std::vector<std::uint64_t> ids;      ///< of each column (see term_id)
  Index distinct = 0;                  ///< terms of the corpus
  Index too_rare = 0, too_common = 0;  ///< left out for min_df, max_df
  std::optional<Tie> tie;
};

/// Terms with min_df <= documents <= max_df, and of these the max_features that occur most; of those that occur
/// equally often the first in the order of code points. No rank sees more than the terms that are selected. The
/// same for any number of ranks. Collective. Throws on every rank BadData when no term is left, or more than a
/// matrix has columns.
Selection select_terms(const Comm& comm, const OwnedTerms& owned, Index documents,
                       const SelectionOptions& options);

}  // namespace mpinmf::text
