#include "data_set_rows.hpp"

#include <algorithm>
#include <array>

namespace mpinmf::io::hdf5 {
namespace {

constexpr Index strip_elements = Index{1} << 17;
constexpr Index columns_at_once = 64;

}  // namespace

DataSetRows::DataSetRows(DataSet data, bool turned, double most_kept)
    : data_(std::move(data)),
      turned_(turned),
      rows_(data_.shape()[turned ? 1 : 0]),
      across_(data_.shape()[turned ? 0 : 1]) {
  if (data_.chunk().empty()) return;
  chunk_rows_ = data_.chunk()[turned ? 1 : 0];
  chunk_across_ = data_.chunk()[turned ? 0 : 1];
  const Index chunks = (across_ + chunk_across_ - 1) / chunk_across_;
  const double strip_bytes = static_cast<double>(chunks) * data_.chunk_bytes();
  if (strip_bytes <= most_kept) {
    // columns come in strips of rows, which pass all chunks of as many columns as are read at once
    const Index wanted = turned ? (columns_at_once + chunk_rows_ - 1) / chunk_rows_ : 1;
    const Index kept = std::clamp<Index>(static_cast<Index>(most_kept / strip_bytes), 1, wanted);
    if (turned) at_once_ = kept * chunk_rows_;
    data_.keep_chunks(kept * chunks);
    return;
  }
  data_.keep_chunks(1);
  const double row_bytes = static_cast<double>(across_) * static_cast<double>(data_.held_bytes());
  const Index most = std::max<Index>(static_cast<Index>(most_kept / row_bytes), 1);
  most_held_ = std::min(most, chunk_rows_);
}

double DataSetRows::bytes() const {
  const double strip = turned_ ? static_cast<double>(strip_elements) * sizeof(double) : 0;
  return data_.bytes() + strip +
         static_cast<double>(most_held_) * static_cast<double>(across_) * static_cast<double>(data_.held_bytes());
}

void DataSetRows::read(Index first, Index count, double* out) {
  if (most_held_ > 0) return read_held(first, count, out);
  if (!turned_) {
    data_.read(std::array{first, Index{0}}, std::array{count, across_}, out);
    return;
  }
  for (Index done = 0; done < count;) {
    const Index row = first + done, left = count - done;
    const Index here = at_once_ == 0 ? left : std::min(left, at_once_ - row % at_once_);
    read_turned(row, here, out + done * across_);
    done += here;
  }
}

void DataSetRows::read_turned(Index first, Index count, double* out) {
  const Index height = strip_height(count);
  std::vector<double> strip(static_cast<std::size_t>(std::min(height, across_) * count));
  for (Index i = 0; i < across_; i += height) {
    const Index here = std::min(height, across_ - i);
    data_.read(std::array{i, first}, std::array{here, count}, strip.data());
    for (Index c = 0; c < count; ++c) {
      for (Index r = 0; r < here; ++r) out[c * across_ + i + r] = strip[static_cast<std::size_t>(r * count + c)];
    }
  }
}

/// So many rows of the data set at once: whole chunks where they fit.
Index DataSetRows::strip_height(Index width) const {
  const Index most = std::max<Index>(strip_elements / std::max<Index>(width, 1), 1);
  return most < chunk_across_ ? most : most / chunk_across_ * chunk_across_;
}

void DataSetRows::read_held(Index first, Index count, double* out) {
  std::vector<double> line(static_cast<std::size_t>(turned_ ? most_held_ : 0));
  for (Index done = 0; done < count;) {
    const Index row = first + done;
    if (row < held_first_ || row >= held_first_ + held_count_) hold(row);
    const Index from = row - held_first_, here = std::min(count - done, held_count_ - from);
    double* const to = out + done * across_;
    if (!turned_) {
      data_.widen(held_.data() + from * across_ * data_.held_bytes(), here * across_, to);
    } else {
      for (Index r = 0; r < across_; ++r) {
        data_.widen(held_.data() + (r * held_count_ + from) * data_.held_bytes(), here, line.data());
        for (Index c = 0; c < here; ++c) to[c * across_ + r] = line[static_cast<std::size_t>(c)];
      }
    }
    done += here;
  }
}

/// Rows from `first` on, up to the end of their chunks.
void DataSetRows::hold(Index first) {
  held_count_ = 0;  // until all are there
  const Index end = std::min({first + most_held_, (first / chunk_rows_ + 1) * chunk_rows_, rows_});
  const Index count = end - first, bytes = data_.held_bytes();
  held_.resize(static_cast<std::size_t>(count * across_ * bytes));
  for (Index at = 0; at < across_; at += chunk_across_) {
    const Index here = std::min(chunk_across_, across_ - at);
    if (turned_) {
      data_.read_held({at, first}, {here, count}, held_.data() + at * count * bytes, count);
    } else {
      data_.read_held({first, at}, {count, here}, held_.data() + at * bytes, across_);
    }
  }
  held_first_ = first;
  held_count_ = count;
}

}  // namespace mpinmf::io::hdf5
