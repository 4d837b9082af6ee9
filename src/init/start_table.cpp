#include "start_table.hpp"

#include <fmt/format.h>

#include <array>

#include "mpinmf/error.hpp"

namespace mpinmf {

template <class... Name>
struct StartFiles {
  template <class T>
  static auto rows() {
    return std::array{start_row<T>(StartFile<Name>())...};
  }
};
// One line a start.
using AllStarts = StartFiles<        //
    struct AutomaticStart,           //
    struct RandomStart,              //
    struct UniformStart,             //
    struct NumpyStart,               //
    struct NndsvdStart,              //
    struct NndsvdWithMeans,          //
    struct NndsvdWithRandomNumbers,  //
    struct NndsvdRaised,             //
    struct ScikitLearnStart,         //
    struct GivenStart                //
    >;

namespace {

template <class T>
const auto& start_rows() {
  static const auto table = AllStarts::rows<T>();
  return table;
}

}  // namespace

template <class T>
const StartRow<T>& row_of(const Start& start) {
  for (const StartRow<T>& row : start_rows<T>()) {
    if (row.start == start) return row;
  }
  throw UsageError(fmt::format("unknown start '{}': known are {}", start.name(), fmt::join(start_names(), ", ")));
}
template const StartRow<float>& row_of(const Start&);
template const StartRow<double>& row_of(const Start&);

StartFacts facts_of(const Start& start) {
  return row_of<double>(start).facts;
}

std::vector<std::string> start_names() {
  std::vector<std::string> names;
  for (const StartRow<double>& row : start_rows<double>()) names.emplace_back(row.start.name());
  return names;
}

Start parse_start(const std::string& text) {
  return row_of<double>(Start(text)).start;
}
std::string name_of(const Start& start) {
  return std::string(start.name());
}

// Those that are not made here: by the caller, or by what resolve puts in their place.
template <class T>
StartRow<T> start_row(StartFile<struct AutomaticStart>) {
  return {.start = Start::automatic, .facts = {.is_choice = true}};
}
template StartRow<float> start_row(StartFile<struct AutomaticStart>);
template StartRow<double> start_row(StartFile<struct AutomaticStart>);

template <class T>
StartRow<T> start_row(StartFile<struct ScikitLearnStart>) {
  return {.start = Start::scikit_learn, .facts = {.is_choice = true, .ignores_seed = true}};
}
template StartRow<float> start_row(StartFile<struct ScikitLearnStart>);
template StartRow<double> start_row(StartFile<struct ScikitLearnStart>);

template <class T>
StartRow<T> start_row(StartFile<struct GivenStart>) {
  return {.start = Start::given, .facts = {.is_given = true, .copies = 2}};
}
template StartRow<float> start_row(StartFile<struct GivenStart>);
template StartRow<double> start_row(StartFile<struct GivenStart>);

}  // namespace mpinmf
