#include "corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "corpus_files.hpp"
#include "document_source.hpp"
#include "encoding.hpp"
#include "newsgroup_strip.hpp"
#include "text_stream.hpp"

namespace mpinmf::text {
namespace {

bool have_fields(const std::vector<CorpusFile>& files) {
  return std::any_of(files.begin(), files.end(), [](const CorpusFile& file) { return file.format->has_fields; });
}

void check_fields(const CorpusOptions& options, const std::vector<CorpusFile>& files) {
  if (!options.needs_fields || (options.label.empty() && options.id.empty()) || have_fields(files)) return;
  throw UsageError(fmt::format("{} '{}': only JSON lines and tables have fields, and {} is neither",
                               options.label.empty() ? "--id" : "--label",
                               options.label.empty() ? options.id : options.label, files.front().path));
}

Encoding encoding_for_all(const Comm& comm, const std::string& name) {
  auto encoding = Encoding::utf8;
  comm.meet([&] { encoding = encoding_of(name); });
  return encoding;
}

std::vector<CorpusFile> list_for_all(const Comm& comm, CorpusOptions& options, Encoding encoding) {
  std::vector<CorpusFile> files;
  comm.meet_on_root([&] {
    if (options.paths.empty()) throw UsageError("no corpus: name files or folders");
    files = list_files(options.paths, encoding);
    check_fields(options, files);
    const auto is_empty = [](const CorpusFile& file) { return !file.format->is_one_document && file.bytes == 0; };
    if (!std::all_of(files.begin(), files.end(), is_empty)) return;
    throw BadData(fmt::format("{}: is empty: there are no documents", files.front().path));
  });
  broadcast_files(comm, files);
  if (!have_fields(files)) options.label = options.id = "";
  return files;
}

}  // namespace

struct Corpus::State {
  State(const Comm& the_comm, CorpusOptions the_options)
      : comm(the_comm),
        options(std::move(the_options)),
        encoding(encoding_for_all(comm, options.encoding)),
        files(list_for_all(comm, options, encoding)),
        owned(own_files(comm, files, options.id.empty())) {}

  /// The next file of this rank, or none.
  bool open_next() {
    source.reset();
    if (opened == owned.size()) return false;
    const auto& [index, part] = owned[opened++];
    tally.begin_file(index);
    const CorpusFile& file = files[index];
    source = file.format->open(file, part, {options, encoding, tally});
    return true;
  }

  std::string first_bad_place() const {
    if (tally.bytes() == 0) return "";
    const std::string& path = files[tally.first_file()].path;
    return fmt::format("{}, line {}", path, line_at(path, encoding, tally.first_position()));
  }

  Comm comm;
  CorpusOptions options;
  Encoding encoding;
  std::vector<CorpusFile> files;
  std::vector<OwnedFile> owned;
  BadByteTally tally;
  std::unique_ptr<DocumentSource> source;  // of owned[opened - 1]
  std::size_t opened = 0;
  Index documents = 0, most_documents = 0;  // read since the last rewind, and ever
};

Corpus::Corpus(const Comm& comm, CorpusOptions options)
    : state_(std::make_unique<State>(comm, std::move(options))) {}
Corpus::~Corpus() = default;

bool Corpus::next(Document& document) {
  State& s = *state_;
  s.tally.begin_document(s.documents == s.most_documents);
  while (!s.source || !s.source->next(document)) {
    if (!s.open_next()) return false;
  }
  s.most_documents = std::max(s.most_documents, ++s.documents);
  strip_post(document.text, s.options.strip);
  make_one_line(document.id);
  make_one_line(document.label);
  return true;
}

void Corpus::rewind() {
  state_->source.reset();
  state_->opened = 0;
  state_->documents = 0;
}

Index Corpus::bytes_global() const {
  Index bytes = 0;
  for (const CorpusFile& file : state_->files) bytes += file.bytes;
  return bytes;
}

BadBytes Corpus::bad_bytes() const {
  const State& s = *state_;
  BadBytes bad;
  bad.count = s.comm.sum(s.tally.bytes());
  bad.documents = s.comm.sum(s.tally.documents());
  if (bad.count == 0) return bad;
  std::string place;
  s.comm.meet([&] { place = s.first_bad_place(); });
  for (const std::string& of_rank : s.comm.gather(place)) {
    if (bad.first.empty()) bad.first = of_rank;
  }
  return bad;
}

}  // namespace mpinmf::text
