#include "only_matrix.hpp"

#include <fmt/format.h>

#include "data_set.hpp"
#include "element.hpp"
#include "matlab.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io::hdf5 {
namespace {

struct Found {
  std::string place, shape;
};

/// What lies in a group and in the groups in it. Groups may lie in each other in a circle, hence the limits.
class Search {
 public:
  explicit Search(const File& file) : file_(file) { visit("/", 0); }
  const std::vector<Found>& found() const { return found_; }

 private:
  static constexpr int most_depth = 8, most_objects = 2000;

  void visit(const std::string& group, int depth) {
    for (const std::string& member : file_.members(group)) {
      if (++objects_ > most_objects) return;
      const std::string place = place_in(group, member);
      const Kind kind = file_.kind(place);
      if (kind == Kind::data_set) {
        note(place);
      } else if (kind == Kind::group && (is_compressed(file_, place) || is_matlab_sparse(file_, place))) {
        found_.push_back({place, "sparse"});
      } else if (kind == Kind::group && depth < most_depth) {
        visit(place, depth + 1);
      }
    }
  }

  void note(const std::string& place) {
    auto shape = matrix_shape(file_, place);
    if (!shape || is_matlab_text(file_, place)) return;
    if (is_matlab(file_, place)) std::swap((*shape)[0], (*shape)[1]);
    found_.push_back({place, shape_text(*shape)});
  }

  const File& file_;
  std::vector<Found> found_;
  int objects_ = 0;
};

std::string list_of(const std::vector<Found>& found) {
  constexpr std::size_t most = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(found.size(), most); ++i) {
    list += fmt::format("{}{} ({})", i == 0 ? "" : ", ", found[i].place, found[i].shape);
  }
  if (found.size() > most) list += fmt::format(" and {} more", found.size() - most);
  return list;
}

}  // namespace

std::string list_of_matrices(const File& file) {
  return list_of(Search(file).found());
}

std::string place_of_only_matrix(const File& file) {
  const Search search(file);
  const std::vector<Found>& found = search.found();
  if (found.size() == 1) return found.front().place;
  if (found.empty()) {
    throw BadData(
        fmt::format("{}: holds no matrix: no data set with two dimensions, and no group with data, indices "
                    "and indptr",
                    file.path()));
  }
  throw UsageError(fmt::format("{0}: holds {1} matrices; name one, as in {0}:{2}: {3}", file.path(), found.size(),
                               found.front().place, list_of(found)));
}

}  // namespace mpinmf::io::hdf5
