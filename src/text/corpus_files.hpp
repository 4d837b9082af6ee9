// The files of a corpus: listed by one rank, laid end to end, and cut into shares by bytes.
#pragma once

#include <string>
#include <vector>

#include "corpus.hpp"
#include "document_format.hpp"
#include "encoding.hpp"

namespace mpinmf::text {

struct CorpusFile {
  std::string path, label;  ///< a label: of a document of a folder tree
  const DocumentFormat* format = nullptr;
  Index bytes = 0;         ///< as it lies
  Index text_bytes = 0;    ///< of its text, where it can be told without reading it; else a guess
  bool is_stream = false;  ///< gzip'd or UTF-16: read from the front
};

/// The files of `paths`, in the order of the documents. A folder's are sorted by path, hidden ones left out; a
/// file in a folder is one document unless its name ends as that of JSON lines or a table. Local. Throws
/// SystemError, BadData (a folder without files).
std::vector<CorpusFile> list_files(std::vector<std::string> paths, Encoding encoding);

/// The root's list on every rank. Collective.
void broadcast_files(const Comm& comm, std::vector<CorpusFile>& files);

/// A file that a rank has a part in.
struct OwnedFile {
  std::size_t file = 0;
  Part part;
};

/// What this rank reads, in order: of all text laid end to end the bytes from total * rank / ranks on, up to total
/// * (rank + 1) / ranks. A document's file belongs to the rank of its first byte. Lines and quotes before a part
/// are counted where `wants_lines` or a table asks for them. Collective. Throws SystemError.
std::vector<OwnedFile> own_files(const Comm& comm, const std::vector<CorpusFile>& files, bool wants_lines);

}  // namespace mpinmf::text
