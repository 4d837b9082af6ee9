// Links between the pages lead to files and headings that are there.
#include <optional>

#include "page_support.hpp"

namespace {

struct Link {
  std::string file, heading;  ///< of "file#heading"; either may be empty
};

/// Links and pictures of a line: [text](target), ![text](target).
std::vector<Link> links_of(const std::string& line) {
  std::vector<Link> links;
  const std::string before = "](";
  for (std::size_t at = line.find(before); at != std::string::npos; at = line.find(before, at + 1)) {
    const std::size_t begin = at + before.size();
    const std::string target = line.substr(begin, line.find(')', begin) - begin);
    const std::size_t hash = target.find('#');
    links.push_back({target.substr(0, hash), hash == std::string::npos ? "" : target.substr(hash + 1)});
  }
  return links;
}

/// What a heading is called in links: "## A rule, or two" is a-rule-or-two. Nothing for other lines.
std::optional<std::string> anchor_of(const std::string& line) {
  const std::size_t begin = line.find_first_not_of('#');
  if (begin == 0 || begin == std::string::npos || line[begin] != ' ') return std::nullopt;
  std::string anchor;
  for (const char c : line.substr(begin + 1)) {
    if (c == ' ') anchor += '-';
    if (c >= 'A' && c <= 'Z') anchor += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') anchor += c;
  }
  return anchor;
}

bool has_anchor(const std::filesystem::path& page, const std::string& anchor) {
  const pages::Lines prose = pages::read(page).prose;
  return std::any_of(prose.begin(), prose.end(),
                     [&](const std::string& line) { return anchor_of(line) == anchor; });
}

/// Whether it leads from the page to a file, and to a heading of it where it names one.
bool leads_somewhere(const std::filesystem::path& page, const Link& link) {
  const auto to = link.file.empty() ? page : (page.parent_path() / link.file).lexically_normal();
  if (!std::filesystem::is_regular_file(pages::source() / to)) return false;
  return link.heading.empty() || has_anchor(to, link.heading);
}

}  // namespace

TEST_CASE("every link of a page leads to a file, and to a heading, that is there", "[links]") {
  std::size_t links = 0, pictures = 0;
  std::set<std::filesystem::path> reached = {"README.md"};
  for (const auto& page : pages::all()) {
    for (const std::string& line : pages::read(page).prose) {
      for (const Link& link : links_of(line)) {
        INFO(page << ": " << link.file << " # " << link.heading);
        CHECK(leads_somewhere(page, link));
        ++links;
        if (page == "README.md") reached.insert(std::filesystem::path(link.file).lexically_normal());
        if (link.file.size() > 4 && link.file.compare(link.file.size() - 4, 4, ".png") == 0) ++pictures;
      }
    }
  }
  CHECK(links >= 20);
  CHECK(pictures >= 2);
  for (const auto& page : pages::all()) {
    INFO("the first page leads to " << page);
    CHECK(reached.count(page) == 1);
  }
}

TEST_CASE("the first page is a page, and none is half written", "[links]") {
  const std::size_t lines = pages::lines_of(pages::text_of("README.md")).size();
  CHECK(lines <= 120);
  for (const auto& page : pages::all()) {
    INFO(page);
    CHECK(!contains(pages::text_of(page), "@@"));
    CHECK(!contains(pages::text_of(page), "TODO"));
    CHECK(pages::lines_of(pages::text_of(page)).front().rfind("# ", 0) == 0);
  }
}

TEST_CASE("links to what is not there are noticed", "[links]") {
  CHECK(leads_somewhere("README.md", {"src/README.md", "rooms"}));
  CHECK(leads_somewhere("src/cli/README.md", {"../../README.md", ""}));
  CHECK(leads_somewhere("src/README.md", {"", "a-rule"}));
  CHECK(!leads_somewhere("README.md", {"src/README.md", "room"}));
  CHECK(!leads_somewhere("README.md", {"src/missing.md", ""}));
  CHECK(!leads_somewhere("src/README.md", {"src/README.md", ""}));
  CHECK(anchor_of("### Losses, rules (all)") == "losses-rules-all");
  CHECK(anchor_of("#include") == std::nullopt);
  CHECK(links_of("[a](b.md#c) and ![d](e.png)").size() == 2);
}
