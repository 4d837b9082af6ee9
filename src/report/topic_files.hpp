// What `mpinmf topics` leaves in a folder.
#pragma once

namespace mpinmf::report {

inline constexpr const char* topics_json_file = "topics.json";
inline constexpr const char* topics_csv_file = "topics.csv";  ///< the terms
inline constexpr const char* topic_components_file = "topic_components.csv";
inline constexpr const char* topic_documents_file = "topic_documents.csv";
inline constexpr const char* topic_labels_file = "topic_labels.csv";
inline constexpr const char* topic_proportions_file = "topic_proportions.npy";  ///< m x k
inline constexpr const char* row_sizes_file = "row_sizes.npy";                  ///< m x 1
inline constexpr const char* term_proportions_file = "term_proportions.npy";    ///< k x n

}  // namespace mpinmf::report
