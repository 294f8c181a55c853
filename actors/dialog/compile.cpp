// A whole bot: its settings, then its dialogs in two passes, as they name each other.
#include "actors/dialog/compile_checks.hpp"
#include "actors/dialog/compile_sections.hpp"
#include "actors/dialog/nearest.hpp"

#include <algorithm>
#include <charconv>

namespace interject::dialog {

namespace {

constexpr std::string_view bot_keys[] = {
    "$schema",  "id",      "name",   "locales", "start",      "fallback",
    "include",  "dialogs", "feeds",  "globals", "hosts",      "channels",
    "delivery", "texts",   "events", "migrate", "recognizer", "inactivity"};
constexpr std::string_view later_keys[] = {"campaigns"};
constexpr std::string_view delivery_keys[] = {"budget",
                                              "max_depth",
                                              "interrupter_timeout",
                                              "topics",
                                              "digest_text",
                                              "spacing",
                                              "typing_window",
                                              "typing_limit",
                                              "abandoned_after",
                                              "auto_time_sensitive",
                                              "auto_normal",
                                              "queue_limit",
                                              "topic_budgets",
                                              "caps"};
constexpr std::string_view cap_keys[] = {"topic", "per", "at_most"};

bool consists_of(std::string_view text, std::string_view more, bool hex_only) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    bool letter =
        (c >= 'a' && c <= (hex_only ? 'f' : 'z')) || (c >= 'A' && c <= (hex_only ? 'F' : 'Z'));
    return letter || (c >= '0' && c <= '9') || more.find(c) != more.npos;
  });
}

bool is_port(std::string_view text) {
  unsigned n = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  return failed == std::errc() && end == text.data() + text.size() && n >= 1 && n <= 65535;
}

/// A name or an address, with a port or without: `a.test`, `a.test:81`, `10.0.0.7`, `::1`,
/// `[::1]:81`. Each is written out, as a pattern would match nothing.
bool is_host(std::string_view text) {
  bool many = std::count(text.begin(), text.end(), ':') > 1;
  if (many && !text.starts_with('['))
    return consists_of(text, ":.", true);
  auto end = many ? text.find(']') : text.find(':');
  if (many && end == text.npos)
    return false;
  auto name = many ? text.substr(1, end - 1) : text.substr(0, end);
  auto rest = end == text.npos ? std::string_view() : text.substr(many ? end + 1 : end);
  return consists_of(name, many ? ":." : ".-_", many) &&
         (rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))));
}

class bot_compiler {
public:
  bot_compiler(bot& b, const value& document, report& faults)
      : b_(b), document_(document), faults_(faults) {}

  void compile() {
    check_keys(faults_, document_, "", bot_keys, later_keys);
    names();
    hosts();
    delivery();
    globals();
    dialogs();
    texts();
    compile_sections(b_, document_, faults_);
    check_whole(b_, document_, faults_);
  }

private:
  void names();
  void hosts();
  void delivery();
  void caps(const value& delivery);
  void topics(const value& delivery);
  void digest_text(const value& delivery);
  void globals();
  void dialogs();
  void texts();
  void entry(std::string_view key, std::optional<std::uint16_t>& into);
  std::vector<std::pair<std::string, std::string>> phrases(const value& spec,
                                                           const std::string& at);

  bot& b_;
  const value& document_;
  report& faults_;
};

void bot_compiler::names() {
  if (auto* id = text_member(faults_, document_, "", "id"))
    b_.id = *id;
  if (b_.id.empty())
    faults_.fault("", "the bot has no \"id\"", "a short name, such as \"travel\"");
  auto* name = text_member(faults_, document_, "", "name");
  b_.name = name ? *name : b_.id;
  if (auto* all = list_member(faults_, document_, "", "locales"))
    for (std::size_t i = 0; i < all->size(); ++i) {
      if (auto* tag = (*all)[i].as_text(); tag && !tag->empty())
        b_.locales.push_back(*tag);
      else
        faults_.fault(below("/locales", i), "expected a locale such as \"en\" or \"fr-CA\"");
    }
  if (b_.locales.empty())
    b_.locales.emplace_back("en");
}

void bot_compiler::hosts() {
  if (auto* all = list_member(faults_, document_, "", "hosts"))
    for (std::size_t i = 0; i < all->size(); ++i) {
      if (auto* host = (*all)[i].as_text(); host && is_host(*host))
        b_.hosts.push_back(*host);
      else
        faults_.fault(below("/hosts", i), "expected a host",
                      "such as \"api.example.test\" or \"127.0.0.1:9090\"");
    }
}

void bot_compiler::delivery() {
  auto* d = object_member(faults_, document_, "", "delivery");
  if (!d)
    return;
  check_keys(faults_, *d, "/delivery", delivery_keys);
  if (auto* budget = object_member(faults_, *d, "/delivery", "budget"))
    check_budget(faults_, *budget, "/delivery/budget");
  if (auto* budgets = object_member(faults_, *d, "/delivery", "topic_budgets"))
    for (auto& [topic, budget] : *budgets->as_object())
      check_budget(faults_, budget, below("/delivery/topic_budgets", topic));
  caps(*d);
  whole_member(faults_, *d, "/delivery", "max_depth", 0, 8);
  whole_member(faults_, *d, "/delivery", "queue_limit", 1, 10'000);
  for (auto key : {"spacing", "typing_window", "typing_limit", "abandoned_after",
                   "auto_time_sensitive", "auto_normal"})
    duration_member(faults_, *d, "/delivery", key);
  if (auto length = duration_member(faults_, *d, "/delivery", "interrupter_timeout"))
    b_.interrupter_timeout = *length;
  topics(*d);
  digest_text(*d);
}

void bot_compiler::caps(const value& delivery) {
  auto* all = list_member(faults_, delivery, "/delivery", "caps");
  for (std::size_t i = 0; all && i < all->size(); ++i) {
    auto& cap = (*all)[i];
    auto at = below("/delivery/caps", i);
    if (!cap.as_object()) {
      faults_.fault(at, "expected an object", R"({"per": "24h", "at_most": 3})");
      continue;
    }
    check_keys(faults_, cap, at, cap_keys);
    text_member(faults_, cap, at, "topic");
    duration_member(faults_, cap, at, "per");
    whole_member(faults_, cap, at, "at_most", 1, 100);
    for (auto key : {"per", "at_most"})
      if (!cap.find(key))
        faults_.fault(at, "\"" + std::string(key) + "\" is missing",
                      R"({"per": "24h", "at_most": 3})");
  }
}

void bot_compiler::topics(const value& delivery) {
  auto& known = b_.sections.topics;
  if (auto* all = list_member(faults_, delivery, "/delivery", "topics"))
    for (std::size_t i = 0; i < all->size(); ++i) {
      auto* name = (*all)[i].as_text();
      auto at = below("/delivery/topics", i);
      if (!name || name->empty())
        faults_.fault(at, "expected the name of a topic", "such as \"offers\"");
      else if (std::find(known.begin(), known.end(), *name) != known.end())
        faults_.fault(at, "\"" + *name + "\" stands there twice");
      else
        known.push_back(*name);
    }
}

/// Rendered when a digest is said; here it is only looked at.
void bot_compiler::digest_text(const value& delivery) {
  auto* words = delivery.find("digest_text");
  if (!words)
    return;
  auto many = [](const value& v) { return v.as_list() != nullptr; };
  if (many(*words) ||
      (words->as_object() && std::any_of(words->as_object()->begin(), words->as_object()->end(),
                                         [&](auto& m) { return many(m.second); })))
    return faults_.fault("/delivery/digest_text", "a digest has no variants",
                         "one text, or one per locale");
  dialog_model none;
  dialog_compiler c(b_, none, faults_, "");
  c.facts = {"count", "items"};
  c.compile_text(*words, "/delivery/digest_text", true);
}

/// (language or empty, phrase) of a list, or of an object from locale to list.
std::vector<std::pair<std::string, std::string>> bot_compiler::phrases(const value& spec,
                                                                       const std::string& at) {
  std::vector<std::pair<std::string, std::string>> out;
  auto list = [&](const std::string& locale, const value& all, const std::string& here) {
    if (!all.as_list())
      return faults_.fault(here, "expected a list of phrases");
    for (std::size_t i = 0; i < all.as_list()->size(); ++i)
      if (auto* phrase = (*all.as_list())[i].as_text())
        out.emplace_back(locale, *phrase);
      else
        faults_.fault(below(here, i), "expected a phrase");
  };
  if (!spec.as_object())
    list("", spec, at);
  else
    for (auto& [locale, all] : *spec.as_object())
      list(locale.substr(0, locale.find_first_of("-_")), all, below(at, locale));
  return out;
}

void bot_compiler::globals() {
  constexpr std::string_view keys[] = {"cancel", "help", "start_over"};
  constexpr global meanings[] = {global::cancel, global::help, global::start_over};
  auto* own = object_member(faults_, document_, "", "globals");
  if (own)
    check_keys(faults_, *own, "/globals", keys);
  for (std::size_t i = 0; i < std::size(keys); ++i) {
    std::vector<std::pair<std::string, std::string>> given;
    if (auto* spec = own ? own->find(keys[i]) : nullptr)
      given = phrases(*spec, below("/globals", keys[i]));
    for (auto& [language, phrase] : given)
      b_.globals.add(phrase, meanings[i]);
    // The bot's own phrases take the place of the engine's in their language.
    for (auto& locale : b_.locales) {
      auto language = locale.substr(0, locale.find_first_of("-_"));
      bool replaced = std::any_of(given.begin(), given.end(),
                                  [&](auto& p) { return p.first.empty() || p.first == language; });
      if (!replaced)
        for (auto phrase : default_phrases(meanings[i], language))
          b_.globals.add(phrase, meanings[i]);
    }
  }
}

void bot_compiler::entry(std::string_view key, std::optional<std::uint16_t>& into) {
  auto* id = text_member(faults_, document_, "", key);
  if (!id)
    return;
  into = find_dialog(b_, *id);
  if (into)
    return;
  std::vector<std::string_view> known;
  for (auto& [name, index] : b_.by_id)
    known.push_back(name);
  faults_.fault(below("", key), "there is no dialog \"" + *id + "\"", suggest(*id, known));
}

void bot_compiler::dialogs() {
  auto* all = object_member(faults_, document_, "", "dialogs");
  if (!all || all->as_object()->empty())
    return faults_.fault("/dialogs", "the bot has no dialogs",
                         "add at least one under \"dialogs\"");
  auto& members = *all->as_object();
  if (members.size() > 10'000)
    return faults_.fault("/dialogs", "more than 10000 dialogs");
  b_.dialogs.resize(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    b_.dialogs[i].id = members[i].first;
    if (!b_.by_id.emplace(members[i].first, static_cast<std::uint16_t>(i)).second)
      faults_.fault(below("/dialogs", members[i].first), "there are two dialogs of this name");
  }
  entry("start", b_.start);
  entry("fallback", b_.fallback);
  b_.help = find_dialog(b_, "help");
  std::vector<dialog_compiler> each;
  each.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    each.emplace_back(b_, b_.dialogs[i], faults_, below("/dialogs", members[i].first));
    if (!members[i].second.as_object())
      faults_.fault(below("/dialogs", members[i].first), "expected a dialog", "{\"steps\": [ … ]}");
    else
      each.back().prepare(members[i].second);
  }
  for (std::size_t i = 0; i < members.size(); ++i)
    if (members[i].second.as_object())
      each[i].compile(members[i].second);
}

/// The engine's sentences in the bot's words.
void bot_compiler::texts() {
  auto* own = object_member(faults_, document_, "", "texts");
  if (!own)
    return;
  std::vector<std::string_view> keys;
  for (std::size_t i = 0; i < engine_text_count; ++i)
    keys.push_back(to_string(static_cast<engine_text>(i)));
  check_keys(faults_, *own, "/texts", keys);
  dialog_model none;
  dialog_compiler c(b_, none, faults_, "");
  for (std::size_t i = 0; i < engine_text_count; ++i)
    if (auto* spec = own->find(keys[i]))
      b_.texts[i] = c.compile_text(*spec, below("/texts", keys[i]));
}

} // namespace

compiled compile(const value& document, std::string version) {
  report faults;
  auto b = std::make_shared<bot>();
  b->version = std::move(version);
  b->document = document;
  if (!document.as_object()) {
    faults.fault("", std::string("expected a bot, found ") + to_string(document.type()),
                 "{\"id\": …, \"dialogs\": {…}}");
    return {nullptr, std::move(faults.all)};
  }
  bot_compiler(*b, document, faults).compile();
  bool loads = std::all_of(faults.all.begin(), faults.all.end(), [](auto& f) { return f.warning; });
  return {loads ? bot_ptr(std::move(b)) : nullptr, std::move(faults.all)};
}

} // namespace interject::dialog
