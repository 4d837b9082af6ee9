// An HDF5 file that a rank reads by itself: what stands where in it, and its attributes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "library.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::io::hdf5 {

enum class Kind { nothing, group, data_set, other };

/// Places are paths inside, from "/". Everything throws SystemError or BadData that names file and place. Nothing
/// communicates, and nothing leads out of the file: external links are refused.
class File {
 public:
  /// Opened to be read, without locks, so that a folder that is read-only will do.
  explicit File(const std::string& path);

  const std::string& path() const { return path_; }
  /// What messages call a place.
  std::string name_of(const std::string& place) const { return path_ + ":" + place; }

  /// What lies there; nothing where a part of the way is missing.
  Kind kind(const std::string& place) const;
  bool has_group(const std::string& place) const { return kind(place) == Kind::group; }
  bool has_data_set(const std::string& place) const { return kind(place) == Kind::data_set; }
  /// Names of what lies in a group, sorted, without what soft links lead to; 1000 at most.
  std::vector<std::string> members(const std::string& group) const;

  /// Nothing where there is none, or none of such a type.
  std::optional<std::string> text_attribute(const std::string& place, const std::string& name) const;
  std::optional<std::vector<Index>> integer_attribute(const std::string& place, const std::string& name) const;
  bool has_attribute(const std::string& place, const std::string& name) const;

  /// The object at a place where there is one.
  Handle open(const std::string& place) const;

 private:
  Handle attribute(const std::string& place, const std::string& name) const;
  Kind kind_of_object(const std::string& place) const;
  void refuse_bad_link(const std::string& place) const;

  std::string path_;
  Handle file_, links_;
};

/// "GROUP/MEMBER", also where the group is "/".
std::string place_in(const std::string& group, const std::string& member);

}  // namespace mpinmf::io::hdf5
