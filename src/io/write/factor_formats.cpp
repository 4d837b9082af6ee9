#include "factor_formats.hpp"

#include <fmt/format.h>

#include <array>

#include "io/npy.hpp"
#include "io/open_on_all.hpp"
#include "mpinmf/error.hpp"
#include "npz_archive.hpp"
#include "source_rows.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

// One line a format; those without a file of their own are in the table of writers.
constexpr std::array<FactorFormat, 6> formats_of_factors = {{
    {.name = "csv"},
    {.name = "tsv"},
    {.name = "mtx"},
    {.name = "npz", .file = "factors.npz", .write = write_factors_npz},
    {.name = "h5", .file = "factors.h5", .write = hdf5::write_factors_h5},
    {.name = "h5ad", .file = "factors.h5ad", .takes_into = true, .write = hdf5::write_factors_h5ad},
}};

/// W.csv or H.csv.
std::string file_of_factor(char factor, const FactorFormat& format) {
  return fmt::format("{}.{}", factor, format.name);
}

void write_one_factor(const Comm& comm, const FactorFormat& format, bool is_w, const FactorFiles& files,
                      const OutputTarget& target) {
  const Writer& writer = writer_called(format.name);
  const bool by_columns = writer.by_columns != ByColumns::none;
  OutputMatrix factor = factor_rows(comm, is_w ? files.w : files.h, by_columns);
  if (!by_columns) {
    if (is_w) {
      factor.labels = {names_in(files.row_names), component_names(factor.columns)};
    } else {
      factor.labels = {component_names(factor.rows), names_in(files.column_names)};
    }
  }
  writer.write(comm, target, factor);
}

}  // namespace

std::span<const FactorFormat> factor_formats() {
  return formats_of_factors;
}

std::string factor_format_names() {
  std::string names;
  for (const FactorFormat& format : factor_formats()) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

const FactorFormat* factor_format_called(std::string_view name) {
  if (name == "npy") return nullptr;
  for (const FactorFormat& format : factor_formats()) {
    if (format.name == name) return &format;
  }
  throw UsageError(fmt::format("--output-format is npy (which is written in any case), {}, not '{}'",
                               factor_format_names(), name));
}

std::vector<std::string> files_of(const FactorFormat& format, bool has_w, bool has_h) {
  if (!format.file.empty()) return {std::string(format.file)};
  std::vector<std::string> files;
  if (has_w) files.push_back(file_of_factor('W', format));
  if (has_h) files.push_back(file_of_factor('H', format));
  return files;
}

std::vector<std::string> all_factor_files() {
  std::vector<std::string> all;
  for (const FactorFormat& format : factor_formats()) {
    for (const std::string& file : files_of(format, true, true)) all.push_back(file);
  }
  return all;
}

void write_factor_file(const Comm& comm, const FactorFormat& format, const std::string& file,
                       const FactorFiles& files, const OutputTarget& target) {
  if (format.write != nullptr) {
    format.write(comm, files, target);
  } else {
    write_one_factor(comm, format, file == file_of_factor('W', format), files, target);
  }
}

OutputMatrix factor_rows(const Comm& comm, const std::string& path, bool transpose) {
  LoadOptions options;
  options.transpose = transpose;
  Source source = open_on_all(comm, path, options);
  const bool single_precision = source.header.single_precision;
  return rows_of_source(comm, std::move(source), options, single_precision, path);
}

NameReader component_names(Index count) {
  return [count](const std::function<void(std::string_view)>& take) {
    for (Index c = 0; c < count; ++c) take(fmt::format("component_{}", c));
  };
}

void write_factors_npz(const Comm& comm, const FactorFiles& files, const OutputTarget& target) {
  std::vector<OutputMatrix> factors;
  std::vector<NpzMember> members;
  const auto add = [&](const char* name, const std::string& path) {
    if (path.empty()) return;
    const OutputMatrix& f = factors.emplace_back(factor_rows(comm, path, false));
    members.push_back(
        {name, npy_header_bytes(type_of_values(f), {f.rows, f.columns}), f.rows * f.columns * value_bytes(f)});
  };
  add("W", files.w);
  add("H", files.h);
  const NpzArchive archive(std::move(members));
  archive.make(comm, target);
  std::vector<PartSum> sums(factors.size());
  for (std::size_t i = 0; i < factors.size(); ++i) {
    comm.meet([&] { sums[i] = write_dense_part(comm, target, factors[i], archive.place(i), true); });
  }
  archive.finish(comm, target, sums);
}

}  // namespace mpinmf::io
