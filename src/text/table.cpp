// Tables with a header row, comma- or tab-separated, with double quotes as in RFC 4180.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "document_source.hpp"

namespace mpinmf::text {
namespace {

/// What a row is cut into.
class TableRow {
 public:
  explicit TableRow(char separator) : separator_(separator) {}

  /// Unquoted fields, in `fields`. A fault is thrown with the line on which its quote stands.
  void cut(std::string_view row, const RecordReader& reader) {
    count_ = 0;
    for (std::size_t at = 0; at <= row.size();) {
      if (count_ == fields_.size()) fields_.emplace_back();
      std::string& field = fields_[count_++];
      field.clear();
      at = (row.substr(at).starts_with('"') ? take_quoted(row, at, field, reader)
                                            : take_plain(row, at, field, reader));
    }
  }
  std::size_t size() const { return count_; }
  std::string& operator[](std::size_t i) { return fields_[i]; }

 private:
  /// One behind the separator that ends the field which begins at `at`.
  std::size_t take_plain(std::string_view row, std::size_t at, std::string& field, const RecordReader& reader) {
    const std::size_t end = std::min(row.find(separator_, at), row.size());
    field.assign(row.substr(at, end - at));
    if (const std::size_t quote = field.find('"'); quote != std::string::npos) {
      throw reader.fault(
          "a quote stands in a field that does not begin with one; put the whole field in quotes and "
          "write each quote in it twice",
          line_ends(row, at + quote));
    }
    return end + 1;
  }
  std::size_t take_quoted(std::string_view row, std::size_t at, std::string& field, const RecordReader& reader) {
    for (std::size_t i = at + 1;;) {
      const std::size_t quote = row.find('"', i);
      if (quote == std::string_view::npos) throw open_quote(row, at, reader);
      field.append(row.substr(i, quote - i));
      i = quote + 1;
      if (i >= row.size() || row[i] == separator_) return i + 1;
      if (row[i] != '"') throw open_quote(row, at, reader);
      field += '"';
      ++i;
    }
  }
  static BadData open_quote(std::string_view row, std::size_t at, const RecordReader& reader) {
    return reader.fault(
        "the field in quotes that begins here does not end with a quote before the next field; write "
        "each quote in it twice",
        line_ends(row, at));
  }
  static Index line_ends(std::string_view row, std::size_t end) {
    return std::count(row.begin(), row.begin() + static_cast<Index>(end), '\n');
  }

  char separator_;
  std::vector<std::string> fields_;
  std::size_t count_ = 0;
};

template <char separator>
class Table : public DocumentSource {
 public:
  Table(const CorpusFile& file, const Part& part, const SourceSettings& settings)
      : options_(settings.options),
        tally_(settings.tally),
        reader_(file.path, settings.encoding, part, Ending::outside_quotes),
        row_(separator) {
    read_header(settings.encoding);
  }

  bool next(Document& document) override {
    std::string_view row;
    do {
      if (!reader_.next(row)) return false;
    } while (row.empty() || reader_.position() == header_position_);
    row_.cut(readable(reader_, row, tally_, cleaned_), reader_);
    if (row_.size() != columns_) {
      throw reader_.fault(
          fmt::format("has {} field{} where the header row has {}; is a quote or a separator "
                      "missing?",
                      row_.size(), row_.size() == 1 ? "" : "s", columns_));
    }
    document.text.swap(row_[text_]);
    document.label.clear();
    if (label_) document.label.swap(row_[*label_]);
    if (!id_) {
      document.id = name_by_line(reader_);
    } else if (document.id.swap(row_[*id_]); document.id.empty()) {
      throw reader_.fault(fmt::format("column '{}' is empty, and is to be a name", options_.id));
    }
    return true;
  }

 private:
  /// Each rank reads the first row for itself.
  void read_header(Encoding encoding) {
    RecordReader reader(reader_.path(), encoding, {}, Ending::outside_quotes);
    BadByteTally ignored;
    std::string_view row;
    do {
      if (!reader.next(row)) return;
    } while (row.empty());
    header_position_ = reader.position();
    row_.cut(readable(reader, row, ignored, cleaned_), reader);
    columns_ = row_.size();
    text_ = column_of(options_.field, "--field", reader);
    if (!options_.label.empty()) label_ = column_of(options_.label, "--label", reader);
    if (!options_.id.empty()) id_ = column_of(options_.id, "--id", reader);
  }
  std::size_t column_of(const std::string& name, const char* option, const RecordReader& reader) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < columns_; ++i) {
      if (row_[i] != name) continue;
      if (found) throw reader.fault(fmt::format("has two columns '{}'; give one another name", name));
      found = i;
    }
    if (found) return *found;
    std::string names;
    for (std::size_t i = 0; i < columns_; ++i) names += (i == 0 ? "" : ", ") + row_[i];
    throw reader.fault(
        fmt::format("the header row has no column '{}'; {} NAME chooses one of: {}{}", name, option, names,
                    std::string_view(option) == "--field" ? "" : fmt::format(" ({} '': none)", option)));
  }

  const CorpusOptions& options_;
  BadByteTally& tally_;
  RecordReader reader_;
  TableRow row_;
  std::string cleaned_;
  Index header_position_ = -1;
  std::size_t columns_ = 0, text_ = 0;
  std::optional<std::size_t> label_, id_;
};

}  // namespace

DocumentFormat comma_table_format() {
  return {.endings = {".csv"}, .has_fields = true, .ending = Ending::outside_quotes, .open = open_as<Table<','>>};
}

DocumentFormat tab_table_format() {
  return {.endings = {".tsv"}, .has_fields = true, .ending = Ending::outside_quotes, .open = open_as<Table<'\t'>>};
}

}  // namespace mpinmf::text
