#include "stop_signals.hpp"

#include <array>
#include <csignal>
#include <ctime>

#include "io/unfinished.hpp"

namespace mpinmf::cli {
namespace {

volatile std::sig_atomic_t stops = 0, stops_taken = 0, saves = 0;
volatile std::time_t stopped_at = 0;

/// A launcher may pass on what the terminal has sent already, or send another signal right after it.
constexpr std::time_t least_seconds_between = 2;

constexpr std::array signals = {SIGUSR1, SIGUSR2, SIGINT, SIGTERM};
std::array<struct sigaction, signals.size()> before;
std::array<bool, signals.size()> is_caught;

void on_stop(int signal) {
  const std::time_t now = std::time(nullptr);
  if (stops > 0 && now - stopped_at >= least_seconds_between) end_by_signal(signal);
  if (stops == 0) stopped_at = now;
  stops = 1;
}
void on_save(int) {
  saves = 1;
}

void catch_signal(std::size_t i, void (*handler)(int)) {
  struct sigaction now = {};
  if (is_caught[i] || ::sigaction(signals[i], nullptr, &now) != 0 || now.sa_handler == SIG_IGN) return;
  before[i] = now;
  struct sigaction ours = {};
  ours.sa_handler = handler;
  ours.sa_flags = SA_RESTART;  // reading and writing go on
  is_caught[i] = ::sigaction(signals[i], &ours, nullptr) == 0;
}

}  // namespace

SignalWatch::SignalWatch() {
  stops = 0;
  stops_taken = 0;
  saves = 0;
  catch_signal(0, on_stop);
  catch_signal(1, on_save);
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (is_caught[i]) ::sigaction(signals[i], &before[i], nullptr);
    is_caught[i] = false;
  }
}

void SignalWatch::catch_all() {
  catch_signal(2, on_stop);
  catch_signal(3, on_stop);
}

Requests SignalWatch::take() {
  const Requests requests = {stops > stops_taken, saves > 0};
  stops_taken = stops;
  if (requests.save) saves = 0;
  return requests;
}

bool SignalWatch::is_stop_asked() const {
  return stops > 0;
}

}  // namespace mpinmf::cli
