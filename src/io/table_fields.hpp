// The fields of one line of a table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mpinmf::io {

/// One after the other, without the blanks and quotes around them.
class TableFields {
 public:
  TableFields(std::string_view line, char delimiter);
  /// Nothing after the last one, or where has_open_quote().
  std::optional<std::string_view> next();
  /// A quoted field does not end in this line.
  bool has_open_quote() const { return open_quote_; }
  /// What stands between the quote that ends a field and the next delimiter: of fields before, the first that was
  /// not blank. It belongs to no field.
  std::string_view behind_quote() const { return behind_quote_; }

 private:
  std::string_view quoted();
  void go_on_behind(std::size_t delimiter);

  std::string_view rest_, behind_quote_;
  char delimiter_;
  bool is_over_ = false, open_quote_ = false;
};

/// A pair of quotes within a quoted field stands for one.
std::string without_doubled_quotes(std::string_view field);

/// What stands for a value that is not there: nothing, or NA, NaN, null and the like.
bool is_missing(std::string_view field);

/// Whether all of the field is one number, with such a decimal mark.
bool parse_number(std::string_view field, char decimal, double& value);

/// Whether it would be one without the marks between its thousands: "1,234", "1 234 567.5".
bool has_thousands(std::string_view field, char decimal);

}  // namespace mpinmf::io
