// From a name to the format that reads it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "counted_pieces.hpp"
#include "file.hpp"
#include "format.hpp"
#include "open_on_all.hpp"
#include "prepared_source.hpp"
#include "reading.hpp"
#include "strangers.hpp"
#include "table.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

namespace fs = std::filesystem;

bool starts_as(const std::string& bytes, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return bytes.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), bytes.begin(), [&](char b, char a) { return same(a, b); });
}

void check_options(const LoadOptions& options) {
  if (!(options.add >= 0) || std::isinf(options.add)) {
    throw UsageError(
        fmt::format("the number added to every entry must be non-negative and finite, not {}", options.add));
  }
  if (!(options.clip_negative >= 0) || std::isinf(options.clip_negative)) {
    throw UsageError(
        fmt::format("--clip-negative must be non-negative and finite, not {}", options.clip_negative));
  }
  options.preparation.check();
  if (!options.mask.empty() && options.missing != Missing::nan)
    throw UsageError("a mask goes with Missing::nan: what it marks is NaN");
  if (options.missing == Missing::nan &&
      io::column_choice(options.preparation).by == io::ColumnChoice::By::overdispersion) {
    throw UsageError(
        "counts per million of a row are not known where entries of it are missing (--missing nan): leave "
        "--columns overdispersed out");
  }
}

const Format* named_so(std::span<const Format> known, const std::string& name) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const Format& format) {
    return !format.prefix.empty() && name.starts_with(format.prefix);
  });
  return found == known.end() ? nullptr : &*found;
}

/// Throws BadData when there is none.
const Format& format_of_folder(std::span<const Format> known, const std::string& folder) {
  std::string wanted;
  for (const Format& format : known) {
    if (format.folder_with.empty()) continue;
    const bool is_this = format.recognises_folder != nullptr ? format.recognises_folder(folder)
                                                             : fs::exists(fs::path(folder) / format.folder_with);
    if (is_this) return format;
    wanted += (wanted.empty() ? "" : " or ") + std::string(format.folder_with);
  }
  throw BadData(fmt::format("{}: is a folder without {}; supported are {}", folder, wanted, format_names(known)));
}

/// Throws BadData when there is none, with what the file is instead.
const Format& format_of_file(std::span<const Format> known, const std::string& path, const FileReading& file) {
  ByteReader bytes(path);
  const std::string start = beginning_of(bytes);
  for (const Format& format : known) {
    if (!format.start.empty() && starts_as(start, format.start)) return format;
  }
  const std::string about = about_stranger(path, start);
  if (!about.empty()) throw BadData(fmt::format("{}: {}", path, about));
  for (const Format& format : known) {
    if (format.recognises != nullptr && format.recognises(start, file)) return format;
  }
  if (file.decimal.empty() && table_layout(start, {.delimiter = file.delimiter, .decimal = "comma"})) {
    throw BadData(path + ": the numbers of this table seem to have decimal commas; then say --decimal comma");
  }
  for (const Format& format : known) {
    if (format.is_called_so != nullptr && format.is_called_so(path, start)) return format;
  }
  throw BadData(fmt::format("{}: {}; supported are {}", path, start.empty() ? "is empty" : "unknown format",
                            format_names(known)));
}

/// The one that was asked for. Where several have its name, the file says which. Throws UsageError.
const Format& format_asked_for(std::span<const Format> known, const std::string& path, const std::string& key) {
  std::vector<const Format*> called_so;
  for (const Format& format : known) {
    if (format.key == key && !key.empty()) called_so.push_back(&format);
  }
  if (called_so.empty()) {
    throw UsageError(
        fmt::format("--format {} is unknown; known are {}", key, fmt::join(format_keys(known), ", ")));
  }
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored), wants_folder = !called_so.front()->folder_with.empty();
  if (is_folder != wants_folder && fs::exists(path, ignored)) {
    throw UsageError(fmt::format("{}: is a {}, but --format {} reads {}: {}", path, is_folder ? "folder" : "file",
                                 key, wants_folder ? "folders" : "files", called_so.front()->name));
  }
  if (called_so.size() == 1) return *called_so.front();
  ByteReader bytes(path);
  const std::string start = beginning_of(bytes);
  const auto found = std::find_if(called_so.begin(), called_so.end(),
                                  [&](const Format* format) { return starts_as(start, format->start); });
  return found == called_so.end() ? *called_so.front() : **found;
}

const Format& format_of(std::span<const Format> known, const std::string& path, const LoadOptions& options) {
  if (!options.file.format.empty()) return format_asked_for(known, path, options.file.format);
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? format_of_folder(known, path)
                                         : format_of_file(known, path, options.file);
}

/// Throws where a place in a file seems to have been named without the slash that it begins with.
void refuse_place_without_slash(const std::string& name) {
  std::error_code ignored;
  if (fs::exists(name, ignored)) return;
  for (std::size_t at = name.rfind(':'); at != std::string::npos && at > 0; at = name.rfind(':', at - 1)) {
    const std::string file = name.substr(0, at), place = name.substr(at + 1);
    if (place.empty() || place.front() == '/' || !fs::exists(file, ignored)) continue;
    throw SystemError(
        fmt::format("{0}: there is no such file; what lies in a file is named as in {1}:/{2}", name, file, place));
  }
}

/// Throws UsageError for an option that does nothing.
void check_reading(const Format& format, const std::string& name, const FileReading& file) {
  const auto takes = [&](std::string_view option) {
    std::string_view rest = format.takes;
    for (std::string_view word = next_token(rest); !word.empty(); word = next_token(rest)) {
      if (word == option) return true;
    }
    return option == "format";
  };
  for (const ReadingField& field : reading_fields) {
    if ((file.*field.text).empty() || takes(field.option)) continue;
    throw UsageError(
        fmt::format("{}: --{} is not for this format ({}): leave it out", name, field.option, format.name));
  }
}

}  // namespace

Location locate(const std::string& name) {
  constexpr std::string_view mark = ":/";
  std::error_code ignored;
  if (fs::exists(name, ignored)) return {name, ""};
  for (std::size_t at = name.rfind(mark); at != std::string::npos && at > 0; at = name.rfind(mark, at - 1)) {
    const std::string file = name.substr(0, at);
    if (fs::exists(file, ignored)) return {file, name.substr(at + 1)};
  }
  return {name, ""};
}

Source open_source(std::span<const Format> known, const std::string& name, const LoadOptions& options) {
  check_options(options);
  if (options.file.format.empty()) {
    if (const Format* format = named_so(known, name)) {
      check_reading(*format, name, options.file);
      return format->open({name, ""}, options);
    }
  }
  const Location at = locate(name);
  if (at.place.empty()) refuse_place_without_slash(name);
  const Format& format = format_of(known, at.file, options);
  if (!at.place.empty() && !format.has_places) {
    throw UsageError(fmt::format("{}: {} is a {}, in which there are no places to name: leave out :{}", name,
                                 at.file, format.name, at.place));
  }
  check_reading(format, name, options.file);
  Source source = format.open(at, options);
  if (options.transpose) std::swap(source.labels.rows, source.labels.columns);
  return source;
}

Source prepared_as(Source source, const LoadOptions& options) {
  return options.prepared ? with_preparation(std::move(source), options.prepared, options) : std::move(source);
}

Source open_source(const std::string& name, const LoadOptions& options) {
  if (!options.mask.empty()) return open_on_all(Comm::self(), name, options);
  Source source = open_source(formats(), name, options);
  count_alone(source);
  return prepared_as(std::move(source), options);
}

Source open_for_labels(const std::string& name, const LoadOptions& options) {
  return prepared_as(open_source(formats(), name, options), options);
}

}  // namespace mpinmf::io
