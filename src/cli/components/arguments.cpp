#include "arguments.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "cli/sizes.hpp"
#include "cli/whole_number.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::cli {

void check_components_arguments(const ComponentsArguments& a) {
  for (const std::string* shape : {&a.image, &a.map}) {
    if (!shape->empty()) parse_shape(shape == &a.image ? "--image" : "--map", *shape, "19x19");
  }
  if (a.channels != 1 && a.channels != 3) {
    throw UsageError(fmt::format("--channels is 1 (grey) or 3 (red, green, blue), not {}", a.channels));
  }
  if (a.channels != 1 && a.image.empty()) throw UsageError("--channels is of images: it needs --image");
  if (a.terms < 1) throw UsageError(fmt::format("--terms must be at least 1, not {}", a.terms));
}

void add_image_options(CLI::App& app, ComponentsArguments& a) {
  app.add_option("--image", a.image, "HEIGHTxWIDTH: the rows of H as images (components.svg and .png)");
  add_whole_number(app, "--channels", a.channels, "of --image: 1 for grey levels, 3 for red, green and blue")
      ->capture_default_str();
  app.add_option(
         "--order", a.order,
         "how numbers become pixels, as in NumPy's reshape: c (row by row, channels of a pixel together) or "
         "fortran (column by column)")
      ->check(CLI::IsMember({"c", "fortran"}))
      ->capture_default_str();
}

}  // namespace mpinmf::cli
