// mpinmf components, and what plot draws on logarithmic axes.
#include <zlib.h>

#include <cstdint>

#include "cli_support.hpp"

namespace {

struct Png {
  std::uint32_t width = 0, height = 0;
  std::set<std::string> colours;
};

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// PNG's filters: what is added to a byte, of those to its left, above it, and above that on its left.
int predicted(int filter, int left, int above, int corner) {
  if (filter == 1) return left;
  if (filter == 2) return above;
  if (filter == 3) return (left + above) / 2;
  if (filter != 4) return 0;
  const int p = left + above - corner;
  const int to_left = std::abs(p - left), to_above = std::abs(p - above), to_corner = std::abs(p - corner);
  return to_left <= to_above && to_left <= to_corner ? left : to_above <= to_corner ? above : corner;
}

/// Of 8-bit RGB or RGBA, as gnuplot's cairo writes it.
Png read_png(const std::string& path) {
  const std::string file = read_text(path);
  REQUIRE(file.rfind("\x89PNG\r\n\x1a\n", 0) == 0);
  Png png;
  png.width = big_endian(file, 16);
  png.height = big_endian(file, 20);
  REQUIRE(file[24] == 8);
  const bool has_alpha = file[25] == 6;
  REQUIRE((has_alpha || file[25] == 2));
  std::string packed;
  for (std::size_t at = 8; at + 8 < file.size(); at += 12 + big_endian(file, at)) {
    if (file.substr(at + 4, 4) == "IDAT") packed += file.substr(at + 8, big_endian(file, at));
  }
  const std::size_t step = has_alpha ? 4 : 3, stride = png.width * step;
  std::vector<unsigned char> bytes((stride + 1) * png.height);
  uLongf size = bytes.size();
  REQUIRE(uncompress(bytes.data(), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size()) == Z_OK);
  std::vector<unsigned char> above(stride);
  for (std::size_t y = 0; y < png.height; ++y) {
    unsigned char* row = &bytes[y * (stride + 1) + 1];
    for (std::size_t i = 0; i < stride; ++i) {
      const int left = i < step ? 0 : row[i - step], corner = i < step ? 0 : above[i - step];
      row[i] = static_cast<unsigned char>(row[i] + predicted(row[-1], left, above[i], corner));
    }
    for (std::size_t x = 0; x < stride; x += step) {
      png.colours.emplace(reinterpret_cast<const char*>(row + x), std::size_t{3});
    }
    above.assign(row, row + stride);
  }
  return png;
}

bool has_colour(const Png& png, unsigned red, unsigned green, unsigned blue) {
  return png.colours.contains({static_cast<char>(red), static_cast<char>(green), static_cast<char>(blue)});
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// A folder with factors in m, as any program may have written them.
struct Factors {
  TemporaryFolder folder;

  Factors(int m, int k, int n, const std::vector<double>& w, const std::vector<double>& h) {
    std::filesystem::create_directory(folder.path() / "m");
    write_numbers(folder / "m/W.npy", m, k, w);
    write_numbers(folder / "m/H.npy", k, n, h);
  }
  Ran components(const std::string& options) {
    return run(mpinmf_command(1, "components m " + options), folder.path());
  }
  Png png(const std::string& name) { return read_png(folder / ("m/" + name + ".png")); }
  std::string svg(const std::string& name) { return read_text(folder / ("m/" + name + ".svg")); }
};

std::string numbered_terms(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "term" + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("Components as images show what stands in H, pixel by pixel", "[components]") {
  if (!has_gnuplot()) return;
  // 2 x 3 pixels; in C order the second row is 0.5, in Fortran order other pixels are
  Factors f(4, 2, 6, counting(4, 2), {0, 0, 1, 0.5, 0.5, 0.5, 0, 0, 0, 0, 0, 0});
  REQUIRE(f.components("--image 2x3").code == 0);
  const std::string in_c_order = f.svg("components");
  CHECK(count_of(in_c_order, "<image style='image-rendering:pixelated'") == 2);
  const Png png = f.png("components");
  CHECK(has_colour(png, 255, 255, 255));
  CHECK(has_colour(png, 128, 128, 128));
  CHECK(has_colour(png, 0, 0, 0));
  REQUIRE(f.components("--image 2x3 --order fortran").code == 0);
  CHECK(f.svg("components") != in_c_order);
  REQUIRE(f.components("--image 1x2 --channels 3").code == 0);
  CHECK(has_colour(f.png("components"), 0, 0, 255));
  CHECK(has_colour(f.png("components"), 128, 128, 128));
}

TEST_CASE("Maps are W's columns", "[components]") {
  if (!has_gnuplot()) return;
  Factors f(6, 2, 3, {0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1}, counting(2, 3));
  REQUIRE(f.components("--map 2x3").code == 0);
  CHECK(count_of(f.svg("maps"), "<image ") == 2);
  CHECK(has_colour(f.png("maps"), 253, 231, 37));  // viridis at 1
  CHECK(has_colour(f.png("maps"), 68, 1, 84));     // and at 0
  const Ran ran = f.components("--map 2x4");
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "m/W.npy has 6 rows; shapes that do, the nearest first: 2x3"));
}

TEST_CASE("A model without names is drawn as curves, one with names as terms, both with a heat map",
          "[components]") {
  if (!has_gnuplot()) return;
  Factors f(9, 5, 8, counting(9, 5), counting(5, 8));
  REQUIRE(f.components("").code == 0);
  CHECK(names(f.folder.path() / "m") ==
        std::vector<std::string>{"H.npy", "W.npy", "curves.png", "curves.svg", "heat_map.png", "heat_map.svg"});
  for (int c = 0; c < 5; ++c) CHECK(contains(f.svg("curves"), ">component " + std::to_string(c) + "<"));
  CHECK(has_colour(f.png("curves"), 0x00, 0x72, 0xb2));
  CHECK(has_colour(f.png("curves"), 0xe6, 0x9f, 0x00));
  CHECK(contains(f.svg("heat_map"), "9 rows"));

  write_text(f.folder / "m/column_names.txt",
             "one\ntwo\nthree's\n100 % <&>\na_b^c\nbad\xff\x01"
             "end\nseven\neight\n");
  REQUIRE(f.components("--output terms").code == 0);
  CHECK(names(f.folder.path() / "terms") ==
        std::vector<std::string>{"heat_map.png", "heat_map.svg", "terms.png", "terms.svg"});
  const std::string svg = read_text(f.folder / "terms/terms.svg");
  for (const std::string term : {"three's", "100 % &lt;&amp;>", "bad\xef\xbf\xbd end", "a_b^c"})
    CHECK(contains(svg, term));
  CHECK(has_colour(read_png(f.folder / "terms/terms.png"), 0x56, 0xb4, 0xe9));
}

TEST_CASE("Rows of V beside those of W H, and what is left of V, with the options of the fit", "[components]") {
  if (!has_gnuplot()) return;
  TemporaryFolder folder;
  for (const std::string options : {"", "--transpose", "--add 1"}) {
    const std::string fit = "fit generate:sparse-counts:rows=60,columns=60,density=0.2 -k 3 --max-iterations 5 ";
    REQUIRE(run(mpinmf_command(2, fit + "--force --output m " + options), folder.path()).code == 0);
    const Ran ran = run(mpinmf_command(1, "components m --image 6x10 --rows 3,59 --residual"), folder.path());
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const std::string svg = read_text(folder / "m/reconstruction.svg");
    CHECK(count_of(svg, "<image ") == 4);
    CHECK(contains(svg, "59 in W H"));
    CHECK(has_colour(read_png(folder / "m/residual.png"), 0xd5, 0x5e, 0x00));
    REQUIRE(run(mpinmf_command(1, "components m --rows 3,59"), folder.path()).code == 0);
    CHECK(contains(read_text(folder / "m/reconstruction.svg"), "row 59"));
  }
}

TEST_CASE("No picture of components is empty", "[components]") {
  if (!has_gnuplot()) return;
  struct Case {
    int m, k, n;
    double value;
  };
  for (const Case c : {Case{1, 1, 1, 2},
                       {1, 3, 7, 0},
                       {7, 1, 1, 1},
                       {5, 2, 12, 1},
                       {5, 2, 12, 0},
                       {2, 130, 2, 1},
                       {3, 2, 10000, 1}}) {
    CAPTURE(c.m, c.k, c.n, c.value);
    Factors f(c.m, c.k, c.n, std::vector<double>(static_cast<std::size_t>(c.m * c.k), c.value),
              std::vector<double>(static_cast<std::size_t>(c.k * c.n), c.value));
    write_text(f.folder / "names", numbered_terms(c.n));
    write_numbers(f.folder / "V.npy", c.m, c.n, std::vector<double>(static_cast<std::size_t>(c.m * c.n), c.value));
    const Ran ran =
        f.components("--bars --feature-names names --curves --heat-map --residual --data V.npy --rows 0 " +
                     std::string("--image 1x") + std::to_string(c.n) + " --map " + std::to_string(c.m) + "x1");
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(messages(ran.err).size() == (c.k > 120 ? 2 : 0));
    for (const std::string name :
         {"components", "reconstruction", "maps", "curves", "terms", "heat_map", "residual"}) {
      CAPTURE(name);
      const Png png = f.png(name);
      CHECK(png.colours.size() > 2);
      CHECK(png.width <= 800);
      CHECK(contains(f.svg(name), "</svg>"));
    }
    REQUIRE(f.components("--curves --log").code == 0);
    CHECK(f.png("curves").colours.size() > 2);
  }
}

TEST_CASE("What cannot be drawn is said before anything is written", "[components]") {
  Factors f(4, 2, 361, counting(4, 2), counting(2, 361));
  write_text(f.folder / "axis", "1\n2\n3\n");
  write_text(f.folder / "words", "1\ntwo\n");
  struct Case {
    std::string options;
    int code;
    std::string message;
  };
  for (const Case& c : std::vector<Case>{
           {"--image 19x20", 3,
            "--image 19x20 does not fit: m/H.npy has 361 columns; shapes that do, the nearest first: 19x19, "
            "1x361"},
           {"--image 10x12 --channels 3", 3, "m/H.npy has 361 columns, which 3 does not divide"},
           {"--image 19", 2, "--image is rows x columns"},
           {"--image 19x19 --channels 2", 2, "--channels is 1 (grey) or 3"},
           {"--curves --axis axis", 3, "axis: has 3 numbers, but H has 361 columns"},
           {"--curves --axis words", 3, "words, line 2: 'two' is not one number"},
           {"--curves --heat-map --axis nothing", 4, "nothing"},
           {"--bars", 2, "--feature-names"},
           {"--bars --feature-names axis", 3, "axis: has 3 lines, but there are 361 columns in "},
           {"--rows 4", 2, "--rows: there is no row 4: V has 4 rows, counted from 0"},
           {"--rows 1", 2, "name V with --data"},
           {"--rows 1 --data m/W.npy", 3, "m/W.npy is 4 x 2, but the model in m is 4 x 2 times 2 x 361"},
           {"--residual --data gone", 4, "gone"}}) {
    CAPTURE(c.options);
    const Ran ran = f.components(c.options);
    CHECK(ran.code == c.code);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err)[0], c.message));
    CHECK(names(f.folder.path() / "m") == std::vector<std::string>{"H.npy", "W.npy"});
  }
}

TEST_CASE("Without gnuplot components leaves one hint", "[components]") {
  Factors f(4, 2, 6, counting(4, 2), counting(2, 6));
  std::filesystem::create_directory(f.folder.path() / "bin");
  REQUIRE(run("ln -s /usr/bin/* bin/ && rm -f bin/gnuplot", f.folder.path()).code == 0);
  const Ran ran = run("PATH=" + (f.folder / "bin") + " " + mpinmf_command(1, "components m"), f.folder.path());
  CHECK(ran.code == 0);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "gnuplot is not installed"));
  CHECK(names(f.folder.path() / "m") == std::vector<std::string>{"H.npy", "W.npy"});
}

TEST_CASE("Of a picture that fails, and of its like, nothing is left", "[components]") {
  if (!has_gnuplot()) return;
  Factors f(4, 2, 6, counting(4, 2), counting(2, 6));
  std::filesystem::create_directory(f.folder.path() / "bin");
  // a gnuplot that has no png terminal
  write_text(f.folder / "bin/gnuplot", "#!/bin/sh\n! grep -q 'set terminal png' \"$1\" && exec $REAL \"$1\"\n");
  const Ran ran =
      run("REAL=$(command -v gnuplot) && export REAL && chmod +x bin/gnuplot && PATH=" + (f.folder / "bin") +
              ":$PATH " + mpinmf_command(1, "components m --curves"),
          f.folder.path());
  CHECK(ran.code == 4);
  REQUIRE(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "m/curves.svg and m/curves.png were not drawn: gnuplot failed"));
  CHECK(names(f.folder.path() / "m") == std::vector<std::string>{"H.npy", "W.npy"});
}
