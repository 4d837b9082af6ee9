#include "library.hpp"

#include <fmt/format.h>

#include <charconv>

#include "io/file.hpp"
#include "lzf.hpp"

namespace mpinmf::io::hdf5 {
namespace {

/// The innermost message of the library's stack of errors.
std::string innermost_error() {
  std::string text;
  const auto take = [](unsigned depth, const H5E_error2_t* error, void* out) -> herr_t {
    if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take, &text);
  H5Eclear2(H5E_DEFAULT);
  return text;
}

/// The number of the operating system in such a message; 0: there is none.
int errno_in(const std::string& text) {
  const std::string mark = "errno = ";
  const std::size_t at = text.find(mark);
  int number = 0;
  if (at != std::string::npos) std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
  return number;
}

bool start_library() {
  H5dont_atexit();
  H5open();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  register_lzf();
  return true;
}

/// Before main, and so before MPI: a library that starts later has MPI end it, and like at the exit
/// of a process that would close what a crash has left, and crash once more. Files are only read, so that nothing
/// is lost.
const bool library_is_ready = start_library();

}  // namespace

void prepare_library() {
  static_cast<void>(library_is_ready);
  forget_crash();
}

LibraryFault last_fault() {
  const std::string cause = innermost_error();
  return {cause, errno_in(cause)};
}

void refuse(const std::string& name, const std::string& what) {
  if (has_crashed()) {
    throw BadData(
        fmt::format("{}: {}: it is so damaged that the HDF5 library fails on it; copy the file again, or "
                    "write it again",
                    name, what));
  }
  const auto [cause, error] = last_fault();
  if (error != 0) throw file_error(name, "read it", error);
  const bool is_short = cause.find("truncated file") != std::string::npos ||
                        cause.find("addr overflow") != std::string::npos ||
                        cause.find("end of file") != std::string::npos;
  throw BadData(fmt::format("{}: {}{}{}", name, what, cause.empty() ? "" : " (HDF5: " + cause + ")",
                            is_short ? "; it was cut short: copy it again" : ""));
}

Handle checked(hid_t id, herr_t (*close)(hid_t), const std::string& name, const std::string& what) {
  if (id < 0) refuse(name, what);
  return {id, close};
}

}  // namespace mpinmf::io::hdf5
