#define CAF_SUITE decimal
#include "tests/support/caf_test.hpp"

#include "protocols/decimal.hpp"

#include <limits>

using namespace interject;

namespace {

std::string shown(std::optional<decimal> number) {
  return number ? to_string(*number) : "none";
}
decimal number(std::string_view text) {
  auto n = decimal::parse(text);
  CAF_REQUIRE(n);
  return *n;
}

} // namespace

CAF_TEST(numbers are read exactly or not at all) {
  struct row {
    const char* text;
    const char* shown;
  };
  for (auto& [text, want] : std::vector<row>{{"158", "158"},
                                             {"-0.5", "-0.5"},
                                             {"1.2e3", "1200"},
                                             {"+7", "7"},
                                             {"007", "7"},
                                             {".5", "0.5"},
                                             {"0", "0"},
                                             {"-0", "0"},
                                             {"0e99", "0"},
                                             {"12.00000001", "12.00000001"},
                                             {"-12.00000001", "-12.00000001"},
                                             {"1.50000000000000000000", "1.5"},
                                             {"0.000000010000", "0.00000001"},
                                             {"100e-10", "0.00000001"},
                                             {"1E+2", "100"},
                                             {"0.1", "0.1"},
                                             {"000000000000000000000000000001", "1"},
                                             {"92233720368.54775807", "92233720368.54775807"},
                                             {"-92233720368.54775807", "-92233720368.54775807"},
                                             {"92233720368.54775808", "none"},
                                             {"-92233720368.54775808", "none"},
                                             {"1e11", "none"},
                                             {"1e10", "10000000000"},
                                             {"0.000000001", "none"},
                                             {"1.123456789", "none"},
                                             {"1e-9", "none"},
                                             {"123456789012345678901234567890", "none"},
                                             {"1e999999999999", "none"},
                                             {"", "none"},
                                             {"-", "none"},
                                             {".", "none"},
                                             {"5.", "none"},
                                             {"1e", "none"},
                                             {"1e+", "none"},
                                             {"1.2.3", "none"},
                                             {" 1", "none"},
                                             {"1 ", "none"},
                                             {"0x10", "none"},
                                             {"nan", "none"},
                                             {"1,5", "none"},
                                             {"--1", "none"}}) {
    CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(shown(decimal::parse(text)), want);
  }
}

CAF_TEST(arithmetic is exact and says when it leaves the range) {
  auto most = decimal{std::numeric_limits<std::int64_t>::max()};
  CAF_CHECK_EQUAL(shown(add(number("0.1"), number("0.2"))), "0.3");
  CAF_CHECK_EQUAL(shown(subtract(number("1"), number("0.9"))), "0.1");
  CAF_CHECK_EQUAL(shown(multiply(number("1.1"), number("1.1"))), "1.21");
  CAF_CHECK_EQUAL(shown(divide(number("1"), number("3"))), "0.33333333");
  CAF_CHECK_EQUAL(shown(divide(number("-2"), number("3"))), "-0.66666667");
  CAF_CHECK_EQUAL(shown(remainder(number("7.5"), number("-2"))), "1.5");
  CAF_CHECK_EQUAL(shown(remainder(number("-7.5"), number("2"))), "-1.5");
  CAF_CHECK_EQUAL(shown(add(most, decimal{1})), "none");
  CAF_CHECK_EQUAL(shown(subtract(decimal{-most.units}, decimal{1})), "none");
  CAF_CHECK_EQUAL(shown(multiply(number("1000000"), number("1000000"))), "none");
  CAF_CHECK_EQUAL(shown(divide(most, number("0.5"))), "none");
  CAF_CHECK_EQUAL(shown(divide(number("1"), decimal{})), "none");
  CAF_CHECK_EQUAL(shown(remainder(number("1"), decimal{})), "none");
}

CAF_TEST(a half is rounded to the even neighbour) {
  CAF_CHECK_EQUAL(shown(multiply(number("0.00000001"), number("0.5"))), "0");
  CAF_CHECK_EQUAL(shown(multiply(number("0.00000003"), number("0.5"))), "0.00000002");
  CAF_CHECK_EQUAL(shown(multiply(number("-0.00000003"), number("0.5"))), "-0.00000002");
  CAF_CHECK_EQUAL(shown(divide(number("0.00000005"), number("2"))), "0.00000002");
  CAF_CHECK_EQUAL(shown(divide(number("0.00000005"), number("-2"))), "-0.00000002");
}

CAF_TEST(a drop by a percentage holds exactly at its level) {
  struct row {
    const char* baseline;
    const char* percent;
    const char* price;
    bool dropped;
  };
  for (auto& [baseline, percent, price, dropped] :
       std::vector<row>{{"100", "20", "80", true},
                        {"100", "20", "80.00000001", false},
                        {"100", "20", "79.99999999", true},
                        {"158.30", "20", "126.64", true},
                        {"158.30", "20", "126.64000001", false},
                        {"0.1", "10", "0.09", true},
                        {"0.00000003", "33.33333333", "0.00000002", true},
                        {"0.00000003", "33.33333334", "0.00000002", false},
                        {"92233720368.54775807", "100", "0", true},
                        {"92233720368.54775807", "0", "92233720368.54775807", true}}) {
    CAF_MESSAGE(baseline << " by " << percent << " to " << price);
    CAF_CHECK_EQUAL(dropped_by(number(price), number(baseline), number(percent)), dropped);
  }
}

CAF_TEST(a gain by a percentage holds exactly at its level) {
  CAF_CHECK(gained_by(number("105"), number("100"), number("5")));
  CAF_CHECK(!gained_by(number("104.99999999"), number("100"), number("5")));
  CAF_CHECK(gained_by(number("0.33"), number("0.3"), number("10")));
  CAF_CHECK(gained_by(number("1e10"), number("1e9"), number("900")));
  CAF_CHECK(!gained_by(number("9999999999.99999999"), number("1e9"), number("900")));
}
