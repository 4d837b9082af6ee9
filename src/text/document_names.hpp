// The names, labels and first lines of the documents of this rank.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "corpus.hpp"
#include "spool.hpp"

namespace mpinmf::text {

/// Where to write the file `name` of a result until it is complete.
using FilePlace = std::function<std::string(const std::string& name)>;

/// The first line with anything to see, without blanks at its ends, shortened to 100 characters.
std::string first_line(std::string_view text);

class DocumentNames {
 public:
  /// Files go to `folder` (see Spool).
  explicit DocumentNames(const std::string& folder);

  /// @pre neither name nor label has a line end
  void add(const Document& document);
  /// Writes documents.txt, first_lines.txt and, if any rank has a label, labels.txt: those of all ranks in rank
  /// order. Returns whether there are labels. Collective; throws SystemError.
  bool write(const Comm& comm, const FilePlace& place) const;

 private:
  Spool documents_, labels_, first_lines_;
  bool has_label_ = false;
};

}  // namespace mpinmf::text
