#define CAF_SUITE rasa
#include "tests/support/caf_test.hpp"

#include "protocols/codec/rasa.hpp"
#include "protocols/codec/webhook_json.hpp"

using namespace interject;

namespace {

/// "greet book_trip | city=Paris", or the error's code.
std::string read(std::string_view json, double least = 0.5) {
  auto r = read_rasa_answer(json, least);
  if (!r)
    return to_string(r.error().code);
  std::string out;
  for (auto& i : r->intents)
    out += i + " ";
  out += "|";
  for (auto& [name, v] : r->entities)
    out += " " + name + "=" + display(v);
  return out;
}

} // namespace

CAF_TEST(an answer as rasa gives it is read) {
  CAF_CHECK_EQUAL(
      read(
          R"({"text": "to Paris from Rome", "intent": {"name": "book_trip", "confidence": 0.9998412132263184},
    "entities": [{"entity": "city", "role": "destination", "start": 3, "end": 8, "confidence_entity": 0.97, "value": "Paris",
                  "extractor": "DIETClassifier"}, {"entity": "city", "value": "Rome"}, {"entity": "nights", "value": 3}],
    "intent_ranking": [{"name": "book_trip", "confidence": 0.9998412132263184}, {"name": "weather", "confidence": 0.6},
                       {"name": "greet", "confidence": 1.2e-05}], "response_selector": {}})"),
      "book_trip weather | destination=Paris city=Rome nights=3");
}

CAF_TEST(what it is not sure of counts as not found) {
  auto answer =
      R"({"intent": {"name": "a", "confidence": 0.5}, "intent_ranking": [{"name": "b", "confidence": 0.49}]})";
  CAF_CHECK_EQUAL(read(answer, 0.5), "a |");
  CAF_CHECK_EQUAL(read(answer, 0.51), "|");
  CAF_CHECK_EQUAL(read(answer, 0), "a b |");
}

CAF_TEST(odd answers are read as far as they go or refused) {
  for (
      auto& [json, expected] : std::vector<std::pair<const char*, const char*>>{
          {R"({"intent": {"name": null, "confidence": 0.0}, "entities": []})", "|"},
          {R"({"intent": null})", "|"},
          {R"({"intent": {"name": "a"}})", "|"},
          {R"({"intent": {"name": "", "confidence": 1}})", "|"},
          {R"({"intent": {"name": "a", "confidence": true}})", "|"},
          {R"({"intent": {"name": "a", "confidence": 1}, "entities": {"x": 1}, "intent_ranking": 7})",
           "a |"},
          {R"({"intent": {"name": "a", "confidence": 1}, "entities": [7, {"entity": "x"}, {"value": 1},
              {"entity": "y", "value": null}, {"entity": "y", "value": 2}]})",
           "a | y=null"},
          {R"({})", "bad_input"},
          {R"({"intent": "a"})", "bad_input"},
          {R"([])", "bad_input"},
          {"", "bad_input"},
          {"<html>", "bad_input"}})
    CAF_CHECK_EQUAL(read(json), expected);
}

CAF_TEST(a question carries text and id) {
  CAF_CHECK_EQUAL(write_rasa_question("say \"hi\"\n", "c|1"),
                  R"({"text":"say \"hi\"\n","message_id":"c|1"})");
}

CAF_TEST(choices become a numbered list) {
  utterance u;
  u.text = "Which?";
  u.suggested = {{"Market", "market"}, {"Limit", "limit"}};
  u.expects_input = true;
  CAF_CHECK_EQUAL(plain_text(u), "Which?\n1. Market\n2. Limit");
  u.text.clear();
  CAF_CHECK_EQUAL(plain_text(u), "1. Market\n2. Limit");
}

CAF_TEST(an activity for a webhook is plain) {
  utterance u;
  u.text = "Which?";
  u.locale = "en";
  u.suggested = {{"Market", "market"}};
  u.expects_input = true;
  u.extra = R"("attachments":[{"contentType":"x"}])";
  auto at = *parse_time("2026-11-22T18:00:00Z");
  CAF_CHECK_EQUAL(
      write_webhook_activity(u, {"sms", "c1", "+49151", "shop"}, 3, at, "c1|0000002"),
      R"({"id":"c1|0000003","type":"message","timestamp":"2026-11-22T18:00:00.000Z","channel":"sms",)"
      R"("conversation":"c1","recipient":"+49151","from":"shop","text":"Which?\n1. Market","locale":"en",)"
      R"("reply_to":"c1|0000002","expects_input":true})");
  u.proactive = true;
  u.expects_input = false;
  u.locale.clear();
  u.suggested.clear();
  auto out = write_webhook_activity(u, {"sms", "c1", "+49151", "shop"}, 3, at, "c1|0000002");
  CAF_CHECK(out.ends_with(R"("text":"Which?","expects_input":false})"));
}
