#include "shared_h.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>

#include "kernels/gram.hpp"
#include "revival.hpp"
#include "settings.hpp"

namespace mpinmf {
namespace {

/// H is moved in blocks of rows, as W is, so that the work space stays in cache.
constexpr Index block_rows = 256;

/// Segments are what threads share: more than a rank has threads.
constexpr Index most_threads_of_use = 64;

constexpr std::size_t decision_doubles = sizeof(Decision) / sizeof(double);

Index blocks_of(Index rows) {
  return (rows + block_rows - 1) / block_rows;
}

/// The Gram matrices of segments may take half as much memory as H. Never a function of the number of threads,
/// because the cut decides the order of sums.
Index segments_for(Index features, Index components) {
  return std::clamp(features / (2 * components), Index{1},
                    std::max(Index{1}, std::min(most_threads_of_use, blocks_of(features))));
}

Index tail_bytes(Index components) {
  return (components * components + components + static_cast<Index>(decision_doubles)) *
         static_cast<Index>(sizeof(double));
}

template <class T>
Matrix<T> with_tail(Index features, Index components) {
  const Index row_bytes = padded_to_vector<T>(components) * static_cast<Index>(sizeof(T));
  return Matrix<T>::padded(features + (tail_bytes(components) + row_bytes - 1) / row_bytes, components);
}

template <class T>
void round_to(ConstMatrixView<double> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    std::transform(from.row(i), from.row(i) + from.columns(), to.row(i),
                   [](double x) { return static_cast<T>(x); });
  }
}

template <class T>
void copy_rows(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.columns(), to.row(i));
}

/// <s, x>, summed component by component so that the loop runs in vectors. @pre products.size() == k
template <class T>
double inner_product(ConstMatrixView<double> s, ConstMatrixView<T> x, std::span<double> products) {
  std::fill(products.begin(), products.end(), 0.0);
  for (Index j = 0; j < s.rows(); ++j) {
    const double* a = s.row(j);
    const T* b = x.row(j);
    for (std::size_t c = 0; c < products.size(); ++c) products[c] += a[c] * static_cast<double>(b[c]);
  }
  double sum = 0;
  for (double product : products) sum += product;
  return sum;
}

}  // namespace

void FactorSums::clear() const {
  std::fill(numbers_.begin(), numbers_.end(), 0.0);
}

void FactorSums::add(const FactorSums& other) const {
  for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i] += other.numbers_[i];
}

template <class T>
SharedH<T>::SharedH(Index features, Index components, int threads)
    : features_(features),
      components_(components),
      threads_(threads),
      storage_(with_tail<T>(features, components)),
      total_numbers_(static_cast<std::size_t>(FactorSums::numbers(components))),
      working_gram_(Matrix<T>::padded(components, components)),
      working_sums_(Matrix<T>::padded(1, components)),
      column_sums_of_w_(Matrix<T>::padded(1, components)),
      most_segments_(segments_for(features, components)),
      segment_numbers_(total_numbers_.size() * static_cast<std::size_t>(most_segments_)),
      scratch_(static_cast<std::size_t>(threads)) {
  for (Scratch& scratch : scratch_) {
    large_statistics.for_each(
        [&](Statistic s) { scratch.large[s] = Matrix<T>::padded(std::min(block_rows, features), components); });
    scratch.gram.resize(static_cast<std::size_t>(gram_scratch<T>(components)));
    scratch.products.resize(static_cast<std::size_t>(components));
  }
}

template <class T>
void SharedH<T>::use(const Rule<T>& rule, bool extrapolated) {
  extrapolated_.reset();
  if (extrapolated) {
    extrapolated_.emplace(Matrix<T>::padded(features_, components_), Matrix<T>::padded(features_, components_),
                          Matrix<double>(features_, components_));
    copy_rows<T>(ht(), extrapolated_->pair.view());
    copy_rows<T>(ht(), extrapolated_->previous.view());
  }
  for (Scratch& scratch : scratch_) {
    if (extrapolated) scratch.pair_gram.resize(static_cast<std::size_t>(components_ * components_));
    scratch.rule = make_rule_scratch(rule, std::min(block_rows, features_), components_);
  }
  state_ = {};
  if (rule.state_columns != nullptr) state_ = Matrix<T>::padded(features_, rule.state_columns(components_));
}

template <class T>
MatrixView<T> SharedH<T>::ht() {
  return storage_.view().middle_rows(0, features_);
}
template <class T>
ConstMatrixView<T> SharedH<T>::ht() const {
  return storage_.view().middle_rows(0, features_);
}

template <class T>
FixedH<T> SharedH<T>::fixed() const {
  return {ht(), working_gram_.view(), working_sums_.view()};
}

template <class T>
FactorSums SharedH<T>::segment(Index s) {
  const auto numbers = total_numbers_.size();
  return {std::span<double>(segment_numbers_).subspan(static_cast<std::size_t>(s) * numbers, numbers),
          components_};
}

/// work(rows, scratch, sums) for each block of rows of these features; `total` becomes the sums of all of them,
/// added up in the order of segments.
template <class T>
template <class F>
void SharedH<T>::for_each_block(FeatureRange features, const FactorSums& total, F&& work) {
  const Index blocks = blocks_of(features.count), segments = std::min(most_segments_, blocks);
  std::exception_ptr fault;  // none may leave a thread
#pragma omp parallel for num_threads(threads_) schedule(static) if (threads_ > 1 && segments > 1)
  for (Index s = 0; s < segments; ++s) {
    try {
      const FactorSums sums = segment(s);
      sums.clear();
      for (Index block = s * blocks / segments; block < (s + 1) * blocks / segments; ++block) {
        const Index first = block * block_rows;
        const FeatureRange rows{features.first + first, std::min(block_rows, features.count - first)};
        work(rows, scratch_[static_cast<std::size_t>(omp_get_thread_num())], sums);
      }
    } catch (...) {
#pragma omp critical(mpinmf_shared_h_fault)
      fault = std::current_exception();
    }
  }
  if (fault) std::rethrow_exception(fault);
  total.clear();
  for (Index s = 0; s < segments; ++s) total.add(segment(s));
}

template <class T>
void SharedH<T>::move_block(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows, Scratch& scratch,
                            const FactorSums& total) {
  const ConstMatrixView<double> numerators = sums.of(Statistic::numerator).middle_rows(rows.first, rows.count);
  const MatrixView<T> all = extrapolated_ ? extrapolated_->pair.view() : ht(),
                      x = all.middle_rows(rows.first, rows.count);
  const Statistics<T> statistics = read_statistics(update, sums, rows, scratch);
  MatrixView<T> state;
  if (state_.rows() > 0) state = state_.view().middle_rows(rows.first, rows.count);
  if (extrapolated_) {
    const MatrixView<T> previous = extrapolated_->previous.view().middle_rows(rows.first, rows.count);
    update.redo ? copy_rows<T>(previous, x) : copy_rows<T>(x, previous);
  }
  const double violation = move_rows<T>(update.rule, half_step_, statistics, scratch.rule, {x, state});
  total.add_moved(
      {inner_product<T>(numerators, x, scratch.products), 0, penalty_of<T>(update.settings, x), violation});
  if (extrapolated_) extrapolate_block(update, sums, rows, scratch, total);
}

/// What the rule needs of some features, in working precision.
template <class T>
Statistics<T> SharedH<T>::read_statistics(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows,
                                          Scratch& scratch) {
  Statistics<T> statistics;
  (sums.statistics() & large_statistics).for_each([&](Statistic s) {
    const MatrixView<T> to = scratch.large[s].view().middle_rows(0, rows.count);
    if (s == Statistic::numerator) {
      read_numerator(update, sums, rows, to);
    } else {
      round_to(sums.of(s).middle_rows(rows.first, rows.count), to);
    }
    statistics[s] = to;
  });
  if (sums.statistics().has(Statistic::gram)) statistics[Statistic::gram] = half_step_.gram.view();
  if (sums.statistics().has(Statistic::column_sums)) statistics[Statistic::column_sums] = column_sums_of_w_.view();
  return statistics;
}

/// The numerators of some features, S; extrapolated (1 + b) S_i - b S_{i-1}.
template <class T>
void SharedH<T>::read_numerator(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows,
                                MatrixView<T> numerator) {
  const ConstMatrixView<double> s = sums.of(Statistic::numerator).middle_rows(rows.first, rows.count);
  if (!extrapolated_) return round_to(s, numerator);
  const MatrixView<double> before = extrapolated_->sums.view().middle_rows(rows.first, rows.count);
  const double b = update.momentum;
  for (Index j = 0; j < s.rows(); ++j) {
    for (Index c = 0; c < s.columns(); ++c) {
      numerator(j, c) = static_cast<T>((1 + b) * s(j, c) - b * before(j, c));
      before(j, c) = s(j, c);
    }
  }
}

/// Hy = max(0, H_i + b (H_i - H_{i-1})), and what the pair's quadratic term of the loss is.
template <class T>
void SharedH<T>::extrapolate_block(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange rows,
                                   Scratch& scratch, const FactorSums& total) {
  const MatrixView<T> pair = extrapolated_->pair.view().middle_rows(rows.first, rows.count),
                      previous = extrapolated_->previous.view().middle_rows(rows.first, rows.count),
                      seen = ht().middle_rows(rows.first, rows.count);
  const auto b = static_cast<T>(update.momentum_h);
  for (Index j = 0; j < rows.count; ++j) {
    const T *now = pair.row(j), *before = previous.row(j);
    T* y = seen.row(j);
    for (Index c = 0; c < components_; ++c) {
      const T ahead = now[c] + b * (now[c] - before[c]);
      y[c] = ahead <= 0 ? 0 : ahead;  // NaN stays: an overflow must be seen
    }
  }
  std::fill(scratch.pair_gram.begin(), scratch.pair_gram.end(), 0.0);
  add_gram<T>(pair, {scratch.pair_gram.data(), components_, components_, components_}, scratch.gram);
  double quadratic = 0;
  const double* gram = sums.of(Statistic::gram).data();
  for (std::size_t i = 0; i < scratch.pair_gram.size(); ++i) quadratic += gram[i] * scratch.pair_gram[i];
  total.add_moved({0, quadratic, 0, 0});
}

template <class T>
void SharedH<T>::show_pair(FeatureRange features) {
  copy_rows<T>(extrapolated_->pair.view().middle_rows(features.first, features.count),
               ht().middle_rows(features.first, features.count));
}

template <class T>
void SharedH<T>::go_back(FeatureRange features) {
  copy_rows<T>(extrapolated_->previous.view().middle_rows(features.first, features.count),
               extrapolated_->pair.view().middle_rows(features.first, features.count));
  show_pair(features);
}

template <class T>
void SharedH<T>::begin_anew(const std::vector<Index>& components) {
  // a state of one number a component, as ao-admm's dual; others are of the row
  if (state_.columns() == components_) clear_components<T>(components, state_.view());
  if (extrapolated_) {
    copy_rows<T>(ht(), extrapolated_->pair.view());
    copy_rows<T>(ht(), extrapolated_->previous.view());
  }
  refresh();
}

template <class T>
void SharedH<T>::add_block(FeatureRange rows, Scratch& scratch, const FactorSums& total) const {
  const ConstMatrixView<T> x = ht().middle_rows(rows.first, rows.count);
  add_gram<T>(x, total.gram(), scratch.gram);
  add_column_sums<T>(x, total.column_sums());
}

template <class T>
void SharedH<T>::move(const HUpdate<T>& update, const Sums<T>& sums, FeatureRange features,
                      const FactorSums& total) {
  ConstMatrixView<double> gram = update.gram;
  if (gram.rows() == 0 && sums.statistics().has(Statistic::gram)) gram = sums.of(Statistic::gram);
  begin_half_step(update.rule, update.settings, gram, half_step_);
  if (sums.statistics().has(Statistic::column_sums)) {
    round_to(sums.of(Statistic::column_sums), column_sums_of_w_.view());
  }
  for_each_block(features, total, [&](FeatureRange rows, Scratch& scratch, const FactorSums& part) {
    move_block(update, sums, rows, scratch, part);
    add_block(rows, scratch, part);
  });
}

template <class T>
void SharedH<T>::move(const HUpdate<T>& update, const Sums<T>& sums) {
  move(update, sums, {0, features_}, total());
  take_statistics();
}

template <class T>
void SharedH<T>::refresh() {
  for_each_block({0, features_}, total(), [&](FeatureRange rows, Scratch& scratch, const FactorSums& part) {
    add_block(rows, scratch, part);
  });
  take_statistics();
}

template <class T>
void SharedH<T>::take_statistics() {
  round_to<T>(gram(), working_gram_.view());
  round_to<T>({total().column_sums().data(), 1, components_, components_}, working_sums_.view());
}

template <class T>
bool SharedH<T>::is_finite() const {
  const auto k = static_cast<std::size_t>(components_);
  const auto sums = std::span<const double>(total_numbers_).subspan(k * k, k);
  return std::all_of(sums.begin(), sums.end(), [](double x) { return std::isfinite(x); });
}

template <class T>
void SharedH<T>::pack(const Decision& decision) {
  auto* tail = reinterpret_cast<std::byte*>(storage_.row(features_));
  std::memcpy(tail, &decision, sizeof decision);
  std::memcpy(tail + sizeof decision, total().statistics().data(), total().statistics().size_bytes());
}

template <class T>
void SharedH<T>::unpack(Decision& decision) {
  const auto* tail = reinterpret_cast<const std::byte*>(storage_.row(features_));
  std::memcpy(&decision, tail, sizeof decision);
  std::memcpy(total().statistics().data(), tail + sizeof decision, total().statistics().size_bytes());
}

template <class T>
void SharedH<T>::publish(const Comm& comm, Decision& decision) {
  if (comm.size() == 1) return;
  if (comm.is_root()) pack(decision);
  const auto elements = static_cast<std::size_t>(storage_.rows() * storage_.stride());
  comm.broadcast(std::span<T>(storage_.data(), elements));
  if (comm.is_root()) return;
  unpack(decision);
  take_statistics();
}

template <class T>
void SharedH<T>::add_views(FitState<T>& state, bool is_root, std::span<const FeatureRange> moved_here) {
  const auto add = [&](auto& arrays, const char* name, auto& x, std::span<const FeatureRange> own) {
    if (x.columns() == 0) return;
    auto& array = arrays.emplace_back();
    array.name = name;
    array.rows = features_;
    array.columns = x.columns();
    for (const FeatureRange& range : own) {
      array.blocks.push_back({range.first, x.view().middle_rows(range.first, range.count)});
    }
  };
  const FeatureRange all{0, features_};
  add(state.factors, "ht", storage_, is_root ? std::span(&all, 1) : std::span<const FeatureRange>());
  add(state.factors, "h_state", state_, moved_here);
  if (!extrapolated_) return;
  add(state.factors, "h_pair", extrapolated_->pair, moved_here);
  add(state.factors, "h_previous", extrapolated_->previous, moved_here);
  add(state.sums, "h_sums", extrapolated_->sums, moved_here);
}

template <class T>
Pending SharedH<T>::start_broadcast(const Comm& comm, FeatureRange features, int owner) {
  const auto elements = static_cast<std::size_t>(features.count * storage_.stride());
  return comm.start_broadcast(owner, std::span<T>(ht().row(features.first), elements));
}

template class SharedH<float>;
template class SharedH<double>;

}  // namespace mpinmf
