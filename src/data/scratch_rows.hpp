// The rows of a rank in files of a scratch folder, for V that is larger than memory. They are mapped, so that all
// who read them in memory read them there.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "machine/scratch_file.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// Numbers in a file of their own.
template <class U>
class ScratchArray {
 public:
  ScratchArray() = default;
  ScratchArray(const machine::ScratchFolder& folder, Index count)
      : file_(folder, static_cast<std::size_t>(count) * sizeof(U)) {}

  U* data() const { return reinterpret_cast<U*>(file_.data()); }
  U& operator[](Index i) const { return data()[i]; }
  std::span<U> all() const { return {data(), file_.bytes() / sizeof(U)}; }
  void let_go(Index begin, Index end) const { file_.let_go(place(begin), place(end)); }
  void move_window(Index begin, Index end) const { file_.move_window(place(begin), place(end)); }

 private:
  static std::size_t place(Index i) { return static_cast<std::size_t>(i) * sizeof(U); }
  machine::ScratchFile file_;
};

/// Dense rows, or compressed ones, whose offsets stay in memory.
template <class T>
struct ScratchRows {
  Index columns = 0;
  std::vector<Index> offsets;  ///< rows + 1 where they are compressed, else empty
  ScratchArray<ColumnIndex> indices;
  ScratchArray<T> values;

  static std::shared_ptr<ScratchRows> dense(const machine::ScratchFolder& folder, Index rows, Index columns);
  static std::shared_ptr<ScratchRows> sparse(const machine::ScratchFolder& folder, Index columns,
                                             std::vector<Index> offsets);

  bool is_sparse() const { return !offsets.empty(); }
  CsrView<T> csr() const {
    const auto stored = static_cast<std::size_t>(offsets.back());
    return {columns, offsets, indices.all().first(stored), values.all().first(stored)};
  }
  MatrixView<T> matrix() const {
    return {values.all().data(), columns == 0 ? 0 : static_cast<Index>(values.all().size()) / columns, columns,
            columns};
  }
  /// See ScratchFile.
  void let_go(Index first_row, Index count) const;
  void move_window(Index first_row, Index count) const;
  /// Of a rank with so many threads.
  static constexpr double window_bytes(int threads, bool is_sparse) {
    return static_cast<double>(machine::ScratchFile::window_bytes) * threads * (is_sparse ? 2 : 1);
  }

 private:
  Index entries_before(Index row) const {
    return is_sparse() ? offsets[static_cast<std::size_t>(row)] : row * columns;
  }
};

/// Compressed rows of our own, wherever they lie, to be written to.
template <class T>
struct OwnCsr {
  Index columns = 0;
  std::span<const Index> offsets;
  std::span<ColumnIndex> indices;
  std::span<T> values;
  const ScratchRows<T>* scratch = nullptr;  ///< where they lie there

  explicit OwnCsr(CsrRows<T>& rows)
      : columns(rows.columns), offsets(rows.offsets), indices(rows.indices), values(rows.values) {}
  explicit OwnCsr(const ScratchRows<T>& rows)
      : columns(rows.columns),
        offsets(rows.offsets),
        indices(rows.indices.all()),
        values(rows.values.all()),
        scratch(&rows) {}
  Index rows() const { return static_cast<Index>(offsets.size()) - 1; }
  void let_go(Index first_row, Index count) const {
    if (scratch != nullptr) scratch->let_go(first_row, count);
  }
};

/// Compressed rows in memory or in a scratch folder.
template <class T>
struct CsrMemory {
  CsrRows<T> in_memory;
  std::shared_ptr<ScratchRows<T>> on_disk;  ///< null: in memory

  OwnCsr<T> own() { return on_disk ? OwnCsr<T>(*on_disk) : OwnCsr<T>(in_memory); }
};

}  // namespace mpinmf
