#include "strings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "data_set.hpp"
#include "filters.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io::hdf5 {
namespace {

using TakeName = std::function<void(std::string_view)>;
constexpr std::size_t names_at_once = 4096, most_name_bytes = std::size_t{1} << 16;

/// A data set of strings.
class StringSet {
 public:
  StringSet(const std::shared_ptr<const File>& file, const std::string& place, const std::string& field)
      : file_(file), place_(place), data_(file->open(place)) {
    const Handle space = checked(H5Dget_space(data_.get()), H5Sclose, name(), "its shape cannot be read");
    std::array<hsize_t, H5S_MAX_RANK> sizes{};
    const int rank = H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
    if (rank != 1) throw BadData(fmt::format("{}: has {} dimensions, where names are expected", name(), rank));
    count_ = sizes[0];
    const Handle creation =
        checked(H5Dget_create_plist(data_.get()), H5Pclose, name(), "its description cannot be read");
    require_filters(creation.get(), name());
    const Handle type = checked(H5Dget_type(data_.get()), H5Tclose, name(), "its type cannot be read");
    if (H5Tget_class(type.get()) == H5T_COMPOUND) {
      take_field(type.get(), field);
    } else if (H5Tget_class(type.get()) == H5T_STRING) {
      take_strings(type.get());
      memory_type_ = Handle(H5Tcopy(type.get()), H5Tclose);
    }
  }

  /// Whether it holds strings.
  explicit operator bool() const { return static_cast<bool>(memory_type_); }

  void read(const TakeName& take) const {
    const std::size_t at_once =
        is_variable_ ? names_at_once : std::max<std::size_t>(names_at_once * sizeof(char*) / bytes_, 1);
    std::vector<char> buffer(at_once * bytes_);
    for (hsize_t at = 0; at < count_; at += at_once) {
      const hsize_t here = std::min<hsize_t>(at_once, count_ - at);
      const Handle memory = read_batch(at, here, buffer);
      // nobody else frees strings of variable length
      const auto free_all = [&](const std::vector<char>* strings) {
        if (is_variable_)
          H5Dvlen_reclaim(memory_type_.get(), memory.get(), H5P_DEFAULT, const_cast<char*>(strings->data()));
      };
      const std::unique_ptr<std::vector<char>, decltype(free_all)> guard(&buffer, free_all);
      for (std::size_t i = 0; i < here; ++i) take(text_at(buffer.data() + i * bytes_));
    }
  }

 private:
  std::string name() const { return file_->name_of(place_); }

  void take_strings(hid_t type) {
    is_variable_ = H5Tis_variable_str(type) > 0;
    bytes_ = is_variable_ ? sizeof(char*) : H5Tget_size(type);
    if (bytes_ == 0 || bytes_ > most_name_bytes) {
      throw BadData(fmt::format("{}: has strings of {} bytes, which are no names", name(), bytes_));
    }
  }

  /// Of each record the field of that name.
  void take_field(hid_t type, const std::string& field) {
    const int index = H5Tget_member_index(type, field.c_str());
    if (index < 0) {
      H5Eclear2(H5E_DEFAULT);
      return;
    }
    const Handle member = checked(H5Tget_member_type(type, static_cast<unsigned>(index)), H5Tclose, name(),
                                  "its type cannot be read");
    if (H5Tget_class(member.get()) != H5T_STRING) return;
    take_strings(member.get());
    memory_type_ = checked(H5Tcreate(H5T_COMPOUND, bytes_), H5Tclose, name(), "its type cannot be read");
    if (H5Tinsert(memory_type_.get(), field.c_str(), 0, member.get()) < 0)
      refuse(name(), "its type cannot be read");
  }

  /// Returns the space of what was read.
  Handle read_batch(hsize_t first, hsize_t count, std::vector<char>& buffer) const {
    const std::string what = fmt::format("name {} (counted from 0) cannot be read", first);
    const Handle space = checked(H5Dget_space(data_.get()), H5Sclose, name(), what);
    Handle memory = checked(H5Screate_simple(1, &count, nullptr), H5Sclose, name(), what);
    std::fill(buffer.begin(), buffer.end(), '\0');
    if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &first, nullptr, &count, nullptr) < 0 ||
        guarded([&] {
          return H5Dread(data_.get(), memory_type_.get(), memory.get(), space.get(), H5P_DEFAULT, buffer.data());
        }) < 0) {
      refuse(name(), what);
    }
    return memory;
  }

  std::string_view text_at(const char* at) const {
    if (!is_variable_) {
      const std::string_view text(at, bytes_);
      const std::string_view plain = text.substr(0, text.find('\0'));
      return plain.substr(0, plain.find_last_not_of(' ') + 1);
    }
    const char* text = nullptr;
    std::memcpy(&text, at, sizeof text);
    return text == nullptr ? std::string_view() : std::string_view(text);
  }

  std::shared_ptr<const File> file_;
  std::string place_;
  Handle data_, memory_type_;
  hsize_t count_ = 0;
  std::size_t bytes_ = 0;
  bool is_variable_ = false;
};

void read_numbers(const std::shared_ptr<const File>& file, const std::string& place,
                  const std::function<void(Index)>& take) {
  DataSetVector numbers(file, place);
  std::vector<Index> batch;
  for (Index at = 0; at < numbers.elements(); at += static_cast<Index>(batch.size())) {
    batch.resize(std::min(names_at_once, static_cast<std::size_t>(numbers.elements() - at)));
    numbers.read(at, std::span(batch));
    for (const Index number : batch) take(number);
  }
}

/// Where the categories lie of which a column's codes are numbers; empty: it has none. Anndata before 0.8 has them
/// in a group of their own.
std::string place_of_categories(const File& file, const std::string& place) {
  if (file.has_group(place))
    return file.has_data_set(place_in(place, "codes")) ? place_in(place, "categories") : "";
  if (!file.has_data_set(place) || !file.has_attribute(place, "categories")) return "";
  const std::size_t slash = place.rfind('/');
  return place.substr(0, slash) + "/__categories" + place.substr(slash);
}

/// Names by the number of their category, none where that is negative.
void read_categories(const std::shared_ptr<const File>& file, const std::string& codes,
                     const NameReader& categories, const TakeName& take) {
  std::vector<std::string> names;
  categories([&](std::string_view name) { names.emplace_back(name); });
  read_numbers(file, codes, [&](Index code) {
    if (code >= static_cast<Index>(names.size())) {
      throw BadData(fmt::format("{}: has the code {}, but there are {} categories; the file is damaged",
                                file->name_of(codes), code, names.size()));
    }
    take(code < 0 ? std::string_view() : names[static_cast<std::size_t>(code)]);
  });
}

/// Of a data set of strings, numbers or records.
NameReader names_in_set(const std::shared_ptr<const File>& file, const std::string& place,
                        const std::string& field) {
  if (!file->has_data_set(place)) return {};
  const bool are_strings = static_cast<bool>(StringSet(file, place, field));
  if (are_strings) return [=](const auto& take) { StringSet(file, place, field).read(take); };
  if (!field.empty()) return {};
  if (!DataSetVector(file, place).holds_integers()) return {};
  return [=](const auto& take) { read_numbers(file, place, [&](Index number) { take(std::to_string(number)); }); };
}

}  // namespace

NameReader names_at(const std::shared_ptr<const File>& file, std::string place, const std::string& field) {
  const std::string of_categories = place_of_categories(*file, place);
  if (!of_categories.empty()) {
    const NameReader categories = names_in_set(file, of_categories, "");
    if (file->has_group(place)) place = place_in(place, "codes");
    if (!categories || !DataSetVector(file, place).holds_integers()) return {};
    return [=](const auto& take) { read_categories(file, place, categories, take); };
  }
  if (file->has_group(place)) place = place_in(place, "values");
  return names_in_set(file, place, field);
}

}  // namespace mpinmf::io::hdf5
