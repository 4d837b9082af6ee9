#include "stopping.hpp"

namespace mpinmf {

std::string to_string(StopReason reason) {
  switch (reason) {
    case StopReason::max_iterations: return "max-iterations";
    case StopReason::tolerance: return "tolerance";
    case StopReason::max_seconds: return "max-seconds";
    case StopReason::request: return "request";
    case StopReason::exact: break;
  }
  return "exact";
}

}  // namespace mpinmf
