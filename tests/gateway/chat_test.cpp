#define CAF_SUITE chat
#include "tests/support/caf_test.hpp"

#include "actors/delivery/explain.hpp"
#include "gateway/chat.hpp"
#include "gateway/client.hpp"
#include "gateway/json.hpp"

#include <set>

using namespace interject;
using namespace interject::gateway;

namespace {

heard hear(std::string_view json) {
  return read_heard(*parse_json(json), "dl_me");
}

} // namespace

CAF_TEST(an answer of the bot is told from what it says by itself) {
  auto answer = hear(
      R"({"type":"message","text":"Hi","from":{"id":"demo","name":"Desk"},"replyToId":"c|1"})");
  CAF_CHECK_EQUAL(answer.speaker, "Desk");
  CAF_CHECK(!answer.unasked && !answer.own && !answer.typing);
  auto news = hear(R"({"type":"message","text":"News","from":{"id":"demo"}})");
  CAF_CHECK_EQUAL(news.speaker, "demo");
  CAF_CHECK(news.unasked);
}

CAF_TEST(the own echo typing and what is no message are not shown) {
  CAF_CHECK(hear(R"({"type":"message","text":"Hi","from":{"id":"dl_me"}})").own);
  CAF_CHECK(hear(R"({"type":"typing","from":{"id":"demo"}})").typing);
  CAF_CHECK(hear(R"({"type":"event","name":"x","from":{"id":"demo"}})").speaker.empty());
  CAF_CHECK(hear("5").speaker.empty());
}

CAF_TEST(a number picks a choice and anything else is said as typed) {
  auto h = hear(R"({"type":"message","text":"Which?","suggestedActions":{"actions":[
    {"type":"imBack","title":"Sell now","value":"market"},{"type":"imBack","title":"Keep"}]}})");
  CAF_REQUIRE_EQUAL(h.choices.size(), 2u);
  CAF_CHECK_EQUAL(resolve_choice("1", h.choices), "market");
  CAF_CHECK_EQUAL(resolve_choice("2", h.choices), "Keep");
  CAF_CHECK_EQUAL(resolve_choice("Sell now", h.choices), "market");
  for (auto typed : {"0", "3", "-1", "1st", "", "99999999999999999999", "sell"})
    CAF_CHECK_EQUAL(resolve_choice(typed, h.choices), typed);
  CAF_CHECK_EQUAL(resolve_choice("2", {}), "2");
  CAF_CHECK_EQUAL(resolve_choice("2", {{"2", "2"}, {"3", "3"}}), "2");
}

CAF_TEST(addresses of servers are read as people write them) {
  auto url = parse_server_url("http://127.0.0.1:8080/");
  CAF_REQUIRE(url);
  CAF_CHECK_EQUAL(url->host, "127.0.0.1");
  CAF_CHECK_EQUAL(url->port, "8080");
  auto host = [](const char* text) { return std::string(parse_server_url(text)->host); };
  auto port = [](const char* text) { return std::string(parse_server_url(text)->port); };
  CAF_CHECK_EQUAL(host("http://[::1]:9"), "::1");
  CAF_CHECK_EQUAL(port("localhost:81"), "81");
  CAF_CHECK_EQUAL(port("http://host"), "80");
  for (auto bad : {"", "http://", "https://a:1", "http://a:b", "http://a:1/x", ":80"})
    CAF_CHECK(!parse_server_url(bad));
}

CAF_TEST(every decision has a sentence of its own) {
  std::set<std::string> known;
  for (int i = 0; i < delivery_code_count; ++i)
    CAF_CHECK(known.insert(delivery::words_of(static_cast<delivery_code>(i))).second);
}
