// What messages show of bytes that can be anything.
#include "catch.hpp"
#include "io/tokens.hpp"

using mpinmf::io::quote;

namespace {

std::string in_quotes(const std::string& text) {
  return "'" + text + "'";
}

}  // namespace

TEST_CASE("messages show UTF-8, and nothing that would change a terminal", "[quote]") {
  CHECK(quote("a b~") == in_quotes("a b~"));
  CHECK(quote("gène 基因 😀") == in_quotes("gène 基因 😀"));
  CHECK(quote("a\tb\x1b[31m\x7f") == in_quotes("a?b?[31m?"));
  CHECK(quote("\xe9t\xe9") == in_quotes("?t?"));                                       // Latin-1
  CHECK(quote("\xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf") == in_quotes("?? ??? ????"));  // longer than need be
  CHECK(quote("\xed\xa0\x80 \xf4\x90\x80\x80 \xff") == in_quotes("??? ???? ?"));  // surrogates, beyond Unicode
  CHECK(quote("\xe5\x9f") == in_quotes("??"));                                    // cut
  CHECK(quote("\xc2\x9b \xe2\x80\xae \xef\xbb\xbf") ==
        in_quotes("?? ??? ???"));  // controls, marks of direction and order
}

TEST_CASE("long texts are cut between characters", "[quote]") {
  CHECK(quote(std::string(60, 'x')) == "'" + std::string(60, 'x') + "'");
  CHECK(quote(std::string(61, 'x')) == "'" + std::string(60, 'x') + "...'");
  CHECK(quote(std::string(59, 'x') + "基因") == "'" + std::string(59, 'x') + "基...'");
}
