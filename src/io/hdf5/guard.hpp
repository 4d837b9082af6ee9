// The HDF5 library trusts much of what it reads: on some damaged files it reads through a null pointer or divides
// by zero. A call that is guarded fails instead.
#pragma once

#include <hdf5.h>

#include <type_traits>

namespace mpinmf::io::hdf5 {

/// Calls `call(argument)`; -1 where that raises SIGSEGV, SIGBUS or SIGFPE. What it jumps out of must not be C++
/// that has to be unwound.
hid_t guarded_call(hid_t (*call)(void*), void* argument);

/// Whether a guarded call ended so, until forget_crash. What the library then holds is left alone.
bool has_crashed();
void forget_crash();

/// The result of a call of the library, in which nothing else happens.
template <class Call>
auto guarded(Call&& call) {
  using Plain = std::remove_reference_t<Call>;
  const hid_t result =
      guarded_call([](void* it) -> hid_t { return static_cast<hid_t>((*static_cast<Plain*>(it))()); }, &call);
  return static_cast<decltype(call())>(result);
}

}  // namespace mpinmf::io::hdf5
