// Writes HDF5 files for tests.
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

/// An HDF5 file in the making; groups on the way to a place are made with it. Open until the end of the object.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::string& path, hsize_t user_block = 0) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, user_block);
    file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    H5Pclose(creation);
    links_ = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links_, 1);
  }
  ~Hdf5Writer() {
    H5Pclose(links_);
    H5Fclose(file_);
  }
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  hid_t id() const { return file_; }

  template <class T>
  static hid_t type_of() {
    if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
    if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
    if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
    if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
    return H5T_NATIVE_UINT64;
  }

  /// Numbers, held in the file as `type`; `describe` adds chunks and filters.
  template <class T>
  void numbers(const std::string& place, const std::vector<T>& values, const std::vector<hsize_t>& shape,
               hid_t type, const std::function<void(hid_t)>& describe = {}) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (describe) describe(creation);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t data = H5Dcreate2(file_, place.c_str(), type, space, links_, creation, H5P_DEFAULT);
    if (!values.empty()) H5Dwrite(data, type_of<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(data);
    H5Sclose(space);
    H5Pclose(creation);
  }
  template <class T>
  void numbers(const std::string& place, const std::vector<T>& values, const std::vector<hsize_t>& shape) {
    numbers(place, values, shape, type_of<T>());
  }
  template <class T>
  void numbers(const std::string& place, const std::vector<T>& values) {
    numbers(place, values, {values.size()});
  }

  /// Strings of variable length, or of `length` bytes.
  void strings(const std::string& place, const std::vector<std::string>& names, std::size_t length = 0) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length == 0 ? H5T_VARIABLE : length);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hsize_t count = names.size();
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t data = H5Dcreate2(file_, place.c_str(), type, space, links_, H5P_DEFAULT, H5P_DEFAULT);
    std::vector<const char*> pointers;
    std::string bytes(length * names.size(), '\0');
    for (std::size_t i = 0; i < names.size(); ++i) {
      pointers.push_back(names[i].c_str());
      bytes.replace(i * length, std::min(length, names[i].size()), names[i].substr(0, length));
    }
    const void* const memory = length == 0 ? static_cast<const void*>(pointers.data()) : bytes.data();
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, memory);
    H5Dclose(data);
    H5Sclose(space);
    H5Tclose(type);
  }

  void group(const std::string& place) {
    H5Gclose(H5Gcreate2(file_, place.c_str(), links_, H5P_DEFAULT, H5P_DEFAULT));
  }

  void attribute(const std::string& place, const std::string& name, const std::string& text, bool fixed = false) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, fixed ? text.size() : H5T_VARIABLE);
    const char* const pointer = text.c_str();
    attribute(place, name, type, space, fixed ? static_cast<const void*>(pointer) : &pointer);
    H5Tclose(type);
  }
  void attribute(const std::string& place, const std::string& name, const std::vector<std::int64_t>& numbers) {
    const hsize_t count = numbers.size();
    attribute(place, name, H5T_NATIVE_INT64, H5Screate_simple(1, &count, nullptr), numbers.data());
  }

  void soft_link(const std::string& target, const std::string& place) {
    H5Lcreate_soft(target.c_str(), file_, place.c_str(), links_, H5P_DEFAULT);
  }
  void external_link(const std::string& file, const std::string& target, const std::string& place) {
    H5Lcreate_external(file.c_str(), target.c_str(), file_, place.c_str(), links_, H5P_DEFAULT);
  }

 private:
  void attribute(const std::string& place, const std::string& name, hid_t type, hid_t space, const void* value) {
    const hid_t object = H5Oopen(file_, place.c_str(), H5P_DEFAULT);
    const hid_t attribute = H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, value);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Oclose(object);
  }

  hid_t file_, links_;
};

/// The bytes of a file whose strings are named by an address of a heap and a number in it, which HDF5 1.10 looks
/// up without a check: here with numbers that are far too large.
inline std::string with_spoilt_strings(std::string bytes) {
  const std::size_t heap = bytes.find("GCOL");
  std::string address(8, '\0');
  for (std::size_t i = 0; i < 4; ++i) address[i] = static_cast<char>(heap >> (8 * i));
  for (std::size_t at = bytes.find(address); at != std::string::npos; at = bytes.find(address, at + 12)) {
    const bool is_small_number = bytes[at + 8] != 0 && bytes.compare(at + 9, 3, std::string(3, '\0')) == 0;
    if (is_small_number) bytes.replace(at + 8, 4, "\xff\xff\xff\x3f");
  }
  return bytes;
}
