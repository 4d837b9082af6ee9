#include "fitted.hpp"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>

#include "cli/feature_names.hpp"
#include "io/file.hpp"
#include "io/names.hpp"
#include "io/npy.hpp"
#include "io/prepared_files.hpp"
#include "io/source.hpp"
#include "io/tokens.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

/// Numbers of W that are read at once: 8 MiB.
constexpr Index piece_of_w = Index{1} << 20;

std::vector<double> numbers_in(const std::string& path) {
  if (fs::path(path).extension() == ".npy") return io::read_npy_numbers(path);
  std::vector<double> numbers;
  io::LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    std::string_view rest = line;
    double value = 0;
    if (!io::parse(io::next_token(rest), value) || !io::is_blank(rest)) {
      throw lines.fault(fmt::format("{} is not one number", io::quote(line)));
    }
    numbers.push_back(value);
  }
  return numbers;
}

}  // namespace

Fitted::Fitted(const ComponentsArguments& arguments)
    : a_(arguments),
      model_(open_model(Comm::self(), arguments.folder, false)),
      h_(read_model_h<double>(Comm::self(), model_)),
      data_path_(arguments.data.empty() ? model_.v_path : arguments.data) {
  data_options_.transpose = model_.facts.transposed;
  data_options_.add = model_.facts.add;
  data_options_.missing = model_.facts.missing;
  data_options_.mask = model_.mask;
  data_options_.clip_negative = model_.facts.clip_negative;
  data_options_.file = model_.v_reading;
  data_options_.components = components();
}

bool Fitted::has_w() const {
  std::error_code ignored;
  return fs::exists(model_.w_path, ignored);
}

Index Fitted::w_rows() const {
  require_w(model_);
  const Shape w = factor_shape(model_.w_path);
  if (w.columns == components()) return w.rows;
  throw ShapeMismatch(fmt::format("{} is {} x {}, but {} is {} x {}", model_.w_path, w.rows, w.columns,
                                  model_.h_path, components(), columns()));
}

Matrix<double> Fitted::read_w(Index first, Index count) const {
  return read_factor_rows<double>(Comm::self(), model_.w_path, first, count);
}

void Fitted::walk_w(const std::function<void(std::span<const double>)>& take) const {
  const Index rows = w_rows(), height = std::max<Index>(1, piece_of_w / std::max<Index>(1, components()));
  for (Index first = 0; first < rows; first += height) {
    const Matrix<double> piece = read_w(first, std::min(height, rows - first));
    for (Index i = 0; i < piece.rows(); ++i) {
      take({piece.row(i), static_cast<std::size_t>(piece.columns())});
    }
  }
}

void Fitted::prepare_data() const {
  if (!data_options_.prepared)
    data_options_.prepared = io::prepare_again(Comm::self(), data_path_, data_options_, model_.folder, true);
}

const std::string& Fitted::data() const {
  if (data_path_.empty()) {
    throw UsageError(fmt::format("{} does not say what it was fitted to: name V with --data", model_.folder));
  }
  MatrixHeader header;
  try {
    prepare_data();
    header = io::open_source(data_path_, data_options_).header;
  } catch (const SystemError& error) {
    if (!a_.data.empty()) throw;
    throw SystemError(fmt::format("{}; name V with --data where it lies elsewhere now", error.what()));
  }
  const Index rows = w_rows();
  if (header.rows == rows && header.columns == columns()) return data_path_;
  throw ShapeMismatch(fmt::format("{} is {} x {}{}, but the model in {} is {} x {} times {} x {}", data_path_,
                                  header.rows, header.columns,
                                  data_options_.transpose ? " when transposed, as it was for the fit" : "",
                                  model_.folder, rows, components(), components(), columns()));
}

LoadOptions Fitted::data_options() const {
  prepare_data();
  return data_options_;
}

std::optional<std::vector<std::string>> Fitted::feature_names() const {
  io::NameReader of_data;
  try {
    if (!data_path_.empty()) {
      prepare_data();
      of_data = io::open_for_labels(data_path_, data_options_).labels.columns;
    }
  } catch (const Error&) {
    // no V any more, so no names of it
  }
  std::vector<std::string> names = names_of_features(model_, a_.feature_names, {of_data, data_path_});
  if (names.empty()) return std::nullopt;
  return names;
}

std::vector<double> Fitted::axis() const {
  if (a_.axis.empty()) return {};
  const std::vector<double> numbers = numbers_in(a_.axis);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (std::isfinite(numbers[i])) continue;
    throw BadData(fmt::format("{}: number {} (counted from 0) is {}", a_.axis, i, numbers[i]));
  }
  if (static_cast<Index>(numbers.size()) == columns()) return numbers;
  throw BadData(fmt::format("{}: has {} numbers, but H has {} columns", a_.axis, numbers.size(), columns()));
}

std::string Fitted::axis_name() const {
  return a_.axis.empty() ? "column" : fs::path(a_.axis).stem().string();
}

}  // namespace mpinmf::cli
