// Factors in HDF5: plain, and as AnnData keeps them (scanpy's names: obsm['X_nmf'], varm['NMF'], uns['nmf']).
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "anndata.hpp"
#include "anndata_writer.hpp"
#include "io/checksum.hpp"
#include "io/file.hpp"
#include "io/write/factor_formats.hpp"
#include "io/write/part_writer.hpp"
#include "io/write/spread_rows.hpp"
#include "matrix_writer.hpp"
#include "mpinmf/error.hpp"
#include "own_names.hpp"

namespace mpinmf::io::hdf5 {
namespace {

constexpr const char *place_of_w = "/obsm/X_nmf", *place_of_h = "/varm/NMF";

/// A factor and where in the file it goes.
struct PlacedFactor {
  std::string place;
  OutputMatrix rows;
  MatrixRoom room = {};
};

/// W and H at these places, H transposed where the format wants features in rows. Collective.
std::vector<PlacedFactor> place_factors(const Comm& comm, const FactorFiles& files, const char* w, const char* h,
                                        bool transposes_h) {
  std::vector<PlacedFactor> factors;
  if (!files.w.empty()) factors.push_back({w, factor_rows(comm, files.w, false)});
  if (!files.h.empty()) factors.push_back({h, factor_rows(comm, files.h, transposes_h)});
  return factors;
}

void add_factors(FileWriter& file, std::vector<PlacedFactor>& factors) {
  for (PlacedFactor& f : factors) f.room = add_matrix(file, f.place, f.rows, {});
}

void fill_factors(const Comm& comm, const OutputTarget& target, std::vector<PlacedFactor>& factors) {
  for (PlacedFactor& f : factors) fill_matrix(comm, target, f.rows, f.room, {});
}

void add_facts(FileWriter& file, const std::string& group, const std::vector<FactorFact>& facts) {
  file.add_group(group);
  set_encoding(file, group, "dict", "0.1.0");
  for (const auto& [name, value] : facts) {
    const std::string place = group + "/" + name;
    if (const auto* text = std::get_if<std::string>(&value)) {
      file.add_text(place, *text);
      set_encoding(file, place, "string", "0.2.0");
    } else if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
      file.add_numbers(place, *numbers);
      set_encoding(file, place, "array", "0.2.0");
    } else {
      const auto* count = std::get_if<Index>(&value);
      count != nullptr ? file.add_scalar(place, *count) : file.add_scalar(place, std::get<double>(value));
      set_encoding(file, place, "numeric-scalar", "0.2.0");
    }
  }
}

/// All ranks copy a file to the target, each its share of the bytes. Collective.
void copy_file(const Comm& comm, const std::string& from, const OutputTarget& target) {
  comm.meet_on_root([&] { make_file(target, "", {}); });
  comm.meet([&] {
    const io::File source = io::File::open_to_read(from);
    const Index size = source.size(), end = piece_begin(size, comm.rank() + 1, comm.size());
    PartWriter out(open_made(comm, target, ""), piece_begin(size, comm.rank(), comm.size()));
    std::string block(std::size_t{1} << 20, '\0');
    for (Index at = piece_begin(size, comm.rank(), comm.size()); at < end;) {
      const auto count = static_cast<std::size_t>(std::min<Index>(static_cast<Index>(block.size()), end - at));
      source.read_at(at, std::as_writable_bytes(std::span(block).first(count)));
      out.put(std::string_view(block).substr(0, count));
      at += static_cast<Index>(count);
    }
    out.finish();
  });
}

/// What AnnData wants to be there before something is put in, and not to be there.
void make_place_in(FileWriter& file, const FactorFiles& files) {
  for (const char* group : {"/obsm", "/varm", "/uns"}) {
    if (file.has(group)) continue;
    file.add_group(group);
    set_encoding(file, group, "dict", "0.1.0");
  }
  if (!files.w.empty()) file.remove(place_of_w);
  if (!files.h.empty()) file.remove(place_of_h);
  file.remove("/uns/nmf");
}

std::vector<std::uint64_t> sums_of_names(const File& file, const std::string& table, const NameReader& names) {
  if (!names)
    throw BadData(fmt::format("{}: names nothing, so that it is not known what it holds", file.name_of(table)));
  std::vector<std::uint64_t> sums;
  names([&](std::string_view name) { sums.push_back(checksum(std::as_bytes(std::span(name)))); });
  return sums;
}

/// Throws BadData unless the table of an AnnData names all that V has, or all that V's file has, and what V has is
/// called so, where it has names.
void require_names_of(const std::shared_ptr<const File>& file, const std::string& table, const NameReader& wanted,
                      const Subset& kept, const char* of_v) {
  const std::vector<std::uint64_t> sums = sums_of_names(*file, table, names_of_table(file, table));
  const auto count = static_cast<Index>(sums.size());
  if (count != kept.count() && count != kept.all()) {
    throw BadData(fmt::format(
        "{}: has {} names, but V has {} {}{}: name the file that V is from; its X must be V, not V transposed or "
        "another matrix of the file",
        file->name_of(table), count, kept.count(), of_v,
        kept.is_all() ? "" : fmt::format(", of {} in its file", kept.all())));
  }
  if (!wanted) return;
  Index i = 0;
  wanted([&](std::string_view name) {
    const Index place = count == kept.count() ? i : kept.number_at(i);
    if (sums[static_cast<std::size_t>(place)] != checksum(std::as_bytes(std::span(name)))) {
      throw BadData(
          fmt::format("{}: name {} (counted from 0) is not {}, as in V: name the file that V is from, or "
                      "bring its {} into V's order",
                      file->name_of(table), place, name, of_v));
    }
    ++i;
  });
}

/// Where V is a part of what the file holds, W and H become as long as its tables. The root looks. Collective.
void spread_factors(const Comm& comm, const FactorFiles& files, std::vector<PlacedFactor>& factors) {
  if (files.into.empty() || !files.prepared) return;
  std::shared_ptr<const File> file;
  comm.meet_on_root([&] { file = std::make_shared<const File>(files.into); });
  const auto spread_over = [&](const char* table, const Subset& kept, double absent, OutputMatrix& factor) {
    Index count = 0;
    comm.meet_on_root(
        [&] { count = static_cast<Index>(sums_of_names(*file, table, names_of_table(file, table)).size()); });
    comm.broadcast_value(count);
    if (count != factor.rows) spread_rows(factor, kept, absent);
  };
  auto next = factors.begin();
  // a row that was left out has no weights; a column that was left out is part of no component, as with
  // principal components that scanpy computes from some genes
  if (!files.w.empty()) {
    spread_over("/obs", files.prepared->rows, std::numeric_limits<double>::quiet_NaN(), (next++)->rows);
  }
  if (!files.h.empty()) spread_over("/var", files.prepared->columns, 0, next->rows);
}

}  // namespace

void write_factors_h5(const Comm& comm, const FactorFiles& files, const OutputTarget& target) {
  std::vector<PlacedFactor> factors = place_factors(comm, files, "/W", "/H", false);
  comm.meet_on_root([&] {
    FileWriter file(target.working_path, target.path);
    add_factors(file, factors);
    const NameReader rows = names_in(files.row_names), columns = names_in(files.column_names);
    if (rows) file.add_names(own_row_names, rows, files.rows);
    if (columns) file.add_names(own_column_names, columns, files.columns);
    add_facts(file, "/nmf", files.facts);
    file.finish();
  });
  fill_factors(comm, target, factors);
}

void write_factors_h5ad(const Comm& comm, const FactorFiles& files, const OutputTarget& target) {
  std::vector<PlacedFactor> factors = place_factors(comm, files, place_of_w, place_of_h, true);
  spread_factors(comm, files, factors);
  if (!files.into.empty()) copy_file(comm, files.into, target);
  comm.meet_on_root([&] {
    using Mode = FileWriter::Mode;
    FileWriter file(target.working_path, target.path, files.into.empty() ? Mode::create : Mode::add);
    if (files.into.empty()) {
      add_frame(file, {names_in(files.row_names), names_in(files.column_names)}, files.rows, files.columns);
    } else {
      make_place_in(file, files);
    }
    add_factors(file, factors);
    add_facts(file, "/uns/nmf", files.facts);
    file.finish();
  });
  fill_factors(comm, target, factors);
}

void require_place_for_factors(const std::string& into, const Labels& labels, const Subset& rows,
                               const Subset& columns) {
  const auto file = std::make_shared<const hdf5::File>(into);
  if (!is_anndata(*file)) throw BadData(into + ": is no AnnData (.h5ad), to which factors could be added");
  for (const char* group : {"/obsm", "/varm", "/uns"}) {
    const Kind kind = file->kind(group);
    if (kind == Kind::group || kind == Kind::nothing) continue;
    throw BadData(
        fmt::format("{}: is no group: the file is of an anndata before 0.7; read and write it with a newer "
                    "one",
                    file->name_of(group)));
  }
  require_names_of(file, "/obs", labels.rows, rows, "rows");
  require_names_of(file, "/var", labels.columns, columns, "columns");
}

}  // namespace mpinmf::io::hdf5
