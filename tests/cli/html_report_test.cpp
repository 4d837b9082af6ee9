// mpinmf report --html: one page that needs nothing else, seen as text and in a browser.
#include <regex>

#include "cli_support.hpp"

namespace {

using nlohmann::json;

void run_well(const std::string& arguments, const TemporaryFolder& folder) {
  const Ran ran = run(mpinmf_command(1, arguments), folder.path());
  INFO(arguments << "\n" << ran.err);
  REQUIRE(ran.code == 0);
}

std::string page_of(const TemporaryFolder& folder, const std::string& of) {
  run_well("report '" + of + "' --html page.html --force", folder);
  return read_text(folder / "page.html");
}

/// The levels of the headings, in their order.
std::string heading_levels(const std::string& page) {
  std::string levels;
  const std::regex heading("<h([1-6])");
  for (std::sregex_iterator it(page.begin(), page.end(), heading), end; it != end; ++it) levels += (*it)[1];
  return levels;
}

std::size_t count_of_part(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// What holds for every page.
void check_page(const std::string& page, const std::vector<std::string>& sections) {
  CHECK(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(page.ends_with("</html>\n"));
  const std::string levels = heading_levels(page);
  CHECK(levels.starts_with("12"));
  CHECK(std::count(levels.begin(), levels.end(), '1') == 1);
  for (std::size_t i = 1; i < levels.size(); ++i) CHECK(levels[i] <= levels[i - 1] + 1);
  for (const std::string& id : sections) {
    INFO(id);
    CHECK(count_of_part(page, "<section id=\"" + id + "\"") == 1);
    CHECK(contains(page, "href=\"#" + id + "\""));
  }
  CHECK(count_of_part(page, "<section ") == sections.size());
  // nothing from elsewhere, and nothing of another file
  for (const std::string part : {"http:", "https:", "@import", "<link", "<iframe", "url("}) {
    INFO(part);
    CHECK(!contains(page, part));
  }
  CHECK(count_of_part(page, "src=\"") == count_of_part(page, "src=\"data:image/"));
  CHECK(count_of_part(page, "<img ") == count_of_part(page, "<img alt=\""));
  CHECK(count_of_part(page, "<table") == count_of_part(page, "<caption>"));
  for (const std::string tag : {"div", "table", "section", "svg", "figure", "tr", "ul", "main", "nav"}) {
    INFO(tag);
    CHECK(count_of_part(page, "<" + tag + ">") + count_of_part(page, "<" + tag + " ") ==
          count_of_part(page, "</" + tag + ">"));
  }
  CHECK(!contains(page, "nan"));
}

/// Topics with names that are no HTML.
json odd_topics() {
  const std::string odd = "<script>throw 1</script>", far = std::string(300, 'x');
  json component = {
      {"component", 0},
      {"share", 0.25},
      {"terms", {{{"term", odd}, {"weight", 2}}, {{"term", "a&b\"c'"}, {"weight", 10}}}},
      {"relevant_terms", {{{"term", far}, {"weight", 1}, {"relevance", -0.5}}}},
      {"documents", {{{"name", odd}, {"weight", 1}, {"first_line", "<b>" + far}, {"label", "شعر 詩"}}}},
      {"umass", -1.25},
      {"npmi", nullptr},
      {"c_v", nullptr}};
  return {
      {"is_text", true},
      {"components", {component}},
      {"coherence", {{"umass", -1.25}, {"npmi", nullptr}}},
      {"labels", {{"nmi", 0.5}, {"ari", 0.25}, {"purity", 0.75}, {"names", {"<i>one</i>"}}, {"table", {{3}}}}}};
}

/// A fit in a folder with an odd name, a picture and topics.
std::string odd_fit(const TemporaryFolder& folder) {
  const std::string name = "a<b>&\"c\" " + std::string(120, 'y');
  run_well("fit generate:swimmer -k 4 --max-iterations 5 --quiet --output '" + name + "'", folder);
  write_text(folder / (name + "/components.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
  write_text(folder / (name + "/topics.json"), odd_topics().dump());
  return name;
}

/// What the page says of itself in a window of that width, after its first sortable table was sorted by its
/// second column.
json in_browser(const TemporaryFolder& folder, const std::string& page, int width, bool is_dark) {
  std::string probed = page;
  const std::string end = "</body>";
  probed.insert(probed.rfind(end), R"(<script>
const table = document.querySelector(".topics table.sortable"), button = table.querySelectorAll("th button")[1];
const first = () => table.tBodies[0].rows[0].cells[0].textContent, seen = [];
for (let i = 0; i < 2; ++i) { button.click(); seen.push(first(), button.parentNode.getAttribute("aria-sort")); }
const root = document.documentElement;
parent.postMessage("PROBE" + JSON.stringify({ wide: root.scrollWidth, window: root.clientWidth, seen,
  back: getComputedStyle(document.body).backgroundColor }) + "END", "*");
</script>)");
  write_text(folder / "probed.html", probed);
  // a window of its own has 500 pixels at least
  write_text(
      folder / "frame.html",
      "<!DOCTYPE html><meta name='color-scheme' content='light dark'><script>onmessage = event => "
      "document.body.textContent = event.data</script><body><iframe src='probed.html' style='border:0;width:" +
          std::to_string(width) + "px;height:900px'></iframe>");
  const Ran ran =
      run("timeout -k 5 50 chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr "
          "--hide-scrollbars --user-data-dir=profile --window-size=1600,1000 --virtual-time-budget=3000 "
          "--blink-settings=preferredColorScheme=" +
              std::string(is_dark ? "0" : "1") + " --dump-dom frame.html",
          folder.path());
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(!contains(ran.err, "CONSOLE"));
  const auto from = ran.out.find("PROBE"), to = ran.out.find("}END");
  REQUIRE(from != std::string::npos);
  return json::parse(ran.out.substr(from + 5, to + 1 - from - 5));
}

}  // namespace

TEST_CASE("the HTML report of a fit shows all that its folder holds, and names are text", "[html_report]") {
  const TemporaryFolder folder;
  const std::string page = page_of(folder, odd_fit(folder));
  check_page(page, {"asked", "result", "curve", "components", "topics", "labels", "times", "notes"});
  CHECK(contains(page, "&lt;script&gt;throw 1&lt;/<wbr>script&gt;"));
  CHECK(!contains(page, "<script>throw"));
  CHECK(contains(page, "a&amp;b&quot;c&#39;"));
  CHECK(contains(page, "<h1>Factorization in a&lt;b&gt;&amp;&quot;c&quot; yyy"));
  CHECK(!contains(page, "<b>"));
  CHECK(!contains(page, "<i>one"));
  CHECK(contains(page, "شعر 詩"));
  CHECK(contains(page, "mean coherence"));
  CHECK(contains(page, "data:image/svg+xml;base64,PHN2ZyB4bWxucz0naHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmcnLz4=\""));
  CHECK(contains(page, "NMI 0.5, adjusted Rand index 0.25, purity 0.75"));
  CHECK(contains(page, "generate:swimmer, 256 x 1024, dense, double"));
}

TEST_CASE("the HTML report suits any fit, and several", "[html_report]") {
  const TemporaryFolder folder;
  const std::vector<std::string> sections = {"asked", "result", "curve", "components", "times", "notes"};
  run_well(
      "fit generate:sparse-counts:rows=60,columns=30 -k 1 --max-iterations 1 --loss kullback-leibler --quiet "
      "--output one",
      folder);
  const std::string one = page_of(folder, "one");
  check_page(one, sections);
  CHECK(contains(one, "kullback-leibler"));
  CHECK(contains(one, "<circle"));
  run_well("transform generate:sparse-counts:rows=60,columns=30 --model one --quiet --output moved", folder);
  const std::string moved = page_of(folder, "moved");
  check_page(moved, sections);
  CHECK(contains(moved, "There is no cost to draw"));
  run_well("fit generate:swimmer -k 2:4:2 --restarts 2 --max-iterations 5 --quiet --output several", folder);
  const std::string several = page_of(folder, "several");
  check_page(several, {"asked", "result", "fits", "curve", "components", "times", "notes"});
  CHECK(contains(several, "several/<wbr>k2/<wbr>seed1"));
  CHECK(count_of_part(several, "<td>best</td>") == 2);
  CHECK(contains(several, "</svg>k = 4</li>"));
}

TEST_CASE("the HTML report of a survey has its suggestions, curves and clusters", "[html_report]") {
  const TemporaryFolder folder;
  run_well(
      "survey generate:lowrank:rows=60,columns=30,rank=3,noise=0.05,density=0.3,seed=1 -k 1:8 --restarts 3 "
      "--init random --max-iterations 100 --quiet --output s",
      folder);
  const std::string page = page_of(folder, "s"), suggested = read_text(folder / "s/suggestions.csv");
  check_page(page, {"asked", "result", "survey", "fits", "curve", "components", "times", "notes"});
  CHECK(contains(suggested, "cNMF,3,the largest k"));
  CHECK(contains(page, R"(<th scope="row">cNMF</th><td class="number" data-value="3">3</td><td>the largest k)"));
  CHECK(contains(page, ">cophenetic</th>"));
  CHECK(!contains(page, ">held out loss</th>"));  // nothing was
  const Ran text = run(mpinmf_command(1, "report s"), folder.path());
  CHECK(contains(text.out, "\n  cNMF "));
  CHECK(contains(text.out, "the largest k where the error still falls"));
  if (has_gnuplot()) {
    CHECK(contains(page, ">Curves over the number of components</h3>"));
    CHECK(count_of_part(page, ">Spectra of all fits by cluster, k = ") == 6);
    CHECK(contains(page, ">Spectra of all fits by cluster, k = 3</h3>"));
    CHECK(contains(page, "too many: s/k7/clustering.svg, s/k8/clustering.svg."));
  }
  write_text(folder / "s/suggestions.csv", "convention,k,why\ncNMF,many,\n");
  for (const std::string how : {"", " --html page.html --force"}) {
    const Ran broken = run(mpinmf_command(1, "report s" + how), folder.path());
    INFO(broken.err);
    CHECK(broken.code == 3);
    REQUIRE(messages(broken.err).size() == 1);
    CHECK(contains(broken.err, "s/suggestions.csv, line 2"));
  }
  CHECK(read_text(folder / "page.html") == page);
}

TEST_CASE("the HTML report draws components that no one has drawn", "[html_report]") {
  if (!has_gnuplot()) return;
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "tmp");
  const auto page_with = [&](const std::string& options) {
    const Ran ran =
        run("TMPDIR=tmp " + mpinmf_command(1, "report " + options + " --html page.html --force"), folder.path());
    INFO(options << "\n" << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(names(folder / "tmp").empty());
    return read_text(folder / "page.html");
  };
  run_well("fit generate:swimmer -k 2:9 --max-iterations 3 --quiet --output several", folder);
  const auto before = contents(folder / "several");
  const std::string several = page_with("several");
  check_page(several, {"asked", "result", "fits", "curve", "components", "times", "notes"});
  CHECK(contents(folder / "several") == before);
  CHECK(contains(several, ">Components as curves</h3>"));
  CHECK(contains(several, ">What each row is made of</h3>"));
  CHECK(count_of_part(several, "<h4>k = ") == 5);
  CHECK(count_of_part(several, "<img ") == 7);
  CHECK(contains(several, "too many: several/k7/seed0, several/k8/seed0."));
  const std::string images = page_with("several --image 32x32");
  CHECK(contains(images, ">Components as images</h3>"));
  CHECK(!contains(images, ">Components as curves</h3>"));
  CHECK(count_of_part(images, "<img ") == 7);
  const Ran odd = run(mpinmf_command(1, "report several --html odd.html --image 31x32"), folder.path());
  CHECK(odd.code == 3);
  CHECK(contains(odd.err, "--image 31x32"));
  CHECK(!std::filesystem::exists(folder / "odd.html"));

  run_well("generate posts --rows 60 --output posts.jsonl", folder);
  run_well("vectorize posts.jsonl --min-df 2 --output posts", folder);
  run_well("fit posts -k 3 --max-iterations 5 --quiet --output news", folder);
  const std::string news = page_with("news");
  CHECK(contains(news, ">Leading terms</h3>"));
  CHECK(contains(news, "<code>mpinmf topics news</code>"));
  // pictures of the folder are taken as they are
  write_text(folder / "news/terms.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
  CHECK(count_of_part(page_with("news"), "<img ") == 1);
}

TEST_CASE("the HTML report without gnuplot, or with a full disk", "[html_report]") {
  const TemporaryFolder folder;
  run_well("fit generate:swimmer -k 2:4 --max-iterations 2 --quiet --output several", folder);
  const std::string report = mpinmf_command(1, "report several --html page.html");
  std::filesystem::create_directory(folder / "bin");
  REQUIRE(run("ln -s /usr/bin/* bin/ && rm -f bin/gnuplot", folder.path()).code == 0);
  const std::vector<std::pair<std::string, std::string>> hindrances = {
      {"PATH=" + (folder / "bin"), "gnuplot is not installed"},
      {"TMPDIR=nowhere", "TMPDIR does not name a folder"}};
  for (const auto& [setting, fault] : hindrances) {
    const Ran without = run(setting + " " + report + " --force", folder.path());
    INFO(without.err);
    CHECK(without.code == 0);
    REQUIRE(messages(without.err).size() == 1);
    CHECK(contains(without.err, "no pictures of components were drawn"));
    CHECK(contains(without.err, fault));
    const std::string page = read_text(folder / "page.html");
    check_page(page, {"asked", "result", "fits", "curve", "components", "times", "notes"});
    CHECK(!contains(page, "<img "));
  }
  std::filesystem::remove_all(folder / "bin");
  std::filesystem::remove(folder / "page.html");
  const auto before = contents(folder.path());
  const Ran full = run("ulimit -f 8; " + report, folder.path());
  INFO(full.err);
  CHECK(full.code != 0);
  CHECK(contents(folder.path()) == before);
}

TEST_CASE("the HTML report is written completely or not at all", "[html_report]") {
  const TemporaryFolder folder;
  run_well("fit generate:swimmer -k 2 --max-iterations 2 --quiet --output out", folder);
  const auto fails = [&](const std::string& options, int code, const std::string& part) {
    const auto before = contents(folder.path());
    const Ran ran = run(mpinmf_command(1, "report out " + options), folder.path());
    INFO(options << "\n" << ran.err);
    CHECK(ran.code == code);
    CHECK(messages(ran.err).size() == 1);
    CHECK(contains(ran.err, part));
    CHECK(contents(folder.path()) == before);
  };
  write_text(folder / "page.html", "mine");
  fails("--html page.html", 2, "page.html is there already");
  fails("--html out --force", 2, "out is not a file");
  fails("--html nowhere/page.html", 4, "nowhere/page.html");
  fails("--force", 2, "--html");
  write_text(folder / "out/topics.json", "{\"components\": [");
  fails("--html page.html --force", 3, "out/topics.json is broken");
  write_text(folder / "out/topics.json",
             R"({"components": [7, {"terms": {}, "documents": [null]}], "labels": 1})");
  CHECK(contains(page_of(folder, "out"), "</html>"));
}

TEST_CASE("the HTML report in a browser", "[html_report]") {
  if (run("chromium --version", "/").code != 0) return skip("chromium is not installed");
  const TemporaryFolder folder;
  const std::string page = page_of(folder, odd_fit(folder));
  std::set<std::string> backgrounds;
  for (const int width : {400, 1400}) {
    const bool is_dark = width == 400;
    const json seen = in_browser(folder, page, width, is_dark);
    INFO(seen);
    CHECK(seen["window"] == width);
    CHECK(seen["wide"] == width);
    // by number, not as text: 2 before 10; the browser writes < and & in text as a page has them
    CHECK(seen["seen"] ==
          json({"&lt;script&gt;throw 1&lt;/script&gt;", "ascending", "a&amp;b\"c'", "descending"}));
    backgrounds.insert(seen["back"]);
  }
  CHECK(backgrounds.size() == 2);
}
