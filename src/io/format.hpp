// Formats of matrices. A format is a file, which reads it and says in a Format how it is recognised, and one line
// of the list in formats.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source.hpp"

namespace mpinmf::io {

/// A file, and where in it the matrix lies: "file.h5:/group/matrix" names both, other names the whole file.
struct Location {
  std::string file;
  std::string place;  ///< starts with '/'; empty: the whole file

  std::string text() const { return place.empty() ? file : file + ":" + place; }
};

/// A name is a file's where there is such a file, whatever is in the name; else that of a place in the file or
/// folder that it starts with, where there is one. Does not communicate.
Location locate(const std::string& name);

/// One of `prefix`, `folder_with`, `start` and `recognises` says what has this format; the last is asked last.
struct Format {
  std::string_view name;  ///< in help and messages
  /// What --format calls it; empty where it cannot be asked for. Formats that have one in common are one for
  /// users.
  std::string_view key = {};
  std::string_view prefix = {};       ///< what is named so is no file, but made
  std::string_view folder_with = {};  ///< folders that hold a file of this name, or, in words, what
  bool (*recognises_folder)(const std::string& folder) = nullptr;  ///< says; without it there is such a file
  std::string_view start = {};  ///< files that start so, in lower case and after decompression
  /// Files that start so, after decompression, if what was said of them is true.
  bool (*recognises)(std::string_view start, const FileReading& file) = nullptr;
  /// Files of such a name that start so, where no format recognises them: reading says what is wrong.
  bool (*is_called_so)(const std::string& path, std::string_view start) = nullptr;
  bool has_places = false;      ///< a file may hold several matrices
  std::string_view takes = {};  ///< which options of FileReading it knows, but for format, with blanks between
  /// Entries as they are, labels as they stand there; the header as it is after transposition. @pre a Location
  /// without a place, unless has_places
  Source (*open)(const Location& at, const LoadOptions& options);
};

/// A format's file defines format_row for its name, and for Row = Format.
template <class Name>
struct FormatFile {
  template <class Row>
  friend Row format_row(FormatFile);
};

/// Those of this program.
std::span<const Format> formats();

/// Their names, as in "a, b, or c".
std::string format_names(std::span<const Format> known);
/// Their keys, each once.
std::vector<std::string> format_keys(std::span<const Format> known);

/// open_source for these formats, without options.prepared; a text that is read in pieces is not counted yet.
Source open_source(std::span<const Format> known, const std::string& name, const LoadOptions& options);

}  // namespace mpinmf::io
