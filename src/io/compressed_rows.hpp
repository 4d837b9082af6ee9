// Compressed rows (CSR) or columns (CSC) as three arrays outside memory, whatever file they lie in.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "source.hpp"

namespace mpinmf::io {

/// A one-dimensional array of numbers that any rank reads by position. Throws SystemError, BadData while reading.
class NumberVector {
 public:
  virtual ~NumberVector() = default;
  /// What messages call it: its file, and the place in it.
  virtual std::string name() const = 0;
  virtual Index elements() const = 0;
  virtual bool holds_integers() const = 0;
  virtual Index element_bytes() const = 0;
  /// Elements first .. first + out.size() - 1.
  virtual void read(Index first, std::span<Index> out) = 0;
  virtual void read(Index first, std::span<double> out) = 0;
};

/// The arrays of SciPy's compressed matrices: indptr, indices, data.
struct CompressedArrays {
  std::unique_ptr<NumberVector> offsets, indices, values;
  bool of_columns = false;  ///< compressed columns: `indices` are rows. Only words of messages depend on it
};

/// Row i has the entries offsets[i] .. offsets[i+1] - 1 of indices and values; any order and duplicates in a row
/// are allowed, and so is room behind the last entry, which SciPy keeps until prune(). Of compressed columns it
/// hands out the transpose.
class CompressedRows final : public SparseRows {
 public:
  /// Throws BadData when the arrays do not belong together.
  explicit CompressedRows(CompressedArrays arrays);

  Index rows() const { return arrays_.offsets->elements() - 1; }
  Index stored() const { return stored_; }
  /// The largest index + 1, for a file that does not say how many there may be; 0 without entries. Reads them all.
  Index least_columns();
  /// To be called before anything is read: what the indices are held against.
  void set_columns(Index columns) { columns_ = columns; }
  /// Bytes that are held while reading, beside those of the arrays.
  static double bytes();

  void lengths(Index first, std::span<Index> lengths) override;
  void read(Index first, Index count, const std::function<void(std::span<const Entry>)>& take) override;

 private:
  void check_lengths();
  std::string overflow_advice() const;
  std::vector<Index> read_offsets(Index first, Index count);
  void read_rows(Index first, const std::vector<Index>& offsets,
                 const std::function<void(std::span<const Entry>)>& take);
  [[noreturn]] void refuse_index(const Entry& entry) const;

  CompressedArrays arrays_;
  Index stored_ = 0, columns_ = 0;
};

/// How `rows` is read where the matrix lies the other way round.
std::unique_ptr<EntryStream> transposed(std::unique_ptr<CompressedRows> rows);

}  // namespace mpinmf::io
