// Corpora for tests: files as they may come, and all documents of one.
#pragma once

#include <zlib.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"
#include "text/corpus.hpp"

inline void write_gzipped(const std::string& path, const std::string& text) {
  gzFile_s* const file = gzopen(path.c_str(), "wb");
  const bool is_written = file != nullptr && gzwrite(file, text.data(), static_cast<unsigned>(text.size())) ==
                                                 static_cast<int>(text.size());
  if (gzclose(file) != Z_OK || !is_written) throw std::runtime_error("cannot write " + path);
}

/// ASCII as UTF-16, the mark first.
inline std::string as_utf16(const std::string& text, bool big_endian) {
  std::string result = big_endian ? "\xfe\xff" : "\xff\xfe";
  for (const char c : text) {
    if (big_endian) result += '\0';
    result += c;
    if (!big_endian) result += '\0';
  }
  return result;
}

inline mpinmf::text::CorpusOptions corpus_of(std::initializer_list<std::string> paths) {
  mpinmf::text::CorpusOptions options;
  options.paths = paths;
  return options;
}

/// "ID|LABEL|TEXT" of each document of a rank's share.
inline std::vector<std::string> documents_of_share(mpinmf::text::Corpus& corpus) {
  std::vector<std::string> all;
  mpinmf::text::Document document;
  while (corpus.next(document)) all.push_back(document.id + "|" + document.label + "|" + document.text);
  return all;
}

/// Those of one rank alone.
inline std::vector<std::string> documents_of(const mpinmf::text::CorpusOptions& options) {
  mpinmf::text::Corpus corpus(mpinmf::Comm::self(), options);
  return documents_of_share(corpus);
}
