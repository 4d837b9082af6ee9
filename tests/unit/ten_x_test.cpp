// Folders of 10x Genomics, of both versions, and features of one type, also from HDF5.
#include <zlib.h>

#include <fmt/format.h>

#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "hdf5_files.hpp"
#include "source_entries.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Lines = std::vector<std::string>;

/// 3 cells x 4 features; in the file rows are features.
const Places counts = {{{0, 1}, 2}, {{0, 3}, 1}, {{2, 0}, 5}, {{2, 2}, 3}};
const std::string mtx = "%%MatrixMarket matrix coordinate integer general\n%\n4 3 4\n1 3 5\n2 1 2\n3 3 3\n4 1 1\n";
const std::string barcodes = "AAA-1\nCCC-1\nGGG-1\n";
const std::string genes = "ENSG1\tA\nENSG2\tB\nENSG3\tC\nENSG4\tD\n";
const std::string features =
    "ENSG1\tA\tGene Expression\nP1\tCD3\tAntibody Capture\nENSG3\tC\tGene Expression\nP2\t\tAntibody Capture\n";
const Lines cell_names = {"AAA-1", "CCC-1", "GGG-1"};

void write_gzipped(const std::string& path, const std::string& text) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
}

/// The name of the folder in the other one.
std::string write_third(const TemporaryFolder& folder, const std::string& name, bool gzipped = true,
                        const std::string& prefix = "") {
  std::filesystem::create_directory(folder / name);
  const auto write = [&](const std::string& file, const std::string& text) {
    const std::string path = folder / (name + "/" + prefix + file);
    gzipped ? write_gzipped(path + ".gz", text) : write_text(path, text);
  };
  write("matrix.mtx", mtx);
  write("barcodes.tsv", barcodes);
  write("features.tsv", features);
  return folder / name;
}

LoadOptions of_type(const std::string& type, bool transpose = false) {
  LoadOptions options;
  options.transpose = transpose;
  options.file.feature_type = type;
  return options;
}

void check(const std::string& name, const Places& expected, const Lines& feature_names,
           const std::string& type = "") {
  INFO(name << " " << type);
  const auto n = static_cast<Index>(feature_names.size());
  for (const bool transpose : {false, true}) {
    Source source = open_source(name, of_type(type, transpose));
    CHECK(source.header.rows == (transpose ? n : 3));
    CHECK(source.header.columns == (transpose ? 3 : n));
    CHECK(source.header.sparse);
    CHECK(entries_of(source) == (transpose ? transposed(expected) : expected));
    CHECK(all_names(source.labels.rows) == (transpose ? feature_names : cell_names));
    CHECK(all_names(source.labels.columns) == (transpose ? cell_names : feature_names));
  }
}

}  // namespace

TEST_CASE("10x folders of both versions are cells x features", "[ten_x]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "second");
  write_text(folder / "second/matrix.mtx", mtx);
  write_text(folder / "second/barcodes.tsv", barcodes);
  write_text(folder / "second/genes.tsv", genes);
  check(folder / "second", counts, {"A", "B", "C", "D"});
  CHECK_THAT(fault_in(folder / "second", of_type("Gene Expression")),
             Contains("second/genes.tsv: says no types of features: leave out --feature-type"));
  const Lines third = {"A", "CD3", "C", "P2"};
  check(write_third(folder, "third"), counts, third);
  check(write_third(folder, "plain", false), counts, third);
  check(write_third(folder, "prefixed", true, "GSM1_"), counts, third);
  write_gzipped(folder / "plain/matrix.mtx.gz", "not this one");
  check(folder / "plain", counts, third);
}

TEST_CASE("of a 10x matrix the features of one type are kept", "[ten_x]") {
  const TemporaryFolder folder;
  const Places of_genes = {{{2, 0}, 5}, {{2, 1}, 3}}, of_antibodies = {{{0, 0}, 2}, {{0, 1}, 1}};
  for (const std::string& name : {write_third(folder, "third"), write_third(folder, "plain", false)}) {
    check(name, of_genes, {"A", "C"}, "Gene Expression");
    check(name, of_antibodies, {"CD3", "P2"}, "Antibody Capture");
    CHECK_THAT(fault_in(name, of_type("gene")), Contains("features.tsv") &&
                                                    Contains("has no features of the type 'gene'") &&
                                                    Contains("'Gene Expression', 'Antibody Capture'"));
  }
  {
    Hdf5Writer file(folder / "3.h5");
    file.numbers("/matrix/indptr", std::vector<std::int64_t>{0, 2, 2, 4});
    file.numbers("/matrix/indices", std::vector<std::int64_t>{1, 3, 0, 2});
    file.numbers("/matrix/data", std::vector<double>{2, 1, 5, 3});
    file.numbers("/matrix/shape", std::vector<std::int32_t>{4, 3});
    file.strings("/matrix/barcodes", cell_names, 8);
    file.strings("/matrix/features/name", {"A", "CD3", "C", "P2"}, 4);
    file.strings("/matrix/features/feature_type",
                 {"Gene Expression", "Antibody Capture", "Gene Expression", "Antibody Capture"}, 20);
    file.numbers("/other", std::vector<double>{1, 2}, {1, 2});
  }
  check(folder / "3.h5", of_genes, {"A", "C"}, "Gene Expression");
  check(folder / "3.h5", of_antibodies, {"CD3", "P2"}, "Antibody Capture");
  CHECK_THAT(fault_in(folder / "3.h5:/other", of_type("Gene Expression")),
             Contains("3.h5:/other: --feature-type is for matrices of 10x Genomics"));
  write_text(folder / "v.mtx", mtx);
  CHECK_THAT(fault_in(folder / "v.mtx", of_type("Gene Expression")),
             Contains("v.mtx: --feature-type is not for this format (Matrix Market"));
}

TEST_CASE("several matrices in a 10x folder are named by their prefix", "[ten_x]") {
  const TemporaryFolder folder;
  write_third(folder, "v", true, "GSM1_");
  write_text(folder / "v/GSM2_matrix.mtx", mtx);
  write_text(folder / "v/GSM2_barcodes.tsv", barcodes);
  const Lines names = {"A", "CD3", "C", "P2"};
  check(folder / "v", counts, names);  // the other one is not complete
  write_text(folder / "v/GSM2_genes.tsv", genes);
  CHECK_THAT(fault_in(folder / "v"),
             Contains("v: holds 2 matrices; name one: ") && Contains("v:/GSM1_, ") && Contains("v:/GSM2_"));
  check(folder / "v:/GSM1_", counts, names);
  check(folder / "v:/GSM2_", counts, {"A", "B", "C", "D"});
  CHECK_THAT(fault_in(folder / "v:/GSM3_"), Contains("v:/GSM3_: there is no such prefix") && Contains("v:/GSM2_"));
}

TEST_CASE("what does not belong together in a 10x folder is refused", "[ten_x]") {
  const TemporaryFolder folder;
  const std::string name = write_third(folder, "v", false);
  const auto fault_of_names = [&](const LoadOptions& options) {
    return fault_of([&] {
      const Source source = open_source(name, options);
      all_names(source.labels.rows);
      all_names(source.labels.columns);
    });
  };
  write_text(name + "/barcodes.tsv", "AAA-1\nCCC-1\n");
  CHECK_THAT(fault_of_names({}), Contains("barcodes.tsv: has 2 lines, but the matrix beside it has 3 cells"));
  write_text(name + "/barcodes.tsv", barcodes);
  write_text(name + "/features.tsv", features + "X\tX\tGene Expression\n");
  for (const std::string type : {"", "Gene Expression"}) {
    CHECK_THAT(fault_of_names(of_type(type)),
               Contains("features.tsv: has 5 lines, but the matrix beside it has 4 features"));
  }
  write_text(name + "/features.tsv", "");
  CHECK_THAT(fault_of_names(of_type("Gene Expression")), Contains("says no types of features"));
  CHECK_THAT(fault_of_names({}), Contains("has 0 lines"));
  write_text(name + "/features.tsv", features);
  for (std::size_t length = 0; length < mtx.size() - 1; ++length) {
    write_text(name + "/matrix.mtx", mtx.substr(0, length));
    INFO(length);
    CHECK_THAT(fault_in(name), Contains("matrix.mtx"));
    CHECK_THAT(fault_in(name, of_type("Gene Expression")), Contains("matrix.mtx"));
  }
  write_text(name + "/matrix.mtx", "%%MatrixMarket matrix array integer general\n1 1\n1\n");
  CHECK_THAT(fault_in(name), Contains("matrix.mtx: is a dense array"));
  std::filesystem::remove(name + "/barcodes.tsv");
  CHECK_THAT(fault_in(name),
             Contains("v: is a folder without") && Contains("barcodes.tsv, features.tsv or genes.tsv"));
  LoadOptions forced;
  forced.file.format = "10x";
  CHECK_THAT(fault_in(name, forced),
             Contains("v: has no barcodes.tsv, features.tsv (or genes.tsv) and matrix.mtx"));
}
