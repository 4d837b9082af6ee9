#include <fmt/format.h>

#include "data_set.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::io::hdf5 {

DataSetVector::DataSetVector(std::shared_ptr<const File> file, const std::string& place)
    : data_(std::move(file), place) {
  if (data_.shape().size() != 1) {
    throw BadData(fmt::format("{}: must be one-dimensional, but is {}", data_.name(), shape_text(data_.shape())));
  }
  data_.keep_chunks(2);
}

void DataSetVector::read(Index first, std::span<Index> out) {
  const auto count = static_cast<Index>(out.size());
  data_.read(std::span(&first, 1), std::span(&count, 1), out.data());
}

void DataSetVector::read(Index first, std::span<double> out) {
  const auto count = static_cast<Index>(out.size());
  data_.read(std::span(&first, 1), std::span(&count, 1), out.data());
}

}  // namespace mpinmf::io::hdf5
