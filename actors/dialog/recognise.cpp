#include "actors/dialog/recognise.hpp"

#include "actors/dialog/fold.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace interject::dialog {

namespace {

using word_list = std::span<const std::string_view>;

// Folded: no accents, no apostrophes.
constexpr std::string_view yes_words[] = {
    "yes", "y",      "yeah", "yep",  "yup",   "sure", "ok",    "okay", "oui",  "ouais", "daccord",
    "ja",  "jawohl", "klar", "gern", "gerne", "si",   "claro", "vale", "evet", "olur",  "tamam"};
constexpr std::string_view no_words[] = {"no", "n", "nope", "nah", "non", "nein", "hayir", "yok"};
constexpr std::string_view yes_phrases[] = {"of course",  "bien sur",  "absolutely",   "please do",
                                            "natuerlich", "naturlich", "por supuesto", "tabii"};
constexpr std::string_view no_phrases[] = {"not now",  "not really", "pas maintenant",
                                           "ahora no", "do not",     "dont"};
constexpr std::string_view skip_words[] = {
    "skip",  "none",   "nothing", "passer", "aucun",   "aucune", "rien", "uberspringen",
    "keine", "nichts", "omitir",  "saltar", "ninguno", "nada",   "atla", "hicbiri"};

bool among(std::string_view word, word_list list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct number_word {
  std::string_view word;
  int number;
};
constexpr number_word number_words[] = {
    {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
    {"seventy", 70}, {"eighty", 80},  {"ninety", 90}};

constexpr number_word ordinals[] = {
    {"first", 1},     {"second", 2},   {"third", 3},    {"fourth", 4},    {"fifth", 5},
    {"sixth", 6},     {"seventh", 7},  {"eighth", 8},   {"ninth", 9},     {"tenth", 10},
    {"1st", 1},       {"2nd", 2},      {"3rd", 3},      {"4th", 4},       {"5th", 5},
    {"6th", 6},       {"7th", 7},      {"8th", 8},      {"9th", 9},       {"10th", 10},
    {"premier", 1},   {"premiere", 1}, {"deuxieme", 2}, {"troisieme", 3}, {"quatrieme", 4},
    {"cinquieme", 5}, {"1er", 1},      {"1re", 1},      {"2e", 2},        {"3e", 3},
    {"erste", 1},     {"ersten", 1},   {"erster", 1},   {"erstes", 1},    {"zweite", 2},
    {"zweiten", 2},   {"dritte", 3},   {"dritten", 3},  {"vierte", 4},    {"vierten", 4},
    {"funfte", 5},    {"funften", 5},  {"primero", 1},  {"primera", 1},   {"segundo", 2},
    {"segunda", 2},   {"tercero", 3},  {"tercera", 3},  {"cuarto", 4},    {"cuarta", 4},
    {"quinto", 5},    {"quinta", 5},   {"birinci", 1},  {"ikinci", 2},    {"ucuncu", 3},
    {"dorduncu", 4},  {"besinci", 5}};

const number_word* find(std::string_view word, std::span<const number_word> list) {
  auto it = std::find_if(list.begin(), list.end(), [&](auto& w) { return w.word == word; });
  return it == list.end() ? nullptr : &*it;
}

/// "two hundred and five", "a hundred", "twenty three" from `from` on.
std::optional<decimal> spelled(const std::vector<std::string_view>& all) {
  std::size_t from = 0;
  auto scale_word = [&](std::size_t i) {
    return i < all.size() && (all[i] == "hundred" || all[i] == "thousand");
  };
  while (from < all.size() && !find(all[from], number_words) && !scale_word(from) &&
         !((all[from] == "a" || all[from] == "one") && scale_word(from + 1)))
    ++from;
  if (from == all.size())
    return std::nullopt;
  int total = 0, current = 0;
  for (auto i = from; i < all.size(); ++i) {
    if (auto* w = find(all[i], number_words)) {
      if (current % 100 >= 20 ? w->number >= 10 : current % 100 > 0)
        break; // "two three" is two numbers
      current += w->number;
    } else if (all[i] == "hundred" && current < 100) {
      current = std::max(current, 1) * 100;
    } else if (all[i] == "thousand" && total == 0) {
      total = std::max(current, 1) * 1000;
      current = 0;
    } else if (all[i] != "a" && all[i] != "and") {
      break;
    }
  }
  return decimal::of(total + current);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits at the start of `text`, separators resolved: in a locale with decimal comma "1.234,5"
/// and in the others "1,234.5" are the same number. A single separator that cannot group ("1,5" in
/// English) is decimal.
std::string plain_digits(std::string_view text, bool comma_is_decimal) {
  auto decimal_mark = comma_is_decimal ? ',' : '.';
  std::string out;
  bool fraction = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (is_digit(c)) {
      out += c;
      continue;
    }
    bool digit_follows = i + 1 < text.size() && is_digit(text[i + 1]);
    if ((c != ',' && c != '.') || !digit_follows || fraction)
      break;
    std::size_t group = 0;
    while (i + 1 + group < text.size() && is_digit(text[i + 1 + group]))
      ++group;
    if (c != decimal_mark && group == 3)
      continue;
    fraction = true;
    out += '.';
  }
  return out;
}

struct match {
  std::size_t choice = 0, start = 0, end = 0;
  double score = 0;
};

/// All words of `name` in order from `start` on, each at most two words after the one before.
std::optional<match> match_at(const std::vector<std::string_view>& said, std::size_t start,
                              const std::vector<std::string_view>& name) {
  match m;
  std::size_t at = start, matched = 0, deviation = 0;
  for (auto word : name) {
    auto found = std::find(said.begin() + static_cast<std::ptrdiff_t>(at), said.end(), word);
    if (found == said.end())
      return std::nullopt;
    auto position = static_cast<std::size_t>(found - said.begin());
    if (matched == 0 && position != start)
      return std::nullopt;
    if (matched > 0 && position - at > 2)
      return std::nullopt;
    deviation += matched > 0 ? position - at : 0;
    ++matched;
    at = position + 1;
  }
  m.start = start;
  m.end = at;
  m.score = static_cast<double>(matched) / static_cast<double>(matched + deviation);
  return m;
}

std::optional<std::size_t> by_words(const std::vector<std::string_view>& said,
                                    const std::vector<choice_names>& choices) {
  struct named {
    std::size_t choice;
    std::vector<std::string_view> name;
    std::size_t size;
  };
  std::vector<named> names;
  for (std::size_t i = 0; i < choices.size(); ++i)
    for (auto& name : choices[i].names)
      if (!name.empty())
        names.push_back({i, words(name), name.size()});
  std::stable_sort(names.begin(), names.end(), [](auto& a, auto& b) { return a.size > b.size; });
  std::vector<match> found;
  for (auto& n : names)
    for (std::size_t start = 0; start < said.size(); ++start)
      if (auto m = match_at(said, start, n.name)) {
        m->choice = n.choice;
        found.push_back(*m);
      }
  // Best first; a weaker match may not use words of a better one.
  std::stable_sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.score > b.score; });
  std::vector<match> kept;
  for (auto& m : found)
    if (std::none_of(kept.begin(), kept.end(),
                     [&](auto& k) { return m.start < k.end && k.start < m.end; }))
      kept.push_back(m);
  if (kept.empty())
    return std::nullopt;
  return std::min_element(kept.begin(), kept.end(),
                          [](auto& a, auto& b) { return a.start < b.start; })
      ->choice;
}

struct label {
  std::string_view language, yes, no;
};
constexpr label labels[] = {{"en", "Yes", "No"},
                            {"fr", "Oui", "Non"},
                            {"de", "Ja", "Nein"},
                            {"es", "Sí", "No"},
                            {"tr", "Evet", "Hayır"}};

const label& label_of(std::string_view locale) {
  auto language = locale.substr(0, locale.find_first_of("-_"));
  auto it = std::find_if(std::begin(labels), std::end(labels),
                         [&](auto& l) { return l.language == language; });
  return it == std::end(labels) ? labels[0] : *it;
}

} // namespace

std::optional<bool> recognise_yes_no(const heard& h) {
  if (h.folded == "1")
    return true;
  if (h.folded == "2")
    return false;
  auto starts_with = [&](std::string_view phrase) {
    return h.folded.starts_with(phrase) &&
           (h.folded.size() == phrase.size() || h.folded[phrase.size()] == ' ');
  };
  auto all = words(h.folded);
  if (all.empty() || all.size() > 6)
    return std::nullopt;
  bool yes = among(all[0], yes_words) ||
             std::any_of(std::begin(yes_phrases), std::end(yes_phrases), starts_with);
  bool no = among(all[0], no_words) ||
            std::any_of(std::begin(no_phrases), std::end(no_phrases), starts_with);
  for (auto word : std::span(all).subspan(1)) {
    yes = yes || (among(word, yes_words) && word.size() > 2 && no);
    no = no || (among(word, no_words) && yes);
  }
  if (yes == no)
    return std::nullopt;
  return yes;
}

std::optional<decimal> recognise_number(const heard& h, std::string_view locale) {
  auto language = locale.substr(0, locale.find_first_of("-_"));
  bool comma = language == "fr" || language == "de" || language == "es" || language == "tr";
  auto first = std::find_if(h.text.begin(), h.text.end(), is_digit);
  if (first == h.text.end())
    return spelled(words(h.folded));
  auto at = static_cast<std::size_t>(first - h.text.begin());
  // "B12" is a name, not a number.
  if (at > 0 && (static_cast<unsigned char>(h.text[at - 1]) | 0x20U) >= 'a' &&
      (static_cast<unsigned char>(h.text[at - 1]) | 0x20U) <= 'z')
    return std::nullopt;
  auto digits = plain_digits(h.text.substr(at), comma);
  if (at > 0 && h.text[at - 1] == '-')
    digits.insert(digits.begin(), '-');
  return decimal::parse(digits);
}

bool recognise_skip(const heard& h) {
  return among(h.folded, skip_words);
}

std::optional<std::size_t> recognise_choice(const heard& h,
                                            const std::vector<choice_names>& choices) {
  for (std::size_t i = 0; i < choices.size(); ++i)
    for (auto& name : choices[i].names)
      if (!name.empty() && name == h.folded)
        return i;
  auto said = words(h.folded);
  if (auto found = by_words(said, choices))
    return found;
  std::optional<decimal> number;
  for (auto word : said)
    if (auto* o = find(word, ordinals)) {
      number = decimal::of(o->number);
      break;
    }
  if (!number)
    number = recognise_number(h, "en");
  if (!number || !number->is_whole() || number->whole() < 1 ||
      static_cast<std::size_t>(number->whole()) > choices.size())
    return std::nullopt;
  return static_cast<std::size_t>(number->whole()) - 1;
}

std::string_view yes_label(std::string_view locale) {
  return label_of(locale).yes;
}
std::string_view no_label(std::string_view locale) {
  return label_of(locale).no;
}

} // namespace interject::dialog
