// Factors in HDF5: plain, and as AnnData keeps them (scanpy's names: obsm['X_nmf'], varm['NMF'], uns['nmf']).
#include <fmt/format.h>

#include <algorithm>

#include "anndata.hpp"
#include "anndata_writer.hpp"
#include "io/checksum.hpp"
#include "io/file.hpp"
#include "io/write/factor_formats.hpp"
#include "io/write/part_writer.hpp"
#include "matrix_writer.hpp"
#include "mpinmf/error.hpp"
#include "own_names.hpp"

namespace mpinmf::io::hdf5 {
namespace {

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
  if (!files.w.empty()) file.remove("/obsm/X_nmf");
  if (!files.h.empty()) file.remove("/varm/NMF");
  file.remove("/uns/nmf");
}

/// Throws BadData unless the table of an AnnData has so many names, and these, where V has some.
void require_names_of(const std::shared_ptr<const File>& file, const std::string& table, const NameReader& wanted,
                      Index count, const char* of_v) {
  const NameReader there = names_of_table(file, table);
  if (!there)
    throw BadData(fmt::format("{}: names nothing, so that it is not known what it holds", file->name_of(table)));
  const auto sum = [](std::string_view name) { return checksum(std::as_bytes(std::span(name))); };
  std::vector<std::uint64_t> sums;
  there([&](std::string_view name) { sums.push_back(sum(name)); });
  if (static_cast<Index>(sums.size()) != count) {
    throw BadData(fmt::format("{}: has {} names, but V has {} {}: name the file that V is from",
                              file->name_of(table), sums.size(), count, of_v));
  }
  if (!wanted) return;
  std::size_t i = 0;
  wanted([&](std::string_view name) {
    if (sums[i] != sum(name)) {
      throw BadData(
          fmt::format("{}: name {} (counted from 0) is not {}, as in V: name the file that V is from, or "
                      "bring its {} into V's order",
                      file->name_of(table), i, name, of_v));
    }
    ++i;
  });
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
  std::vector<PlacedFactor> factors = place_factors(comm, files, "/obsm/X_nmf", "/varm/NMF", true);
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

void require_place_for_factors(const std::string& into, const Labels& labels, Index rows, Index columns) {
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
