// What a source hands out, for tests of formats.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "io/source.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io {

/// What is not 0, by row and column; entries of one place summed.
using Places = std::map<std::pair<Index, Index>, double>;

/// In parts: rows one by one, a stream in three pieces where it has any.
inline Places entries_of(Source& source) {
  Places places;
  const TakeEntries take = [&](std::span<const Entry> entries) {
    for (const Entry& e : entries) {
      if (e.value != 0) places[{e.row, e.column}] += e.value;
    }
  };
  if (auto* rows = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    for (Index i = 0; i < source.header.rows; ++i) {
      Index length = 0, found = 0;
      (*rows)->lengths(i, std::span(&length, 1));
      (*rows)->read(i, 1, [&](std::span<const Entry> entries) {
        found += static_cast<Index>(entries.size());
        take(entries);
      });
      if (found != length) throw BadData("a row has other entries than its length says");
    }
    return places;
  }
  if (auto* dense = std::get_if<std::unique_ptr<DenseRows>>(&source.reader)) {
    std::vector<double> row(static_cast<std::size_t>(source.header.columns));
    for (Index i = 0; i < source.header.rows; ++i) {
      (*dense)->read(i, 1, row.data());
      for (Index j = 0; j < source.header.columns; ++j) {
        const double value = row[static_cast<std::size_t>(j)];
        if (value != 0) places[{i, j}] = value;
      }
    }
    return places;
  }
  EntryStream& stream = *std::get<std::unique_ptr<EntryStream>>(source.reader);
  EntryPieces* const pieces = stream.pieces();
  if (pieces == nullptr) {
    stream.read_all(take);
    return places;
  }
  constexpr int parts = 3;
  Index found = 0, counted = 0;
  for (int part = 0; part < parts; ++part) {
    pieces->read(part, parts, [&](std::span<const Entry> entries) {
      found += static_cast<Index>(entries.size());
      take(entries);
    });
    found += pieces->left_out();
    pieces->read_places(part, parts,
                        [&](std::span<const Entry> entries) { counted += static_cast<Index>(entries.size()); });
    counted += pieces->left_out();
  }
  pieces->require_total(found);
  if (counted != found) throw BadData("places are not as many as entries");
  return places;
}

inline Places transposed(const Places& places) {
  Places turned;
  for (const auto& [place, value] : places) turned[{place.second, place.first}] = value;
  return turned;
}

inline std::vector<std::string> all_names(const NameReader& reader) {
  std::vector<std::string> names;
  if (reader) reader([&](std::string_view name) { names.emplace_back(name); });
  return names;
}

/// What it throws, of the errors of this program; empty: nothing.
template <class F>
std::string fault_of(F&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Of opening and reading.
inline std::string fault_in(const std::string& name, const LoadOptions& options = {}) {
  return fault_of([&] {
    Source source = open_source(name, options);
    entries_of(source);
  });
}

}  // namespace mpinmf::io
