#include "actors/dialog/registry.hpp"

#include "actors/dialog/steps/parse.hpp"

#include <algorithm>

namespace interject::dialog {

std::span<const step_kind> step_kinds() {
  static const std::vector<step_kind> all{
      {"say",
       "say something",
       {"text", "card", "attachments", "suggest", "before", "after", "progress"},
       {"text"},
       {},
       parse_say},
      {"ask",
       "ask, and wait for the answer",
       {"type", "text", "into", "retry", "tries", "min", "max", "pattern", "check", "choices",
        "zone", "optional", "else", "before", "after", "progress"},
       {"type", "text", "into"},
       {},
       parse_ask},
      {"set", "give a variable a value", {"into", "to"}, {"into", "to"}, {}, parse_set},
      {"branch", "go one way or another", {"when", "then", "else", "cases"}, {}, {}, parse_branch},
      {"repeat",
       "do steps again, while a condition holds or for each item of a list",
       {"while", "for", "in", "steps", "limit"},
       {"steps"},
       {},
       parse_repeat},
      {"call",
       "run another dialog and take its result",
       {"dialog", "with", "into"},
       {"dialog"},
       {},
       parse_call},
      {"replace", "go on as another dialog", {"dialog", "with"}, {"dialog"}, {}, parse_replace},
      {"request",
       "call an integration over HTTP",
       {"method", "url", "headers", "body", "read", "into", "timeout", "retries", "mode", "restart",
        "redirects", "name", "on_failure", "on_timeout", "notify", "before", "after", "progress"},
       {"url"},
       {},
       parse_request},
      {"watch",
       "tell the user when a price moves",
       {"symbol", "when", "notify", "no_longer", "name", "into"},
       {"symbol", "when", "notify"},
       {},
       parse_watch},
      {"remind",
       "tell the user something at a time",
       {"at", "in", "rrule", "zone", "misfire", "name", "notify", "into"},
       {"notify"},
       {},
       parse_remind},
      {"cancel",
       "stop watches, reminders and background requests",
       {"watch", "reminder", "request"},
       {},
       {},
       parse_cancel},
      {"notify",
       "send a notice to this conversation or another",
       {"to", "delivery", "urgency", "text", "dialog", "params", "topic", "collapse_key",
        "digest_key", "expires_in", "return", "needs_answer", "priority", "repeat_window",
        "inhibits", "template"},
       {},
       {},
       parse_notify},
      {"prefer",
       "note what the person wants to hear of, and when",
       {"contact", "topics", "quiet_hours"},
       {},
       {},
       parse_prefer},
      {"end",
       "end this dialog, or with \"all\" the whole stack",
       {"result", "all"},
       {},
       {},
       parse_end},
  };
  return all;
}

const step_kind* find_step(std::string_view name) {
  auto all = step_kinds();
  auto it = std::find_if(all.begin(), all.end(), [&](auto& k) { return k.name == name; });
  return it == all.end() ? nullptr : &*it;
}

std::vector<std::string_view> step_names() {
  std::vector<std::string_view> out;
  for (auto& k : step_kinds())
    out.push_back(k.name);
  return out;
}

} // namespace interject::dialog
