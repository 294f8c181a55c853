// What users type at questions: recognised or not, in any locale, never beyond the choices that
// there are.
#include "tests/fuzz/fuzz.hpp"

#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise.hpp"

using namespace interject;
using namespace interject::dialog;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const char* const locales[] = {"en", "fr", "de-CH", "tr", "ar", "xx"};
  if (size == 0 || size > 4096)
    return 0;
  auto locale = locales[data[0] % 6];
  auto all = fuzz::text_of(data + 1, size - 1);
  // The first line is what the user says, each further one a choice.
  auto end = std::min(all.find('\n'), all.size());
  heard h{trim(all.substr(0, end)), {}};
  h.folded = fold(h.text);
  std::vector<choice_names> choices;
  while (end < all.size() && choices.size() < 40) {
    auto from = end + 1;
    end = std::min(all.find('\n', from), all.size());
    choices.push_back({{fold(all.substr(from, end - from)), "same"}});
  }
  auto found = recognise_choice(h, choices);
  fuzz::must(!found || *found < choices.size(), "a choice is one of those that there are");
  (void)recognise_yes_no(h);
  (void)recognise_number(h, locale);
  (void)recognise_skip(h);
  return 0;
}
