// Matrices of cells x features of which some features are kept: those of one type, as 10x Genomics tells them
// apart.
#pragma once

#include <string>
#include <vector>

#include "source.hpp"

namespace mpinmf::io {

/// For each feature its number among those that are kept, or -1.
using FeatureNumbers = std::vector<Index>;

/// The features whose type is `type`. `name`: of the matrix, in messages. Throws UsageError where there is none,
/// or where the file says no types (an empty reader), BadData unless there are `features` of them.
FeatureNumbers features_of_type(const NameReader& types, const std::string& type, Index features,
                                const std::string& name);

/// A sparse source without the other features, which are columns, or rows once it is `transposed`. The labels of
/// features are to stand where they stand before transposition: with columns.
Source keep_features(Source source, FeatureNumbers numbers, bool transposed);

}  // namespace mpinmf::io
