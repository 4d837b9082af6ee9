// The wanted fields of a JSON object.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "encoding.hpp"

namespace mpinmf::text {

/// What a field of an object held. Of fields of the same name the last counts, as in Python.
struct JsonValue {
  enum class Kind { missing, null, text, number, other };
  Kind kind = Kind::missing;
  std::string text;  ///< UTF-8; a number as it is written, true or false
};

struct JsonField {
  std::string name;
  JsonValue value;
};

/// `json` in `out`, with each escape of half a surrogate pair, which is no character, replaced by that of U+FFFD.
/// Python writes such halves for bytes that it could not decode. @pre out is not what `json` looks at
Malformed replace_lone_surrogates(std::string_view json, std::string& out);

/// Texts are taken by simdjson, in a tenth of the time; what it refuses, nlohmann-json decides, with a place.
class JsonRecord {
 public:
  JsonRecord();
  ~JsonRecord();
  JsonRecord(const JsonRecord&) = delete;
  JsonRecord& operator=(const JsonRecord&) = delete;

  /// Fills the fields' values. Returns what is wrong with the text, or nothing.
  /// @pre `padding` more bytes of memory may be read behind the object; it is UTF-8, or the fault says where not
  std::optional<std::string> parse(std::string_view object, std::span<JsonField* const> fields);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mpinmf::text
