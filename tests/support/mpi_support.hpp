// What every test on several ranks starts from.
#pragma once

#include "mpinmf/comm.hpp"

/// All ranks of the test program.
const mpinmf::Comm& world();
