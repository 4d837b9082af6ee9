// Word counts by the law of workload S1: rows of log-normal length, columns Zipf over topics, a function of seed
// and row alone.
#pragma once

#include <pcg_random.hpp>
#include <vector>

#include "io/source.hpp"

namespace mpinmf::bench {

/// A row has three of 50 topics (.6, .3 and .1 of its tokens). A topic prefers column j by 1 / (j + 10)^1.05 times
/// a number from a gamma law of shape .15. The tokens of a row are drawn, those that fall together are one entry,
/// and entries are dropped by chance until a row has `mean_length` on average; its expected length is log-normal.
class TopicCounts final : public io::SparseRows {
 public:
  TopicCounts(Index columns, double mean_length, std::uint64_t seed);

  void lengths(Index first, std::span<Index> lengths) override;
  void read(Index first, Index count, const std::function<void(std::span<const io::Entry>)>& take) override;

 private:
  /// Draws columns of one topic: a table says near which column the search for a number begins.
  struct Topic {
    std::vector<double> cumulative;  // n, ends with 1
    std::vector<ColumnIndex> begin;  // n: the first column whose cumulative number exceeds i / n
  };
  Topic make_topic(Index number) const;
  ColumnIndex draw(const Topic& topic, double u) const;
  void draw_tokens(Index row, pcg64& random);
  void fit_to_mean_length(double mean_length);
  /// Fills row_ with the entries of a row, columns ascending.
  void make_row(Index row);

  Index columns_;
  std::uint64_t seed_;
  std::vector<Topic> topics_;
  double mean_tokens_, kept_ = 1;     // of a row; share of the distinct columns
  std::vector<std::int32_t> counts_;  // n, of the tokens of one row
  std::vector<ColumnIndex> drawn_;    // the distinct columns of one row
  std::vector<io::Entry> row_;
};

}  // namespace mpinmf::bench
