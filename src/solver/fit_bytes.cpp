#include "fit_bytes.hpp"

#include "communication.hpp"
#include "data/filled_rows.hpp"
#include "extrapolated_pair.hpp"
#include "h_extrapolated_pair.hpp"
#include "h_mover.hpp"
#include "w_mover.hpp"

namespace mpinmf {
namespace {

template <class T>
const Rule<T>& rule_named(const std::string& name) {
  return name.empty() ? default_rule<T>(DefaultFor::any_loss) : find_rule<T>(name);
}

template <class T>
std::unique_ptr<PanelLoss<T>> loss_of_fit(const Loss& loss, const Rule<T>& rule) {
  const StatisticsSet offered = facts_of(loss).offers;
  return make_loss<T>(loss, asked_by(rule, offered) & offered);
}

}  // namespace

template <class T>
Layout layout_of_fit(const Loss& loss, const std::string& rule) {
  return loss_of_fit(loss, rule_named<T>(rule))->layout();
}
template Layout layout_of_fit<float>(const Loss&, const std::string&);
template Layout layout_of_fit<double>(const Loss&, const std::string&);

template <class T>
FitBytes fit_bytes(const FitSizes& sizes, const Loss& loss_name, const std::string& rule_name) {
  const Rule<T>& rule = rule_named<T>(rule_name);
  const auto loss = loss_of_fit(loss_name, rule);
  StatisticsSet summed = loss->statistics();
  const bool carries_h_alone = rule.extrapolates == Extrapolated::h_alone;
  if (sizes.extrapolated && !carries_h_alone) summed = summed | StatisticsSet{Statistic::cross_gram};
  const Index n = sizes.features, k = sizes.components;
  const int threads = sizes.threads;
  const Index large = large_numbers(summed, k);
  const bool shares = share_sums(plain_bytes<T>(n, large), sizes.entry_bytes, threads);
  const Chunks chunks = chunks_for(n, k, sizeof(T), sizes.ranks, rule.outweighs_messages);
  FitBytes bytes;
  bytes.w = padded_bytes<T>(sizes.rows, k) + WMover<T>::bytes(rule, summed, sizes.rows, k);
  bytes.h_and_sums = SharedH<T>::bytes(n, k, threads) + HMover<T>::bytes(rule, summed, n, k, threads) +
                     Sums<T>::bytes(summed, n, k, {threads, shares}) +
                     bytes_in_mpi(plain_bytes<double>(n, large), sizes.ranks, chunks);
  if (sizes.extrapolated && carries_h_alone) {
    bytes.w += HExtrapolatedPair<T>::w_bytes(sizes.rows, k);
    bytes.h_and_sums += HExtrapolatedPair<T>::h_bytes(n, k);
  } else if (sizes.extrapolated) {
    bytes.w += ExtrapolatedPair<T>::w_bytes(sizes.rows, k);
    bytes.h_and_sums += ExtrapolatedPair<T>::h_bytes(n, k, threads);
  }
  bytes.scratch = Sweep<T>::scratch_bytes(*loss, rule, sizes.tile, k, {threads, shares});
  if (facts_of(loss_name).is_filled)
    bytes.scratch += threads * bytes_of_filled_rows<T>(sizes.tile.rows, sizes.tile.longest_row);
  return bytes;
}
template FitBytes fit_bytes<float>(const FitSizes&, const Loss&, const std::string&);
template FitBytes fit_bytes<double>(const FitSizes&, const Loss&, const std::string&);

}  // namespace mpinmf
