#include "guard.hpp"

#include <setjmp.h>
#include <signal.h>

#include <array>

namespace mpinmf::io::hdf5 {
namespace {

constexpr std::array faults = {SIGSEGV, SIGBUS, SIGFPE};

thread_local sigjmp_buf* way_out = nullptr;  // of the thread whose call is guarded
std::array<struct sigaction, faults.size()> before;
bool crashed = false;

/// Another thread's fault is none of ours: it ends as it would have.
void leave(int signal) {
  if (way_out != nullptr) siglongjmp(*way_out, 1);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i] == signal) sigaction(signal, &before[i], nullptr);
  }
}

void watch() {
  struct sigaction action {};
  action.sa_handler = leave;
  for (std::size_t i = 0; i < faults.size(); ++i) sigaction(faults[i], &action, &before[i]);
}

void stop_watching() {
  for (std::size_t i = 0; i < faults.size(); ++i) sigaction(faults[i], &before[i], nullptr);
}

}  // namespace

hid_t guarded_call(hid_t (*call)(void*), void* argument) {
  sigjmp_buf here;
  watch();
  if (sigsetjmp(here, 1) != 0) {
    way_out = nullptr;
    stop_watching();
    crashed = true;
    return -1;
  }
  way_out = &here;
  const hid_t result = call(argument);
  way_out = nullptr;
  stop_watching();
  return result;
}

bool has_crashed() {
  return crashed;
}

void forget_crash() {
  crashed = false;
}

}  // namespace mpinmf::io::hdf5
