// A corpus: text documents in files and folders, shared out among the ranks by bytes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"

namespace mpinmf::text {

/// What scikit-learn's fetch_20newsgroups(remove=...) takes out of a post.
struct Strip {
  bool headers = false, footers = false, quotes = false;
};

/// Where documents are and how to read them.
struct CorpusOptions {
  std::vector<std::string> paths;  ///< files and folders, in the order of the documents
  std::string field = "text";      ///< of a JSON object, or the column of a table, that holds the text
  std::string label;         ///< field or column of the label; empty: none (of a folder tree: the folder's name)
  std::string id;            ///< field or column of the name; empty: the file's path (in the folder), or FILE:LINE
  bool needs_fields = true;  ///< label and id are refused where no file has fields; else they are taken as empty
  std::string encoding = "utf-8";  ///< or utf-16, latin-1
  Strip strip;
};

struct Document {
  std::string id, label;  ///< UTF-8; an empty label: none
  std::string text;       ///< UTF-8, all of it well-formed: bad bytes have become U+FFFD
};

/// Bytes that the encoding does not allow.
struct BadBytes {
  Index count = 0, documents = 0;
  std::string first;  ///< "FILE, line N" or "FILE, byte N" of the first in the corpus; empty: none
};

/// The order of the documents is that of the paths, in a folder that of the sorted paths below it, in a file that
/// of its lines, for any number of ranks.
class Corpus {
 public:
  /// Lists the files and cuts them into shares. Collective; throws on every rank SystemError, BadData (a folder
  /// without files), UsageError (an unknown encoding, a field for files that have none).
  Corpus(const Comm& comm, CorpusOptions options);
  ~Corpus();
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;

  /// The next document of this rank's share, or false at its end; its strings are overwritten. The shares of the
  /// ranks, in rank order, are the corpus. Does not communicate. Throws SystemError, BadData, which name the file
  /// and the line.
  bool next(Document& document);
  /// From the first document of the share again.
  void rewind();

  Index bytes_global() const;  ///< of the files, as they lie (gzip'd: compressed)
  /// Of all ranks, of what was read so far. Collective.
  BadBytes bad_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mpinmf::text
