// JSON lines: one object a line, some of whose fields make a document.
#include <fmt/format.h>

#include <vector>

#include "document_source.hpp"
#include "json_record.hpp"

namespace mpinmf::text {
namespace {

class JsonLines : public DocumentSource {
 public:
  JsonLines(const CorpusFile& file, const Part& part, const SourceSettings& settings)
      : reader_(file.path, settings.encoding, part, Ending::line),
        tally_(settings.tally),
        text_{settings.options.field, {}},
        label_{settings.options.label, {}},
        id_{settings.options.id, {}} {
    wanted_.push_back(&text_);
    if (!label_.name.empty()) wanted_.push_back(&label_);
    if (!id_.name.empty()) wanted_.push_back(&id_);
  }

  bool next(Document& document) override {
    std::string_view line;
    do {
      if (!reader_.next(line)) return false;
    } while (line.find_first_not_of(" \t\r") == std::string_view::npos);
    parse(line);
    take_text(document.text);
    if (label_.name.empty()) {
      document.label.clear();
    } else {
      take_name(label_, "--label", document.label);
    }
    if (id_.name.empty()) {
      document.id = name_by_line(reader_);
    } else {
      take_name(id_, "--id", document.id);
      if (document.id.empty())
        throw reader_.fault(fmt::format("field '{}' is empty, and is to be a name", id_.name));
    }
    return true;
  }

 private:
  void parse(std::string_view line) {
    line = readable(reader_, line, tally_, cleaned_);
    auto wrong = record_.parse(line, wanted_);
    if (!wrong) return;
    if (const Malformed halves = replace_lone_surrogates(line, repaired_); halves.bytes > 0) {
      tally_.count(halves, reader_.position());
      repaired_.reserve(repaired_.size() + RecordReader::padding);
      wrong = record_.parse(repaired_, wanted_);
    }
    if (wrong) throw reader_.fault(*wrong);
  }
  void take_text(std::string& text) {
    if (text_.value.kind == JsonValue::Kind::missing) throw missing(text_, "--field");
    if (text_.value.kind != JsonValue::Kind::text) {
      throw reader_.fault(fmt::format("field '{}' is {}, and is to be a text; --field NAME chooses another",
                                      text_.name, what_is(text_.value)));
    }
    text.swap(text_.value.text);
  }
  void take_name(JsonField& field, const char* option, std::string& name) {
    if (field.value.kind == JsonValue::Kind::missing) throw missing(field, option);
    if (field.value.kind == JsonValue::Kind::other) {
      throw reader_.fault(
          fmt::format("field '{}' is {}, and is to be a text or a number", field.name, what_is(field.value)));
    }
    name.swap(field.value.text);
  }
  BadData missing(const JsonField& field, const char* option) const {
    return reader_.fault(fmt::format("has no field '{}'; {} NAME says which to take{}, or complete the line",
                                     field.name, option,
                                     &field == &text_ ? "" : fmt::format(" ({} '': none)", option)));
  }
  static const char* what_is(const JsonValue& value) {
    switch (value.kind) {
      case JsonValue::Kind::null: return "null";
      case JsonValue::Kind::number: return "a number or a truth value";
      default: return "a list or an object";
    }
  }

  RecordReader reader_;
  BadByteTally& tally_;
  JsonRecord record_;
  JsonField text_, label_, id_;
  std::vector<JsonField*> wanted_;
  std::string cleaned_, repaired_;
};

}  // namespace

DocumentFormat json_lines_format() {
  return {.endings = {".jsonl", ".ndjson", ".json"}, .start = "{", .has_fields = true, .open = open_as<JsonLines>};
}

}  // namespace mpinmf::text
