#include "document_names.hpp"

#include <unicode/utf8.h>

#include "corpus_folder.hpp"
#include "encoding.hpp"
#include "io/csr_folder.hpp"
#include "shared_file.hpp"

namespace mpinmf::text {
namespace {

constexpr Index names_in_memory = Index{16} << 20;  // bytes of each of the three kinds
constexpr int longest_first_line = 100;             // characters

/// Of all ranks in rank order.
void write_names(const Comm& comm, const Spool& own, const std::string& path) {
  const Index offset = comm.sum_before(own.size());
  io::File file = open_shared_file(comm, path);
  comm.meet([&] {
    FileWriter writer(file, offset);
    SpoolReader reader(own);
    while (!reader.at_end()) {
      const std::string_view piece = reader.piece();
      writer.write(std::as_bytes(std::span(piece)));
    }
    writer.flush();
    file.sync_and_close();
  });
}

}  // namespace

std::string first_line(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\v\f\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  std::string_view line = text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  line = line.substr(0, line.find_last_not_of(blanks) + 1);
  std::size_t end = 0;
  for (int characters = 0; end < line.size() && characters < longest_first_line; ++characters) {
    U8_FWD_1(reinterpret_cast<const std::uint8_t*>(line.data()), end, line.size());
  }
  std::string shown(line.substr(0, end));
  make_one_line(shown);
  return end < line.size() ? shown + "..." : shown;
}

DocumentNames::DocumentNames(const std::string& folder)
    : documents_(folder, names_in_memory),
      labels_(folder, names_in_memory),
      first_lines_(folder, names_in_memory) {}

void DocumentNames::add(const Document& document) {
  documents_.append(document.id + '\n');
  labels_.append(document.label + '\n');
  first_lines_.append(first_line(document.text) + '\n');
  has_label_ = has_label_ || !document.label.empty();
}

bool DocumentNames::write(const Comm& comm, const FilePlace& place) const {
  const bool has_labels = comm.sum(has_label_ ? Index{1} : Index{0}) > 0;
  write_names(comm, documents_, place(io::csr_row_names));
  write_names(comm, first_lines_, place(first_lines_file));
  if (has_labels) write_names(comm, labels_, place(labels_file));
  return has_labels;
}

}  // namespace mpinmf::text
