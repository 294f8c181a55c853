#include "gateway/explain.hpp"

#include "actors/delivery/explain.hpp"
#include "gateway/json.hpp"

namespace interject::gateway {

namespace {

std::string member(const value& of, std::string_view name) {
  auto v = of.find(name);
  return v && !v->is_null() ? display(*v) : std::string();
}

/// "tokens 0, stack awaiting_input, …": what the rule was asked with.
std::string inputs_of(const value& decision) {
  auto* inputs = decision.find("inputs");
  if (!inputs || !inputs->as_object())
    return {};
  std::string out;
  for (auto& [name, v] : *inputs->as_object())
    out += (out.empty() ? "" : ", ") + name + " " + display(v);
  return out;
}

std::string step(const value& d) {
  auto action = member(d, "action"), code = member(d, "code"), rule = member(d, "rule");
  auto out = member(d, "at") + "  " + action;
  if (auto known = parse_delivery_code(code))
    out += " (" + code + "): " + delivery::words_of(*known);
  else if (rule == "A10-other")
    out += ": another channel takes it";
  out += ".\n";
  if (auto asked = delivery::rule_in_words(rule); !asked.empty())
    out += "    row " + rule + ": " + asked + "\n";
  else if (!rule.empty())
    out += "    row " + rule + "\n";
  if (auto inputs = inputs_of(d); !inputs.empty())
    out += "    seen: " + inputs + "\n";
  if (auto latest = member(d, "latest"); !latest.empty())
    out += "    tried again at the latest at " + latest + "\n";
  return out;
}

const char* words_of_end(const std::string& ended) {
  if (ended == "resumed")
    return "Its dialog ended, and the one below went on.";
  if (ended == "resume_declined")
    return "Its dialog ended, and the person did not want to go on with the one below.";
  if (ended == "interrupter_timeout")
    return "Its question waited too long for an answer, and the dialog below went on.";
  return "Its dialog ended.";
}

} // namespace

std::string in_words(const value& trail) {
  auto out = member(trail, "id") + ": " + member(trail, "status");
  if (auto conversation = member(trail, "conversation"); !conversation.empty())
    out += ", in conversation " + conversation;
  out += "\n";
  if (auto* steps = trail.find("trail"); steps && steps->as_list())
    for (auto& d : *steps->as_list())
      out += step(d);
  if (auto ended = member(trail, "ended"); !ended.empty())
    out += std::string(words_of_end(ended)) + "\n";
  if (auto activity = member(trail, "activity"); !activity.empty())
    out += "Said in activity " + activity + ".\n";
  return out;
}

} // namespace interject::gateway
