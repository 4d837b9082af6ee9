#include "file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "io/file.hpp"
#include "superblock.hpp"

namespace mpinmf::io::hdf5 {
namespace {

Handle open_file(const std::string& path) {
  prepare_library();
  require_plain_superblock(io::File::open_to_read(path));  // neither a folder nor a pipe, and may be read
  const Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, path, "cannot be opened");
  H5Pset_file_locking(access.get(), false, true);
  constexpr std::size_t sieve_bytes = std::size_t{1} << 18;  // read at once for a strip of columns
  H5Pset_sieve_buf_size(access.get(), sieve_bytes);
  return checked(guarded([&] { return H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()); }), H5Fclose, path,
                 "is damaged or no HDF5 file");
}

/// For following links: none leads into another file.
Handle own_links(const std::string& path) {
  Handle links = checked(H5Pcreate(H5P_LINK_ACCESS), H5Pclose, path, "cannot be opened");
  const auto refuse_all = [](const char*, const char*, const char*, const char*, unsigned*, hid_t,
                             void*) -> herr_t { return -1; };
  H5Pset_elink_cb(links.get(), refuse_all, nullptr);
  return links;
}

/// A string of fixed length without its padding.
std::string unpadded(std::string text) {
  text.resize(std::min(text.size(), text.find('\0')));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// Up to `most` bytes: attributes that name things are short.
constexpr std::size_t most_text_bytes = std::size_t{1} << 16;

}  // namespace

std::string place_in(const std::string& group, const std::string& member) {
  return group.ends_with('/') ? group + member : group + "/" + member;
}

File::File(const std::string& path) : path_(path), file_(open_file(path)), links_(own_links(path)) {}

Handle File::open(const std::string& place) const {
  return checked(guarded([&] { return H5Oopen(file_.get(), place.c_str(), links_.get()); }), H5Oclose,
                 name_of(place), "cannot be opened");
}

Kind File::kind_of_object(const std::string& place) const {
  const Handle object = open(place);
  switch (H5Iget_type(object.get())) {
    case H5I_GROUP: return Kind::group;
    case H5I_DATASET: return Kind::data_set;
    default: return Kind::other;
  }
}

Kind File::kind(const std::string& place) const {
  Kind kind = Kind::group;
  for (std::size_t end = place.find_first_not_of('/'); end < place.size();) {
    if (kind != Kind::group) return Kind::nothing;
    end = std::min(place.find('/', end), place.size());
    const std::string part = place.substr(0, end);
    end = std::min(place.find_first_not_of('/', end), place.size());
    const htri_t exists = guarded([&] { return H5Lexists(file_.get(), part.c_str(), links_.get()); });
    if (exists < 0) refuse(name_of(part), "cannot be read");
    if (exists == 0) return Kind::nothing;
    refuse_bad_link(part);
    kind = kind_of_object(part);
  }
  return kind;
}

/// Throws for a link that leads out of the file, in a circle or nowhere.
void File::refuse_bad_link(const std::string& place) const {
  H5L_info_t info{};
  if (guarded([&] { return H5Lget_info(file_.get(), place.c_str(), &info, links_.get()); }) < 0)
    refuse(name_of(place), "cannot be read");
  if (info.type == H5L_TYPE_HARD) return;
  std::string target(std::min(info.u.val_size, most_text_bytes), '\0');
  if (H5Lget_val(file_.get(), place.c_str(), target.data(), target.size(), links_.get()) < 0) {
    refuse(name_of(place), "cannot be read");
  }
  if (info.type == H5L_TYPE_SOFT) {
    target = unpadded(target);
    const htri_t leads_somewhere =
        guarded([&] { return H5Oexists_by_name(file_.get(), place.c_str(), links_.get()); });
    if (leads_somewhere > 0) return;
    if (leads_somewhere == 0) {
      throw BadData(fmt::format("{}: is a link to {}, where nothing lies", name_of(place), target));
    }
    refuse(name_of(place), fmt::format("is a link to {} that cannot be followed", target));
  }
  const char* other_file = nullptr;
  const char* other_place = nullptr;
  if (info.type == H5L_TYPE_EXTERNAL &&
      H5Lunpack_elink_val(target.data(), target.size(), nullptr, &other_file, &other_place) >= 0) {
    throw BadData(fmt::format("{0}: is a link to another file, which is not followed; name that one: {1}:{2}",
                              name_of(place), other_file, other_place));
  }
  throw BadData(fmt::format("{}: is a link of an unknown kind", name_of(place)));
}

std::vector<std::string> File::members(const std::string& group) const {
  const Handle object = open(group);
  H5G_info_t info{};
  if (guarded([&] { return H5Gget_info(object.get(), &info); }) < 0) refuse(name_of(group), "cannot be read");
  constexpr hsize_t most = 1000;
  std::vector<std::string> names;
  for (hsize_t i = 0; i < std::min(info.nlinks, most); ++i) {
    std::string name(most_text_bytes, '\0');
    const ssize_t length = guarded([&] {
      return H5Lget_name_by_idx(object.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size(),
                                H5P_DEFAULT);
    });
    if (length < 0) refuse(name_of(group), "cannot be read");
    name.resize(std::min(static_cast<std::size_t>(length), name.size() - 1));
    H5L_info_t link{};
    const herr_t read = guarded([&] { return H5Lget_info(object.get(), name.c_str(), &link, H5P_DEFAULT); });
    if (read >= 0 && link.type == H5L_TYPE_HARD) names.push_back(name);
  }
  return names;
}

bool File::has_attribute(const std::string& place, const std::string& name) const {
  const Handle object = open(place);
  const htri_t exists = guarded([&] { return H5Aexists(object.get(), name.c_str()); });
  if (exists < 0) refuse(name_of(place), "its attributes cannot be read");
  return exists > 0;
}

Handle File::attribute(const std::string& place, const std::string& name) const {
  if (!has_attribute(place, name)) return {};
  const Handle object = open(place);
  return checked(guarded([&] { return H5Aopen(object.get(), name.c_str(), H5P_DEFAULT); }), H5Aclose,
                 name_of(place), fmt::format("its attribute {} cannot be read", name));
}

std::optional<std::string> File::text_attribute(const std::string& place, const std::string& name) const {
  const Handle attribute = this->attribute(place, name);
  if (!attribute) return std::nullopt;
  const std::string what = fmt::format("its attribute {} cannot be read", name);
  const Handle type = checked(H5Aget_type(attribute.get()), H5Tclose, name_of(place), what);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, name_of(place), what);
  if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1)
    return std::nullopt;
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    if (guarded([&] { return H5Aread(attribute.get(), type.get(), static_cast<void*>(&text)); }) < 0)
      refuse(name_of(place), what);
    std::string result = text == nullptr ? "" : text;
    H5free_memory(text);
    return result;
  }
  std::string text(H5Tget_size(type.get()), '\0');
  if (text.size() > most_text_bytes) return std::nullopt;
  if (guarded([&] { return H5Aread(attribute.get(), type.get(), text.data()); }) < 0) refuse(name_of(place), what);
  return unpadded(text);
}

std::optional<std::vector<Index>> File::integer_attribute(const std::string& place,
                                                          const std::string& name) const {
  const Handle attribute = this->attribute(place, name);
  if (!attribute) return std::nullopt;
  const std::string what = fmt::format("its attribute {} cannot be read", name);
  const Handle type = checked(H5Aget_type(attribute.get()), H5Tclose, name_of(place), what);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, name_of(place), what);
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  constexpr hssize_t most = 32;
  if (H5Tget_class(type.get()) != H5T_INTEGER || count < 1 || count > most) return std::nullopt;
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  if (guarded([&] { return H5Aread(attribute.get(), H5T_NATIVE_INT64, numbers.data()); }) < 0)
    refuse(name_of(place), what);
  return std::vector<Index>(numbers.begin(), numbers.end());
}

}  // namespace mpinmf::io::hdf5
