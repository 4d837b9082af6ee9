// The table of formats of corpora.
#include <array>

#include "document_format.hpp"

namespace mpinmf::text {

std::span<const DocumentFormat> document_formats() {
  static const std::array table = {
      whole_file_format(),   //
      lines_format(),        //
      json_lines_format(),   //
      comma_table_format(),  //
      tab_table_format(),    //
  };
  return table;
}

}  // namespace mpinmf::text
