#include "scratch.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "io/unfinished.hpp"

namespace mpinmf::io {
namespace {

/// Open, and without a name.
File nameless_beside(const std::string& beside) {
  const std::string path = partial_name(std::filesystem::path(beside).replace_filename(".mpinmf").string());
  remember_unfinished(path, false);
  try {
    File file = File::open_to_write(path, beside);
    ::unlink(path.c_str());
    forget_unfinished(path);
    return file;
  } catch (...) {
    forget_unfinished(path);
    throw;
  }
}

}  // namespace

ScratchBytes::ScratchBytes(const std::string& beside, Index bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const File file = nameless_beside(beside);
  file.reserve(bytes);
  void* const mapping =
      ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor(), 0);
  if (mapping == MAP_FAILED) throw file_error(beside, "map work space beside it into memory", errno);
  data_ = mapping;
}

ScratchBytes::~ScratchBytes() {
  if (data_ != nullptr) ::munmap(data_, static_cast<std::size_t>(bytes_));
}

}  // namespace mpinmf::io
