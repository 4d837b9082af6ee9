// Text that all ranks write: each formats its rows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "output_matrix.hpp"
#include "part_writer.hpp"

namespace mpinmf::io {

/// Takes text to a file, or only counts it.
class TextSink {
 public:
  TextSink() = default;
  explicit TextSink(PartWriter out) : out_(std::move(out)) {}

  void put(std::string_view text) {
    bytes_ += static_cast<Index>(text.size());
    if (out_) out_->put(text);
  }
  void put(char c) { put(std::string_view(&c, 1)); }
  void put_count(Index number);
  /// The shortest text that is read back to the same bits, of a double or of a float.
  void put_number(double value, bool single_precision);
  Index bytes() const { return bytes_; }
  void finish() {
    if (out_) out_->finish();
  }

 private:
  std::optional<PartWriter> out_;
  Index bytes_ = 0;
};

/// A line "FIRST SECOND VALUE", counted from 1, of numbers that are counted from 0.
void put_text_entry(TextSink& out, Index first, Index second, double value, bool single_precision);

/// In the file of the target (see make_file): the text before the first row, which the root writes, and that of
/// each row.
struct TextLayout {
  std::string file = {};
  std::function<void(TextSink&)> header;
  std::function<void(const OutputRow&, TextSink&)> row;
};

/// Several ranks format their rows twice: once to know where those of the next rank begin. Collective; throws what
/// reading throws, SystemError.
void write_text(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix, const TextLayout& layout);

}  // namespace mpinmf::io
