#include "given_labels.hpp"

#include <fmt/core.h>

#include <map>

#include "io/file.hpp"

namespace mpinmf::cli {
namespace {

/// A table of topics by labels of a thousand topics still takes no more than 80 MB.
constexpr std::size_t most_labels = 10000;

/// On the root.
void read_all_labels(const std::string& path, Index rows, GivenLabels& labels) {
  std::map<std::string, Index, std::less<>> numbers;
  io::LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) {
      labels.of_rows.push_back(-1);
      continue;
    }
    auto found = numbers.find(line);
    if (found == numbers.end()) found = numbers.emplace(line, static_cast<Index>(numbers.size())).first;
    labels.of_rows.push_back(found->second);
    if (numbers.size() > most_labels) {
      throw BadData(
          fmt::format("{}: has more than {} different labels; are these names of rows?", path, most_labels));
    }
  }
  if (static_cast<Index>(labels.of_rows.size()) != rows) {
    throw BadData(fmt::format("{}: has {} lines, but W has {} rows; there must be a label for each", path,
                              labels.of_rows.size(), rows));
  }
  std::vector<Index> in_order(numbers.size());
  for (const auto& [name, first_seen] : numbers) {
    in_order[static_cast<std::size_t>(first_seen)] = static_cast<Index>(labels.names.size());
    labels.names.push_back(name);
  }
  for (Index& label : labels.of_rows) label = label < 0 ? label : in_order[static_cast<std::size_t>(label)];
  labels.count = static_cast<Index>(labels.names.size());
}

}  // namespace

void GivenLabels::share_out(const Comm& comm, const Partition& partition) {
  std::vector<Index> counts;
  for (int rank = 0; rank < comm.size(); ++rank) counts.push_back(partition.rows(rank));
  comm.meet([&] { of_own_rows.resize(static_cast<std::size_t>(partition.rows(comm.rank()))); });
  comm.scatter(of_rows, counts, of_own_rows);
}

GivenLabels read_labels(const Comm& comm, const std::string& path, Index rows) {
  GivenLabels labels;
  comm.meet_on_root([&] { read_all_labels(path, rows, labels); });
  comm.broadcast_value(labels.count);
  return labels;
}

}  // namespace mpinmf::cli
