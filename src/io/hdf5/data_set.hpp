// A data set of numbers in an HDF5 file, whatever its type, byte order, layout and filters.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "file.hpp"
#include "io/compressed.hpp"

namespace mpinmf::io::hdf5 {

/// How numbers stand in memory before they are converted to double or Index.
enum class Number { i1, i2, i4, i8, u1, u2, u4, u8, f4, f8 };

/// Read by any rank, any part of it. Throws SystemError, BadData that name file and place.
class DataSet {
 public:
  /// Throws BadData where there is no data set, where it does not hold numbers, or can never be read: a filter
  /// that is missing, data in other files or none at all.
  DataSet(std::shared_ptr<const File> file, const std::string& place);

  std::string name() const { return file_->name_of(place_); }
  const std::vector<Index>& shape() const { return shape_; }
  bool holds_integers() const { return number_ != Number::f4 && number_ != Number::f8; }
  bool is_single_precision() const { return number_ == Number::f4; }
  /// What holds such numbers, where that is narrow.
  StorageType storage_type() const {
    return number_ == Number::u1   ? StorageType::uint8
           : number_ == Number::u2 ? StorageType::uint16
                                   : StorageType::automatic;
  }
  Index element_bytes() const { return element_bytes_; }
  /// Elements of a chunk in each dimension; empty: it does not lie in chunks.
  const std::vector<Index>& chunk() const { return chunk_; }
  /// Of a chunk, without compression.
  double chunk_bytes() const;
  /// From now on the library keeps so many chunks, or one, where that is larger than `most_kept`.
  void keep_chunks(Index count);
  static constexpr double most_kept = 1U << 26U;  ///< bytes
  /// What the library holds while it is read.
  double bytes() const { return cache_bytes_; }

  /// Elements first .. first + count - 1 in each dimension, row-major, as double or Index. @pre they are there
  template <class Out>
  void read(std::span<const Index> first, std::span<const Index> count, Out* out) const;

  /// Bytes of an element as the next two have it.
  Index held_bytes() const;
  /// Some rows and columns of a matrix, not widened, into some of another that has so many columns.
  void read_held(std::array<Index, 2> first, std::array<Index, 2> count, std::byte* out, Index out_columns) const;
  /// So many that were read thus.
  void widen(const std::byte* held, Index count, double* out) const;

 private:
  void read_type();
  void read_shape();
  void read_layout(hid_t creation);
  void read_to(hid_t memory, std::span<const Index> first, std::span<const Index> count, std::byte* out) const;

  std::shared_ptr<const File> file_;
  std::string place_;
  Handle data_, memory_type_;
  Number number_ = Number::f8;
  Index element_bytes_ = 8;  ///< in the file
  std::vector<Index> shape_, chunk_;
  double cache_bytes_ = 0;
};

/// One of the arrays of a compressed matrix.
class DataSetVector final : public NumberVector {
 public:
  /// Throws BadData unless it is one-dimensional, too.
  DataSetVector(std::shared_ptr<const File> file, const std::string& place);

  std::string name() const override { return data_.name(); }
  Index elements() const override { return data_.shape().front(); }
  bool holds_integers() const override { return data_.holds_integers(); }
  bool is_single_precision() const override { return data_.is_single_precision(); }
  Index element_bytes() const override { return data_.element_bytes(); }
  double buffer_bytes() const override { return data_.bytes(); }
  void read(Index first, std::span<Index> out) override;
  void read(Index first, std::span<double> out) override;

 private:
  DataSet data_;
};

/// Rows and columns of a data set with two dimensions and numbers; nothing where something else lies. @pre a data
/// set lies there
std::optional<std::array<Index, 2>> matrix_shape(const File& file, const std::string& place);

/// As in "2 x 3", for messages.
std::string shape_text(std::span<const Index> shape);

}  // namespace mpinmf::io::hdf5
