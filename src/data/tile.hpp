// How many rows of V a walk reads at once.
#pragma once

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// What is read again and again while tiles of V pass: H of k components, and its sums.
struct TileShape {
  Index columns = 0, components = 0;
  bool is_sparse = false;
  Layout layout = Layout::rows;
};

/// The height of a tile for a second-level cache of so many bytes. A dense one is a multiple of 16, up to 64: so
/// many rows as leave most of the cache to H and the sums, where these fit; else as many as stay in half of it, so
/// that H and the sums are fetched less often.
template <class T>
Index tile_rows_for(const TileShape& shape, Index cache_bytes);
/// The same for this machine.
template <class T>
Index tile_rows(const TileShape& shape);

}  // namespace mpinmf
