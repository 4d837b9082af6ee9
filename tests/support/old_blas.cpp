// Loaded before OpenBLAS: one that does not know the processor, and so names its kernel for the oldest ones,
// unless it is told what to take. It must be OpenBLAS itself that reads the variable: this only names what was
// asked for.
#include <cstdlib>

extern "C" char* openblas_get_corename() {
  static char oldest[] = "Prescott";
  char* asked = std::getenv("OPENBLAS_CORETYPE");
  return asked != nullptr && *asked != '\0' ? asked : oldest;
}
