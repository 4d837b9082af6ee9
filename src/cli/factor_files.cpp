#include "factor_files.hpp"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

#include "cli/fit/results.hpp"
#include "cli/fit/several_fits.hpp"
#include "io/npy.hpp"
#include "io/reading.hpp"
#include "report/json_fields.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {

Shape factor_shape(const std::string& path) {
  const io::NpyHeader header = io::read_npy_header(path);
  if (header.shape.size() != 2) {
    throw BadData(fmt::format("{} has {} dimensions; a factor has 2", path, header.shape.size()));
  }
  return {header.shape[0], header.shape[1]};
}

void require_factor_shape(const Comm& comm, const std::string& path, Shape wanted, const std::string& what) {
  comm.meet_on_root([&] {
    const Shape shape = factor_shape(path);
    if (shape.rows == wanted.rows && shape.columns == wanted.columns) return;
    throw ShapeMismatch(fmt::format("{} is {} x {}, but {} must be {} x {}", path, shape.rows, shape.columns, what,
                                    wanted.rows, wanted.columns));
  });
}

namespace {

/// `first` is the number in the file of the rows' first.
template <class T>
void require_valid(ConstMatrixView<T> rows, const std::string& path, Index first) {
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < rows.columns(); ++j) {
      const auto value = static_cast<double>(rows(i, j));
      if (value >= 0 && std::isfinite(value)) continue;
      throw BadData(
          fmt::format("{}: row {}, column {} (counted from 0) is {}; a factor is non-negative and finite", path,
                      first + i, j, value));
    }
  }
}

}  // namespace

template <class T>
Matrix<T> read_factor_everywhere(const Comm& comm, const std::string& path) {
  Matrix<T> factor;
  comm.meet_on_root([&] {
    factor = io::read_npy<T>(path);
    require_valid<T>(std::as_const(factor).view(), path, 0);
  });
  Shape shape = {factor.rows(), factor.columns()};
  comm.broadcast_value(shape);
  comm.meet([&] {
    if (!comm.is_root()) factor = Matrix<T>::padded(shape.rows, shape.columns);
  });
  // the root's stride is its reader's choice, so it is the rows that travel
  for (Index i = 0; i < shape.rows; ++i) {
    comm.broadcast(std::span<T>(factor.row(i), static_cast<std::size_t>(shape.columns)));
  }
  return factor;
}

template <class T>
Matrix<T> read_factor_rows(const Comm& comm, const std::string& path, Index first, Index count) {
  Matrix<T> rows;
  comm.meet([&] {
    rows = io::read_npy_rows<T>(path, first, count);
    require_valid<T>(std::as_const(rows).view(), path, first);
  });
  return rows;
}

template Matrix<float> read_factor_everywhere(const Comm&, const std::string&);
template Matrix<double> read_factor_everywhere(const Comm&, const std::string&);
template Matrix<float> read_factor_rows(const Comm&, const std::string&, Index, Index);
template Matrix<double> read_factor_rows(const Comm&, const std::string&, Index, Index);

Model open_model(const Comm& comm, const std::string& folder, bool quiet) {
  Model model;
  comm.meet_on_root([&] {
    if (!std::filesystem::is_directory(folder)) throw SystemError(fmt::format("there is no folder {}", folder));
    model.folder = single_fit(folder, !quiet);
  });
  comm.broadcast(model.folder);
  const std::filesystem::path path(model.folder);
  model.w_path = (path / "W.npy").string();
  model.h_path = (path / "H.npy").string();
  model.d_path = (path / "D.npy").string();
  comm.meet_on_root([&] {
    model.h = factor_shape(model.h_path);
    const std::string run = (path / "run.json").string();
    model.has_record = std::filesystem::exists(run);
    model.facts.diagonal = std::filesystem::exists(model.d_path);
    if (!model.has_record) return;
    const std::string record = report::read_text_file(run);
    model.facts = report::parse_run_json(record, run);
    model.v_reading = report::parse_reading(record, run);
    model.v_path = report::JsonFields(record, run).text("/input/path");
    model.mask = report::JsonFields(record, run).text("/input/mask");
  });
  comm.broadcast_value(model.h);
  comm.broadcast_value(model.facts);
  comm.broadcast(model.v_path);
  comm.broadcast(model.mask);
  for (const io::ReadingField& field : io::reading_fields) comm.broadcast(model.v_reading.*field.text);
  return model;
}

template <class T>
Matrix<T> read_model_h(const Comm& comm, const Model& model) {
  Matrix<T> h = read_factor_everywhere<T>(comm, model.h_path);
  if (!model.facts.diagonal) return h;
  std::vector<double> scales(static_cast<std::size_t>(h.rows()));
  comm.meet_on_root([&] {
    const std::vector<double> d = io::read_npy_numbers(model.d_path);
    if (d.size() != scales.size()) {
      throw ShapeMismatch(
          fmt::format("{} has {} numbers, but {} has {} rows", model.d_path, d.size(), model.h_path, h.rows()));
    }
    for (std::size_t c = 0; c < d.size(); ++c) {
      if (d[c] >= 0 && std::isfinite(d[c])) continue;
      throw BadData(fmt::format("{}: number {} (counted from 0) is {}; a scale is non-negative and finite",
                                model.d_path, c, d[c]));
    }
    scales = d;
  });
  comm.broadcast(std::span(scales));
  for (Index c = 0; c < h.rows(); ++c) {
    const double scale = scales[static_cast<std::size_t>(c)];
    for (Index j = 0; j < h.columns(); ++j) h(c, j) = static_cast<T>(scale * static_cast<double>(h(c, j)));
  }
  return h;
}
template Matrix<float> read_model_h(const Comm&, const Model&);
template Matrix<double> read_model_h(const Comm&, const Model&);

void require_w(const Model& model) {
  if (std::filesystem::exists(model.w_path)) return;
  const std::filesystem::path sibling = sibling_with_w(model.folder);
  if (!sibling.empty()) {
    throw SystemError(fmt::format("{} holds no W.npy: another seed of this k did better, and its W is in {}",
                                  model.folder, sibling.lexically_normal().string()));
  }
  throw SystemError(fmt::format("{} holds no W.npy{}", model.folder,
                                model.has_record
                                    ? ": it was fitted with --write h; fit again, or transform V with "
                                      "it to find W"
                                    : ""));
}

}  // namespace mpinmf::cli
