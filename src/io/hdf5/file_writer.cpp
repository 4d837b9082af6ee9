#include "file_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "io/file.hpp"

namespace mpinmf::io::hdf5 {
namespace {

hid_t library_type(Type type) {
  switch (type) {
    case Type::i4: return H5T_NATIVE_INT32;
    case Type::i8: return H5T_NATIVE_INT64;
    case Type::f4: return H5T_NATIVE_FLOAT;
    case Type::f8: break;
  }
  return H5T_NATIVE_DOUBLE;
}

}  // namespace

FileWriter::FileWriter(const std::string& path, const std::string& name, Mode mode) : name_(name) {
  prepare_library();
  const Handle access = made(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "");
  H5Pset_file_locking(access.get(), false, true);
  const hid_t file = guarded([&] {
    return mode == Mode::create ? H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get())
                                : H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get());
  });
  file_ = made(file, H5Fclose, "");
}

void FileWriter::refuse_writing(const std::string& place) const {
  const LibraryFault fault = last_fault();
  if (fault.error != 0) throw file_error(name_, "write it", fault.error);
  throw SystemError(
      fmt::format("{}{}{}: cannot be written (HDF5: {})", name_, place.empty() ? "" : ":", place, fault.cause));
}

Handle FileWriter::made(hid_t id, herr_t (*close)(hid_t), const std::string& place) const {
  if (id < 0) refuse_writing(place);
  return {id, close};
}

bool FileWriter::has(const std::string& place) const {
  return H5Lexists(file_.get(), place.c_str(), H5P_DEFAULT) > 0;
}

void FileWriter::remove(const std::string& place) {
  if (has(place) && H5Ldelete(file_.get(), place.c_str(), H5P_DEFAULT) < 0) refuse_writing(place);
}

Handle FileWriter::text_type(const std::string& place) const {
  Handle type = made(H5Tcopy(H5T_C_S1), H5Tclose, place);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

Handle FileWriter::space(const std::vector<Index>& shape, const std::string& place) const {
  if (shape.empty()) return made(H5Screate(H5S_SCALAR), H5Sclose, place);
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  return made(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose, place);
}

void FileWriter::add_group(const std::string& place) {
  made(H5Gcreate2(file_.get(), place.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose, place);
}

/// For a data set that does not say when it was made, so that files of the same numbers are the same.
Handle FileWriter::timeless(const std::string& place) const {
  Handle creation = made(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, place);
  H5Pset_obj_track_times(creation.get(), false);
  return creation;
}

Index FileWriter::add_room(const std::string& place, Type type, const std::vector<Index>& shape) {
  const Handle creation = timeless(place);
  H5Pset_layout(creation.get(), H5D_CONTIGUOUS);
  H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);
  const Handle extent = space(shape, place);
  const Handle data = made(H5Dcreate2(file_.get(), place.c_str(), library_type(type), extent.get(), H5P_DEFAULT,
                                      creation.get(), H5P_DEFAULT),
                           H5Dclose, place);
  const haddr_t offset = H5Dget_offset(data.get());
  const bool is_empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (offset == HADDR_UNDEF && !is_empty) refuse_writing(place);
  return is_empty ? 0 : static_cast<Index>(offset);
}

void FileWriter::add_names(const std::string& place, const NameReader& names, Index count) {
  const Handle type = text_type(place);
  const Handle extent = space({count}, place);
  const Handle data = made(H5Dcreate2(file_.get(), place.c_str(), type.get(), extent.get(), H5P_DEFAULT,
                                      timeless(place).get(), H5P_DEFAULT),
                           H5Dclose, place);
  constexpr std::size_t at_once = 4096;
  std::vector<std::string> batch;
  hsize_t first = 0;
  const auto flush = [&] {
    if (batch.empty()) return;
    std::vector<const char*> texts;
    for (const std::string& text : batch) texts.push_back(text.c_str());
    const hsize_t here = batch.size();
    const Handle memory = space({static_cast<Index>(here)}, place);
    if (H5Sselect_hyperslab(extent.get(), H5S_SELECT_SET, &first, nullptr, &here, nullptr) < 0 ||
        H5Dwrite(data.get(), type.get(), memory.get(), extent.get(), H5P_DEFAULT, texts.data()) < 0) {
      refuse_writing(place);
    }
    first += here;
    batch.clear();
  };
  names([&](std::string_view name) {
    batch.emplace_back(name);
    if (batch.size() == at_once) flush();
  });
  flush();
}

void FileWriter::add_values(const std::string& place, hid_t type, const std::vector<Index>& shape,
                            const void* values) {
  const Handle extent = space(shape, place);
  const Handle data = made(
      H5Dcreate2(file_.get(), place.c_str(), type, extent.get(), H5P_DEFAULT, timeless(place).get(), H5P_DEFAULT),
      H5Dclose, place);
  if (H5Dwrite(data.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) refuse_writing(place);
}

void FileWriter::add_text(const std::string& place, const std::string& text) {
  const char* const value = text.c_str();
  add_values(place, text_type(place).get(), {}, &value);
}

void FileWriter::add_scalar(const std::string& place, double number) {
  add_values(place, H5T_NATIVE_DOUBLE, {}, &number);
}

void FileWriter::add_scalar(const std::string& place, Index number) {
  add_values(place, H5T_NATIVE_INT64, {}, &number);
}

void FileWriter::add_numbers(const std::string& place, const std::vector<double>& numbers) {
  add_values(place, H5T_NATIVE_DOUBLE, {static_cast<Index>(numbers.size())}, numbers.data());
}

void FileWriter::add_integers(const std::string& place, const std::vector<Index>& numbers) {
  add_values(place, H5T_NATIVE_INT64, {static_cast<Index>(numbers.size())}, numbers.data());
}

void FileWriter::write_attribute(const std::string& place, const std::string& attribute, hid_t type, hid_t space,
                                 const void* value) {
  const Handle object = made(H5Oopen(file_.get(), place.c_str(), H5P_DEFAULT), H5Oclose, place);
  const Handle made_attribute =
      made(H5Acreate2(object.get(), attribute.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, place);
  if (value != nullptr && H5Awrite(made_attribute.get(), type, value) < 0) refuse_writing(place);
}

void FileWriter::set(const std::string& place, const std::string& attribute, const std::string& text) {
  const Handle type = text_type(place);
  const char* const value = text.c_str();
  write_attribute(place, attribute, type.get(), space({}, place).get(), &value);
}

void FileWriter::set(const std::string& place, const std::string& attribute, const std::vector<Index>& numbers) {
  write_attribute(place, attribute, H5T_NATIVE_INT64, space({static_cast<Index>(numbers.size())}, place).get(),
                  numbers.data());
}

void FileWriter::set_empty(const std::string& place, const std::string& attribute) {
  write_attribute(place, attribute, H5T_NATIVE_DOUBLE, space({0}, place).get(), nullptr);
}

void FileWriter::finish() {
  if (H5Fclose(file_.release()) < 0) refuse_writing("");
}

}  // namespace mpinmf::io::hdf5
