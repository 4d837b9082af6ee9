// An HDF5 file to write. The root makes it, with room for numbers that all ranks then write where the library
// would have, by plain writes into the file: no rank but the root needs the library, and none of them MPI-IO.
#pragma once

#include <string>
#include <vector>

#include "io/names.hpp"
#include "library.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::io::hdf5 {

/// Types of numbers in memory and in the file.
enum class Type { i4, i8, f4, f8 };

/// Places are paths inside, as "/X/data"; groups come before what is in them. Throws SystemError, which names the
/// file. Does not communicate.
class FileWriter {
 public:
  enum class Mode { create, add };
  /// Makes the file at `path`, or empties it; or adds to what is in there. Messages call it `name`.
  FileWriter(const std::string& path, const std::string& name, Mode mode = Mode::create);

  bool has(const std::string& place) const;
  /// Removes what lies there, if anything does. What it took up stays lost in the file.
  void remove(const std::string& place);

  void add_group(const std::string& place);
  /// A data set whose numbers are to be written from the byte of the file on that it returns.
  Index add_room(const std::string& place, Type type, const std::vector<Index>& shape);
  /// `count` names as strings in UTF-8 of variable length.
  void add_names(const std::string& place, const NameReader& names, Index count);
  void add_text(const std::string& place, const std::string& text);
  void add_scalar(const std::string& place, double number);
  void add_scalar(const std::string& place, Index number);
  void add_numbers(const std::string& place, const std::vector<double>& numbers);
  void add_integers(const std::string& place, const std::vector<Index>& numbers);
  void set(const std::string& place, const std::string& attribute, const std::string& text);
  void set(const std::string& place, const std::string& attribute, const std::vector<Index>& numbers);
  /// An attribute that is an array without elements, as h5py makes one of [].
  void set_empty(const std::string& place, const std::string& attribute);
  /// The file is complete, but for the numbers.
  void finish();

 private:
  [[noreturn]] void refuse_writing(const std::string& place) const;
  Handle made(hid_t id, herr_t (*close)(hid_t), const std::string& place) const;
  Handle timeless(const std::string& place) const;
  /// A scalar where there is no dimension.
  Handle space(const std::vector<Index>& shape, const std::string& place) const;
  Handle text_type(const std::string& place) const;
  void add_values(const std::string& place, hid_t type, const std::vector<Index>& shape, const void* values);
  void write_attribute(const std::string& place, const std::string& attribute, hid_t type, hid_t space,
                       const void* value);

  std::string name_;
  Handle file_;
};

}  // namespace mpinmf::io::hdf5
