#include "json_record.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace mpinmf::text {
namespace {

using AnyJson = nlohmann::json;
using Kind = JsonValue::Kind;

void take(const simdjson::dom::element& element, JsonValue& value) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::STRING:
      value.kind = Kind::text;
      value.text.assign(element.get_string().value_unsafe());
      break;
    case element_type::NULL_VALUE:
      value.kind = Kind::null;
      value.text.clear();
      break;
    case element_type::ARRAY:
    case element_type::OBJECT: value.kind = Kind::other; break;
    default: value.kind = Kind::number; value.text = AnyJson::parse(simdjson::minify(element)).dump();
  }
}

void take(const AnyJson& element, JsonValue& value) {
  value.text.clear();
  if (element.is_string()) {
    value.kind = Kind::text;
    value.text = element.get_ref<const std::string&>();
  } else if (element.is_null()) {
    value.kind = Kind::null;
  } else if (element.is_structured()) {
    value.kind = Kind::other;
  } else {
    value.kind = Kind::number;
    value.text = element.dump();
  }
}

constexpr std::size_t escape_bytes = 6;  // of \uXXXX
enum class Surrogate { none, high, low };

/// What the escape at `i` stands for, if there is one.
Surrogate surrogate_at(std::string_view json, std::size_t i) {
  if (i + escape_bytes > json.size() || json[i] != '\\' || json[i + 1] != 'u') return Surrogate::none;
  unsigned unit = 0;
  const char* const end = json.data() + i + escape_bytes;
  if (std::from_chars(json.data() + i + 2, end, unit, 16).ptr != end) return Surrogate::none;
  if (unit < 0xd800 || unit > 0xdfff) return Surrogate::none;
  return unit < 0xdc00 ? Surrogate::high : Surrogate::low;
}

/// nlohmann's words without the part in front that names the library and the place.
std::string reason_of(const AnyJson::parse_error& error) {
  const std::string all = error.what();
  const std::size_t column = all.find(", column ");
  const std::size_t colon = column == std::string::npos ? column : all.find(": ", column);
  return colon == std::string::npos ? all : all.substr(colon + 2);
}

}  // namespace

Malformed replace_lone_surrogates(std::string_view json, std::string& out) {
  Malformed found;
  out.clear();
  for (std::size_t i = 0; i < json.size();) {
    const Surrogate half = surrogate_at(json, i);
    if (half == Surrogate::none) {  // and `\\` as a whole
      const std::size_t kept = json[i] == '\\' ? 2 : 1;
      out.append(json.substr(i, kept));
      i += kept;
    } else if (half == Surrogate::high && surrogate_at(json, i + escape_bytes) == Surrogate::low) {
      out.append(json.substr(i, 2 * escape_bytes));
      i += 2 * escape_bytes;
    } else {
      if (found.bytes == 0) found.first = i;
      found.bytes += static_cast<Index>(escape_bytes);
      out.append("\\ufffd");
      i += escape_bytes;
    }
  }
  return found;
}

struct JsonRecord::Parser {
  simdjson::dom::parser simd;

  /// False: not an object, or broken, or more than simdjson takes (numbers beyond 64 bits, deep nesting).
  bool parse_fast(std::string_view object, std::span<JsonField* const> fields) {
    simdjson::dom::element root;
    simdjson::dom::object members;
    if (simd.parse(object.data(), object.size(), false).get(root) != simdjson::SUCCESS) return false;
    if (root.get(members) != simdjson::SUCCESS) return false;
    for (const auto& [key, element] : members) {
      for (JsonField* const field : fields) {
        if (field->name != key) continue;
        take(element, field->value);
        // releases before 3.0 let the second half of a surrogate pair pass
        if (field->value.kind == Kind::text && !is_utf8(field->value.text)) return false;
      }
    }
    return true;
  }

  static std::optional<std::string> parse_slowly(std::string_view object, std::span<JsonField* const> fields) {
    AnyJson root;
    try {
      root = AnyJson::parse(object);
    } catch (const AnyJson::parse_error& error) {
      const bool is_cut = error.byte > object.size();
      return fmt::format(
          "broken JSON at byte {} of the line: {}{}", error.byte, reason_of(error),
          is_cut ? "; if the object goes on in the next line: jq -c . FILE makes one line of it" : "");
    }
    if (root.is_array()) return "a JSON list, not an object; write one object a line: jq -c '.[]' FILE";
    if (!root.is_object()) return "a JSON value, but not an object {...}";
    for (JsonField* const field : fields) {
      if (const auto found = root.find(field->name); found != root.end()) take(*found, field->value);
    }
    return std::nullopt;
  }
};

JsonRecord::JsonRecord() : parser_(std::make_unique<Parser>()) {}
JsonRecord::~JsonRecord() = default;

std::optional<std::string> JsonRecord::parse(std::string_view object, std::span<JsonField* const> fields) {
  for (JsonField* const field : fields) field->value.kind = Kind::missing;
  if (parser_->parse_fast(object, fields)) return std::nullopt;
  for (JsonField* const field : fields) field->value.kind = Kind::missing;
  return Parser::parse_slowly(object, fields);
}

}  // namespace mpinmf::text
