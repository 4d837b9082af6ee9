// A corpus made up on the spot, to try texts and topics on: posts about six things.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf::text {

/// How many and which; the same posts for the same two.
struct MadeUpPosts {
  Index count = 300;
  Seed seed{0};
};

/// Post `number` (from 0) as a line of JSON with id, label and text; headers of a mail stand before the text.
std::string made_up_post(const MadeUpPosts& posts, Index number);

/// Writes all of them as JSON lines to a file that takes its name when it is complete. The root writes.
/// Collective; throws on every rank UsageError (the file is there, and `overwrite` is not given), SystemError.
void write_made_up_posts(const Comm& comm, const MadeUpPosts& posts, const std::string& path, bool overwrite);

}  // namespace mpinmf::text
