// Loaded before OpenBLAS: a BLAS that keeps its threads whatever it is told, as vendors' are to whom mpinmf does
// not know how to speak.
extern "C" void openblas_set_num_threads(int) {}
