// What mpinmf components is asked for.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace CLI {
class App;
}

namespace mpinmf::cli {

struct ComponentsArguments {
  std::string folder, output;
  std::string image, map, order = "c";  ///< shapes as typed; empty: not asked for
  Index channels = 1, terms = 8;
  std::vector<Index> rows;
  bool curves = false, bars = false, heat_map = false, residual = false;
  bool logarithmic = false;
  std::string data, axis, feature_names;
};

/// --image, --channels and --order.
void add_image_options(CLI::App& app, ComponentsArguments& arguments);
/// Throws UsageError.
void check_components_arguments(const ComponentsArguments& arguments);

}  // namespace mpinmf::cli
