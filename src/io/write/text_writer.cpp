#include "text_writer.hpp"

#include <array>
#include <charconv>

namespace mpinmf::io {
namespace {

template <class T>
void put_as_text(TextSink& sink, T number) {
  std::array<char, 32> text;  // the longest double has 24 characters
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  sink.put(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace

void TextSink::put_count(Index number) {
  put_as_text(*this, number);
}

void TextSink::put_number(double value, bool single_precision) {
  if (is_whole(value)) {
    put_as_text(*this, static_cast<Index>(value));
  } else if (single_precision) {
    put_as_text(*this, static_cast<float>(value));
  } else {
    put_as_text(*this, value);
  }
}

void put_text_entry(TextSink& out, Index first, Index second, double value, bool single_precision) {
  out.put_count(first + 1);
  out.put(' ');
  out.put_count(second + 1);
  out.put(' ');
  out.put_number(value, single_precision);
  out.put('\n');
}

void write_text(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix, const TextLayout& layout) {
  const auto write_rows = [&](TextSink& sink) {
    matrix.reader->each([&](const OutputRow& row) { layout.row(row, sink); });
  };
  TextSink counted;
  if (comm.size() > 1) comm.meet([&] { write_rows(counted); });
  Index header_bytes = 0;
  comm.meet_on_root([&] {
    make_file(target, layout.file, {});
    TextSink header(PartWriter(open_made(comm, target, layout.file), 0));
    layout.header(header);
    header.finish();
    header_bytes = header.bytes();
  });
  comm.broadcast_value(header_bytes);
  const Index before = comm.sum_before(counted.bytes());
  comm.meet([&] {
    TextSink sink(PartWriter(open_made(comm, target, layout.file), header_bytes + before));
    write_rows(sink);
    sink.finish();
  });
}

}  // namespace mpinmf::io
