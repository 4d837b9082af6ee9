#include "text_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "mpinmf/error.hpp"

namespace mpinmf::report {
namespace {

[[noreturn]] void fail(const char* verb, const std::string& path, int error) {
  throw SystemError(fmt::format("cannot {} {}: {}", verb, path, std::strerror(error)));
}

/// The same for every run, so that the next one overwrites what a killed one has left.
std::string unfinished_name(const std::string& path) {
  return path + ".partial";
}

}  // namespace

void write_text_file(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail("create", path, errno);
  std::size_t done = 0;
  int error = 0;
  while (done < text.size() && error == 0) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  // pipes and devices cannot be synced and say EINVAL
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  if (error != 0) fail("write", path, error);
}

void replace_text_file(const std::string& path, const std::string& text) {
  const std::string unfinished = unfinished_name(path);
  try {
    write_text_file(unfinished, text);
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) fail("replace", path, errno);
  } catch (const SystemError&) {
    ::unlink(unfinished.c_str());
    throw;
  }
}

void remove_unfinished(const std::string& path) {
  ::unlink(unfinished_name(path).c_str());
}

std::string read_text_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("open", path, errno);
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) fail("read", path, errno);
  return text.str();
}

}  // namespace mpinmf::report
