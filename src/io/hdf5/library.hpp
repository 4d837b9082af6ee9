// The HDF5 library with identifiers that close themselves and errors in one line. Only this folder calls it.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

#include "guard.hpp"

namespace mpinmf::io::hdf5 {

/// An identifier of the library, closed with the object.
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0 && !has_crashed()) close_(id_);
  }

  hid_t get() const { return id_; }
  /// Not closed with the object any more.
  hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  herr_t (*close_)(hid_t) = nullptr;
};

/// Before anything else is called: the library prints nothing, and knows the filters that are built in here.
void prepare_library();

/// What the library says of the call that failed last, and the number of the operating system in it (0: none).
struct LibraryFault {
  std::string cause;
  int error = 0;
};
LibraryFault last_fault();

/// After a call that failed. Throws SystemError where the operating system refused, else BadData: "NAME: WHAT
/// (HDF5: the innermost cause)".
[[noreturn]] void refuse(const std::string& name, const std::string& what);

/// `id`, unless the call that returned it failed: then throws as refuse.
Handle checked(hid_t id, herr_t (*close)(hid_t), const std::string& name, const std::string& what);

}  // namespace mpinmf::io::hdf5
