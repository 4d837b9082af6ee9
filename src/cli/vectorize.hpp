// `mpinmf vectorize`, for the command itself and for those that count on the way.
#pragma once

#include <string>

#include "corpus_arguments.hpp"
#include "mpinmf/comm.hpp"
#include "vectorizer_arguments.hpp"

namespace mpinmf::cli {

struct VectorizeArguments {
  CorpusArguments corpus;
  VectorizerArguments vectorizer;
  std::string model, output;
  bool force = false, quiet = false;
};

/// Counts the corpus into the folder `output`. Collective; throws on every rank as text::vectorize, and UsageError
/// where the folder holds results already.
void run_vectorize(const Comm& comm, const VectorizeArguments& arguments);

}  // namespace mpinmf::cli
