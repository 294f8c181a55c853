#include "tests/support/bots.hpp"

#include "protocols/value.hpp"

#include <nlohmann/json.hpp>

namespace interject::test {

namespace {

value to_value(const nlohmann::ordered_json& j) {
  if (j.is_boolean())
    return value(j.get<bool>());
  if (j.is_number())
    return value(decimal::parse(j.dump()).value());
  if (j.is_string())
    return value(j.get<std::string>());
  if (j.is_array()) {
    value::list items;
    for (auto& item : j)
      items.push_back(to_value(item));
    return value(std::move(items));
  }
  if (j.is_object()) {
    value::object members;
    for (auto& [name, member] : j.items())
      members.emplace_back(name, to_value(member));
    return value(std::move(members));
  }
  return {};
}

} // namespace

dialog::bot_ptr bot_of(std::string_view json, std::string version) {
  auto compiled =
      dialog::compile(to_value(nlohmann::ordered_json::parse(json)), std::move(version));
  std::string faults;
  for (auto& f : compiled.faults)
    if (!f.warning)
      faults += f.pointer + ": " + f.what + "\n";
  if (!compiled.it)
    throw std::runtime_error(faults);
  return compiled.it;
}

std::vector<dialog::fault> faults_of(std::string_view json) {
  return dialog::compile(to_value(nlohmann::ordered_json::parse(json)), "test").faults;
}

std::string_view travel_bot() {
  return R"json({
    "id": "travel", "name": "Travel desk", "locales": ["en"], "start": "welcome",
    "hosts": ["127.0.0.1:9"],
    "dialogs": {
      "welcome": { "steps": [ { "do": "say", "text": "Hello." } ] },
      "book": { "intents": ["book a trip"], "resume": "Back to your trip.", "steps": [
        { "do": "ask", "type": "text", "into": "city", "text": "Where to?" },
        { "do": "ask", "type": "number", "into": "nights", "text": "How many nights?" },
        { "do": "say", "text": "{nights} nights in {city}." } ] },
      "hotel_offer": { "params": { "price": "number" }, "steps": [
        { "do": "ask", "type": "yes_no", "into": "ok", "text": "The hotel is {price}. Book it?" },
        { "do": "branch", "when": "ok", "then": [ { "do": "say", "text": "Booked." } ],
          "else": [ { "do": "say", "text": "Not booked." } ] } ] },
      "order": { "intents": ["order"], "interruptible": "never", "steps": [
        { "do": "ask", "type": "text", "into": "what", "text": "What would you like?" },
        { "do": "say", "text": "{what}, coming." } ] },
      "chain": { "intents": ["chain"], "steps": [
        { "do": "call", "dialog": "inner" }, { "do": "say", "text": "After." },
        { "do": "ask", "type": "text", "into": "x", "text": "Last?" } ] },
      "inner": { "steps": [ { "do": "ask", "type": "text", "into": "y", "text": "Inner?" } ] },
      "slow": { "intents": ["slow"], "steps": [
        { "do": "request", "url": "http://127.0.0.1:9/x", "read": { "answer": "/a" }, "timeout": "20s",
          "progress": [ { "at": "2s", "text": "One." }, { "at": "5s", "text": "Two." } ] },
        { "do": "say", "text": "Got {answer}." } ] },
      "remind": { "intents": ["remind me"], "steps": [
        { "do": "remind", "in": "10m", "name": "tea", "notify": { "text": "Tea!" } },
        { "do": "say", "text": "I will." } ] },
      "tell": { "intents": ["tell me"], "steps": [
        { "do": "notify", "text": "By the way.", "delivery": "ad_hoc" },
        { "do": "ask", "type": "text", "into": "z", "text": "And?" } ] }
    } })json";
}

} // namespace interject::test
