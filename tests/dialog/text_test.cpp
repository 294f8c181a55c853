#define CAF_SUITE text
#include "tests/support/caf_test.hpp"

#include "actors/dialog/bot.hpp"
#include "actors/dialog/text.hpp"

#include <map>
#include <random>

using namespace interject;
using namespace interject::dialog;

namespace {

const std::vector<std::string> locales{"en", "fr", "de"};

class scope final : public variables {
public:
  const value* get(std::uint32_t slot) const override {
    return values_[slot].second.is_null() ? nullptr : &values_[slot].second;
  }
  name_resolver resolver() const {
    return [this](std::span<const std::string_view> path) -> std::optional<resolved_name> {
      for (std::uint32_t i = 0; i < values_.size(); ++i)
        if (values_[i].first == path.front())
          return resolved_name{i, 1};
      return std::nullopt;
    };
  }

private:
  named_values values_{
      {"city", "Nice"},
      {"nights", 3},
      {"one", 1},
      {"zero", value(0)},
      {"price", *decimal::parse("158.30")},
      {"big", 1234567},
      {"half", *decimal::parse("0.5")},
      {"debt", -42},
      {"day", *parse_time("2026-11-22T23:30:00Z")},
      {"typed", "{city} and l'{'' # <b>"},
      {"unset", value()},
      {"yes", true},
      {"sex", "female"},
      {"amount", "158.30"},
      {"date", "2026-12-01"},
      {"exact", *decimal::parse("92233720368.54775807")},
      {"offer",
       value::object{{"name", "Zoë's inn"}, {"price", 99}, {"guest", value::object{{"count", 2}}}}},
      {"items", value::list{"a", 2, "c"}},
      {"thousand", 1000}};
};

const scope all;

std::vector<text_fault> faults_of(const value& spec) {
  std::vector<text_fault> faults;
  (void)text::compile(spec, locales, all.resolver(), faults);
  return faults;
}

text compiled(const value& spec) {
  std::vector<text_fault> faults;
  auto made = text::compile(spec, locales, all.resolver(), faults);
  for (auto& f : faults)
    if (!f.warning)
      CAF_FAIL(f.pointer << " " << f.what);
  return made;
}

struct row {
  const char* pattern;
  const char* en;
  const char* fr;
};
/// ICU's releases differ in which space does not break.
std::string plain_spaces(std::string text) {
  for (std::string_view space : {"\u00a0", "\u202f"})
    for (auto at = text.find(space); at != std::string::npos; at = text.find(space))
      text.replace(at, space.size(), " ");
  return text;
}

void check(const std::vector<row>& rows) {
  for (auto& [pattern, en, fr] : rows) {
    CAF_MESSAGE(pattern);
    auto t = compiled(pattern);
    CAF_CHECK_EQUAL(plain_spaces(t.format("en", 0, all)), en);
    CAF_CHECK_EQUAL(plain_spaces(t.format("fr", 0, all)), fr);
  }
}

} // namespace

CAF_TEST(plain places are filled) {
  check(
      {{"Where to?", "Where to?", "Where to?"},
       {"To {city}.", "To Nice.", "To Nice."},
       {"{ city }{city}", "NiceNice", "NiceNice"},
       {"{offer.name}: {offer.price}, {offer.guest.count}", "Zoë's inn: 99, 2", "Zoë's inn: 99, 2"},
       {"[{unset}{offer.nothing}{city.deeper}]", "[]", "[]"},
       {"{yes} {items}", "true a, 2, c", "true a, 2, c"},
       {"you said: {typed}", "you said: {city} and l'{'' # <b>",
        "you said: {city} and l'{'' # <b>"},
       {"{day}", "11/22/26, 11:30 PM", "22/11/2026 23:30"}});
}

CAF_TEST(plain numbers are written as the locale has them) {
  check({{"{nights} {zero} {one}", "3 0 1", "3 0 1"},
         {"{thousand}", "1,000", "1 000"},
         {"{big}", "1,234,567", "1 234 567"},
         {"{price}", "158.3", "158,3"},
         {"{half} {debt}", "0.5 -42", "0,5 -42"}});
}

CAF_TEST(numbers and money are exact in each locale) {
  check({{"{price, number, ::currency/USD}", "$158.30", "158,30 $US"},
         {"{price, number}", "158.3", "158,3"},
         {"{half, number, percent}", "50%", "50 %"},
         {"{price, number, integer}", "158", "158"},
         {"{price, number, ::.000}", "158.300", "158,300"},
         {"{price, number, 0.0}", "158.3", "158,3"},
         {"{exact, number, ::.00000000}", "92,233,720,368.54775807", "92 233 720 368,54775807"},
         {"{amount, number, ::currency/EUR}", "€158.30", "158,30 €"},
         {"{nights, spellout} {one, ordinal}", "three 1st", "trois 1er"},
         {"{city, number}", "Nice", "Nice"},
         {"{unset, number}!", "!", "!"}});
}

CAF_TEST(dates are shown in UTC whatever the machine thinks) {
  check({{"{day, date, long}", "November 22, 2026", "22 novembre 2026"},
         {"{day, date, short}", "11/22/26", "22/11/2026"},
         {"{day, date}", "Nov 22, 2026", "22 nov. 2026"},
         {"{day, time, short}", "11:30 PM", "23:30"},
         {"{day, date, ::yMMMMd}", "November 22, 2026", "22 novembre 2026"},
         {"{day, date, yyyy-MM-dd'T'HH}", "2026-11-22T23", "2026-11-22T23"},
         {"{date, date, long}", "December 1, 2026", "1 décembre 2026"},
         {"{city, date}", "Nice", "Nice"},
         {"{yes, select, true {{day, date, long} {day, time, short}} other {}}",
          "November 22, 2026 11:30 PM", "22 novembre 2026 23:30"}});
}

CAF_TEST(plurals and selects choose) {
  check({{"{nights, plural, one {# night} other {# nights}}", "3 nights", "3 nights"},
         {"{one, plural, one {# night} other {# nights}}", "1 night", "1 night"},
         {"{zero, plural, one {# nuit} other {# nuits}}", "0 nuits", "0 nuit"},
         {"{zero, plural, =0 {none} one {#} other {#}}", "none", "none"},
         {"{nights, plural, offset:1 =1 {alone} other {you and #}}", "you and 2", "you and 2"},
         {"{big, plural, one {#} other {# in {city}}}", "1,234,567 in Nice", "1 234 567 in Nice"},
         {"{one, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}", "1st", "1st"},
         {"{sex, select, female {she} male {he} other {they}} goes", "she goes", "she goes"},
         {"{unset, select, female {she} other {they}}", "they", "they"},
         {"{yes, select, true {on} other {off}}", "on", "on"},
         {"[{unset, plural, one {#} other {#}}]", "[]", "[]"},
         {"{city, plural, one {#} other {#}}", "Nice", "Nice"},
         {"{amount, plural, one {#} other {#}}", "158.3", "158,3"},
         {"{sex, select, female {{nights, plural, one {her night} other {her # nights for {price, "
          "number, ::currency/USD} at {offer.name}}}} other {}}",
          "her 3 nights for $158.30 at Zoë's inn", "her 3 nights for 158,30 $US at Zoë's inn"},
         {"{nights, plural, other {{typed}}}", "{city} and l'{'' # <b>", "{city} and l'{'' # <b>"},
         {"{nights, plural, other {[{unset}{unset, number}]}}", "[]", "[]"},
         {"{offer.guest.count, plural, one {#} other {# guests}}", "2 guests", "2 guests"}});
}

CAF_TEST(apostrophes quote as ICU says) {
  check({{"l''{city}", "l'Nice", "l'Nice"},
         {"it's {city}", "it's Nice", "it's Nice"},
         {"l’{city}", "l’Nice", "l’Nice"},
         {"'{city}'", "{city}", "{city}"},
         {"l'{city}", "l{city}", "l{city}"},
         {"'{it''s}' {city}", "{it's} Nice", "{it's} Nice"},
         {"a } b # | c'", "a } b # | c'", "a } b # | c'"},
         {"{nights, plural, other {'#' it''s '{'#'}'}}", "# it's {3}", "# it's {3}"},
         {"{sex, select, other {# '#.}}", "# '#.", "# '#."}});
}

CAF_TEST(an apostrophe before a brace is a warning with a remedy) {
  for (auto pattern : {"l'{city}", "{nights, plural, other {l'{city}'}}", "'}'"}) {
    auto faults = faults_of(pattern);
    CAF_REQUIRE_EQUAL(faults.size(), 1u);
    CAF_CHECK(faults[0].warning);
    CAF_CHECK_EQUAL(faults[0].remedy, "double it, or use ’");
  }
  auto faults = faults_of("l'{city}");
  CAF_CHECK_EQUAL(faults.front().what,
                  "column 2: the apostrophe before `{` quotes it, so that it is printed as it is");
  CAF_CHECK(faults_of("l''{city}").empty());
  CAF_CHECK(faults_of("it's {city}").empty());
}

CAF_TEST(variants are used in turn) {
  auto t = compiled(value::list{"one", "two {city}", "three"});
  CAF_CHECK_EQUAL(t.format("en", 0, all), "one");
  CAF_CHECK_EQUAL(t.format("fr", 1, all), "two Nice");
  CAF_CHECK_EQUAL(t.format("en", 5, all), "three");
  auto by_locale = compiled(value::object{{"fr", value::list{"un", "deux"}}, {"en", "one"}});
  CAF_CHECK_EQUAL(by_locale.format("fr", 3, all), "deux");
  CAF_CHECK_EQUAL(by_locale.format("en", 3, all), "one");
}

CAF_TEST(a missing locale falls back in the words and formats of the fallback) {
  std::vector<text_fault> faults;
  auto t = text::compile(value::object{{"fr", "{price} à {city}"}, {"en", "{price} in {city}"}},
                         locales, all.resolver(), faults);
  CAF_REQUIRE_EQUAL(faults.size(), 1u);
  CAF_CHECK(faults[0].warning);
  CAF_CHECK_EQUAL(faults[0].what, "the text is missing in `de`");
  CAF_CHECK_EQUAL(t.format("fr", 0, all), "158,3 à Nice");
  CAF_CHECK_EQUAL(t.format("de", 0, all), "158.3 in Nice");
  CAF_CHECK_EQUAL(t.format("tr", 0, all), "158.3 in Nice");
}

CAF_TEST(all faults come at once with their places) {
  struct fault_row {
    value spec;
    std::vector<std::string> faults; ///< pointer, then how the sentence begins
  };
  for (auto& [spec, want] : std::vector<fault_row>{
           {"{citty}", {"|`citty` is not known here"}},
           {value::object{{"en", "{citty}"}, {"fr", value::list{"{villle}", "ok"}}, {"de", "x"}},
            {"/en|`citty` is not known here", "/fr/0|`villle` is not known here"}},
           {value::object{{"fr", "a"}, {"de", "b"}}, {"|the text is missing in `en`"}},
           {value::object{{"en", "a"}, {"fr", "b"}, {"de", "c"}, {"it", "d"}},
            {"/it|the bot has no locale `it`"}},
           {value(5), {"|a text is expected here, not a number"}},
           {value::list{"a", true}, {"/1|a text is expected here, not a boolean"}},
           {value::list{}, {"|the list of variants is empty"}},
           {"{city", {"|column 6: a `{` is not closed"}},
           {"{", {"|column 2: a `{` is not closed"}},
           {"é {}", {"|column 4: a name is missing after `{`"}},
           {"{\"json\": 1}", {"|column 2: a name is missing after `{`"}},
           {"{city name}", {"|column 7: `,` or `}` is missing after the name"}},
           {"{offer..name}", {"|column 2: `offer..name` is no name"}},
           {"{price, money}", {"|column 9: `money` is no format"}},
           {"{price, number, ::nonsense}",
            {"|column 1: the style `::nonsense` has a number skeleton"}},
           {"{price, number, }", {"|column 16: a style is missing"}},
           {"{nights, plural}", {"|column 16: `plural` and `select` take their cases"}},
           {"{nights, plural, one {#}}",
            {"|column 1: `{nights, plural, one {#}}` lacks a case `other`"}},
           {"a {nights, plural, many few {#} other {}}",
            {"|column 3: `{nights, plural, many few {#} other {}}` is refused by ICU"}},
           {"{nights, plural, other {#}", {"|column 27: a `{` is not closed"}},
           {"{nights, plural, other {{price, number, ::zzz}}}", {"|column 1: the style `::zzz`"}},
           {"{nights, plural, other {{citty}}}", {"|`citty` is not known here"}},
           {std::string(20'000, 'x'), {"|the text is longer than 16 KiB"}},
           {std::string(20, 'x') +
                "{one, plural, other {{one, plural, other {{one, plural, other {{one, plural, "
                "other {{one, plural, other {"
                "{one, plural, other {{one, plural, other {{one, plural, other {{one, plural, "
                "other {{one, plural, other {{one, plural, other {"
                "{one, plural, other {{one, plural, other {{one, plural, other {{one, plural, "
                "other {{one, plural, other {{one, plural, other {",
            {"|column 357: this nests deeper than 16"}}}) {
    std::vector<std::string> got;
    for (auto& f : faults_of(spec))
      if (!f.warning)
        got.push_back(f.pointer + "|" + f.what);
    CAF_MESSAGE(display(spec).substr(0, 70));
    CAF_CHECK_EQUAL(got.size(), want.size());
    for (std::size_t i = 0; i < got.size() && i < want.size(); ++i)
      CAF_CHECK_EQUAL(got[i].substr(0, want[i].size()), want[i]);
  }
}

CAF_TEST(what a text reads and says is told) {
  auto t = compiled(
      value::object{{"fr", "{offer.name} {city}"},
                    {"en", value::list{"{city} {nights, plural, other {# {offer.name}}}", "{yes}"}},
                    {"de", ""}});
  CAF_CHECK_EQUAL(t.reads().size(), 4u);
  CAF_CHECK((t.names() == std::vector<std::string>{"city", "nights", "offer.name", "yes"}));
  CAF_CHECK(
      (t.patterns() == localized_text{{"en", "{city} {nights, plural, other {# {offer.name}}}"},
                                      {"fr", "{offer.name} {city}"},
                                      {"de", ""}}));
  CAF_CHECK((compiled("hi").patterns() == localized_text{{"", "hi"}}));
  CAF_CHECK(text().empty());
  CAF_CHECK_EQUAL(text().format("en", 0, all), "");
}

CAF_TEST(names of a pattern from outside are found) {
  std::string why;
  auto names = pattern_names("{price, number, ::currency/USD} {offer.name} {price}", "en", why);
  CAF_REQUIRE(names);
  CAF_CHECK((*names == std::vector<std::string>{"price", "offer.name"}));
  CAF_CHECK(!pattern_names("ok {price", "en", why));
  CAF_CHECK_EQUAL(why, "column 10: a `{` is not closed");
}

CAF_TEST(a notice is rendered in the best of its locales) {
  localized_text text{{"en", "Down to {price, number, ::currency/USD}."},
                      {"fr", "Tombé à {price, number, ::currency/USD}."}};
  named_values params{{"price", 158}};
  CAF_CHECK_EQUAL(render(text, params, "en"), "Down to $158.00.");
  CAF_CHECK_EQUAL(plain_spaces(render(text, params, "fr-CA")), "Tombé à 158,00 $ US.");
  CAF_CHECK_EQUAL(render(text, params, "de"), "Down to $158.00.");
  CAF_CHECK_EQUAL(render({{"", "{price}"}, {"fr", "x"}}, params, "de"), "158");
  CAF_CHECK_EQUAL(render({}, params, "en"), "");
  CAF_CHECK_EQUAL(render({{"", "No braces, it's plain"}}, params, "en"), "No braces, it's plain");
}

CAF_TEST(what a notice lacks keeps its braces) {
  named_values params{{"a", 1}, {"offer", value::object{{"name", "inn"}}}, {"x.y", "both"}};
  for (auto& [pattern, want] : std::vector<std::pair<std::string, std::string>>{
           {"{a} {b}", "1 {b}"},
           {"{b, number, ::currency/USD} {a}", "{b, number, ::currency/USD} 1"},
           {"{b, plural, one {#} other {#}} {a}", "{b, plural, one {#} other {#}} 1"},
           {"{b, select, other {x}}", "{b, select, other {x}}"},
           {"{a, plural, one {# {b}} other {}}", "1 {b}"},
           {"{offer.name} {offer.none} {x.y} {x.z} {offer.name.deep}",
            "inn {offer.none} both {x.z} {offer.name.deep}"},
           {"{a} {broken", "{a} {broken"},
           {"{a, nonsense}", "{a, nonsense}"},
           {std::string(20'000, '{'), std::string(20'000, '{')}}) {
    CAF_MESSAGE(pattern.substr(0, 60));
    CAF_CHECK_EQUAL(render({{"", pattern}}, params, "en"), want);
  }
}

CAF_TEST(more patterns than are kept do not matter) {
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 600; ++i)
      CAF_CHECK_EQUAL(render({{"", std::to_string(i) + " {n, plural, one {# x} other {# xs}}"}},
                             {{"n", i}}, "en"),
                      std::to_string(i) + " " + std::to_string(i) + (i == 1 ? " x" : " xs"));
}

CAF_TEST(the engine speaks its five languages) {
  for (int i = 0; i <= static_cast<int>(engine_text::help); ++i) {
    auto which = static_cast<engine_text>(i);
    for (auto locale : {"fr", "de", "es", "tr"}) {
      CAF_CHECK(!engine_sentence(which, locale).empty());
      CAF_CHECK_NOT_EQUAL(engine_sentence(which, locale), engine_sentence(which, "en"));
    }
    CAF_CHECK_EQUAL(engine_sentence(which, "fr-CA"), engine_sentence(which, "fr"));
    CAF_CHECK_EQUAL(engine_sentence(which, "ja"), engine_sentence(which, "en"));
    CAF_CHECK(faults_of(std::string(engine_sentence(which, "fr"))).empty());
  }
  CAF_CHECK_EQUAL(to_string(engine_text::old_prompt), std::string("old_prompt"));
}

CAF_TEST(random patterns never do harm) {
  std::mt19937_64 random(20261122);
  const std::vector<std::string> pieces{"{",          "}",
                                        "'",          "''",
                                        "city",       "nights",
                                        "offer.name", ",",
                                        " ",          "plural",
                                        "select",     "number",
                                        "date",       "::currency/USD",
                                        "other",      "one",
                                        "=0",         "offset:1",
                                        "#",          "long",
                                        "é",          "\xff",
                                        "|",          "{nights, plural, ",
                                        "other {",    "{price, number}",
                                        "{city}",     "{day, date, "};
  int good = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string source;
    for (auto left = 1 + random() % 10; left > 0; --left)
      source += pieces[random() % pieces.size()];
    std::vector<text_fault> faults;
    auto t = text::compile(source, {"en"}, all.resolver(), faults);
    CAF_REQUIRE_EQUAL(
        t.empty(), std::any_of(faults.begin(), faults.end(), [](auto& f) { return !f.warning; }));
    good += !t.empty();
    t.format("en", 0, all);
    render({{"", source}}, {{"city", "x"}, {"nights", "y"}, {"price", value()}}, "en");
  }
  CAF_CHECK_GREATER(good, 200);
}
