// The kinds of pictures of components, a row each.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fitted.hpp"

namespace mpinmf::cli {

/// Draws STEM.svg and STEM.png and returns an empty text, or what is in the way (report::draw_picture).
using Drawing = std::function<std::string(const std::string& stem)>;

struct PictureKind {
  const char* stem;  ///< what its files are called
  std::size_t most;  ///< components that it shows: the first
  bool (*is_asked)(const ComponentsArguments& arguments);
  /// What suits a model where nothing is asked.
  bool (*suits)(const Fitted& fitted);
  /// Reads what it needs, so that data are found wanting before anything is drawn. Throws.
  Drawing (*prepare)(const Fitted& fitted);
};

std::span<const PictureKind> picture_kinds();
/// Those that are asked for, or where none is, those that suit.
std::vector<const PictureKind*> chosen_kinds(const Fitted& fitted);

}  // namespace mpinmf::cli
