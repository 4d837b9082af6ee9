// The table of options: no option can be forgotten where options are listed.
#include "api/option_table.hpp"

#include <set>

#include "catch.hpp"
#include "cli/fit/identity.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;

namespace {

/// Stands for a value of any type in the braces of an aggregate.
struct AnyValue {
  template <class V>
  operator V() const;  // NOLINT: implicit by purpose
};

template <class Aggregate, class... Values>
constexpr std::size_t members_of() {
  if constexpr (requires { Aggregate{Values{}..., AnyValue{}}; }) {
    return members_of<Aggregate, Values..., AnyValue>();
  } else {
    return sizeof...(Values);
  }
}

ResolvedOptions resolved(const Options& options) {
  ThreadPlan threads;
  threads.threads = options.threads;
  return resolve(options, 100, 80, threads);
}

Options plain_options() {
  Options options;
  options.components = 5;
  options.rule = "ahals";
  options.extrapolate = false;
  options.start = Start::random;
  return options;
}

/// Another value than the plain one, whatever the type.
std::string other_text(const OptionRow& row) {
  std::vector<std::string> texts = row.access.names;
  texts.insert(texts.end(), {"yes", "no", "3", "0.25"});
  for (const std::string& text : texts) {
    Options options = plain_options();
    try {
      row.access.set(options, text);
    } catch (const UsageError&) {
      continue;
    }
    if (row.access.value(resolved(options)) != row.access.value(resolved(plain_options()))) return text;
  }
  return "";
}

io::Facts identity(const Options& options) {
  cli::FitArguments arguments;
  MatrixHeader header;
  header.rows = 100;
  header.columns = 80;
  return cli::fit_identity(arguments, resolved(options), header, false);
}

}  // namespace

TEST_CASE("every member of Options has a row, and every row is whole", "[options]") {
  // the first member of Options is PlainOptions
  CHECK(members_of<PlainOptions>() + members_of<Options>() - 1 == option_table().size());
  std::set<std::string> names;
  for (const OptionRow& row : option_table()) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    if (!row.alias.empty()) CHECK(names.insert(row.alias).second);
    CHECK(!row.help.empty());
    CHECK(row.fact.empty() != row.why_fine.empty());
    CHECK(row.access.set != nullptr);
    CHECK(row.access.value != nullptr);
    if (!row.needs.empty()) CHECK(option_row(row.needs).name == row.needs);
  }
}

TEST_CASE("every option is set from text, and told as text", "[options]") {
  for (const OptionRow& row : option_table()) {
    const std::string text = other_text(row);
    INFO(row.name << " " << text);
    REQUIRE(!text.empty());
    Options options = plain_options(), again = plain_options();
    row.access.set(options, text);
    const OptionValue value = row.access.value(resolved(options));
    row.access.set(again, text_of(value));
    CHECK(row.access.value(resolved(again)) == value);
    if (row.access.default_text.empty()) continue;
    Options by_default;
    row.access.set(by_default, row.access.default_text);
    CHECK(row.access.value(resolved(by_default)) == row.access.value(resolved(Options())));
  }
}

TEST_CASE("an option that changes results is in the identity of a checkpoint, and no other", "[options]") {
  const io::Facts plain = identity(plain_options());
  for (const OptionRow& row : option_table()) {
    INFO(row.name);
    Options options = plain_options();
    row.access.set(options, other_text(row));
    const std::string difference = io::difference_of(plain, identity(options));
    CHECK(difference.empty() == row.fact.empty());
    if (!row.fact.empty()) CHECK(difference.rfind(row.fact + " is ", 0) == 0);
  }
}

TEST_CASE("an option that is out of range is refused by its row", "[options]") {
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{{"components", "0"},
                                                                                   {"inner-rounds", "-1"},
                                                                                   {"alpha-w", "-1"},
                                                                                   {"alpha-h", "inf"},
                                                                                   {"l1-ratio", "2"},
                                                                                   {"zero-below", "-1"},
                                                                                   {"merge", "-1"},
                                                                                   {"tolerance", "nan"},
                                                                                   {"max-iterations", "-1"},
                                                                                   {"max-seconds", "0"},
                                                                                   {"trace-every", "0"},
                                                                                   {"threads", "-1"}}) {
    INFO(name);
    const OptionRow& row = option_row(name);
    Options options = plain_options();
    row.access.set(options, text);
    REQUIRE(row.check != nullptr);
    CHECK_THROWS_AS(row.check(options), UsageError);
    CHECK_THROWS_AS(options.check(), UsageError);
    CHECK_NOTHROW(row.check(plain_options()));
  }
}
