#include "model_data.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "cli/data_storage.hpp"
#include "io/preparation.hpp"
#include "io/reading.hpp"
#include "io/source.hpp"
#include "report/memory.hpp"
#include "topics/counts.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

/// On the root.
DataPlace look_for_data(const Model& model, const std::string& asked) {
  DataPlace place;
  if (asked == "none") {
    place.why_not = "V was not read (--data none)";
    return place;
  }
  if (model.facts.missing == Missing::nan) {
    place.why_not = "V was not read: some of its entries are unknown, so that its sums are";
    return place;
  }
  place.input.path = asked.empty() ? model.v_path : asked;
  place.input.transpose = model.facts.transposed;
  place.input.clip_negative = model.facts.clip_negative;
  place.input.file = model.v_reading;
  if (place.input.path.empty()) {
    place.why_not = fmt::format("{} does not say which V it stands for; --data V names it", model.folder);
    return place;
  }
  try {
    io::open_source(place.input.path, load_options(place.input, model.h.rows));
  } catch (const SystemError& error) {
    if (!asked.empty()) throw;
    place.why_not = fmt::format("V was not read; --data V says where it is now ({})", error.what());
    place.input.path.clear();
    return place;
  }
  std::error_code ignored;
  if (!place.input.transpose && fs::is_directory(place.input.path, ignored)) place.folder = place.input.path;
  return place;
}

}  // namespace

bool DataPlace::has(const char* name) const {
  std::error_code ignored;
  return !folder.empty() && fs::exists(file(name), ignored);
}

std::string DataPlace::file(const char* name) const {
  return (fs::path(folder) / name).string();
}

DataPlace find_data(const Comm& comm, const Model& model, const std::string& asked) {
  DataPlace place;
  comm.meet_on_root([&] { place = look_for_data(model, asked); });
  comm.broadcast(place.input.path);
  comm.broadcast_value(place.input.transpose);
  comm.broadcast_value(place.input.clip_negative);
  for (const io::ReadingField& field : io::reading_fields) comm.broadcast(place.input.file.*field.text);
  comm.broadcast(place.why_not);
  comm.broadcast(place.folder);
  if (place.is_there()) prepare_input_again(comm, place.input, model.folder, true);
  // what lies beside V is of all its rows
  if (place.input.prepared && !place.input.prepared->rows.is_all()) place.folder.clear();
  return place;
}

ModelData::ModelData(const Comm& comm, const DataPlace& place, const Model& model, Index rows) {
  if (!place.is_there()) {
    partition_ =
        Partition::by_rows(rows, Partition::panel_height_for(rows, model.h.rows, sizeof(double)), comm.size());
    return;
  }
  const MatrixHeader header = load_header(comm, place.input.path, load_options(place.input, model.h.rows));
  comm.meet([&] {
    if (header.rows == rows && header.columns == model.h.columns) return;
    throw ShapeMismatch(
        fmt::format("{} is {} x {}, but the model in {} is of a V of {} x {}; --data names another V, or none",
                    place.input.path, header.rows, header.columns, model.folder, rows, model.h.columns));
  });
  report::MemoryPlan plan;
  plan.components = model.h.rows;
  plan.single_precision = model.facts.single_precision;
  plan.w_copies = 2;  // W is read in double
  plan.factorizes = false;
  plan.ranks = comm.size();
  const LoadOptions reading = placed_options(comm, place.input, model.h.rows, header, plan, false);
  with_precision(model.facts.single_precision,
                 [&](auto element) { load_as<decltype(element)>(comm, place, reading); });
}

template <class T>
void ModelData::load_as(const Comm& comm, const DataPlace& place, const LoadOptions& reading) {
  DataMatrix<T> v = load<T>(comm, place.input.path, reading);
  partition_ = v.partition();
  v_.emplace<DataMatrix<T>>(std::move(v));
}

std::vector<double> ModelData::sums_of_columns() const {
  if (const auto* v = std::get_if<DataMatrix<float>>(&v_)) return topics::sums_of_columns(*v);
  return topics::sums_of_columns(std::get<DataMatrix<double>>(v_));
}

std::optional<topics::PairCounts> ModelData::count_documents(const topics::TermPairs& pairs) const {
  const auto count = [&](const auto& v) -> std::optional<topics::PairCounts> {
    if (v.summary().nonzeros == v.rows_global() * v.columns()) return std::nullopt;
    return topics::count_documents(v, pairs);
  };
  if (const auto* v = std::get_if<DataMatrix<float>>(&v_)) return count(*v);
  return count(std::get<DataMatrix<double>>(v_));
}

}  // namespace mpinmf::cli
