// What a user sees of a running fit.
#include "report/progress.hpp"

#include "catch.hpp"

using mpinmf::Progress;
using mpinmf::report::progress_line, mpinmf::report::progress_text;

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

TEST_CASE("the line of the bar has room for what matters most", "[progress]") {
  Progress progress = after(50, 5);
  progress.loss = 123.4;
  progress.loss_iteration = 50;
  const std::string all = "iteration 50/200, loss 123.4, 10 iterations/s, 15 s left";
  const auto line = [&](std::size_t width) { return progress_line(progress, 1e9, "", width); };
  CHECK(line(200) == "[" + std::string(15, '#') + std::string(45, '.') + "] " + all);
  CHECK(line(all.size() + 12) == "[##......] " + all);
  CHECK(line(all.size() + 11) == all);
  CHECK(line(40) == "iteration 50/200, loss 123.4, 15 s left");
  CHECK(line(39) == "iteration 50/200, 15 s left");
  CHECK(line(20) == "iteration 50/200");
  CHECK(line(10) == "iteration");
  CHECK(progress_line(progress, 1e9, "k = 8, seed 3: ", 40) == "k = 8, seed 3: iteration 50/200");
  for (std::size_t width = 1; width < 250; ++width)
    CHECK(line(width).size() <= std::max<std::size_t>(width, 2) - 1);
}
