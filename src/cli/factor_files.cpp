#include "factor_files.hpp"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "io/npy.hpp"
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

Model open_model(const Comm& comm, const std::string& folder) {
  Model model;
  model.folder = folder;
  const std::filesystem::path path(folder);
  model.w_path = (path / "W.npy").string();
  model.h_path = (path / "H.npy").string();
  comm.meet_on_root([&] {
    if (!std::filesystem::is_directory(path)) throw SystemError(fmt::format("there is no folder {}", folder));
    model.h = factor_shape(model.h_path);
    const std::string run = (path / "run.json").string();
    model.has_record = std::filesystem::exists(run);
    if (model.has_record) model.facts = report::parse_run_json(report::read_text_file(run), run);
  });
  comm.broadcast_value(model.h);
  comm.broadcast_value(model.facts);
  return model;
}

void require_w(const Model& model) {
  if (std::filesystem::exists(model.w_path)) return;
  throw SystemError(fmt::format("{} holds no W.npy{}", model.folder,
                                model.has_record
                                    ? ": it was fitted with --write h; fit again, or transform V with "
                                      "it to find W"
                                    : ""));
}

}  // namespace mpinmf::cli
