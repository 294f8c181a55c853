// The few words around dates and times that ICU does not have, folded. Languages without a line of
// their own do with ICU's.
#pragma once

#include <span>
#include <string_view>

namespace interject::dialog {

struct day_word {
  std::string_view language, word;
  int days; ///< from today
};
inline constexpr day_word day_words[] = {
    {"en", "day after tomorrow", 2}, {"en", "the day after tomorrow", 2}, {"tr", "obur gun", 2}};

struct clock_word {
  std::string_view language, word;
  int hour;
};
inline constexpr clock_word clock_words[] = {
    {"en", "noon", 12},      {"en", "midday", 12},     {"en", "midnight", 0},
    {"fr", "midi", 12},      {"fr", "minuit", 0},      {"de", "mittag", 12},
    {"de", "mittags", 12},   {"de", "mitternacht", 0}, {"es", "mediodia", 12},
    {"es", "medianoche", 0}, {"tr", "ogle", 12},       {"tr", "gece yarisi", 0}};

/// Before a day: "on Friday". Before a time: "at 9". Longer ones first.
struct lead_in {
  std::string_view language, word;
};
inline constexpr lead_in day_leads[] = {{"en", "on the"}, {"en", "on"}, {"en", "the"},
                                        {"fr", "le"},     {"de", "am"}, {"de", "den"},
                                        {"es", "el"}};
inline constexpr lead_in clock_leads[] = {{"en", "at"},   {"fr", "a"},     {"fr", "vers"},
                                          {"de", "um"},   {"de", "gegen"}, {"es", "a las"},
                                          {"es", "a la"}, {"tr", "saat"}};

struct length_phrase {
  std::string_view phrase;
  int minutes;
};
inline constexpr length_phrase length_phrases[] = {
    {"half an hour", 30},       {"an hour and a half", 90}, {"a quarter of an hour", 15},
    {"une demi heure", 30},     {"une heure et demie", 90}, {"un quart d heure", 15},
    {"un quart dheure", 15},    {"eine halbe stunde", 30},  {"anderthalb stunden", 90},
    {"eine viertelstunde", 15}, {"media hora", 30},         {"hora y media", 90},
    {"yarim saat", 30},         {"bir bucuk saat", 90}};

/// "a week", "une heure": they count one.
inline constexpr std::string_view one_words[] = {"a",   "an",   "one",   "un",  "une",
                                                 "ein", "eine", "einen", "una", "bir"};
inline constexpr std::string_view and_words[] = {"and", "et", "und", "y", "ve"};

} // namespace interject::dialog
