// How documents lie in files. A format is a file with a function that returns one, and its line in the list of
// document_formats.cpp.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "record_reader.hpp"

namespace mpinmf::text {

struct CorpusFile;
struct SourceSettings;
class DocumentSource;

struct DocumentFormat {
  std::array<std::string_view, 3> endings = {};  ///< names that tell it, in lower case; empty ones do not count
  std::string_view start = {};   ///< the first bytes that are not blank tell it, where the name does not
  bool has_fields = false;       ///< among which --field, --label and --id choose
  bool is_one_document = false;  ///< the file, which is never cut then
  Ending ending = Ending::line;  ///< of a record, where a file may be cut
  std::unique_ptr<DocumentSource> (*open)(const CorpusFile& file, const Part& part,
                                          const SourceSettings& settings);
};

/// A file of a folder, unless its name tells another format.
DocumentFormat whole_file_format();
/// A file that was given by its own name, unless its name or start tells another.
DocumentFormat lines_format();
DocumentFormat json_lines_format();
DocumentFormat comma_table_format();
DocumentFormat tab_table_format();

/// All of them, the first two first.
std::span<const DocumentFormat> document_formats();

}  // namespace mpinmf::text
