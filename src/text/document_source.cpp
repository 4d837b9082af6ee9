#include "document_source.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "text_stream.hpp"

namespace mpinmf::text {
namespace {

/// The path in the folder that is the corpus; of several the whole path, as names must differ.
std::string name_of_file(const std::string& path, const std::vector<std::string>& given) {
  return given.size() == 1 ? std::filesystem::path(path).lexically_relative(given.front()).native() : path;
}

class WholeFile : public DocumentSource {
 public:
  WholeFile(const CorpusFile& file, const SourceSettings& settings) : file_(file), settings_(settings) {}

  bool next(Document& document) override {
    if (is_read_) return false;
    is_read_ = true;
    TextStream stream(file_.path, settings_.encoding);
    const Encoding encoding = stream.encoding();
    std::string bytes = read_all(stream);
    std::string_view text = bytes;
    if (encoding == Encoding::utf8 && text.starts_with(io::byte_order_mark)) {
      text.remove_prefix(io::byte_order_mark.size());
    }
    settings_.tally.clean(text, encoding, static_cast<Index>(bytes.size() - text.size()), document.text);
    document.id = name_of_file(file_.path, settings_.options.paths);
    document.label = file_.label;
    return true;
  }

 private:
  std::string read_all(TextStream& stream) const {
    std::string bytes;
    std::size_t room = static_cast<std::size_t>(file_.bytes) + 1, size = 0, got = 0;
    do {
      bytes.resize(size + room);
      got = stream.read(bytes.data() + size, room);
      size += got;
      room = size + 1;
    } while (got > 0);
    bytes.resize(size);
    return bytes;
  }

  const CorpusFile& file_;
  SourceSettings settings_;
  bool is_read_ = false;
};

class Lines : public DocumentSource {
 public:
  Lines(const CorpusFile& file, const Part& part, const SourceSettings& settings)
      : reader_(file.path, settings.encoding, part, Ending::line), tally_(settings.tally) {}

  bool next(Document& document) override {
    std::string_view line;
    if (!reader_.next(line)) return false;
    tally_.clean(line, reader_.encoding(), reader_.position(), document.text);
    document.id = name_by_line(reader_);
    document.label.clear();
    return true;
  }

 private:
  RecordReader reader_;
  BadByteTally& tally_;
};

}  // namespace

void BadByteTally::clean(std::string_view bytes, Encoding encoding, Index position, std::string& out) {
  count(to_utf8(bytes, encoding, out), position);
}

void BadByteTally::count(const Malformed& found, Index position) {
  if (found.bytes == 0 || !is_new_) return;
  if (bytes_ == 0) {
    first_file_ = file_;
    first_position_ = position + static_cast<Index>(found.first);
  }
  bytes_ += found.bytes;
  if (!is_bad_) ++documents_;
  is_bad_ = true;
}

DocumentFormat whole_file_format() {
  return {.is_one_document = true,
          .open = [](const CorpusFile& file, const Part&, const SourceSettings& settings)
              -> std::unique_ptr<DocumentSource> { return std::make_unique<WholeFile>(file, settings); }};
}

DocumentFormat lines_format() {
  return {.open = open_as<Lines>};
}

std::string_view readable(const RecordReader& reader, std::string_view record, BadByteTally& tally,
                          std::string& cleaned) {
  if (reader.encoding() == Encoding::utf8 && is_utf8(record)) return record;
  tally.clean(record, reader.encoding(), reader.position(), cleaned);
  cleaned.reserve(cleaned.size() + RecordReader::padding);
  return cleaned;
}

std::string name_by_line(const RecordReader& reader) {
  return fmt::format("{}:{}", reader.path(), reader.line());
}

}  // namespace mpinmf::text
