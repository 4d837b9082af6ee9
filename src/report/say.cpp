#include "say.hpp"

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace mpinmf::report {

void say(const std::string& text) {
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(count));
  }
}

void note(const std::string& text) {
  say("mpinmf: note: " + text + "\n");
}

}  // namespace mpinmf::report
