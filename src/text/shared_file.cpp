#include "shared_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>

namespace mpinmf::text {

io::File open_shared_file(const Comm& comm, const std::string& path) {
  std::optional<io::File> file;
  comm.meet_on_root([&] { file.emplace(io::File::open_to_write(path, path)); });
  comm.meet([&] {
    if (comm.is_root()) return;
    if (::access(path.c_str(), F_OK) != 0) {
      throw SystemError(
          fmt::format("{}: rank {} on {} does not see the file that rank 0 created; the output folder must be on "
                      "a file system "
                      "that all hosts share",
                      path, comm.rank(), host_name()));
    }
    file.emplace(io::File::open_existing(path, path));
  });
  return std::move(*file);
}

}  // namespace mpinmf::text
