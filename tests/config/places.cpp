#include "tests/config/places.hpp"

#include "actors/dialog/bot.hpp"
#include "config/json_document.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace interject::test {

namespace {

#define STEP(step) R"({"id": "b", "dialogs": {"d": {"steps": [)" step R"(]}}})"

std::vector<dialog::fault> faults_with(std::string bot, const std::string& text) {
  auto hole = bot.find("\"@\"");
  if (hole == bot.npos)
    throw std::logic_error("no place for a key in " + bot);
  auto filled = bot;
  auto doc = config::read_json(filled.replace(hole, 3, "\"" + text + "\""));
  // The bot has that key already, beside the "@".
  if (!doc.faults.empty())
    doc = config::read_json(bot);
  if (!doc.faults.empty())
    throw std::logic_error(doc.faults.front().what + " in " + bot);
  return dialog::compile(doc.root, "test").faults;
}

bool is_later(const dialog::fault& f) {
  return f.what.find("is not supported yet") != f.what.npos;
}

bool is_about(const dialog::fault& f, const std::string& key) {
  return f.pointer.ends_with("/" + key);
}

} // namespace

const std::vector<place> places{
    {"", R"({"id": "b", "dialogs": {}, "@": null})"},
    {"/definitions/delivery", R"({"id": "b", "delivery": {"@": null}})"},
    {"/definitions/budget", R"({"id": "b", "delivery": {"budget": {"@": null}}})"},
    {"/definitions/budget", R"({"id": "b", "delivery": {"topic_budgets": {"t": {"@": null}}}})"},
    {"/definitions/budget", R"({"id": "b", "channels": {"c": {"budget": {"@": null}}}})"},
    {"/definitions/delivery/properties/caps/items",
     R"({"id": "b", "delivery": {"caps": [{"@": null}]}})"},
    {"/definitions/prefer/properties/quiet_hours/anyOf/1",
     STEP(R"({"do": "prefer", "quiet_hours": {"@": null}})")},
    {"/properties/globals", R"({"id": "b", "globals": {"@": null}})"},
    {"/properties/texts", R"({"id": "b", "texts": {"@": null}})"},
    {"/definitions/feeds/additionalProperties", R"({"id": "b", "feeds": {"f": {"@": null}}})"},
    {"/definitions/events/items", R"({"id": "b", "events": [{"@": null}]})"},
    {"/definitions/events/items/properties/to", R"({"id": "b", "events": [{"to": {"@": null}}]})"},
    {"/definitions/events/items/properties/to/properties/filter/items/items",
     R"({"id": "b", "events": [{"to": {"filter": [[{"@": null}]]}}]})"},
    {"/definitions/notification", R"({"id": "b", "events": [{"notification": {"@": null}}]})"},
    {"/properties/recognizer", R"({"id": "b", "recognizer": {"@": null}})"},
    {"/properties/inactivity", R"({"id": "b", "inactivity": {"@": null}})"},
    {"/properties/inactivity/properties/nudge",
     R"({"id": "b", "inactivity": {"nudge": {"@": null}}})"},
    {"/properties/channels/additionalProperties", R"({"id": "b", "channels": {"c": {"@": null}}})"},
    {"/definitions/migrate/items", R"({"id": "b", "migrate": [{"@": null}]})"},
    {"/definitions/dialog", R"({"id": "b", "dialogs": {"d": {"@": null}}})"},
    {"/definitions/dialog/properties/intents/items/anyOf/1",
     R"({"id": "b", "dialogs": {"d": {"intents": [{"@": null}], "steps": []}}})"},
    {"/definitions/choice/anyOf/1",
     STEP(R"({"do": "ask", "type": "choice", "choices": [{"@": null}]})")},
    {"/definitions/card", STEP(R"({"do": "say", "text": "x", "card": {"@": null}})")},
    {"/definitions/button/anyOf/1",
     STEP(R"({"do": "say", "text": "x", "card": {"buttons": [{"@": null}]}})")},
    {"/definitions/attachment",
     STEP(R"({"do": "say", "text": "x", "attachments": [{"@": null}]})")},
    {"/definitions/case", STEP(R"({"do": "branch", "cases": [{"@": null}]})")},
    {"/definitions/condition", STEP(R"({"do": "watch", "when": {"@": null}})")},
    {"/definitions/notify/properties/to", STEP(R"({"do": "notify", "to": {"@": null}})")},
    {"/definitions/notification", STEP(R"({"do": "remind", "in": "1s", "notify": {"@": null}})")},
    {"/definitions/notification", STEP(R"({"do": "watch", "notify": {"@": null}})")},
    {"/definitions/notification",
     STEP(R"({"do": "request", "mode": "background", "notify": {"@": null}})")},
    {"/definitions/notification/properties/dialog",
     STEP(R"({"do": "remind", "in": "1s", "notify": {"dialog": {"@": null}}})")},
    {"/definitions/progress/anyOf/1",
     STEP(R"({"do": "say", "text": "x", "progress": {"@": null}})")},
    {"/definitions/progress_text",
     STEP(R"({"do": "say", "text": "x", "progress": [{"@": null}]})")},
    {"/definitions/every",
     STEP(R"({"do": "say", "text": "x", "progress": {"every": {"@": null}}})")},
};

std::string bot_with_step(const std::string& kind) {
  return R"({"id": "b", "dialogs": {"d": {"steps": [{"do": ")" + kind + R"(", "@": null}]}}})";
}

bool refused_as_later(const std::string& bot, const std::string& text) {
  auto faults = faults_with(bot, text);
  return std::any_of(faults.begin(), faults.end(), [](auto& f) { return is_later(f); });
}

standing ask(const std::string& bot, const std::string& key) {
  for (auto& f : faults_with(bot, key))
    if (is_about(f, key)) {
      if (f.what.starts_with("unknown key"))
        return standing::unknown;
      if (is_later(f))
        return standing::later;
    }
  return standing::known;
}

std::set<std::string> listed(const std::string& bot) {
  // So short and strange that it is near to no key: the engine then lists those that it knows.
  const std::string key = "?";
  const std::string before = "known are ";
  std::set<std::string> out;
  for (auto& f : faults_with(bot, key))
    if (is_about(f, key) && f.remedy.starts_with(before)) {
      std::istringstream words(f.remedy.substr(before.size()));
      for (std::string word; words >> word;)
        out.insert(word.substr(0, word.find(',')));
    }
  return out;
}

#undef STEP

} // namespace interject::test
