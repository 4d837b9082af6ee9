#include "npz_archive.hpp"

#include <zlib.h>

#include "part_writer.hpp"

namespace mpinmf::io {
namespace {

std::vector<ZipLayout::Member> zip_members(const std::vector<NpzMember>& members) {
  std::vector<ZipLayout::Member> all;
  for (const NpzMember& m : members) {
    all.push_back({m.name + ".npy", static_cast<Index>(m.header.size()) + m.bytes});
  }
  return all;
}

std::uint32_t checksum_of_text(const std::string& text) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

}  // namespace

NpzArchive::NpzArchive(std::vector<NpzMember> members)
    : members_(std::move(members)), layout_(zip_members(members_)) {}

ArrayPlace NpzArchive::place(std::size_t member) const {
  return {"", layout_.data_at(member) + static_cast<Index>(members_[member].header.size())};
}

void NpzArchive::make(const Comm& comm, const OutputTarget& target) const {
  comm.meet_on_root([&] {
    File file = File::open_to_write(target.working_path, target.path);
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const std::string bytes = members_[m].header + members_[m].numbers;
      file.write_at(layout_.data_at(m), std::as_bytes(std::span(bytes)));
    }
    file.sync_and_close();
  });
}

void NpzArchive::finish(const Comm& comm, const OutputTarget& target, const std::vector<PartSum>& sums) const {
  std::vector<std::uint32_t> checksums;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    std::uint32_t sum = checksum_of_text(members_[m].header + members_[m].numbers);
    if (members_[m].numbers.empty()) {
      const std::vector<Index> parts = comm.gather(Index{sums[m].checksum}), bytes = comm.gather(sums[m].bytes);
      for (std::size_t r = 0; r < parts.size(); ++r) {
        sum = static_cast<std::uint32_t>(
            crc32_combine(sum, static_cast<unsigned long>(parts[r]), static_cast<z_off_t>(bytes[r])));
      }
    }
    checksums.push_back(sum);
  }
  comm.meet_on_root([&] {
    File file = open_made(comm, target, "");
    const auto write = [&](Index at, const std::string& text) {
      file.write_at(at, std::as_bytes(std::span(text)));
    };
    for (std::size_t m = 0; m < members_.size(); ++m) write(layout_.header_at(m), layout_.header(m, checksums[m]));
    write(layout_.directory_at(), layout_.directory(checksums));
    file.sync_and_close();
  });
}

}  // namespace mpinmf::io
