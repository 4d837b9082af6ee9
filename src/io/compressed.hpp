// Matrices in compressed rows or columns, as SciPy holds them: where each row (of CSC: column) starts, and the
// column (row) and the value of each entry. What they must be, and the reader of arrays that lie plainly in files.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "npy_file.hpp"
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
  virtual bool is_single_precision() const = 0;
  virtual Index element_bytes() const = 0;
  /// That it holds while it reads.
  virtual double buffer_bytes() const = 0;
  /// Elements first .. first + out.size() - 1.
  virtual void read(Index first, std::span<Index> out) = 0;
  virtual void read(Index first, std::span<double> out) = 0;
};

/// One that lies plainly in a file.
class NpyVector final : public NumberVector {
 public:
  /// Throws BadData unless it is one-dimensional.
  explicit NpyVector(NpyFile file);

  std::string name() const override { return file_.name(); }
  Index elements() const override { return file_.elements(); }
  bool holds_integers() const override { return file_.holds_integers(); }
  bool is_single_precision() const override { return file_.header().type == "f4"; }
  Index element_bytes() const override { return file_.header().element_bytes; }
  double buffer_bytes() const override { return npy_buffer_bytes; }
  void read(Index first, std::span<Index> out) override { file_.read(first, out); }
  void read(Index first, std::span<double> out) override { file_.read(first, out); }

 private:
  NpyFile file_;
};

/// The arrays of SciPy's compressed matrices: indptr, indices, data.
struct CompressedVectors {
  std::unique_ptr<NumberVector> offsets, indices, values;
  bool of_columns = false;  ///< compressed columns: `indices` are rows
  bool has_room = true;     ///< behind the last entry, as SciPy keeps it until prune()
};

/// What the two arrays of places must be. Rows and columns here are those of compressed rows; messages say it the
/// other way round where the file has compressed columns.
struct CompressedCheck {
  std::string matrix, offsets_name, indices_name;
  bool by_columns = false;
  Index rows = 0, columns = 0;
  Index stored = 0;         ///< entries (of BSR: blocks)
  bool in_32_bits = false;  ///< the offsets
  bool has_room = true;     ///< there may be more elements than entries

  /// What is said of row `row`'s first entry, given that of the row before. Throws BadData.
  void offset(Index row, Index before, Index value) const {
    if (value < before || value > stored) refuse_offset(row, before, value);
  }
  void column(Index row, Index value) const {
    if (value < 0 || value >= columns) refuse_column(row, value);
  }
  /// The first and last offset, and an array that goes with them.
  void ends(Index first, Index last) const;
  void length(const std::string& array, Index elements) const;

 private:
  std::string overflow() const;
  [[noreturn]] void refuse_offset(Index row, Index before, Index value) const;
  [[noreturn]] void refuse_column(Index row, Index value) const;
};

/// Throws BadData unless as many entries were read as there were.
void require_entries(const std::string& name, Index found, Index promised);

/// Rows at will.
class CompressedArrays final : public SparseRows {
 public:
  /// `matrix` stands for it in messages. Throws SystemError, BadData for arrays that do not go together.
  CompressedArrays(const std::string& matrix, CompressedVectors arrays);

  /// Its rows and entries; columns when they have been set. Of compressed columns it is the transposed matrix.
  const MatrixHeader& header() const { return header_; }
  const std::string& name() const { return check_.matrix; }
  /// -1 where there is no entry.
  Index largest_column();
  /// @pre before entries are read
  void set_columns(Index columns);
  /// Where piece `part` of `parts` begins, which have about as many entries each.
  Index first_row(int part, int parts);
  void lengths(Index first, std::span<Index> lengths) override;
  void read(Index first, Index count, const std::function<void(std::span<const Entry>)>& take) override;

 private:
  std::vector<Index> read_offsets(Index first, Index count);
  void read_rows(Index first, const std::vector<Index>& offsets,
                 const std::function<void(std::span<const Entry>)>& take);

  CompressedVectors arrays_;
  CompressedCheck check_;
  MatrixHeader header_;
};

/// The matrix that lies in such arrays (of compressed columns: its transpose), or the transposed one.
Source open_compressed(std::unique_ptr<CompressedArrays> arrays, const std::string& name, bool transpose);

}  // namespace mpinmf::io
