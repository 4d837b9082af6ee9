#include "made_up_posts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "io/file.hpp"
#include "io/output_target.hpp"
#include "kernels/philox.hpp"

namespace mpinmf::text {
namespace {

/// What posts are about. Of its words the first are the commonest.
struct Theme {
  const char* label;
  std::array<std::string_view, 16> words;
};
constexpr Theme themes[] = {
    {"cooking",
     {"dough", "oven", "butter", "garlic", "recipe", "flour", "onion", "pepper", "simmer", "basil", "broth",
      "yeast", "skillet", "vinegar", "knead", "saffron"}},
    {"graphics",
     {"pixel", "image", "render", "color", "polygon", "shader", "texture", "bitmap", "display", "format", "raster",
      "palette", "mesh", "vector", "viewport", "dither"}},
    {"hockey",
     {"goal", "team", "puck", "season", "playoff", "goalie", "coach", "league", "penalty", "overtime", "score",
      "defense", "rink", "stick", "trade", "slapshot"}},
    {"medicine",
     {"patient", "doctor", "disease", "treatment", "symptom", "dose", "therapy", "infection", "clinic",
      "diagnosis", "vaccine", "fever", "surgery", "allergy", "syndrome", "biopsy"}},
    {"motorcycles",
     {"bike", "engine", "ride", "helmet", "brake", "tire", "clutch", "throttle", "exhaust", "gear", "leather",
      "highway", "chain", "dealer", "sidecar", "carburetor"}},
    {"space",
     {"orbit", "launch", "rocket", "satellite", "shuttle", "moon", "mission", "probe", "payload", "telescope",
      "gravity", "lunar", "booster", "comet", "asteroid", "perigee"}}};
constexpr std::string_view common[] = {"time",  "people", "question", "year",    "work",   "part",   "place",
                                       "thing", "idea",   "problem",  "answer",  "week",   "number", "reason",
                                       "price", "book",   "story",    "opinion", "friend", "morning"};
constexpr std::string_view small_words[] = {"the",  "of", "and", "to",   "a",   "in",  "is",
                                            "that", "it", "for", "was",  "on",  "are", "with",
                                            "this", "be", "not", "have", "but", "they"};
constexpr std::string_view authors[] = {"ada", "boole", "cauchy", "dirac", "euler", "fermi", "gauss", "hopper"};

/// Numbers of one post, one after the other.
class PostNumbers {
 public:
  PostNumbers(const Seed& seed, Index post) : key_(seed.key()), post_(post) {}

  double next() {
    if (at_ == numbers_.size()) {
      numbers_ = uniforms(random_words(key_, Stream::made_up_posts, post_, block_++));
      at_ = 0;
    }
    return numbers_[at_++];
  }
  /// One of them; with a `power` above 1 the first are the commonest.
  template <class Words>
  const auto& pick(const Words& words, int power = 1) {
    double share = 1;
    for (int i = 0; i < power; ++i) share *= next();
    const auto count = static_cast<double>(std::size(words));
    return words[static_cast<std::size_t>(share * count)];
  }

 private:
  std::uint64_t key_;
  Index post_, block_ = 0;
  std::array<double, numbers_at_once> numbers_ = {};
  std::size_t at_ = numbers_.size();
};

/// Of the words of a post; what is left is small words.
constexpr double share_of_theme = 0.3, share_of_common = 0.2;
constexpr int least_words = 30, more_words = 90, words_a_line = 12;

std::string_view word_of(PostNumbers& numbers, const Theme& theme) {
  const double kind = numbers.next();
  if (kind < share_of_theme) return numbers.pick(theme.words, 2);
  return kind < share_of_theme + share_of_common ? numbers.pick(common) : numbers.pick(small_words, 2);
}

}  // namespace

std::string made_up_post(const MadeUpPosts& posts, Index number) {
  PostNumbers numbers(posts.seed, number);
  const Theme& theme = numbers.pick(themes);
  std::string text = fmt::format("From: {}@example.org\nSubject: {}\n\n", numbers.pick(authors), theme.words[0]);
  const int count = least_words + static_cast<int>(numbers.next() * more_words);
  for (int i = 0; i < count; ++i) {
    text += word_of(numbers, theme);
    text += i + 1 == count ? ".\n" : (i + 1) % words_a_line == 0 ? ",\n" : " ";
  }
  const nlohmann::ordered_json line = {
      {"id", fmt::format("post-{}", number + 1)}, {"label", theme.label}, {"text", text}};
  return line.dump();
}

void write_made_up_posts(const Comm& comm, const MadeUpPosts& posts, const std::string& path, bool overwrite) {
  comm.meet_on_root([&] {
    const io::OutputTarget target = io::OutputTarget::prepare(path, {}, overwrite);
    try {
      io::File file = io::File::open_to_write(target.working_path, path);
      constexpr std::size_t at_once = std::size_t{1} << 20;
      std::string lines;
      Index written = 0;
      for (Index i = 0; i < posts.count; ++i) {
        lines += made_up_post(posts, i) + "\n";
        if (lines.size() < at_once && i + 1 < posts.count) continue;
        file.write_at(written, std::as_bytes(std::span(lines)));
        written += static_cast<Index>(lines.size());
        lines.clear();
      }
      file.sync_and_close();
      target.complete();
    } catch (...) {
      target.discard();
      throw;
    }
  });
}

}  // namespace mpinmf::text
