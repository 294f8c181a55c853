// What is wrong with a bot: where, and what would be right.
#define CAF_SUITE compile
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"

using namespace interject;

namespace {

/// "pointer: what; remedy" of all faults, one a line.
std::string faults(const std::string& json) {
  std::string out;
  for (auto& f : test::faults_of(json))
    out += (f.warning ? "warning " : "") + f.pointer + ": " + f.what +
           (f.remedy.empty() ? "" : "; " + f.remedy) + "\n";
  return out;
}

std::string step_faults(const std::string& step) {
  return faults(
      R"json({ "id": "b", "hosts": ["api.test"], "dialogs": { "d": { "params": { "city": "text" }, "steps": [ )json" +
      step + R"json( ] }, "offer": { "params": { "price": "number" }, "steps": [] } } })json");
}

} // namespace

CAF_TEST(every fault of a step has its place and its remedy) {
  struct {
    const char *step, *expected;
  } table[] = {
      {R"({ "do": "say", "txt": "Hi" })",
       "/dialogs/d/steps/0/txt: unknown key \"txt\"; did you mean \"text\"?\n"
       "/dialogs/d/steps/0: \"say\" needs \"text\"\n"},
      {R"({ "do": "sya", "text": "Hi" })",
       "/dialogs/d/steps/0/do: there is no step \"sya\"; did you mean \"say\"?\n"},
      {R"({ "text": "Hi" })",
       "/dialogs/d/steps/0: a step needs \"do\"; such as {\"do\": \"say\", \"text\": \"…\"}\n"},
      {R"("say")", "/dialogs/d/steps/0: expected a step, found text\n"},
      {R"({ "do": "call", "dialog": "ofer" })",
       "/dialogs/d/steps/0/dialog: there is no dialog \"ofer\"; did you mean \"offer\"?\n"},
      {R"({ "do": "call", "dialog": "offer", "with": { "prise": 1 } })",
       "/dialogs/d/steps/0/with/prise: dialog \"offer\" has no parameter \"prise\"; did you mean "
       "\"price\"?\n"},
      {R"({ "do": "ask", "type": "dat", "text": "?", "into": "x" })",
       "/dialogs/d/steps/0/type: \"dat\" is unknown; did you mean \"date\"?\n"},
      {R"({ "do": "ask", "type": "date", "text": "?", "into": "x", "min": 5, "max": "tomorrow", "zone": "Europe/Pairs", "pattern": "x" })",
       "/dialogs/d/steps/0/min: 5 does not fit; a day such as \"2026-12-01\", or {\"=\": \"now\"}\n"
       "/dialogs/d/steps/0/max: tomorrow does not fit; a day such as \"2026-12-01\", or {\"=\": "
       "\"now\"}\n"
       "/dialogs/d/steps/0/pattern: \"pattern\" fits text and number only\n"
       "/dialogs/d/steps/0/zone: Europe/Pairs is no time zone; such as \"Europe/Paris\", or "
       "{\"=\": \"user.zone\"}\n"},
      {R"({ "do": "ask", "type": "duration", "text": "?", "into": "x", "min": 5, "zone": "Europe/Paris" })",
       "/dialogs/d/steps/0/min: 5 does not fit; such as \"90s\", \"10m\" or \"24h\"\n"
       "/dialogs/d/steps/0/zone: \"zone\" fits date and datetime only\n"},
      {R"({ "do": "ask", "type": "number", "text": "?", "into": "x", "min": 5, "max": 1 })",
       "/dialogs/d/steps/0/min: no answer fits: \"min\" is above \"max\"\n"},
      {R"({ "do": "ask", "type": "date", "text": "?", "into": "x", "min": "2027-01-01", "max": "2026-12-31" })",
       "/dialogs/d/steps/0/min: no answer fits: \"min\" is above \"max\"\n"},
      {R"({ "do": "ask", "type": "duration", "text": "?", "into": "x", "min": "2h", "max": "90m" })",
       "/dialogs/d/steps/0/min: no answer fits: \"min\" is above \"max\"\n"},
      {R"({ "do": "ask", "type": "choice", "text": "?", "into": "x", "choices": [ "A", "B", { "value": 1, "title": "A" } ] })",
       "/dialogs/d/steps/0/choices/2: choice 1 is called the same; nobody could choose this one\n"},
      {R"({ "do": "ask", "type": "text", "text": "?", "into": "x", "tries": 0 })",
       "/dialogs/d/steps/0/tries: 0 is out of range; a whole number from 1 to 100\n"},
      {R"({ "do": "say", "text": "Hi", "card": {}, "attachments": [ 1, { "type": "png" } ] })",
       "/dialogs/d/steps/0/card: the card is empty; title, subtitle, text, images or buttons\n"
       "/dialogs/d/steps/0/attachments/0: expected an attachment, found number; {\"type\": "
       "\"image/png\", \"url\": \"https://…\"}\n"
       "/dialogs/d/steps/0/attachments/1: an attachment needs the \"type\" of what it is; such as "
       "\"image/png\"\n"
       "/dialogs/d/steps/0/attachments/1: an attachment needs \"url\"; such as "
       "\"https://example.test/a.png\"\n"},
      {R"({ "do": "say", "text": "Hi", "card": { "titel": "x", "images": ["a.png"], "buttons": [ {}, { "title": "a", "type": "imback" }, { "title": "b", "url": "ftp://x" } ] } })",
       "/dialogs/d/steps/0/card/titel: unknown key \"titel\"; did you mean \"title\"?\n"
       "/dialogs/d/steps/0/card/images/0: a.png is no web address; such as "
       "\"https://example.test/a.png\"\n"
       "/dialogs/d/steps/0/card/buttons/0: a button needs \"title\"\n"
       "/dialogs/d/steps/0/card/buttons/1/type: \"imback\" is unknown; did you mean \"imBack\"?\n"
       "/dialogs/d/steps/0/card/buttons/2/url: ftp://x is no web address; such as "
       "\"https://example.test/a.png\"\n"},
      {R"({ "do": "set", "into": "user.name", "to": "1" })",
       "/dialogs/d/steps/0/into: \"user.name\" cannot be set; a name of letters, digits and _, or "
       "user.NAME, or conversation.NAME\n"},
      {R"({ "do": "request", "url": "http://other.test/x" })",
       "/dialogs/d/steps/0/url: \"hosts\" does not list other.test; add \"other.test\" to the "
       "bot's \"hosts\"\n"},
      {R"({ "do": "request", "url": "https://ann:pw@api.test/x" })",
       "/dialogs/d/steps/0/url: the URL carries a user name; use a header, with the secret by "
       "reference\n"},
      {R"json({ "do": "request", "url": "https://api.test/x", "headers": { "X(1)": "a" } })json",
       "/dialogs/d/steps/0/headers/X(1): \"X(1)\" is no name of a header\n"},
      {R"({ "do": "request", "url": "http://api.test/{citi}" })",
       "/dialogs/d/steps/0/url: there is no variable \"citi\"; did you mean \"city\"?\n"},
      {R"({ "do": "request", "url": "http://api.test/", "timeout": "soon" })",
       "/dialogs/d/steps/0/timeout: \"soon\" is no duration; such as \"250ms\", \"90s\", \"10m\", "
       "\"24h\" or \"PT1M30S\"\n"},
      {R"({ "do": "remind", "rrule": "FREQ=DAILY", "in": "1m", "notify": { "text": "x" } })",
       "/dialogs/d/steps/0: \"remind\" needs one of \"at\", \"in\" and \"rrule\"; such as \"in\": "
       "\"10m\"\n"},
      {R"({ "do": "remind", "rrule": "FREQ=SECONDLY", "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/rrule: FREQ=SECONDLY is too often: a reminder comes once a minute at "
       "most, by "
       "FREQ=MINUTELY\n"},
      {R"({ "do": "remind", "rrule": "FREQ=DAILY", "zone": "Paris", "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/zone: \"Paris\" is no time zone; \"Europe/Paris\" is one\n"},
      {R"({ "do": "remind", "in": "3661d", "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/in: 3661d is no duration; such as \"10m\" or \"24h\", at most ten "
       "years\n"},
      {R"({ "do": "remind", "in": "5m", "zone": "Europe/Paris", "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/zone: belongs to \"rrule\"; an instant in \"at\" carries its own "
       "zone\n"},
      {R"({ "do": "watch", "symbol": "A", "when": { "drops_by": "5%", "from": "low" }, "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/when/from: does not fit; a drop is measured from \"creation\", "
       "\"last_fired\" or \"high\"\n"},
      {R"({ "do": "watch", "symbol": "A", "when": { "falls_to": 5, "rearm": 4, "repeat": true }, "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/when/rearm: does not fit; a price above that of falls_to is expected\n"},
      {R"({ "do": "watch", "symbol": "A", "when": { "drops_by": 20 }, "notify": { "text": "x" } })",
       "/dialogs/d/steps/0/when/drops_by: 20 does not fit; a percentage, such as \"20%\"\n"},
      {R"({ "do": "watch", "symbol": "A", "when": { "falls_to": 20 }, "notify": { "delivery": "ad_hoc", "text": "x", "dialog": { "id": "offer" } } })",
       "/dialogs/d/steps/0/notify/delivery: ad_hoc leaves the stack untouched, so it cannot need "
       "an answer; \"interrupt\", \"deferred\" or \"auto\"\n"},
      {R"({ "do": "notify", "return": "reset", "text": "x" })",
       "/dialogs/d/steps/0/return: \"reset\" cancels the flow: only an interruption does that; "
       "\"delivery\": \"interrupt\"\n"},
      {R"({ "do": "repeat", "steps": [] })",
       "/dialogs/d/steps/0: \"repeat\" needs either \"while\", or \"for\" and \"in\"\n"},
      {R"({ "do": "branch", "when": "true", "then": [ { "do": "say", "text": "x", "boundry": true } ] })",
       "/dialogs/d/steps/0/then/0/boundry: unknown key \"boundry\"; did you mean \"boundary\"?\n"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(step_faults(row.step), std::string(row.expected));
}

CAF_TEST(an unknown variable is named with the nearest) {
  auto found = step_faults(
      R"({ "do": "say", "text": "To {citi}" }, { "do": "set", "into": "x", "to": "citi + 'a'" })");
  CAF_CHECK(found.find("/dialogs/d/steps/0/text: ") != std::string::npos);
  CAF_CHECK(found.find("/dialogs/d/steps/1/to: column 1") != std::string::npos);
  CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 2);
  auto first = found.find("did you mean \"city\"?");
  CAF_CHECK(first != std::string::npos &&
            found.find("did you mean \"city\"?", first + 1) != std::string::npos);
}

CAF_TEST(all faults of a bot are reported at once) {
  CAF_CHECK_EQUAL(
      faults(
          R"json({ "strat": "x", "campaigns": [], "locales": [1], "start": "d2", "delivery": { "budjet": {} },
    "dialogs": { "d": { "stps": [] }, "e": 1 } })json"),
      "/strat: unknown key \"strat\"; did you mean \"start\"?\n"
      "/campaigns: \"campaigns\" is not supported yet; leave it out\n"
      ": the bot has no \"id\"; a short name, such as \"travel\"\n"
      "/locales/0: expected a locale such as \"en\" or \"fr-CA\"\n"
      "/delivery/budjet: unknown key \"budjet\"; did you mean \"budget\"?\n"
      "/start: there is no dialog \"d2\"\n"
      "/dialogs/d/stps: unknown key \"stps\"; did you mean \"steps\"?\n"
      "/dialogs/e: expected a dialog; {\"steps\": [ … ]}\n"
      "/dialogs/d: the dialog has no steps; add \"steps\": [ … ]\n");
}

CAF_TEST(two dialogs may not share a phrase) {
  CAF_CHECK_EQUAL(
      faults(
          R"json({ "id": "b", "dialogs": { "a": { "intents": ["Hello!"], "steps": [] }, "b": { "intents": ["hello", { "pattern": "(" }], "steps": [] } } })json"),
      "/dialogs/b/intents/0: \"hello\" leads to dialog \"a\" already\n"
      "/dialogs/b/intents/1/pattern: RE2 refuses the pattern: missing ): (\n");
}

CAF_TEST(hosts are written out) {
  auto judged = [](const std::string& host) {
    return faults(R"json({ "id": "b", "hosts": [")json" + host +
                  R"json("], "dialogs": { "d": { "steps": [] } } })json");
  };
  for (auto* host : {"api.test", "api.test:8443", "localhost", "my_host-1.local:1", "10.0.0.7",
                     "127.0.0.1:65535", "::1", "[::1]:81", "[fe80::1]", "fd12::1"})
    CAF_CHECK_EQUAL(host + judged(host), host);
  for (auto* host : {"*.api.test", "a b", "", "api.test:", "api.test:0", "api.test:65536",
                     "api.test:80x", "ann@api.test", "http://api.test", "api.test/x", "[::1",
                     "[::1]81", "[]", "x::1", ":80", "{host}"})
    CAF_CHECK_EQUAL(
        host + judged(host),
        host +
            std::string(
                "/hosts/0: expected a host; such as \"api.example.test\" or \"127.0.0.1:9090\"\n"));
}

CAF_TEST(what is no bot at all is said so) {
  CAF_CHECK_EQUAL(faults("[]"), ": expected a bot, found list; {\"id\": …, \"dialogs\": {…}}\n");
}

CAF_TEST(a bot tells what it is) {
  auto bot = test::bot_of(test::travel_bot());
  CAF_CHECK_EQUAL(dialog::id(*bot), "travel");
  CAF_CHECK_EQUAL(dialog::name(*bot), "Travel desk");
  CAF_CHECK(dialog::has_dialog(*bot, "book"));
  CAF_CHECK(!dialog::has_dialog(*bot, "boo"));
  auto all = dialog::dialogs(*bot);
  CAF_CHECK_EQUAL(all[2].params, std::vector<std::string>{"price"});
  CAF_CHECK_EQUAL(all[2].steps, 4u);
  CAF_CHECK(dialog::section(*bot, "channels").is_null());
}

CAF_TEST(the nearest locale serves) {
  auto bot = test::bot_of(
      R"json({ "id": "b", "locales": ["en", "fr-CA", "zh-Hant"], "dialogs": { "d": { "steps": [] } } })json");
  struct {
    const char *wanted, *got;
  } table[] = {{"fr-CA", "fr-CA"}, {"fr_ca", "fr-CA"},        {"fr", "fr-CA"}, {"fr-FR", "fr-CA"},
               {"en-GB", "en"},    {"zh-Hant-TW", "zh-Hant"}, {"de", "en"},    {"", "en"}};
  for (auto& row : table)
    CAF_CHECK_EQUAL(dialog::match_locale(*bot, row.wanted), std::string(row.got));
}
