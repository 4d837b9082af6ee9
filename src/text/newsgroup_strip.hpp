// Headers, signatures and quotes of news posts, taken out as scikit-learn does.
#pragma once

#include <string>

#include "corpus.hpp"

namespace mpinmf::text {

/// What scikit-learn 1.2.1's fetch_20newsgroups(remove=...) leaves of a post (datasets/_twenty_newsgroups.py). It
/// keeps nothing of a post without a blank line where headers go. @pre well-formed UTF-8
void strip_post(std::string& post, const Strip& strip);

}  // namespace mpinmf::text
