#include "array_parts.hpp"

#include <limits>

#include "part_writer.hpp"

namespace mpinmf::io {
namespace {

void put_values(PartWriter& out, std::span<const double> values, bool single) {
  if (single) {
    for (const double value : values) out.put(static_cast<float>(value));
  } else {
    for (const double value : values) out.put(value);
  }
}

PartSum sum_of(const PartWriter& out) {
  return {out.checksum(), out.bytes()};
}

}  // namespace

bool fits_32_bits(Index number) {
  return number <= std::numeric_limits<std::int32_t>::max();
}

PartSum write_dense_part(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix,
                         const ArrayPlace& place, bool has_checksum) {
  const Index before = matrix.first_row * matrix.columns * value_bytes(matrix);
  PartWriter out(open_made(comm, target, place.file), place.offset + before, has_checksum);
  matrix.reader->each([&](const OutputRow& row) { put_values(out, row.values, matrix.single_precision); });
  out.finish();
  return sum_of(out);
}

CompressedSums write_compressed_part(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix,
                                     const CompressedPlaces& places, const OutputFacts& facts) {
  const Index offset_bytes = places.has_wide_offsets ? 8 : 4, before = facts.stored_before;
  const auto part = [&](const ArrayPlace& place, Index element, Index bytes) {
    return PartWriter(open_made(comm, target, place.file), place.offset + element * bytes, places.has_checksums);
  };
  // the offset of the first row is the root's, which has it before its own rows
  const Index first_offset = comm.is_root() ? 0 : matrix.first_row + 1;
  PartWriter offsets = part(places.offsets, first_offset, offset_bytes);
  PartWriter indices = part(places.indices, before, static_cast<Index>(sizeof(ColumnIndex)));
  constexpr auto count_bytes = static_cast<Index>(sizeof(std::int32_t));
  PartWriter values = part(places.values, before, places.has_counts ? count_bytes : value_bytes(matrix));
  const auto put_offset = [&](Index offset) {
    places.has_wide_offsets ? offsets.put(offset) : offsets.put(static_cast<std::int32_t>(offset));
  };
  Index end = before;
  if (comm.is_root()) put_offset(0);
  matrix.reader->each([&](const OutputRow& row) {
    for (const ColumnIndex column : row.columns) indices.put(column);
    if (places.has_counts) {
      for (const double count : row.values) values.put(static_cast<std::int32_t>(count));
    } else {
      put_values(values, row.values, matrix.single_precision);
    }
    end += static_cast<Index>(row.values.size());
    put_offset(end);
  });
  offsets.finish();
  indices.finish();
  values.finish();
  return {sum_of(offsets), sum_of(indices), sum_of(values)};
}

}  // namespace mpinmf::io
