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

bool recognise_skip(const heard& h) {
  return among(h.folded, skip_words);
}

std::optional<std::size_t> recognise_choice(const heard& h,
                                            const std::vector<choice_names>& choices) {
  // As typed or tapped first: folded, "C++" is "c", and a thumb is nothing.
  for (std::size_t i = 0; i < choices.size(); ++i)
    for (auto& name : choices[i].written)
      if (!name.empty() && name == h.text)
        return i;
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
