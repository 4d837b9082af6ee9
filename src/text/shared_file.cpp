#include "shared_file.hpp"

#include <optional>

namespace mpinmf::text {

io::File open_shared_file(const Comm& comm, const std::string& path) {
  std::optional<io::File> file;
  comm.meet_on_root([&] { file.emplace(io::File::open_to_write(path, path)); });
  comm.meet([&] {
    if (comm.is_root()) return;
    io::require_seen(comm, path, path);
    file.emplace(io::File::open_existing(path, path));
  });
  return std::move(*file);
}

}  // namespace mpinmf::text
