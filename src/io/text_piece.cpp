// Where the pieces of a text begin: of a plain one anywhere, of one that is gzip'd in blocks where a block does.
#include <algorithm>

#include "file.hpp"
#include "gzip_blocks.hpp"
#include "source.hpp"

namespace mpinmf::io {
namespace {

/// Goes to the block that holds byte `body` of the text, which is `piece.skip` of its bytes.
TextPiece from_block_of(GzipBlocks& blocks, Index body) {
  TextPiece piece{.skip = body};
  while (piece.begin < blocks.file_bytes()) {
    const auto [text, next] = blocks.look_at(piece.begin);
    if (piece.skip < static_cast<Index>(text)) break;
    piece.skip -= static_cast<Index>(text);
    piece.begin = next;
  }
  return piece;
}

TextPiece piece_of_blocks(GzipBlocks& blocks, Index body, int part, int parts) {
  TextPiece piece = from_block_of(blocks, body);
  const Index first = piece.begin, packed = blocks.file_bytes() - first;
  // never that of the first piece again, in which there may be what is skipped
  const auto begin = [&](int p) { return blocks.find(first + 1 + piece_begin(packed, p, parts)); };
  piece.end = part + 1 < parts ? begin(part + 1) : blocks.file_bytes();
  if (part > 0) piece = {.begin = begin(part), .end = piece.end, .is_first = false};
  return piece;
}

}  // namespace

TextPiece piece_of_text(const std::string& path, Index body, int part, int parts) {
  GzipBlocks blocks(path);
  if (blocks.are_there()) return piece_of_blocks(blocks, body, part, parts);
  const Index bytes = std::max<Index>(0, blocks.file_bytes() - body);
  return {.begin = body + piece_begin(bytes, part, parts),
          .end = body + piece_begin(bytes, part + 1, parts),
          .is_first = part == 0};
}

Index lines_before(const std::string& path, const TextPiece& piece) {
  if (piece.begin == 0 && piece.skip == 0) return 0;
  constexpr Index unknown = std::numeric_limits<Index>::max();
  std::vector<char> block(std::size_t{1} << 18);
  ByteReader bytes(path, {.end = piece.begin});  // what is before the piece, and goes on into it
  Index lines = 0, at = 0;
  while (true) {
    const auto got = static_cast<Index>(bytes.read(block.data(), block.size()));
    const Index end = bytes.end_of_piece();
    const Index here = end == unknown ? got : std::clamp<Index>(end + piece.skip - at, 0, got);
    lines += std::count(block.begin(), block.begin() + here, '\n');
    at += got;
    if (got == 0 || here < got) return lines;
  }
}

}  // namespace mpinmf::io
