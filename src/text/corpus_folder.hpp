// What `vectorize` leaves in a folder: counts as a CSR folder with the names of rows and columns
// (io/csr_folder.hpp), and these.
#pragma once

namespace mpinmf::text {

/// One label a row; not there where the corpus has none.
inline constexpr const char* labels_file = "labels.txt";
/// The first line of each document that is not empty, shortened.
inline constexpr const char* first_lines_file = "first_lines.txt";
/// The inverse document frequency of each column, with --tfidf.
inline constexpr const char* idf_file = "idf.npy";
/// The corpus, the options, and what was counted.
inline constexpr const char* record_file = "vectorizer.json";

}  // namespace mpinmf::text
