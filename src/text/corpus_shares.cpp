// Which bytes of which files a rank owns.
#include <algorithm>
#include <span>
#include <sstream>
#include <vector>

#include "corpus_files.hpp"
#include "text_stream.hpp"

namespace mpinmf::text {
namespace {

/// What a rank has counted in its part of a file that goes on in the next rank's share.
struct CutCount {
  Index file = -1, line_ends = 0, quotes = 0;
};

/// One more than the bytes, so that an empty document has an owner.
Index weight_of(const CorpusFile& file) {
  return file.text_bytes + 1;
}

void count_part(const CorpusFile& file, const Part& part, CutCount& count) {
  io::File bytes = io::File::open_to_read(file.path);
  std::vector<char> buffer(std::size_t{1} << 18);
  for (Index at = part.begin; at < part.end;) {
    const auto size = static_cast<std::size_t>(std::min(static_cast<Index>(buffer.size()), part.end - at));
    const std::span<char> piece(buffer.data(), size);
    bytes.read_at(at, std::as_writable_bytes(piece));
    count.line_ends += std::count(piece.begin(), piece.end(), '\n');
    count.quotes += std::count(piece.begin(), piece.end(), '"');
    at += static_cast<Index>(size);
  }
}

/// The parts in [first, last) of all files laid end to end.
std::vector<OwnedFile> parts_of_share(const std::vector<CorpusFile>& files, Index first, Index last) {
  std::vector<OwnedFile> owned;
  Index at = 0;
  for (std::size_t i = 0; i < files.size() && at < last; ++i) {
    const Index begin = at, end = at + weight_of(files[i]);
    at = end;
    if (end <= first) continue;
    Part part{std::max(first - begin, Index{0}), last < end ? last - begin : Part::to_the_end};
    if (files[i].format->is_one_document) {
      if (part.begin > 0) continue;
      part.end = Part::to_the_end;
    }
    owned.push_back({i, part});
  }
  return owned;
}

}  // namespace

void broadcast_files(const Comm& comm, std::vector<CorpusFile>& files) {
  std::string names;
  std::vector<Index> numbers;
  for (const CorpusFile& file : files) {
    names += file.path + '\0' + file.label + '\0';
    numbers.insert(numbers.end(),
                   {file.format - document_formats().data(), file.bytes, file.text_bytes, file.is_stream ? 1 : 0});
  }
  auto count = static_cast<Index>(numbers.size());
  comm.broadcast_value(count);
  numbers.resize(static_cast<std::size_t>(count));
  comm.broadcast(std::span<Index>(numbers));
  comm.broadcast(names);
  if (comm.is_root()) return;
  std::istringstream stream(names);
  for (std::size_t i = 0; i < numbers.size(); i += 4) {
    CorpusFile file;
    std::getline(stream, file.path, '\0');
    std::getline(stream, file.label, '\0');
    file.format = &document_formats()[static_cast<std::size_t>(numbers[i])];
    file.bytes = numbers[i + 1];
    file.text_bytes = numbers[i + 2];
    file.is_stream = numbers[i + 3] != 0;
    files.push_back(std::move(file));
  }
}

std::vector<OwnedFile> own_files(const Comm& comm, const std::vector<CorpusFile>& files, bool wants_lines) {
  Index total = 0;
  for (const CorpusFile& file : files) total += weight_of(file);
  const auto cut = [&](Index rank) {  // total * rank / ranks, without overflow
    return total / comm.size() * rank + total % comm.size() * rank / comm.size();
  };
  std::vector<OwnedFile> owned = parts_of_share(files, cut(comm.rank()), cut(comm.rank() + 1));

  CutCount own;
  comm.meet([&] {
    if (owned.empty()) return;
    const OwnedFile& last = owned.back();
    const CorpusFile& file = files[last.file];
    const bool asked = wants_lines || file.format->ending == Ending::outside_quotes;
    if (last.part.end == Part::to_the_end || file.is_stream || !asked) return;
    own.file = static_cast<Index>(last.file);
    count_part(file, last.part, own);
  });
  const std::vector<Index> cut_files = comm.gather(own.file), line_ends = comm.gather(own.line_ends),
                           quotes = comm.gather(own.quotes);
  if (owned.empty()) return owned;
  OwnedFile& first = owned.front();
  Index quotes_before = 0;
  for (std::size_t rank = 0; rank < static_cast<std::size_t>(comm.rank()); ++rank) {
    if (cut_files[rank] != static_cast<Index>(first.file)) continue;
    first.part.lines_before += line_ends[rank];
    quotes_before += quotes[rank];
  }
  first.part.begins_in_quotes = quotes_before % 2 == 1;
  return owned;
}

}  // namespace mpinmf::text
