#include "shared_h.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/gram.hpp"
#include "kernels/rows.hpp"

namespace mpinmf {

Index tail_rows(Index components, Index element_bytes) {
  const Index bytes = (components * components + components + decision_numbers) * Index{sizeof(double)};
  const Index row_bytes = padded_columns(components, element_bytes) * element_bytes;
  return (bytes + row_bytes - 1) / row_bytes;
}

template <class T>
SharedH<T>::SharedH(Index features, Index components, int threads)
    : features_(features),
      components_(components),
      storage_(Matrix<T>::padded(features + tail_rows(components, sizeof(T)), components)),
      total_numbers_(static_cast<std::size_t>(FactorSums::numbers(components))),
      working_gram_(Matrix<T>::padded(components, components)),
      working_sums_(Matrix<T>::padded(1, components)),
      blocks_(features, components, threads),
      gram_scratch_(static_cast<std::size_t>(threads)) {
  for (auto& scratch : gram_scratch_) scratch.resize(static_cast<std::size_t>(gram_scratch<T>(components)));
}

template <class T>
double SharedH<T>::bytes(Index features, Index components, int threads) {
  return padded_bytes<T>(features + tail_rows(components, sizeof(T)) + components + 1, components) +
         FeatureBlocks::bytes(features, components) +
         plain_bytes<double>(1, FactorSums::numbers(components) + threads * gram_scratch<T>(components));
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
bool SharedH<T>::is_finite() const {
  const auto k = static_cast<std::size_t>(components_);
  const auto sums = std::span<const double>(total_numbers_).subspan(k * k, k);
  return std::all_of(sums.begin(), sums.end(), [](double x) { return std::isfinite(x); });
}

template <class T>
void SharedH<T>::add_rows(FeatureRange rows, std::size_t thread, const FactorSums& sums) {
  const ConstMatrixView<T> x = ht().middle_rows(rows.first, rows.count);
  add_gram<T>(x, sums.gram(), gram_scratch_[thread]);
  add_column_sums<T>(x, sums.column_sums());
}

template <class T>
void SharedH<T>::refresh() {
  const FactorSums::Move moved = this->moved();
  blocks_.for_each({0, features_}, total(), [&](FeatureRange rows, std::size_t thread, const FactorSums& sums) {
    add_rows(rows, thread, sums);
  });
  total().add_moved(moved);
  take_statistics();
}

template <class T>
void SharedH<T>::take_statistics() {
  round_to<T>(gram(), working_gram_.view());
  round_to<T>({total().column_sums().data(), 1, components_, components_}, working_sums_.view());
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
Pending SharedH<T>::start_broadcast(const Comm& comm, FeatureRange features, int owner) {
  const auto elements = static_cast<std::size_t>(features.count * storage_.stride());
  return comm.start_broadcast(owner, std::span<T>(ht().row(features.first), elements));
}

template <class T>
void SharedH<T>::add_views(FitState<T>& state, bool is_root) {
  const FeatureRange all{0, features_};
  add_feature_rows(state.factors, "ht", storage_.view(), features_,
                   is_root ? std::span(&all, 1) : std::span<const FeatureRange>());
}

template class SharedH<float>;
template class SharedH<double>;

}  // namespace mpinmf
