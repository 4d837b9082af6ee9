// Counts of words, of a cell's transcripts, or ratings, by laws of which that of workload S1 is one: rows of
// log-normal length, columns Zipf over topics, a function of seed and row alone.
#pragma once

#include <array>
#include <pcg_random.hpp>
#include <vector>

#include "io/source.hpp"

namespace mpinmf::bench {

/// What tells one kind of counts from another; without changes, words.
struct CountLaw {
  Index topics = 50;
  double zipf_shift = 10, zipf_exponent = 1.05;  ///< column j occurs as (j + shift)^-exponent,
  double gamma_shape = 0.15;  ///< times what a topic makes of it: the smaller, the more topics differ
  double length_sigma = 0.6;  ///< of the logarithm of a row's length
  bool is_rating = false;  ///< entries are from 1 to 5, not counts: high where the row's topics prefer the column
};
/// Cells express most genes a little, all types much the same ones. Few films are for everyone.
inline constexpr CountLaw word_counts,
    cell_counts{.topics = 12, .zipf_shift = 30, .zipf_exponent = 1.2, .gamma_shape = 1, .length_sigma = 0.35},
    film_ratings{.topics = 20,
                 .zipf_shift = 50,
                 .zipf_exponent = 1,
                 .gamma_shape = 1,
                 .length_sigma = 1,
                 .is_rating = true};

/// A row has three of the topics (.6, .3 and .1 of its tokens). A topic prefers column j by (j + shift)^-exponent
/// times a number from the gamma law. The tokens of a row are drawn, those that fall together are one entry,
/// and entries are dropped by chance until a row has `mean_length` on average; its expected length is log-normal.
class TopicCounts final : public io::SparseRows {
 public:
  TopicCounts(Index columns, double mean_length, std::uint64_t seed, const CountLaw& law = word_counts);

  void lengths(Index first, std::span<Index> lengths) override;
  void read(Index first, Index count, const std::function<void(std::span<const io::Entry>)>& take) override;

 private:
  /// Draws columns of one topic: a table says near which column the search for a number begins.
  struct Topic {
    std::vector<double> cumulative;  // n, ends with 1
    std::vector<ColumnIndex> begin;  // n: the first column whose cumulative number exceeds i / n

    double share(ColumnIndex column) const;
  };
  using RowTopics = std::array<const Topic*, 3>;
  Topic make_topic(Index number) const;
  ColumnIndex draw(const Topic& topic, double u) const;
  /// Fills counts_ and drawn_ with the tokens of a row; returns its topics.
  RowTopics draw_tokens(Index row, pcg64& random);
  double rating(const RowTopics& topics, ColumnIndex column, pcg64& random) const;
  void fit_to_mean_length(double mean_length);
  /// Fills row_ with the entries of a row, columns ascending.
  void make_row(Index row);

  Index columns_;
  std::uint64_t seed_;
  CountLaw law_;
  std::vector<Topic> topics_;
  double mean_tokens_, kept_ = 1;     // of a row; share of the distinct columns
  std::vector<std::int32_t> counts_;  // n, of the tokens of one row
  std::vector<ColumnIndex> drawn_;    // the distinct columns of one row
  std::vector<io::Entry> row_;
};

}  // namespace mpinmf::bench
