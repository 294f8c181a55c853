#define CAF_SUITE fold
#include "tests/support/caf_test.hpp"

#include "actors/dialog/fold.hpp"
#include "actors/dialog/nearest.hpp"

using namespace interject::dialog;

CAF_TEST(case accents punctuation and spaces do not matter) {
  struct {
    const char *typed, *folded;
  } table[] = {
      {"Hello, World!", "hello world"},
      {"  a   b\t\nc ", "a b c"},
      {"what's", "whats"},
      {"what’s", "whats"},
      {"Évidemment", "evidemment"},
      {"ÇA VA ?", "ca va"},
      {"Straße", "strasse"},
      {"İstanbul ve ılık", "istanbul ve ilik"},
      {"Привет", "привет"},
      {"ﬁn", "fin"},
      {"e\xCC\x81t\xC3\xA9", "ete"},
      {"東京 へ", "東京 へ"},
      {"...", ""},
      {"", ""},
      {"to-go", "to go"},
      {"bad \xFF bytes", "bad bytes"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(fold(row.typed), std::string(row.folded));
}

CAF_TEST(lengths are in characters) {
  CAF_CHECK_EQUAL(length("été"), 3u);
  CAF_CHECK_EQUAL(length(""), 0u);
}

CAF_TEST(the nearest word is named only when it is near) {
  constexpr std::string_view keys[] = {"text", "into", "retry", "choices"};
  CAF_CHECK_EQUAL(nearest("txt", keys), "text");
  CAF_CHECK_EQUAL(nearest("choises", keys), "choices");
  CAF_CHECK_EQUAL(nearest("banana", keys), "");
  CAF_CHECK_EQUAL(suggest("retri", keys), "did you mean \"retry\"?");
  CAF_CHECK_EQUAL(suggest("banana", keys, "else"), "else");
}
