#include "vectorizer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <span>

#include "corpus_folder.hpp"
#include "counts_folder.hpp"
#include "encoding.hpp"
#include "io/csr_folder.hpp"
#include "io/names.hpp"
#include "io/npy.hpp"
#include "term_hash.hpp"
#include "vectorizer_record.hpp"

namespace mpinmf::text {
namespace {

/// Columns, and what is known of them.
struct Columns {
  std::vector<std::string> terms;
  std::vector<Index> documents;  // of each: in how many it is
  ColumnOfTerm of_term;
};

/// Those of a file or a model: the root reads them.
std::vector<std::string> given_terms(const Comm& comm, const VectorizerOptions& options) {
  std::string packed;
  comm.meet_on_root([&] {
    for (const std::string& term : read_vocabulary(
             options.model.empty() ? options.vocabulary : options.model + "/" + io::csr_column_names)) {
      packed.append(term).push_back('\n');
    }
  });
  comm.broadcast(packed);
  std::vector<std::string> terms;
  for (std::string_view rest = packed; !rest.empty(); rest.remove_prefix(terms.back().size() + 1)) {
    terms.emplace_back(rest.substr(0, rest.find('\n')));
  }
  return terms;
}

CountedDocuments count_given(const Comm& comm, const NextDocument& next, Analyzer& analyzer, Columns& columns,
                             const CountOptions& how) {
  TermTable vocabulary;
  for (const std::string& term : columns.terms) vocabulary.insert({term, term_hash(term)});
  columns.documents.assign(columns.terms.size(), 0);
  CountedDocuments counted = count_known_terms(comm, next, analyzer, vocabulary, columns.documents, how);
  comm.sum(std::span<Index>(columns.documents));
  return counted;
}

CountedDocuments count_and_select(const Comm& comm, const NextDocument& next, Analyzer& analyzer, Columns& columns,
                                  const CountOptions& how, const VectorizerOptions& options,
                                  VectorizerReport& report) {
  const Index ranks = comm.size();
  OwnedTerms owned(options.prune == 0 ? 0 : (options.prune + ranks - 1) / ranks);
  CountedDocuments counted = count_documents(comm, next, analyzer, owned, how);
  report.pruned = comm.sum(owned.dropped());
  Selection selection = select_terms(comm, owned, comm.sum(counted.documents), options.selection);
  report.distinct = selection.distinct;
  report.too_rare = selection.too_rare;
  report.too_common = selection.too_common;
  report.tie = std::move(selection.tie);
  columns.of_term = ColumnOfTerm(selection.ids);
  columns.terms = std::move(selection.terms);
  columns.documents = std::move(selection.documents);
  return counted;
}

/// The model's, or that of these documents.
std::vector<double> idf_for(const Comm& comm, const VectorizerOptions& options, const Columns& columns,
                            Index documents) {
  if (options.model.empty()) {
    std::vector<double> idf = idf_of(documents, columns.documents, options.tfidf->smooth_idf);
    comm.meet([&] {
      for (std::size_t j = 0; j < idf.size(); ++j) {
        if (std::isfinite(idf[j])) continue;
        throw BadData(fmt::format(
            "no document has the term \"{}\" of {}, so that its idf is infinite; take it out, or --smooth-idf yes",
            columns.terms[j], options.vocabulary));
      }
    });
    return idf;
  }
  std::vector<double> idf(columns.terms.size());
  comm.meet_on_root([&] {
    const std::string path = options.model + "/" + idf_file;
    const std::vector<double> numbers = io::read_npy_numbers(path);
    if (numbers.size() != idf.size()) {
      throw BadData(fmt::format("{}: has {} numbers, but {}/{} has {} terms", path, numbers.size(), options.model,
                                io::csr_column_names, idf.size()));
    }
    idf = numbers;
  });
  comm.broadcast(std::span<double>(idf));
  return idf;
}

void write_terms(const Comm& comm, const std::vector<std::string>& terms, const std::string& path) {
  comm.meet_on_root([&] {
    for (const std::string& term : terms) {
      std::string shown = term;
      make_one_line(shown);
      if (shown == term) continue;
      throw BadData(fmt::format(
          "a term has a control character (\"{}\"), which {} cannot hold: --token-pattern must not take it", shown,
          io::csr_column_names));
    }
    io::write_names(
        [&](const auto& take) {
          for (const std::string& term : terms) take(term);
        },
        path);
  });
}

std::string quoted_list(const std::vector<std::string>& terms, bool more_before, bool more_after) {
  return fmt::format("{}{}{}", more_before ? "... " : "", fmt::join(terms, ", "), more_after ? " ..." : "");
}

std::string text_of(const Tie& tie, Index most) {
  return fmt::format(
      "--max-features {} falls between {} terms that occur {} times each: the first {} in the order of code "
      "points "
      "({}) {} kept, the other {} ({}) left out",
      most, tie.kept + tie.left_out, tie.count, tie.kept,
      quoted_list(tie.kept_terms, tie.kept > static_cast<Index>(tie.kept_terms.size()), false),
      tie.kept == 1 ? "is" : "are", tie.left_out,
      quoted_list(tie.left_out_terms, false, tie.left_out > static_cast<Index>(tie.left_out_terms.size())));
}

void add_notes(const VectorizerOptions& options, VectorizerReport& report) {
  const bool is_given = !options.vocabulary.empty();
  const SelectionOptions plain, &asked = options.selection;
  if (is_given && options.model.empty() &&
      (asked.max_features || asked.min_df.value != plain.min_df.value ||
       asked.max_df.value != plain.max_df.value)) {
    report.notes.push_back(
        "the columns are those of --vocabulary: --min-df, --max-df and --max-features have no say");
  }
  if (report.tie) report.notes.push_back(text_of(*report.tie, *options.selection.max_features));
  if (report.pruned > 0) {
    report.notes.push_back(
        fmt::format("more than --prune {} terms came up: those in the fewest documents were dropped while "
                    "counting, {} times in "
                    "all. A term that was dropped and came again counts from then on only, so that its counts are "
                    "lower bounds; "
                    "which terms these are depends on the number of ranks",
                    options.prune, report.pruned));
  }
  const BadBytes& bad = report.bad_bytes;
  if (bad.count > 0) {
    report.notes.push_back(
        fmt::format("{} bytes in {} of the documents do not belong to the encoding and were replaced by U+FFFD, "
                    "the first at {}; "
                    "if they are many, --encoding may be another",
                    bad.count, bad.documents, bad.first));
  }
}

}  // namespace

std::vector<std::string> vectorizer_files() {
  return {io::csr_files[0],     io::csr_files[1], io::csr_files[2], io::csr_files[3], io::csr_row_names,
          io::csr_column_names, first_lines_file, labels_file,      idf_file,         record_file};
}

VectorizerReport vectorize(const Comm& comm, const NextDocument& next, const VectorizerOptions& options,
                           const VectorizerOutput& output) {
  std::optional<Analyzer> analyzer;
  comm.meet([&] { analyzer.emplace(options.analyzer()); });
  CountOptions how;
  how.binary = options.binary;
  how.folder = output.folder;
  how.limits = output.limits;
  VectorizerReport report;
  Columns columns;
  if (!options.model.empty() || !options.vocabulary.empty()) columns.terms = given_terms(comm, options);
  const CountedDocuments counted = columns.terms.empty()
                                       ? count_and_select(comm, next, *analyzer, columns, how, options, report)
                                       : count_given(comm, next, *analyzer, columns, how);
  report.documents = comm.sum(counted.documents);
  report.tokens = comm.sum(counted.tokens);
  report.text_bytes = comm.sum(counted.text_bytes);
  report.terms = static_cast<Index>(columns.terms.size());
  if (report.documents == 0) comm.require_all(BadData("the corpus has no document"));
  Weigh weigh;
  if (options.tfidf) {
    const std::vector<double> idf = idf_for(comm, options, columns, report.documents);
    const std::string idf_path = output.place(idf_file);
    comm.meet_on_root([&] { io::write_npy_numbers(idf_path, idf); });
    weigh = [idf, tfidf = *options.tfidf](std::span<const ColumnIndex> row, std::span<double> values) {
      weigh_row(row, values, idf, tfidf);
    };
  }
  write_terms(comm, columns.terms, output.place(io::csr_column_names));
  report.has_labels = counted.names.write(comm, output.place);
  std::optional<SelectedRows> rows;
  comm.meet([&] { rows.emplace(counted.rows, columns.of_term, report.terms, output.folder, output.limits.rows); });
  const StoredCounts stored = write_counts(comm, *rows, report.terms, weigh, output.place);
  report.stored = stored.entries;
  report.empty_documents = stored.empty_rows;
  return report;
}

VectorizerReport vectorize(const Comm& comm, const CorpusOptions& corpus_options, const VectorizerOptions& options,
                           const VectorizerOutput& output) {
  Corpus corpus(comm, corpus_options);
  VectorizerReport report = vectorize(
      comm, [&](Document& document) { return corpus.next(document); }, options, output);
  report.bad_bytes = corpus.bad_bytes();
  add_notes(options, report);
  const std::string path = output.place(record_file);
  comm.meet_on_root([&] {
    const std::string record = vectorizer_record(corpus_options, options, report);
    io::File file = io::File::open_to_write(path, path);
    file.write_at(0, std::as_bytes(std::span(record)));
    file.sync_and_close();
  });
  return report;
}

std::vector<std::string> read_vocabulary(const std::string& path) {
  io::LineReader lines(path);
  std::vector<std::string> terms;
  TermTable known;
  std::vector<Index> numbers;
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) throw lines.fault("is empty, but a vocabulary has a term in each line");
    std::string shown(line);
    make_one_line(shown);
    if (shown != line)
      throw lines.fault(fmt::format("\"{}\" has a control character or a byte that is not UTF-8", shown));
    const std::uint32_t number = known.insert({line, term_hash(line)});
    if (number < terms.size()) {
      throw lines.fault(
          fmt::format("\"{}\" is there twice, first in line {}; take one of them out", line, numbers[number]));
    }
    terms.emplace_back(line);
    numbers.push_back(lines.number());
  }
  if (terms.empty()) throw BadData(path + ": has no term");
  return terms;
}

}  // namespace mpinmf::text
