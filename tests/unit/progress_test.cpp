// What a user sees of a running fit.
#include "report/progress.hpp"

#include "catch.hpp"

using mpinmf::Progress;
using mpinmf::report::progress_text;

namespace {

Progress after(mpinmf::Index iteration, double seconds) {
  Progress progress;
  progress.iteration = iteration;
  progress.max_iterations = 200;
  progress.seconds = seconds;
  return progress;
}

}  // namespace

TEST_CASE("the time left is that of the iterations left", "[progress]") {
  CHECK(progress_text(after(20, 2)) == "iteration 20/200, 10 iterations/s, 18 s left");
  CHECK(progress_text(after(0, 0)) == "iteration 0/200");
}

TEST_CASE("the time left is no more than the limit leaves", "[progress]") {
  CHECK(progress_text(after(20, 2), 5) == "iteration 20/200, 10 iterations/s, 3 s left");
  CHECK(progress_text(after(20, 2), 1) == "iteration 20/200, 10 iterations/s, 0 s left");
}

TEST_CASE("a loss is shown once it is known", "[progress]") {
  Progress progress = after(20, 2);
  progress.loss = 123.4;
  CHECK(progress_text(progress).find("loss") == std::string::npos);
  progress.loss_iteration = 10;
  CHECK(progress_text(progress).find(", loss 123.4,") != std::string::npos);
}
