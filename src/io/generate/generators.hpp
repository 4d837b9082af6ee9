// The table of generators. One file a generator, one line of the list in generate.cpp.
#pragma once

#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "generate.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf::io {

/// The key=value pairs behind a generator's name. Every getter throws UsageError naming the key.
class GeneratorSettings {
 public:
  /// @pre known: all keys that the generator has
  GeneratorSettings(const std::string& text, const std::vector<std::string>& known);

  /// The text that the user typed; stands for the matrix in messages.
  const std::string& text() const { return text_; }
  bool has(const std::string& key) const { return values_.count(key) != 0; }
  /// A whole number from 1 to `most`; 12e6 is one too.
  Index count(const std::string& key, Index most = greatest_count) const;
  Index count_or(const std::string& key, Index otherwise) const;
  /// A number from `least` to `most`.
  double number_or(const std::string& key, double otherwise, double least, double most) const;
  Seed seed() const;

  static constexpr Index greatest_count = Index{1} << 48;
  static constexpr Index greatest_columns = std::numeric_limits<ColumnIndex>::max();

 private:
  const std::string& value(const std::string& key) const;

  std::string text_;
  std::map<std::string, std::string> values_;
};

struct Generator {
  GeneratorInfo info;
  std::vector<std::string> keys;
  std::function<Source(const GeneratorSettings&, bool transpose)> open;
  /// The planted rows of H; may be empty.
  std::function<Matrix<double>(const GeneratorSettings&)> parts;
};

/// A generator's file defines generator_row for its name, and for Row = Generator.
template <class Name>
struct GeneratorFile {
  template <class Row>
  friend Row generator_row(GeneratorFile);
};

/// The header of a generated rows x columns matrix. Throws UsageError when rows * columns has no 64-bit number.
MatrixHeader generated_header(const GeneratorSettings& settings, Index rows, Index columns, bool transpose);

}  // namespace mpinmf::io
