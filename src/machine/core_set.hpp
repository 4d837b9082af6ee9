// Which cores of its host a rank may run on.
#pragma once

#include <string>
#include <vector>

namespace mpinmf {

/// Cores of one host. A core has the number of the first of its hardware threads, as the system counts these.
/// Bit c of byte c / 8 stands for core c, so that a set travels as a text and sets are compared byte by byte.
class CoreSet {
 public:
  CoreSet() = default;
  explicit CoreSet(std::string bytes) : bytes_(std::move(bytes)) {}

  void insert(int core);
  void insert(const CoreSet& other);
  bool overlaps(const CoreSet& other) const;
  int size() const;
  std::vector<int> cores() const;  ///< ascending
  const std::string& bytes() const { return bytes_; }

 private:
  unsigned bits(std::size_t byte) const { return static_cast<unsigned char>(bytes_[byte]); }

  std::string bytes_;
};

/// The cores that this rank may run on: its affinity mask, and OpenMP's places where these bind threads. All of
/// the machine where the system does not say.
CoreSet own_cores();

/// The cores that this rank could run on if nothing bound it: those of the host, or of the job's control group.
CoreSet cores_without_binding();

/// On how many processors (hardware threads) the calling thread, and those that it starts, may run.
int processors_of_this_thread();

}  // namespace mpinmf
