// A Matrix Market file in pieces: what stands in a share of its bytes.
#pragma once

#include <memory>

#include "matrix_market_walk.hpp"

namespace mpinmf::io {

/// The entries begin at byte `body` of the text. Those of an array are counted first (EntryPieces::count).
std::unique_ptr<EntryPieces> market_pieces(MarketFile file, const MatrixMarketBanner& banner, Index body);

}  // namespace mpinmf::io
