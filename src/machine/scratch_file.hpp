// Memory that lies in a file.
#pragma once

#include <cstddef>
#include <string>

namespace mpinmf::machine {

/// Where room is taken, and what to do where there is too little.
struct ScratchFolder {
  std::string path, cure;
};

/// Room for numbers in a file that has no name: nobody else sees it, and the system takes it back when the process
/// ends, however it ends. It is mapped into memory, so that what is read comes in from the disk and what is
/// written goes there while others use the memory. Where the disk fails, the process says so and ends with the
/// code of a SystemError. Moves, does not copy.
class ScratchFile {
 public:
  /// So many bytes, all zero, on the disk of `folder`, which are set aside at once. Throws SystemError where there
  /// is no such folder or not so much room in it.
  ScratchFile(const ScratchFolder& folder, std::size_t bytes);
  ScratchFile() = default;
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;
  ~ScratchFile();

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  /// These bytes are done with for now: they leave the process's memory, and begin to be written where they are
  /// new.
  void let_go(std::size_t begin, std::size_t end) const;
  /// For those who read from begin to end of the file, piece by piece, before they read this piece: what comes
  /// behind it begins to be read, what came before is let go.
  void move_window(std::size_t begin, std::size_t end) const;
  /// The most that is in memory of each of the readers who do so.
  static constexpr std::size_t window_bytes = std::size_t{24} << 20;

 private:
  int file_ = -1;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Free bytes on the disk of a folder. Throws SystemError where there is no such folder.
double free_bytes_of_disk(const std::string& folder);
/// Whether what is written there stays in memory (tmpfs).
bool lies_in_memory(const std::string& folder);
/// For V: what was asked for, or else $TMPDIR, or else /var/tmp.
ScratchFolder scratch_folder(const std::string& asked);

}  // namespace mpinmf::machine
