#define CAF_SUITE activity_json
#include "tests/support/caf_test.hpp"

#include "protocols/codec/activity_json.hpp"

#include <nlohmann/json.hpp>

#include <random>

using namespace interject;
using nlohmann::json;

namespace {

const char* const web_chat =
    R"({"type":"message","text":"Zwei Flüge, \"bitte\"\n","textFormat":"plain",
  "from":{"id":"dl_ann","name":"Ann","role":"user"},"channelId":"webchat","locale":"de-DE",
  "localTimestamp":"2026-11-22T16:00:00+01:00","attachments":[],"id":"7","timestamp":"x","conversation":{"id":"z"},
  "entities":[{"type":"ClientCapabilities","supportsTts":true,"n":-1.50e2}] ,
  "channelData" : { "clientActivityID": "abc123", "attachmentSizes":[], "interject":{"prompt":"4"} }  })";

incoming_activity good(std::string_view text) {
  auto read = read_activity(text);
  if (!read)
    CAF_FAIL(read.error().what);
  return *read;
}

time_point noon() {
  return *parse_time("2026-11-22T12:00:00Z");
}

} // namespace

CAF_TEST(what Web Chat posts is read) {
  auto a = good(web_chat);
  CAF_CHECK(a.type == activity_type::message);
  CAF_CHECK_EQUAL(a.text, "Zwei Flüge, \"bitte\"\n");
  CAF_CHECK_EQUAL(a.client_id, "abc123");
  CAF_CHECK_EQUAL(a.locale, "de-DE");
  CAF_CHECK_EQUAL(a.from, "dl_ann");
  CAF_CHECK_EQUAL(a.from_name, "Ann");
  CAF_CHECK_EQUAL(a.tapped, "4");
}

CAF_TEST(what the server does not set is kept byte for byte) {
  CAF_CHECK_EQUAL(
      good(web_chat).rest,
      R"("type":"message","text":"Zwei Flüge, \"bitte\"\n","textFormat":"plain","locale":"de-DE",)"
      R"("localTimestamp":"2026-11-22T16:00:00+01:00","attachments":[],)"
      R"("entities":[{"type":"ClientCapabilities","supportsTts":true,"n":-1.50e2}],)"
      R"("channelData" : { "clientActivityID": "abc123", "attachmentSizes":[], "interject":{"prompt":"4"} })");
  CAF_CHECK_EQUAL(good(R"({"id":"1","type":"event","from":{}})").rest, R"("type":"event")");
  CAF_CHECK_EQUAL(good(R"({"\u0069d":"1","type":"event","x":"},{" })").rest,
                  R"("type":"event","x":"},{")");
}

CAF_TEST(the ids of a repeat and of a tapped prompt are found where clients put them) {
  CAF_CHECK_EQUAL(good(R"({"type":"message","id":"own"})").client_id, "own");
  CAF_CHECK_EQUAL(good(R"({"type":"message","id":9})").client_id, "");
  CAF_CHECK_EQUAL(good(R"({"type":"message","value":{"prompt":"12"}})").tapped, "12");
  CAF_CHECK_EQUAL(good(R"({"type":"message","value":{"prompt":12}})").tapped, "12");
  CAF_CHECK_EQUAL(good(R"({"type":"message","value":"12"})").tapped, "");
  CAF_CHECK_EQUAL(
      good(
          R"({"type":"message","value":{"prompt":"1"},"channelData":{"interject":{"prompt":"2"}}})")
          .tapped,
      "2");
  CAF_CHECK_EQUAL(
      good(R"({"type":"message","entities":[{"channelData":{"clientActivityID":"no"}}]})")
          .client_id,
      "");
}

CAF_TEST(types are told apart) {
  struct row {
    const char* name;
    activity_type type;
  };
  for (auto& [name, type] :
       std::vector<row>{{"message", activity_type::message},
                        {"typing", activity_type::typing},
                        {"event", activity_type::event},
                        {"conversationUpdate", activity_type::conversation_update},
                        {"endOfConversation", activity_type::end_of_conversation},
                        {"invoke", activity_type::other},
                        {"other", activity_type::other}})
    CAF_CHECK(good(std::string("{\"type\":\"") + name + "\"}").type == type);
}

CAF_TEST(bad bodies are refused with a sentence) {
  struct row {
    std::string body;
    const char* part;
  };
  for (auto& [body, part] : std::vector<row>{
           {"", "empty"},
           {"   ", "empty"},
           {"hello", "JSON"},
           {"[]", "object"},
           {"\"x\"", "object"},
           {"null", "object"},
           {"{}", "`type` is missing"},
           {R"({"type":""})", "`type` is missing"},
           {R"({"type":7})", "`type` must be a string"},
           {R"({"type":null})", "`type` must be a string"},
           {R"({"type":"message","text":5})", "`text` must be a string"},
           {R"({"type":"message","text":["a"]})", "`text` must be a string"},
           {R"({"type":"message","from":"ann"})", "`from` must be an object"},
           {R"({"type":"message","from":{"id":7}})", "`from.id` must be a string"},
           {R"({"type":"message","locale":1})", "`locale` must be a string"},
           {R"({"type":"message","channelData":{"clientActivityID":1}})", "clientActivityID"},
           {R"({"type":"message")", "JSON"},
           {R"({"type":"message"}})", "JSON"},
           {R"({"type":"message"} {})", "JSON"},
           {R"({"type":"message"} x)", "JSON"},
           {R"({"type":"message",})", "JSON"},
           {R"({"type" "message"})", "JSON"},
           {R"({"type":"message","x":[1 2]})", "JSON"},
           {R"({"type":"message","x":[1,]})", "JSON"},
           {R"({"type":"message","x":tru})", "JSON"},
           {R"({"type":"message","x":nul})", "JSON"},
           {R"({"type":"message","x":falsee})", "JSON"},
           {R"({"type":"message","x":nullx})", "JSON"},
           {R"({"type":"message","x":01})", "number"},
           {R"({"type":"message","x":1e})", "number"},
           {R"({"type":"message","x":{"y":[}]})", "JSON"},
           {R"({"type":"message","x":[{]}})", "JSON"},
           {R"({"type":"message","x":"\q"})", "escape"},
           {R"({"type":"message","x":"\ud800"})", "escape"},
           {R"({"type":"message","x":{"\q":1}})", "escape"},
           {R"({"type":"message","x":"abc)", "not closed"},
           {"{\"type\":\"message\",\"x\":\"a\nb\"}", "control"},
           {"{\"type\":\"message\",\"x\":\"\xff\"}", "UTF-8"},
           {"{\"type\":\"message\",\"x\":\"\xed\xa0\x80\"}", "UTF-8"},
           {"{\"type\":\"message\",\"x\":" + std::string(70, '[') + std::string(70, ']') + "}",
            "deeper than 64"},
           {"{\"type\":\"message\",\"x\":" + std::string(200'000, '[') + "}", "deeper than 64"}}) {
    CAF_MESSAGE(body.substr(0, 60));
    auto read = read_activity(body);
    CAF_CHECK(!read);
    if (!read) {
      CAF_CHECK(read.error().code == errc::bad_input);
      CAF_MESSAGE(read.error().what);
      CAF_CHECK_NOT_EQUAL(read.error().what.find(part), std::string::npos);
    }
  }
  auto huge = read_activity("{\"type\":\"message\",\"text\":\"" +
                            std::string(max_activity_bytes, 'a') + "\"}");
  CAF_REQUIRE(!huge);
  CAF_CHECK(huge.error().code == errc::too_large);
}

CAF_TEST(the echo carries what the client sent and what the server knows) {
  auto echo = json::parse(*write_user_activity(good(web_chat), "abc-\"1", 12, noon()));
  CAF_CHECK_EQUAL(echo["id"], "abc-\"1|0000012");
  CAF_CHECK_EQUAL(echo["timestamp"], "2026-11-22T12:00:00.000Z");
  CAF_CHECK_EQUAL(echo["channelId"], "directline");
  CAF_CHECK_EQUAL(echo["conversation"], json({{"id", "abc-\"1"}}));
  CAF_CHECK_EQUAL(echo["from"], json({{"id", "dl_ann"}, {"name", "Ann"}, {"role", "user"}}));
  CAF_CHECK_EQUAL(echo["channelData"]["clientActivityID"], "abc123");
  CAF_CHECK_EQUAL(echo["text"], "Zwei Flüge, \"bitte\"\n");
  CAF_CHECK_EQUAL(echo.size(), 13u);
  auto typing = json::parse(
      *write_user_activity(good(R"({"type":"typing","from":{"id":"u"}})"), "c", 0, noon()));
  CAF_CHECK_EQUAL(seq_of("c", std::string(typing["id"])), 0u);
}

CAF_TEST(the echo of an activity that no client wrote is made of its fields) {
  incoming_activity made;
  made.text = "Two \"flat\" whites";
  auto echo = json::parse(*write_user_activity(made, "c", 1, noon()));
  CAF_CHECK_EQUAL(echo["type"], "message");
  CAF_CHECK_EQUAL(echo["text"], "Two \"flat\" whites");
  CAF_CHECK_EQUAL(echo.size(), 7u);
}

CAF_TEST(a question of the bot carries its buttons) {
  utterance u;
  u.text = "For here,\tor \"to go\"?";
  u.locale = "en";
  u.suggested = {{"For here", "here"}, {"To go", "go\\"}};
  u.prompt = 3;
  u.expects_input = true;
  u.extra = R"("speak":"hm")";
  auto said =
      json::parse(*write_bot_activity(u, "c", 2, noon(), {"travel", "Travel desk"}, "c|0000001"));
  auto want = json::parse(
      R"({"id":"c|0000002","timestamp":"2026-11-22T12:00:00.000Z","channelId":"directline",
    "conversation":{"id":"c"},"from":{"id":"travel","name":"Travel desk","role":"bot"},"type":"message",
    "text":"For here,\tor \"to go\"?","textFormat":"plain","locale":"en","inputHint":"expectingInput",
    "suggestedActions":{"actions":[
    {"type":"messageBack","title":"For here","text":"here","displayText":"here","value":{"prompt":"3"}},
    {"type":"messageBack","title":"To go","text":"go\\","displayText":"go\\","value":{"prompt":"3"}}]},"replyToId":"c|0000001","speak":"hm",
    "channelData":{"interject":{"prompt":"3"}}})");
  CAF_CHECK_EQUAL(said, want);
  u.extra = R"("channelData":{"own":1})";
  said = json::parse(*write_bot_activity(u, "c", 2, noon(), {"travel", ""}, "c|0000001"));
  CAF_CHECK_EQUAL(said["channelData"], json({{"own", 1}}));
}

CAF_TEST(what nobody asked for answers nothing) {
  utterance u;
  u.text = "News";
  u.proactive = true;
  auto said = json::parse(*write_bot_activity(u, "c", 2, noon(), {"b", "B"}, "c|0000001"));
  CAF_CHECK(!said.contains("replyToId"));
  CAF_CHECK(!said.contains("suggestedActions"));
  CAF_CHECK(!said.contains("channelData"));
  CAF_CHECK_EQUAL(said["inputHint"], "acceptingInput");
  u.proactive = false;
  CAF_CHECK(
      !json::parse(*write_bot_activity(u, "c", 2, noon(), {"b", "B"}, "")).contains("replyToId"));
  u.type = activity_type::typing;
  said = json::parse(*write_bot_activity(u, "c", 0, noon(), {"b", "B"}, ""));
  CAF_CHECK_EQUAL(said["type"], "typing");
  CAF_CHECK(!said.contains("text"));
}

CAF_TEST(damaged bodies are refused or echoed as valid JSON) {
  std::mt19937_64 random(20261122);
  const std::string good_body = web_chat;
  const std::string alphabet = "{}[]\",:\\ tn01eu\x01\xc3\xff";
  int taken = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto body = good_body;
    for (auto n = random() % 4; n-- > 0;) {
      auto at = random() % body.size();
      if (random() % 3 == 0)
        body.erase(at, random() % 8);
      else
        body[at] = alphabet[random() % alphabet.size()];
    }
    auto read = read_activity(body);
    read ? ++taken : ++refused;
    CAF_REQUIRE_EQUAL(!read || json::accept(*write_user_activity(*read, "c", 1, noon())), true);
    // Whatever is refused as JSON is none, and the other way round.
    if (json::accept(body) && !read && read.error().what.find("must be") == std::string::npos &&
        read.error().what.find("missing") == std::string::npos) {
      CAF_MESSAGE(body << " " << read.error().what);
      CAF_CHECK(read.error().what.find("escape") !=
                std::string::npos); // nlohmann takes what simdjson does not
    }
  }
  CAF_CHECK_GREATER(taken, 1000);
  CAF_CHECK_GREATER(refused, 1000);
}

CAF_TEST(cards and attachments are written as clients know them) {
  utterance u;
  u.text = "A hotel:";
  u.cards = {{"Grand",
              "4 stars",
              "By the sea.",
              {"https://a.test/1.png"},
              {{"Book", "book"},
               {"More", "more", action_type::post_back},
               {"Yes", "take", action_type::message_back},
               {"Site", "https://a.test", action_type::open_url}}}};
  u.attachments = {{"application/pdf", "https://a.test/t.pdf", "Terms", "https://a.test/t.png"}};
  auto said = json::parse(*write_bot_activity(u, "c", 2, noon(), {"b", "B"}, ""));
  CAF_CHECK_EQUAL(said["attachments"], json::parse(R"([
    {"contentType":"application/vnd.microsoft.card.hero","content":{"title":"Grand","subtitle":"4 stars","text":"By the sea.",
     "images":[{"url":"https://a.test/1.png"}],"buttons":[
       {"type":"imBack","title":"Book","value":"book"},
       {"type":"postBack","title":"More","value":"more"},
       {"type":"messageBack","title":"Yes","text":"take","displayText":"Yes"},
       {"type":"openUrl","title":"Site","value":"https://a.test"}]}},
    {"contentType":"application/pdf","contentUrl":"https://a.test/t.pdf","name":"Terms","thumbnailUrl":"https://a.test/t.png"}])"));
  // Of a question: each tap brings its id back.
  u.prompt = 7;
  said = json::parse(*write_bot_activity(u, "c", 2, noon(), {"b", "B"}, ""));
  CAF_CHECK_EQUAL(said["attachments"][0]["content"]["buttons"], json::parse(R"([
       {"type":"messageBack","title":"Book","text":"book","displayText":"book","value":{"prompt":"7"}},
       {"type":"postBack","title":"More","value":{"prompt":"7","text":"more"}},
       {"type":"messageBack","title":"Yes","text":"take","displayText":"Yes","value":{"prompt":"7"}},
       {"type":"openUrl","title":"Site","value":"https://a.test"}])"));
  // Without a title, the first part has no comma before it.
  u.cards = {{"", "", "Only text.", {}, {}}};
  u.attachments.clear();
  said = json::parse(*write_bot_activity(u, "c", 2, noon(), {"b", "B"}, ""));
  CAF_CHECK_EQUAL(said["attachments"][0]["content"], json::parse(R"({"text":"Only text."})"));
}

CAF_TEST(what a bound button posts is read with its question) {
  auto tap = good(
      R"({"type":"message","text":"book","value":{"prompt":"7"},"channelData":{"messageBack":{"displayText":"Book"}}})");
  CAF_CHECK_EQUAL(tap.text + " " + tap.tapped, "book 7");
  tap = good(
      R"({"type":"message","value":{"prompt":"7","text":"more"},"channelData":{"postBack":true}})");
  CAF_CHECK_EQUAL(tap.text + " " + tap.tapped, "more 7");
  tap = good(R"({"type":"message","value":{"text":"more"}})");
  CAF_CHECK_EQUAL(tap.text, "");
}
