#include "asked_options.hpp"

namespace mpinmf::cli {

void set_options(FitArguments& a) {
  a.options = to_options(a.solver, a.components.front(), true);
  for (const Index k : a.components) {
    Options of_k = a.options;
    of_k.components = k;
    of_k.check();
  }
}

}  // namespace mpinmf::cli
