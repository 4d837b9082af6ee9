// The tutorial of the first page, on the posts that it is about.
#include <fstream>

#include "io/file.hpp"
#include "page_support.hpp"

namespace {

/// UTF-8 whose characters are all in Latin-1.
std::string in_latin_1(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else {
      bytes += static_cast<char>((lead & 0x03) << 6 | (text[++i] & 0x3f));
    }
  }
  return bytes;
}

/// The archive as it unpacks: a folder a group, a file a post.
void unpack_posts(const std::string& lines, const std::filesystem::path& to) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const auto post = nlohmann::json::parse(line);
    const std::filesystem::path group = to / post.at("group").get<std::string>();
    std::filesystem::create_directories(group);
    write_text(group / post.at("id").get<std::string>(), in_latin_1(post.at("text")));
  }
}

std::string decompressed(const std::string& path) {
  mpinmf::io::ByteReader reader(path);
  std::string text, buffer(std::size_t{1} << 20, '\0');
  while (const std::size_t count = reader.read(buffer.data(), buffer.size())) text.append(buffer, 0, count);
  return text;
}

}  // namespace

TEST_CASE("the tutorial of the first page goes from a folder of posts to a page, as it is quoted", "[tutorial]") {
  const auto posts = reference_file("newsgroups20/train.jsonl.gz");
  if (!posts) return;
  const TemporaryFolder folder;
  unpack_posts(decompressed(*posts), folder.path() / "20news-bydate-train");
  const std::vector<pages::Command> commands = pages::commands_of("README.md", true);
  REQUIRE(commands.size() == 4);
  for (const pages::Command& command : commands) {
    INFO(command.text);
    const Ran ran = pages::run_line(command.text, folder);
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(pages::what_differs(pages::lines_of(ran.out), command.output) == "");
  }
}

TEST_CASE("the tutorial's own terms and order of posts give the numbers that it prints", "[tutorial]") {
  const auto posts = reference_file("newsgroups20/train.jsonl.gz"),
             terms = reference_file("newsgroups20/vocabulary.txt");
  if (!posts || !terms) return;
  const TemporaryFolder folder;
  const auto mpinmf = [&](const std::string& command) {
    const Ran ran = run(mpinmf_command(2, command), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
  };
  mpinmf("vectorize " + *posts + " --label group --id id --vocabulary " + *terms + " --output news");
  mpinmf("fit news -k 20 --like scikit-learn --output cd");
  CHECK(read_json(folder / "cd/run.json")["reconstruction_error"] == Approx(1488.5033).margin(5e-5));
  mpinmf(
      "fit news -k 20 --rule mu --order h-first --init numpy --seed '2**1000' --max-iterations 100 --tolerance 0 "
      "--output mu");
  CHECK(read_json(folder / "mu/run.json")["mean_row_norm"] == Approx(10.900271385543).margin(1e-11));
}
