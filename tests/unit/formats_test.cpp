// From a name to the format that reads it: places in files, labels, a format that is not in the program's table.
#include <filesystem>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "io/format.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

const std::string market = "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 5\n";

class NoRows final : public DenseRows {
 public:
  void read(Index, Index, double*) override {}
};

NameReader reader_of(std::vector<std::string> names) {
  return [names = std::move(names)](const auto& take) {
    for (const std::string& name : names) take(name);
  };
}

std::vector<std::string> all_of(const NameReader& reader) {
  std::vector<std::string> names;
  if (reader) reader([&](std::string_view name) { names.emplace_back(name); });
  return names;
}

/// 2 x 3, or 3 x 2, with labels: the columns are called as the place, as often as `columns` says.
Source open_made_up(const Location& at, const LoadOptions& options, std::size_t columns) {
  Source source{at.text(), {2, 3}, std::make_unique<NoRows>()};
  if (options.transpose) std::swap(source.header.rows, source.header.columns);
  source.labels = {reader_of({"first", "second"}), reader_of(std::vector<std::string>(columns, at.place))};
  return source;
}

constexpr Format made_up[] = {
    {.name = "Made-up file",
     .key = "made-up",
     .start = "made up",
     .has_places = true,
     .open = [](const Location& at, const LoadOptions& options) { return open_made_up(at, options, 3); }},
    {.name = "Another made-up file",
     .key = "made-up",
     .start = "another",
     .open = [](const Location& at, const LoadOptions& options) { return open_made_up(at, options, 1); }},
    {.name = "Plain folder",
     .key = "plain",
     .folder_with = "plain.txt",
     .open = [](const Location& at, const LoadOptions& options) { return open_made_up(at, options, 4); }},
    {.name = "made:UP", .prefix = "made:", .open = [](const Location& at, const LoadOptions& options) {
       return open_made_up(at, options, 0);
     }}};

}  // namespace

TEST_CASE("What follows ':/' is a place, unless there is a file of the whole name", "[formats]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a:");
  for (const char* name : {"v.h5", "a:/b", "odd:name", "w"}) write_text(folder / name, "");
  const auto place_of = [&](const std::string& name) {
    const Location at = locate(folder / name);
    CHECK(at.text() == folder / name);
    CHECK((at.place.empty() || at.file + ":" + at.place == folder / name));
    return at.place;
  };
  CHECK(place_of("v.h5") == "");
  CHECK(place_of("v.h5:/x") == "/x");
  CHECK(place_of("v.h5:/x/y:/z") == "/x/y:/z");
  CHECK(place_of("v.h5:/") == "/");
  CHECK(place_of("v.h5:x") == "");
  CHECK(place_of("odd:name") == "");
  CHECK(place_of("odd:name:/x") == "/x");
  CHECK(place_of("a:/b") == "");
  CHECK(place_of("a:/b:/x") == "/x");
  CHECK(place_of("a:/none") == "");  // then the whole name is what is missing
  CHECK(place_of("none:/x") == "");
  CHECK(place_of("a::/x") == "/x");  // in a folder
  CHECK(locate(":/x").place.empty());
}

TEST_CASE("A format that knows no places says so, and colons in names do no harm", "[formats]") {
  const TemporaryFolder folder;
  write_text(folder / "v.mtx", market);
  write_text(folder / "a:b.mtx", market);
  std::filesystem::create_directories(folder / "c:");
  write_text(folder / "c:/v.mtx", market);
  CHECK(open_source(folder / "a:b.mtx", {}).header.columns == 3);
  CHECK(open_source(folder / "c:/v.mtx", {}).header.columns == 3);
  CHECK_THROWS_AS(open_source(folder / "v.mtx:/group/v", {}), UsageError);
  CHECK_THROWS_WITH(open_source(folder / "v.mtx:/group/v", {}),
                    Contains("v.mtx:/group/v: ") && Contains("Matrix Market") && Contains("leave out :/group/v"));
  CHECK_THROWS_WITH(open_source(folder / "v.mtx:group/v", {}),
                    Contains("v.mtx:group/v: there is no such file") && Contains("v.mtx:/group/v"));
  CHECK_THROWS_AS(open_source(folder / "v.mtx:v", {}), SystemError);
  CHECK_THROWS_WITH(open_source(folder / "none.mtx:x", {}), Contains("No such file"));
  CHECK_THROWS_AS(open_source(folder / "none.mtx:/x", {}), SystemError);
  CHECK_THROWS_WITH(open_source(folder / "none.mtx:/x", {}), Contains("No such file"));
}

TEST_CASE("A row of the table is all that is known of a format", "[formats]") {
  const TemporaryFolder folder;
  write_text(folder / "v", "MADE up of nothing");
  write_text(folder / "other", "hello\n");
  std::filesystem::create_directories(folder / "plain");
  CHECK(open_source(made_up, folder / "v", {}).name == folder / "v");
  CHECK(all_of(open_source(made_up, folder / "v:/x", {}).labels.columns) == std::vector<std::string>(3, "/x"));
  CHECK(open_source(made_up, "made:anything:/x", {}).name == "made:anything:/x");
  CHECK(format_names(made_up) == "Made-up file, Another made-up file, Plain folder or made:UP");
  CHECK_THROWS_WITH(open_source(made_up, folder / "other", {}),
                    Contains("Made-up file, Another made-up file, Plain folder or made:UP"));
  CHECK_THROWS_WITH(open_source(made_up, folder / "plain", {}), Contains("is a folder without plain.txt"));
  CHECK_THROWS_WITH(open_source(folder / "plain", {}), Contains("is a folder without indptr.npy"));
  for (const Format& format : formats()) {
    CHECK_THROWS_WITH(open_source(folder / "plain", {}), Contains(std::string(format.name)));
  }
}

TEST_CASE("A format that was asked for is taken, whatever the file looks like", "[formats]") {
  const TemporaryFolder folder;
  write_text(folder / "v", "nothing known");
  write_text(folder / "another", "Another one");
  write_text(folder / "made:UP", "a file called like a generator");
  std::filesystem::create_directories(folder / "folder");
  LoadOptions file, plain, unknown;
  file.file.format = "made-up";
  plain.file.format = "plain";
  unknown.file.format = "made";
  CHECK(format_keys(made_up) == std::vector<std::string>{"made-up", "plain"});
  const auto columns = [&](const char* name, const LoadOptions& options) {
    return all_of(open_source(made_up, folder / name, options).labels.columns).size();
  };
  CHECK_THROWS_AS(columns("v", {}), BadData);
  CHECK(columns("another", file) == 1);  // of two formats with one key that of the file
  CHECK(columns("v", file) == 3);
  CHECK(columns("made:UP", file) == 3);
  CHECK(columns("folder", plain) == 4);
  CHECK_THROWS_AS(columns("v", plain), UsageError);
  CHECK_THROWS_WITH(columns("v", plain), Contains("is a file, but --format plain reads folders: Plain folder"));
  CHECK_THROWS_WITH(columns("folder", file), Contains("is a folder, but --format made-up reads files"));
  CHECK_THROWS_AS(columns("v", unknown), UsageError);
  CHECK_THROWS_WITH(columns("v", unknown), Contains("--format made is unknown; known are made-up, plain"));
}

TEST_CASE("Labels are transposed with the matrix", "[formats]") {
  const TemporaryFolder folder;
  write_text(folder / "v", "made up");
  LoadOptions transposed;
  transposed.transpose = true;
  const Source as_is = open_source(made_up, folder / "v:/x", {}),
               turned = open_source(made_up, folder / "v:/x", transposed);
  CHECK(all_of(as_is.labels.rows) == std::vector<std::string>{"first", "second"});
  CHECK(all_of(turned.labels.columns) == all_of(as_is.labels.rows));
  CHECK(all_of(turned.labels.rows) == all_of(as_is.labels.columns));
  write_text(folder / "v.mtx", market);
  CHECK_FALSE(open_source(folder / "v.mtx", {}).labels.rows);
}

TEST_CASE("Names are read from a file and written to one, as many as there must be", "[formats]") {
  const TemporaryFolder folder;
  write_text(folder / "names.txt",
             "\xef\xbb\xbf"
             "a b\r\n\nlast");
  const NameReader names = names_in(folder / "names.txt");
  const std::vector<std::string> expected = {"a b", "", "last"};
  CHECK(all_of(names) == expected);
  CHECK(all_of(names) == expected);  // again
  CHECK_FALSE(names_in(folder / "none.txt"));
  CHECK_NOTHROW(require_names(names, 3, "V", "columns"));
  CHECK_NOTHROW(require_names({}, 4, "V", "columns"));
  CHECK_THROWS_WITH(require_names(names, 4, "V", "columns"), "V: names 3 columns, but has 4");
  CHECK_THROWS_AS(require_names(names, 2, "V", "rows"), BadData);
  CHECK(read_names(folder / "names.txt", 3, "features") == expected);
  CHECK_THROWS_WITH(read_names(folder / "names.txt", 4, "features"),
                    Contains("has 3 lines, but there are 4 features"));
  write_text(folder / "copy.txt", std::string(1000, 'x'));  // longer than what replaces it
  write_names(reader_of({"one\ntwo", "\xc3\xa4", ""}), folder / "copy.txt");
  CHECK(read_text(folder / "copy.txt") == "one two\n\xc3\xa4\n\n");
}
