// Tables of numbers as text.
#include <zlib.h>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "io/source.hpp"
#include "io/table.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

/// All that an opened table says.
struct Read {
  MatrixHeader header;
  std::vector<double> values;  // row by row
  std::vector<std::string> rows, columns;
  friend bool operator==(const Read& a, const Read& b) {
    return a.values == b.values && a.rows == b.rows && a.columns == b.columns && a.header.rows == b.header.rows;
  }
};

Read read_source(Source source) {
  Read result{source.header, {}, {}, {}};
  result.values.assign(static_cast<std::size_t>(source.header.rows * source.header.columns), -1);
  std::get<std::unique_ptr<EntryStream>>(source.reader)->read_all([&](std::span<const Entry> entries) {
    for (const Entry& e : entries) {
      result.values[static_cast<std::size_t>(e.row * source.header.columns + e.column)] = e.value;
    }
  });
  if (source.labels.rows) source.labels.rows([&](std::string_view name) { result.rows.emplace_back(name); });
  if (source.labels.columns)
    source.labels.columns([&](std::string_view name) { result.columns.emplace_back(name); });
  return result;
}

/// Read by its content alone, plain and gzip'd, which must be the same.
Read read(const std::string& text, bool transpose = false, const FileReading& file = {}) {
  const TemporaryFolder folder;
  const std::string path = folder / "v.csv", zipped = folder / "v.csv.gz";
  write_text(path, text);
  gzFile zip = gzopen(zipped.c_str(), "wb");
  gzwrite(zip, text.data(), static_cast<unsigned>(text.size()));
  gzclose(zip);
  LoadOptions options;
  options.transpose = transpose;
  options.file = file;
  Read plain = read_source(open_source(path, options));
  CHECK(plain == read_source(open_source(zipped, options)));
  CHECK(!plain.header.sparse);
  return plain;
}

/// The message of the BadData that a table must raise, plain and gzip'd, opened or read.
std::string fault(const std::string& text, const FileReading& file = {}) {
  const TemporaryFolder folder;
  const std::string path = folder / "v.csv";
  write_text(path, text);
  try {
    LoadOptions options;
    options.file = file;
    read_source(open_source(path, options));
  } catch (const BadData& error) {
    CHECK_THAT(error.what(), Contains("v.csv"));
    return error.what();
  }
  return "no fault";
}

using Values = std::vector<double>;
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("tables with and without names are read, whatever delimits them", "[table]") {
  const Values values{1, 2.5, 1e-3, 4, 0, 6};
  for (const char* text :
       {"1,2.5,1e-3\n4,0,6\n", "1,2.5,1e-3\n4,0,6", "1;2.5;.001\r\n4;-0;6\r\n\r\n\n", "1\t2.5\t1E-3\n4\t0\t6\n",
        "# numpy.savetxt\n1 2.5 1e-3\n4 0 6\n", "  1   2.5 1e-3 \n 4 0  6\n", "\"1\", \"2.5\",1e-3\n4 , 0, +6\n",
        "\xef\xbb\xbf"
        "1,2.5,1e-3\n4,0,6\n"}) {
    INFO(text);
    const Read table = read(text);
    CHECK(table.values == values);
    CHECK((table.header.rows == 2 && table.header.columns == 3 && table.rows.empty() && table.columns.empty()));
  }
  const Read turned = read("1,2.5,1e-3\n4,0,6\n", true);
  CHECK(turned.values == Values{1, 4, 2.5, 0, 1e-3, 6});

  const Read header = read("a,\"b, and \"\"c\"\"\", d \n1,2,3\n4,5,6\n");
  CHECK(header.values == Values{1, 2, 3, 4, 5, 6});
  CHECK((header.columns == Names{"a", "b, and \"c\"", "d"} && header.rows.empty()));
  const Read both = read("gene,a,b\nx,1,2\n\"y,z\",3,4\n");
  CHECK((both.values == Values{1, 2, 3, 4} && both.rows == Names{"x", "y,z"} && both.columns == Names{"a", "b"}));
  const Read pandas = read(",a,b\n0,1,2\n1,3,4\n");
  CHECK((pandas.values == Values{1, 2, 3, 4} && pandas.rows == Names{"0", "1"} &&
         pandas.columns == Names{"a", "b"}));
  const Read r = read("a b\nx 1 2\ny 3 4\n");
  CHECK((r.values == Values{1, 2, 3, 4} && r.rows == Names{"x", "y"} && r.columns == Names{"a", "b"}));
  CHECK(read("x\t1.5\t1\ny\t3\t4\n").rows == Names{"x", "y"});
  CHECK(read("1,2\n").values == Values{1, 2});
}

TEST_CASE("pieces of a table hold each entry once, however many there are", "[table]") {
  const TemporaryFolder folder;
  for (const std::string head : {"", "a,b,c\n"}) {
    std::string text = head;
    for (int i = 0; i < 20; ++i) text += std::to_string(i) + "," + std::to_string(100 * i) + ".5,7\r\n";
    text += "20,2000.5,7\n \n";
    write_text(folder / "v.csv", text);
    Source source = open_source(folder / "v.csv", {});
    CHECK((source.header.rows == 21 && source.header.columns == 3));
    EntryPieces& pieces = *std::get<std::unique_ptr<EntryStream>>(source.reader)->pieces();
    for (int parts = 1; parts < 90; ++parts) {
      Index found = 0;
      bool right = true;
      for (int part = 0; part < parts; ++part) {
        pieces.read(part, parts, [&](std::span<const Entry> entries) {
          for (const Entry& e : entries) {
            right = right && e.row == found / 3 && e.column == found % 3;
            if (e.column < 2)
              right = right && e.value == static_cast<double>(e.row) * (e.column == 0 ? 1 : 100) +
                                              0.5 * static_cast<double>(e.column);
            ++found;
          }
        });
      }
      INFO(parts << " pieces");
      CHECK((found == 63 && right));
    }
    CHECK_NOTHROW(pieces.require_total(63));
    CHECK_THROWS_AS(pieces.require_total(60), BadData);
  }
}

TEST_CASE("what is wrong in a table has its line and column", "[table]") {
  CHECK_THAT(fault("a,b\n1,2\n3,NA\n"),
             Contains("line 3") && Contains("missing value 'NA'") && Contains("column 2 ('b')"));
  CHECK_THAT(fault("x,1,1\ny,,4\n"), Contains("line 2") && Contains("missing value ''") && Contains("column 2"));
  CHECK_THAT(fault("1,2\n3,4,5\n"), Contains("line 2: 3 numbers where the first row has 2") &&
                                        Contains("--header yes where the first line names columns"));
  CHECK_THAT(fault("1,2\n5,6\n3\n"), Contains("line 3: 1 number where"));
  CHECK_THAT(fault("1;2\n5;6\n3;4,5\n"), Contains("line 3: '4,5' in column 2 is not a number"));
  CHECK_THAT(fault("1,2\n3,inf\n"), Contains("line 2") && Contains("infinite"));
  CHECK_THAT(fault("1,2\n\n3,4\n"), Contains("blank line"));
  CHECK_THAT(fault("1,2\n5,6\n\"3,4\n"), Contains("line 3") && Contains("quoted field goes on"));
  CHECK_THAT(fault("x,2.5,1\ny,3,4\n\"z,5,6\n"), Contains("line 3") && Contains("quoted field goes on"));
  CHECK_THAT(fault("a,b,c\n1,2\n"), Contains("line 2") && Contains("names"));
  // what follows a closing quote belongs to no field, and is not lost
  CHECK_THAT(fault("a,b\n1,\"2\"99\n3,4\n"), Contains("line 2: '99' follows the quote that ends a field"));
  CHECK_THAT(fault("r,a\nx,1\n\"r\"1,2\n"), Contains("line 3: '1' follows the quote"));
  CHECK_THAT(fault("r,\"a\"b,c\nx,1,2\n"), Contains("line 1: 'b' follows the quote"));
  CHECK_THAT(fault("\"a\",\"b\"\n\"1\",\"2\"\n", {.delimiter = "semicolon"}),
             Contains("',\"b\"' follows the quote"));
  CHECK_THAT(fault("only words\nin here\n"), Contains("line 2: 'here' in column 2 ('words') is not a number"));
  const std::string text = "name,a,b\nx,1.5,2\ny,3,4\n";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    INFO(text.substr(0, cut));
    const TemporaryFolder folder;
    write_text(folder / "v.csv", text.substr(0, cut));
    try {
      read_source(open_source(folder / "v.csv", {}));
    } catch (const BadData&) {
    }  // a table that was cut behind a digit is one
  }
}

TEST_CASE("what is called .csv and is no table has its line and column, too", "[table]") {
  CHECK_THAT(fault("gene,symbol,a,b\nE1,TP53,1,2\n"),
             Contains("line 2: 'TP53' in column 2 ('symbol') is not a number"));
  CHECK_THAT(fault("de,\"1,234\",5\nfr,2,3\n"),
             Contains("line 1: '1,234' in column 2") && Contains("thousands have no marks"));
  CHECK_THAT(fault("a,b\n1,2\n1 234,5\n"),
             Contains("line 3: '1 234' in column 1") && Contains("thousands have no marks"));
  for (const std::string number : {"x", "1 23", "1'2345", "1234 567", "1,234x", "3,5"}) {
    INFO(number);
    CHECK_THAT(fault("a;b\n1;2\n" + number + ";5\n"), Contains("--decimal comma changes that); correct it"));
  }
  for (const std::string number : {"1,234", "12'345.5", "1 234 567"}) {
    INFO(number);
    CHECK_THAT(fault("a;b\n1;2\n" + number + ";5\n"), Contains("thousands have no marks"));
  }
  for (const std::string text : {"id,\"a\nb\",c\nx,1,2\n", "\"id\nof\",a,b\nx,1,2\n"})
    CHECK_THAT(fault(text), Contains("line 1: a quoted field goes on"));
  CHECK_THAT(fault("id,a,b\n\"x\ny\",1,2\n"), Contains("line 2: a quoted field goes on"));
  CHECK_THAT(fault("id,a,b\n\"x\ny\",1,2\n", {.format = "table"}), Contains("line 2: a quoted field goes on"));
  CHECK_THAT(fault("a,b\n"), Contains("ends before its first row"));
  CHECK_THAT(fault(""), Contains("is empty"));
  CHECK_THAT(fault("", {.format = "table"}), Contains("ends before its first row"));
  CHECK_THAT(fault(std::string("a,b\n\0,c\n", 8)), Contains("unknown format"));
  const TemporaryFolder folder;
  for (const char* name : {"v.TSV", "v.tsv.gz", "v.txt"}) write_text(folder / name, "g\ts\ta\nx\ty\t1\n");
  for (const char* name : {"v.TSV", "v.tsv.gz"})
    CHECK_THROWS_WITH(read_source(open_source(folder / name, {})), Contains("line 2: 'y'"));
  CHECK_THROWS_WITH(open_source(folder / "v.txt", {}), Contains("v.txt: unknown format"));
}

TEST_CASE("the delimiter and the decimal mark of a table are what they are said to be", "[table]") {
  const Values values{1.5, 2, 1e-3, 4};
  const FileReading commas{.decimal = "comma"};
  for (const std::string text : {"1,5;2\n1e-3;4\n", "1,5\t2,0\n1,0E-03\t4\n", "1,5 +2\n,001 4,\n",
                                 "a;b\n1,5;2\n0,001;4\n", ";x;y\nr;1,5;2\ns;0,001;4\n", "\"1,5\";2\n0,001;4\n"}) {
    INFO(text);
    CHECK(read(text, false, commas).values == values);
  }
  CHECK(read("1,5;2\n1e-3;4\n", true, commas).values == Values{1.5, 1e-3, 2, 4});
  CHECK(read("1|5|2\n3|4|6\n", false, {.delimiter = "|"}).values == Values{1, 5, 2, 3, 4, 6});
  CHECK(read("1,5|2\n0,001|4\n", false, {.delimiter = "|", .decimal = ","}).values == values);
  CHECK(read("x;y z\n1;2\n", false, {.delimiter = "semicolon"}).columns == Names{"x", "y z"});
  CHECK(read("a b,1\nc d,2\n", false, {.delimiter = "comma"}).rows == Names{"a b", "c d"});
  // in quotes it delimits nothing, and numbers may have the comma that delimits fields
  CHECK(read(",x,y\n\"r\t1\",1.5,2\nr2,0.001,4\n").values == values);
  CHECK(read(",\"a;b\",c\n\"r;1\",1.5,2\n\"r;2\",0.001,4\n").rows == Names{"r;1", "r;2"});
  CHECK(read("\"id\",\"a\",\"b\"\n\"x;1\",\"1.5\",\"2\"\n\"y;2\",\"0.001\",\"4\"\n").values == values);
  CHECK(read("\"r 1\"  2   1.5\n\"r 2\" 0.5  4\n").values == Values{2, 1.5, 0.5, 4});
  CHECK(read("\"r 1\" 2 1.5\n\"r,2\" 0.001 4\n").rows == Names{"r 1", "r,2"});
  for (const std::string delimiter : {"", "comma"}) {
    const FileReading both{.delimiter = delimiter, .decimal = "comma"};
    CHECK(read("a,b\n\"1,5\",2\n\"0,001\",\"4,0\"\n", false, both).values == values);
    CHECK(read("\"\",\"a\",\"b\"\n\"r1\",\"1,5\",\"2\"\n\"r2\",\"0,001\",\"4\"\n", false, both).values == values);
  }
  for (const std::string name : {"tab", "\\t", "\t"}) {
    CHECK(read("1 \t2\n3\t4\n", false, {.delimiter = name}).values == Values{1, 2, 3, 4});
  }
  // one column is a table for who says so
  CHECK(read("1.5\n2\n", false, {.format = "table"}).values == Values{1.5, 2});
  CHECK(read("x\n1,5\n2\n", false, {.format = "table", .decimal = "comma"}).values == Values{1.5, 2});
  CHECK(read("1\n2\n", false, {.delimiter = "comma"}).values == Values{1, 2});
  CHECK(read("1 2\n", false, {.format = "table"}).values == Values{1, 2});
}

TEST_CASE("numbers name columns where they can be nothing else, or as pandas writes years", "[table]") {
  const Names years{"2010", "2011", "2012"};
  for (const std::string index : {"de|fr", "0|1", "7|3"}) {
    const std::string first = index.substr(0, index.find('|')), second = index.substr(index.find('|') + 1);
    INFO(index);
    const Read table = read(",2010,2011,2012\n" + first + ",1,2,3\n" + second + ",3,4,5\n");
    CHECK((table.values == Values{1, 2, 3, 3, 4, 5} && table.columns == years &&
           table.rows == Names{first, second}));
    CHECK(table.header.guess == TableGuess::none);
  }
  const Read named = read("name,2010,2011,2012\nde,1,2,3\nfr,3,4,5\n");
  CHECK((named.values == Values{1, 2, 3, 3, 4, 5} && named.columns == years && named.rows == Names{"de", "fr"}));
  CHECK(named.header.guess == TableGuess::numbers_name_columns);
  CHECK(read("f,0.5,1,1.5\nde,1,2,3\n").columns == Names{"0.5", "1", "1.5"});
  CHECK(read("2010 2011\nde 1 2\nfr 3 4\n").columns == Names{"2010", "2011"});  // R leaves the corner out
  CHECK(read(",5,5\nde,1,2\n").columns == Names{"5", "5"});
  // a row: some are the same, or have fractions and do not ascend; one says nothing
  for (const std::string text : {"x,3,0,3\ny,1,2,3\n", "x,1.5,0.5,3\ny,1,2,3\n", "x,3\ny,4\n"}) {
    INFO(text);
    const Read table = read(text);
    CHECK((table.rows == Names{"x", "y"} && table.columns.empty() && table.header.guess == TableGuess::none));
  }
  CHECK_THAT(fault(",0,0\n1,2,3\n"), Contains("missing value ''") && Contains("column 1"));
  CHECK(read("0,1,2\n5,3,1\n").header.guess == TableGuess::numbers_are_a_row);
  CHECK(read("0,1\n5,3\n").header.guess == TableGuess::none);
  const Read column = read("id,2010,2011\n7,1,2\n");
  CHECK((column.values == Values{7, 1, 2} && column.columns == Names{"id", "2010", "2011"}));
  CHECK(column.header.guess == TableGuess::numbers_are_a_column);
  CHECK(read("id,a,b\n7,1,2\n").header.guess == TableGuess::none);
}

TEST_CASE("an empty corner of numbers is a guess where entries may be missing", "[table]") {
  const TemporaryFolder folder;
  write_text(folder / "v.csv", ",2010,2011\n0,1,2\n");
  LoadOptions options;
  options.missing = Missing::nan;
  const Source source = open_source(folder / "v.csv", options);
  CHECK((source.header.rows == 1 && source.header.columns == 2));
  CHECK(source.header.guess == TableGuess::numbers_name_columns);
  write_text(folder / "v.csv", ",0,0\n0,1,2\n");
  CHECK(open_source(folder / "v.csv", options).header.rows == 2);
}

TEST_CASE("a table has the names that it is said to have", "[table]") {
  const std::string plain = "0,1,2\n5,3,1\n", named = "name,2010,2011\nde,1,2\n", id = "id,a,b\n7,1,2\n";
  const Read header = read(plain, false, {.header = "yes"});
  CHECK((header.values == Values{5, 3, 1} && header.columns == Names{"0", "1", "2"} && header.rows.empty()));
  CHECK(header.header.guess == TableGuess::none);
  const Read index = read(plain, false, {.header = "yes", .row_names = "yes"});
  CHECK((index.values == Values{3, 1} && index.columns == Names{"1", "2"} && index.rows == Names{"5"}));
  const Read row = read(named, false, {.header = "no"});
  CHECK((row.values == Values{2010, 2011, 1, 2} && row.rows == Names{"name", "de"} && row.columns.empty()));
  CHECK(row.header.guess == TableGuess::none);
  CHECK(read("id,2010\n7,1\n", false, {.header = "no"}).rows == Names{"id", "7"});
  const Read rows = read(id, false, {.row_names = "yes"});
  CHECK((rows.values == Values{1, 2} && rows.rows == Names{"7"} && rows.columns == Names{"a", "b"}));
  CHECK(read("id,2010\n7,1\n", false, {.row_names = "yes"}).header.guess == TableGuess::none);
  CHECK(read("2010 2011\n0 1 2\n", false, {.header = "yes"}) ==
        read(" 2010 2011\n0 1 2\n", false, {.header = "yes"}));
  CHECK(read("2010 2011\n0 1 2\n", false, {.header = "yes"}).rows == Names{"0"});
  CHECK(read(",a,b\n7,1,2\n", false, {.row_names = "no"}).columns == Names{"", "a", "b"});
  CHECK(read(id, false, {.header = "auto", .row_names = "auto"}) == read(id));
  CHECK(read("2010\n1\n2\n", false, {.header = "yes"}).columns == Names{"2010"});
  CHECK(read("2010\n1\n2\n", false, {.delimiter = "comma", .header = "yes"}).values == Values{1, 2});
  CHECK_THROWS_WITH(read(id, false, {.header = "maybe"}), Contains("--header is yes, no or auto, not 'maybe'"));
  CHECK_THROWS_WITH(read(id, false, {.row_names = "1"}), Contains("--row-names is yes, no or auto, not '1'"));
}

TEST_CASE("what cannot be a delimiter or a decimal mark is refused, and what may be one is named", "[table]") {
  for (const std::string name : {"1", ".", "-", "\"", "ab", "\n", "\xc3"}) {
    INFO(name);
    CHECK_THROWS_AS(read("1;2\n", false, {.delimiter = name}), UsageError);
  }
  CHECK_THROWS_WITH(read("1;2\n", false, {.delimiter = "ab"}), Contains("--delimiter is tab, semicolon, comma"));
  CHECK_THROWS_WITH(read("1;2\n", false, {.decimal = "dot"}), Contains("--decimal is point or comma, not 'dot'"));
  CHECK_THROWS_WITH(read("1;2\n", false, {.delimiter = "comma", .decimal = "comma"}), Contains("both a comma"));
  CHECK_THAT(fault("1,5;2,5\n3,5;4,5\n"), Contains("decimal commas") && Contains("--decimal comma"));
  CHECK_THAT(fault("a;b\n1,5;2,5\n"), Contains("--decimal comma"));
  CHECK_THAT(fault("1;2\n3,5;4\n"), Contains("line 2") && Contains("'3,5' in column 1") &&
                                        Contains("decimal marks are points; --decimal comma"));
  CHECK_THAT(fault("1,5;2\n3.5;4\n", {.decimal = "comma"}),
             Contains("line 2") && Contains("'3.5' in column 1") && Contains("decimal marks are commas"));
  CHECK_THAT(fault("2;1.234,5\n", {.delimiter = "semicolon", .decimal = "comma"}), Contains("'1.234,5'"));
  CHECK_THAT(fault("1;2\n3\n", {.delimiter = ";"}), Contains("1 number where the first row has 2"));
}

TEST_CASE("lines of a table may be longer than what is read at once", "[table]") {
  constexpr int columns = 250000;
  std::string header, row, other;
  Values values;
  Names names;
  for (int j = 0; j < columns; ++j) {
    names.push_back("gene" + std::to_string(j));
    header += ',' + names.back();
    row += "," + std::to_string(j);
    other += ",1";
    values.push_back(j);
  }
  values.resize(2 * columns, 1);
  const Read found = read("# made for this test\n" + header + "\ncell 0" + row + "\ncell 1" + other + "\n");
  CHECK((found.values == values));
  CHECK((found.columns == names));
  CHECK(found.rows == Names{"cell 0", "cell 1"});
  CHECK((read(row.substr(1) + "\n" + other.substr(1) + "\n").values == values));
}
