// Holds the scanner of texts against ICU's own reading of braces and apostrophes.
#define CAF_SUITE text_icu
#include "tests/support/caf_test.hpp"

#include "actors/dialog/text.hpp"

#include <unicode/msgfmt.h>

#include <optional>
#include <random>

using namespace interject;
using namespace interject::dialog;

namespace {

class scope final : public variables {
public:
  const value* get(std::uint32_t slot) const override { return &values_[slot]; }
  static name_resolver resolver() {
    return [](std::span<const std::string_view> path) -> std::optional<resolved_name> {
      for (std::uint32_t i = 0; i < 3; ++i)
        if (path.front() == names[i])
          return resolved_name{i, 1};
      return std::nullopt;
    };
  }
  static constexpr std::string_view names[] = {"a", "n", "s"};

private:
  value values_[3] = {"A'{", 3, "x"};
};

const scope values;

std::optional<std::string> ours(const std::string& pattern) {
  std::vector<text_fault> faults;
  auto t = text::compile(pattern, {"en"}, scope::resolver(), faults);
  return t.empty() ? std::nullopt : std::optional(t.format("en", 0, values));
}

std::optional<std::string> theirs(const std::string& pattern) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError where;
  icu::MessageFormat format(icu::UnicodeString::fromUTF8(pattern), icu::Locale("en"), where,
                            status);
  if (U_FAILURE(status))
    return std::nullopt;
  const icu::UnicodeString names[] = {u"a", u"n", u"s"};
  const icu::Formattable arguments[] = {
      icu::UnicodeString(u"A'{"), icu::Formattable(std::int64_t{3}), icu::UnicodeString(u"x")};
  icu::UnicodeString shown;
  format.format(names, arguments, 3, shown, status);
  std::string out;
  if (U_FAILURE(status))
    return std::nullopt;
  return shown.toUTF8String(out);
}

} // namespace

CAF_TEST(random patterns are read as ICU reads them) {
  std::mt19937_64 random(20261122);
  const std::vector<std::string> pieces{"{a}",
                                        "{ a }",
                                        "'",
                                        "'",
                                        "''",
                                        "{",
                                        "}",
                                        "#",
                                        "|",
                                        " ",
                                        "—",
                                        "{n}",
                                        "'{'",
                                        "{n, number}",
                                        "{n, plural, one {",
                                        "{n, plural, offset:1 =3 {",
                                        "other {",
                                        "} other {",
                                        "}}",
                                        "}}",
                                        "}}",
                                        "{s, select, x {",
                                        "{s, select, other {",
                                        "{n, selectordinal, few {"};
  int both = 0, neither = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string source;
    for (auto left = 1 + random() % 12; left > 0; --left)
      source += pieces[random() % pieces.size()];
    auto a = ours(source), b = theirs(source);
    if (a != b)
      CAF_FAIL("«" << source << "» is «" << a.value_or("refused") << "» and not «"
                   << b.value_or("refused") << "»");
    ++(a ? both : neither);
  }
  CAF_CHECK_GREATER(both, 2'000);
  CAF_CHECK_GREATER(neither, 2'000);
}
