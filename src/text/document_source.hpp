// The documents of one file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "corpus.hpp"
#include "corpus_files.hpp"
#include "encoding.hpp"

namespace mpinmf::text {

/// Makes well-formed UTF-8 and remembers what was not.
class BadByteTally {
 public:
  void begin_file(std::size_t file) { file_ = file; }
  /// `is_new`: not read before, so that it counts.
  void begin_document(bool is_new) {
    is_new_ = is_new;
    is_bad_ = false;
  }
  /// `bytes` of the document, which lie at `position` of the file, as UTF-8 in `out`.
  void clean(std::string_view bytes, Encoding encoding, Index position, std::string& out);
  /// What was found in bytes that lie at `position` of the file.
  void count(const Malformed& found, Index position);

  Index bytes() const { return bytes_; }
  Index documents() const { return documents_; }
  /// @pre bytes() > 0
  std::size_t first_file() const { return first_file_; }
  Index first_position() const { return first_position_; }

 private:
  std::size_t file_ = 0, first_file_ = 0;
  Index first_position_ = 0, bytes_ = 0, documents_ = 0;
  bool is_new_ = true, is_bad_ = false;
};

class DocumentSource {
 public:
  DocumentSource() = default;
  virtual ~DocumentSource() = default;
  DocumentSource(const DocumentSource&) = delete;
  DocumentSource& operator=(const DocumentSource&) = delete;

  /// False at the end of the part. Throws SystemError, BadData.
  virtual bool next(Document& document) = 0;
};

/// What sources need beside a file and a part of it.
struct SourceSettings {
  const CorpusOptions& options;
  Encoding encoding;
  BadByteTally& tally;
};

/// For DocumentFormat::open.
template <class Source>
std::unique_ptr<DocumentSource> open_as(const CorpusFile& file, const Part& part, const SourceSettings& settings) {
  return std::make_unique<Source>(file, part, settings);
}

/// The record that the reader gave as UTF-8: itself, or in `cleaned`, with bytes behind it that may be read.
std::string_view readable(const RecordReader& reader, std::string_view record, BadByteTally& tally,
                          std::string& cleaned);
/// The name of a document that has none: "FILE:LINE".
std::string name_by_line(const RecordReader& reader);

}  // namespace mpinmf::text
