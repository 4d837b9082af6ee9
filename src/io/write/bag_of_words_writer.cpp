// The bag-of-words format of the UCI repository, as a folder of docword.txt and vocab.txt (see
// io/bag_of_words.cpp). Columns without names have numbers for words.
#include <fmt/format.h>

#include "own_names.hpp"
#include "text_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

constexpr const char* bag_of_words_files[] = {"docword.txt", "vocab.txt"};

void write_bag_of_words(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  comm.meet_on_root([&] {
    const NameReader& words = matrix.labels.columns;
    write_names(words ? words : names_by_number(matrix.columns), target.working_path + "/vocab.txt");
  });
  write_text(
      comm, target, matrix,
      {.file = "/docword.txt",
       .header =
           [&](TextSink& out) { out.put(fmt::format("{}\n{}\n{}\n", matrix.rows, matrix.columns, facts.stored)); },
       .row =
           [&](const OutputRow& row, TextSink& out) {
             for (std::size_t q = 0; q < row.values.size(); ++q) {
               put_text_entry(out, row.number, row.columns[q], row.values[q], false);
             }
           }});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct BagOfWordsWriter>) {
  return {.name = "bag-of-words",
          .what = "UCI's bag of words, a folder of docword.txt and vocab.txt; whole numbers, sparse",
          .holds = Holds::sparse,
          .largest_count = Index{1} << 53,
          .folder_files = bag_of_words_files,
          .keeps_row_names = false,
          .write = write_bag_of_words};
}
template Writer writer_row(WriterFile<struct BagOfWordsWriter>);

}  // namespace mpinmf::io
