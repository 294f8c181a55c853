#define CAF_SUITE recognise
#include "tests/support/caf_test.hpp"

#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise.hpp"

using namespace interject;
using namespace interject::dialog;

namespace {

heard hear(std::string_view text) {
  return {trim(text), fold(text)};
}

std::string chosen(std::string_view text, const std::vector<std::string>& titles) {
  std::vector<choice_names> names;
  for (auto& t : titles)
    names.push_back({{fold(t)}});
  auto index = recognise_choice(hear(text), names);
  return index ? titles[*index] : "";
}

} // namespace

CAF_TEST(choices are matched as the bot framework does) {
  std::vector<std::string> titles{"Market", "Limit", "Stop"};
  struct {
    const char *said, *means;
  } table[] = {
      {"limit", "Limit"},
      {"LIMIT", "Limit"},
      {"2", "Limit"},
      {"the second one", "Limit"},
      {"I want a limit order", "Limit"},
      {"third", "Stop"},
      {"stop or limit", "Stop"},
      {"market!", "Market"},
      {"lim", ""},
      {"4", ""},
      {"0", ""},
      {"1.5", ""},
      {"-1", ""},
      {"", ""},
      {"two", "Limit"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(chosen(row.said, titles), std::string(row.means));
}

CAF_TEST(words of a title may be apart by two others) {
  std::vector<std::string> far{"large pizza", "small cake"};
  CAF_CHECK_EQUAL(chosen("a large tasty hot pizza", far), "large pizza");
  CAF_CHECK_EQUAL(chosen("a large and very hot pizza", far), "");
  CAF_CHECK_EQUAL(chosen("pizza large", far), "");
  CAF_CHECK_EQUAL(chosen("pizza", far), "");
  // Words side by side score better than words apart; of equal scores the longer name goes first.
  std::vector<std::string> titles{"pizza", "large pizza"};
  CAF_CHECK_EQUAL(chosen("a large pizza", titles), "large pizza");
  CAF_CHECK_EQUAL(chosen("a large hot pizza", titles), "pizza");
}

CAF_TEST(an exact title wins over the number in it) {
  std::vector<std::string> titles{"2", "1"};
  CAF_CHECK_EQUAL(chosen("1", titles), "1");
}

CAF_TEST(yes and no in the languages of the engine) {
  for (auto* yes : {"yes", "Yes, please!", "Y", "sure", "ok", "of course", "oui", "D'accord", "ja",
                    "Jawohl", "sí", "si claro", "evet", "tamam", "1"})
    CAF_CHECK_EQUAL(recognise_yes_no(hear(yes)).value_or(false), true);
  for (auto* no : {"no", "No thanks", "n", "nope", "non merci", "nein", "hayır", "not now", "2"})
    CAF_CHECK_EQUAL(recognise_yes_no(hear(no)).value_or(true), false);
  for (auto* neither : {"", "maybe", "yes or no", "no yes", "3",
                        "what is the price of sure things today my friend", "yesterday", "nobody"})
    CAF_CHECK(!recognise_yes_no(hear(neither)));
}

CAF_TEST(numbers by digits of the locale or by English words) {
  struct {
    const char *said, *locale, *number;
  } table[] = {
      {"3", "en", "3"},
      {"for 3 nights", "en", "3"},
      {"1,234.5", "en", "1234.5"},
      {"1.234,5", "de", "1234.5"},
      {"1,5", "fr", "1.5"},
      {"1,5", "en", "1.5"},
      {"1.5", "fr-CA", "1.5"},
      {"1.000", "de", "1000"},
      {"1,000", "en-GB", "1000"},
      {"$12.50", "en", "12.5"},
      {"-4", "en", "-4"},
      {"2 or 3", "en", "2"},
      {"a hundred", "en", "100"},
      {"two hundred and five", "en", "205"},
      {"Twenty-three", "en", "23"},
      {"one thousand two hundred", "en", "1200"},
      {"two three", "en", "2"},
      {"a dozen", "en", ""},
      {"none", "en", ""},
      {"B12", "en", ""},
      {"99999999999999999999", "en", ""},
      {"minus five", "en", "-5"},
      {"minus 5 degrees", "en", "-5"},
      {"\u22127", "en", "-7"},
      {"-$4", "en", "-4"},
      {"it is -4", "en", "-4"},
      {"covid-19", "en", ""},
      {"city-2", "en", ""},
      {".5", "en", "0.5"},
      {"-.5", "en", "-0.5"},
      {"1 234,5", "fr", "1234.5"},
      {"12\u202f000\u00a0€", "fr", "12000"},
      {"1 234 567", "en", "1234567"},
      {"12'000", "de-CH", "12000"},
      {"2026 123", "en", "2026"},
      {"3 1234", "en", "3"},
      {"1 million", "en", "1000000"},
      {"2.5k", "en", "2500"},
      {"5km", "en", "5"},
      {"\u0664\u0662", "ar", "42"},
      {"\uff13", "en", "3"},
  };
  for (auto& row : table) {
    auto found = recognise_number(hear(row.said), row.locale);
    CAF_CHECK_EQUAL(found ? to_string(*found) : "", std::string(row.number));
  }
}

CAF_TEST(labels follow the language) {
  CAF_CHECK_EQUAL(yes_label("fr-CA"), "Oui");
  CAF_CHECK_EQUAL(no_label("tr"), "Hayır");
  CAF_CHECK_EQUAL(yes_label("xx"), "Yes");
}
