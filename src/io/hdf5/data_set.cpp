#include "data_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "filters.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io::hdf5 {
namespace {

/// Calls f with a value of the type.
template <class F>
void with_number(Number number, F&& f) {
  switch (number) {
    case Number::i1: return f(std::int8_t{});
    case Number::i2: return f(std::int16_t{});
    case Number::i4: return f(std::int32_t{});
    case Number::i8: return f(std::int64_t{});
    case Number::u1: return f(std::uint8_t{});
    case Number::u2: return f(std::uint16_t{});
    case Number::u4: return f(std::uint32_t{});
    case Number::u8: return f(std::uint64_t{});
    case Number::f4: return f(float{});
    case Number::f8: return f(double{});
  }
}

std::size_t bytes_of(Number number) {
  std::size_t bytes = 0;
  with_number(number, [&](auto zero) { bytes = sizeof zero; });
  return bytes;
}

hid_t library_type(Number number) {
  switch (number) {
    case Number::i1: return H5T_NATIVE_INT8;
    case Number::i2: return H5T_NATIVE_INT16;
    case Number::i4: return H5T_NATIVE_INT32;
    case Number::i8: return H5T_NATIVE_INT64;
    case Number::u1: return H5T_NATIVE_UINT8;
    case Number::u2: return H5T_NATIVE_UINT16;
    case Number::u4: return H5T_NATIVE_UINT32;
    case Number::u8: return H5T_NATIVE_UINT64;
    case Number::f4: return H5T_NATIVE_FLOAT;
    case Number::f8: break;
  }
  return H5T_NATIVE_DOUBLE;
}

Number integer_of(std::size_t bytes, bool has_sign) {
  if (bytes == 1) return has_sign ? Number::i1 : Number::u1;
  if (bytes == 2) return has_sign ? Number::i2 : Number::u2;
  if (bytes <= 4) return has_sign ? Number::i4 : Number::u4;
  return has_sign ? Number::i8 : Number::u8;
}

const char* class_text(H5T_class_t kind) {
  switch (kind) {
    case H5T_STRING: return "strings";
    case H5T_COMPOUND: return "records of several fields (complex numbers are such)";
    case H5T_ARRAY: return "arrays";
    case H5T_VLEN: return "lists of different lengths";
    case H5T_REFERENCE: return "references";
    case H5T_OPAQUE: return "opaque bytes";
    case H5T_BITFIELD: return "bit fields";
    default: return "something else";
  }
}

/// `count` numbers that stand at the end of the memory of as many of `out`, from front to back: what is written
/// never overtakes what is read, as they are no longer.
template <class T, class Out>
void widen_in_place(Out* out, std::size_t count) {
  constexpr std::size_t at_once = 512;
  std::array<T, at_once> block;
  const std::byte* in = reinterpret_cast<const std::byte*>(out) + count * (sizeof(Out) - sizeof(T));
  for (std::size_t i = 0; i < count; i += at_once) {
    const std::size_t here = std::min(at_once, count - i);
    std::memcpy(block.data(), in + i * sizeof(T), here * sizeof(T));
    for (std::size_t b = 0; b < here; ++b) out[i + b] = static_cast<Out>(block[b]);
  }
}

}  // namespace

std::string shape_text(std::span<const Index> shape) {
  if (shape.empty()) return "a single value";
  std::string text;
  for (const Index size : shape) text += fmt::format("{}{}", text.empty() ? "" : " x ", size);
  return text;
}

std::optional<std::array<Index, 2>> matrix_shape(const File& file, const std::string& place) {
  const Handle data = file.open(place);
  const Handle type = checked(H5Dget_type(data.get()), H5Tclose, file.name_of(place), "its type cannot be read");
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM) return std::nullopt;
  const Handle space =
      checked(H5Dget_space(data.get()), H5Sclose, file.name_of(place), "its shape cannot be read");
  std::array<hsize_t, 2> sizes{};
  if (H5Sget_simple_extent_ndims(space.get()) != 2) return std::nullopt;
  H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  return std::array{static_cast<Index>(sizes[0]), static_cast<Index>(sizes[1])};
}

DataSet::DataSet(std::shared_ptr<const File> file, const std::string& place)
    : file_(std::move(file)), place_(place) {
  const Kind kind = file_->kind(place);
  if (kind == Kind::nothing) throw BadData(fmt::format("{}: there is no such data set", name()));
  if (kind != Kind::data_set) {
    throw BadData(fmt::format("{}: is {}, not a data set", name(), kind == Kind::group ? "a group" : "no array"));
  }
  data_ = file_->open(place);
  read_type();
  read_shape();
  const Handle creation =
      checked(H5Dget_create_plist(data_.get()), H5Pclose, name(), "its description cannot be read");
  require_filters(creation.get(), name());
  read_layout(creation.get());
}

void DataSet::read_type() {
  const Handle type = checked(H5Dget_type(data_.get()), H5Tclose, name(), "its type cannot be read");
  element_bytes_ = static_cast<Index>(H5Tget_size(type.get()));
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind == H5T_FLOAT) {
    number_ = H5Tget_size(type.get()) == 4 ? Number::f4 : Number::f8;  // half and long double go through double
  } else if (kind == H5T_INTEGER) {
    number_ = integer_of(H5Tget_size(type.get()), H5Tget_sign(type.get()) != H5T_SGN_NONE);
  } else if (kind == H5T_ENUM) {  // truth values of h5py
    const Handle base = checked(H5Tget_super(type.get()), H5Tclose, name(), "its type cannot be read");
    number_ = integer_of(H5Tget_size(base.get()), H5Tget_sign(base.get()) != H5T_SGN_NONE);
    memory_type_ =
        checked(H5Tget_native_type(type.get(), H5T_DIR_DEFAULT), H5Tclose, name(), "its type cannot be read");
    if (H5Tget_size(memory_type_.get()) != bytes_of(number_)) {
      throw BadData(fmt::format("{}: holds truth values of a strange size", name()));
    }
  } else {
    throw BadData(fmt::format("{}: holds {}, where numbers are expected", name(), class_text(kind)));
  }
  if (!memory_type_) memory_type_ = Handle(H5Tcopy(library_type(number_)), H5Tclose);
}

void DataSet::read_shape() {
  const Handle space = checked(H5Dget_space(data_.get()), H5Sclose, name(), "its shape cannot be read");
  std::array<hsize_t, H5S_MAX_RANK> sizes{};
  const int rank = H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  if (rank < 0) refuse(name(), "its shape cannot be read");
  double elements = 1;
  for (int d = 0; d < rank; ++d) {
    elements *= static_cast<double>(sizes[static_cast<std::size_t>(d)]);
    shape_.push_back(static_cast<Index>(sizes[static_cast<std::size_t>(d)]));
  }
  constexpr double most = 1e17;  // bytes of that are counted in 64 bits
  const bool absurd = std::any_of(shape_.begin(), shape_.end(), [](Index size) { return size < 0; });
  if (elements > most || absurd) throw BadData(fmt::format("{}: says that it is {}", name(), shape_text(shape_)));
}

/// Data that are not there would be read as zeros, or as what others put into other files.
void DataSet::read_layout(hid_t creation) {
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout < 0) refuse(name(), "its layout cannot be read");
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation) > 0) {
    throw BadData(
        fmt::format("{}: keeps its numbers in other files, which are not followed; copy them into one: "
                    "h5repack does it",
                    name()));
  }
  const bool is_empty = std::find(shape_.begin(), shape_.end(), 0) != shape_.end();
  const hsize_t stored = guarded([&] { return H5Dget_storage_size(data_.get()); });
  if (!is_empty && stored == 0 && layout != H5D_COMPACT) {
    throw BadData(fmt::format("{}: is {}, but none of it was ever written; write the file again", name(),
                              shape_text(shape_)));
  }
  // of gzip; other filters seldom do better
  constexpr double best_compression = 1100, no_matter = 1U << 26U;
  double promised = static_cast<double>(element_bytes_);
  for (const Index size : shape_) promised *= static_cast<double>(size);
  if (layout != H5D_COMPACT && promised > no_matter && promised > best_compression * static_cast<double>(stored)) {
    throw BadData(
        fmt::format("{}: is {}, which takes {:.3g} bytes, but only {} bytes of it were ever written; write "
                    "the file again",
                    name(), shape_text(shape_), promised, stored));
  }
  if (layout != H5D_CHUNKED) return;
  std::array<hsize_t, H5S_MAX_RANK> sizes{};
  const int rank = H5Pget_chunk(creation, static_cast<int>(sizes.size()), sizes.data());
  if (rank < 0 || static_cast<std::size_t>(rank) != shape_.size()) refuse(name(), "its chunks cannot be read");
  double bytes = static_cast<double>(element_bytes_);
  for (int d = 0; d < rank; ++d) {
    bytes *= static_cast<double>(sizes[static_cast<std::size_t>(d)]);
    chunk_.push_back(static_cast<Index>(sizes[static_cast<std::size_t>(d)]));
  }
  if (bytes > no_matter && bytes > best_compression * static_cast<double>(stored)) {
    throw BadData(
        fmt::format("{}: promises chunks of {:.0f} bytes, but stores {} bytes in all; the file is damaged", name(),
                    bytes, stored));
  }
}

double DataSet::chunk_bytes() const {
  return std::accumulate(chunk_.begin(), chunk_.end(), static_cast<double>(element_bytes_),
                         [](double bytes, Index size) { return bytes * static_cast<double>(size); });
}

void DataSet::keep_chunks(Index count) {
  if (chunk_.empty()) return;
  const double one = chunk_bytes();
  cache_bytes_ = std::max(one, std::min(most_kept, one * static_cast<double>(count)));
  constexpr std::size_t slots = 12421;  // a prime, far above the number of chunks that are kept
  // with 1 the library never lets go of chunks that were read in part
  constexpr double preference_for_those_read = 0.75;
  const Handle access = checked(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, name(), "cannot be opened");
  H5Pset_chunk_cache(access.get(), slots, static_cast<std::size_t>(cache_bytes_), preference_for_those_read);
  const Handle group = file_->open("/");
  data_ = Handle();
  data_ = checked(guarded([&] { return H5Dopen2(group.get(), place_.c_str(), access.get()); }), H5Dclose, name(),
                  "cannot be opened");
}

void DataSet::read_to(hid_t memory, std::span<const Index> first, std::span<const Index> count,
                      std::byte* out) const {
  const std::vector<hsize_t> start(first.begin(), first.end()), size(count.begin(), count.end());
  const std::string what =
      fmt::format("what is stored of {} from ({}) on cannot be read", shape_text(shape_), fmt::join(first, ", "));
  const Handle space = checked(H5Dget_space(data_.get()), H5Sclose, name(), what);
  if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) < 0) {
    refuse(name(), what);
  }
  if (guarded([&] { return H5Dread(data_.get(), memory_type_.get(), memory, space.get(), H5P_DEFAULT, out); }) <
      0) {
    refuse(name(), what);
  }
}

template <class Out>
void DataSet::read(std::span<const Index> first, std::span<const Index> count, Out* out) const {
  const auto elements = static_cast<std::size_t>(
      std::accumulate(count.begin(), count.end(), Index{1}, [](Index a, Index b) { return a * b; }));
  if (elements == 0) return;
  const std::vector<hsize_t> size(count.begin(), count.end());
  const Handle memory = checked(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr), H5Sclose,
                                name(), "cannot be read");
  const std::size_t narrower = sizeof(Out) - bytes_of(number_);
  read_to(memory.get(), first, count, reinterpret_cast<std::byte*>(out) + elements * narrower);
  with_number(number_, [&](auto zero) { widen_in_place<decltype(zero)>(out, elements); });
}

Index DataSet::held_bytes() const {
  return static_cast<Index>(bytes_of(number_));
}

void DataSet::read_held(std::array<Index, 2> first, std::array<Index, 2> count, std::byte* out,
                        Index out_columns) const {
  const std::array<hsize_t, 2> whole = {static_cast<hsize_t>(count[0]), static_cast<hsize_t>(out_columns)},
                               start = {0, 0},
                               size = {static_cast<hsize_t>(count[0]), static_cast<hsize_t>(count[1])};
  const Handle memory = checked(H5Screate_simple(2, whole.data(), nullptr), H5Sclose, name(), "cannot be read");
  if (H5Sselect_hyperslab(memory.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) < 0)
    refuse(name(), "cannot be read");
  read_to(memory.get(), first, count, out);
}

void DataSet::widen(const std::byte* held, Index count, double* out) const {
  with_number(number_, [&](auto zero) {
    using Held = decltype(zero);
    for (Index i = 0; i < count; ++i) {
      Held value;
      std::memcpy(&value, held + static_cast<std::size_t>(i) * sizeof(Held), sizeof(Held));
      out[i] = static_cast<double>(value);
    }
  });
}

template void DataSet::read(std::span<const Index>, std::span<const Index>, double*) const;
template void DataSet::read(std::span<const Index>, std::span<const Index>, Index*) const;

}  // namespace mpinmf::io::hdf5
