// Persons and broadcasts over HTTP; what becomes of them is tested with the actors.
#define CAF_SUITE api_people
#include "tests/gateway/fixture.hpp"

#include "gateway/explain.hpp"
#include "protocols/secret_reference.hpp"

using namespace interject;
using namespace interject::gateway;
using test::body_of;
using test::pointers_of;
using test::text_at;

namespace {

struct people_fixture : test::gateway_fixture {
  people_fixture() {
    with->people = with->broadcasts = with->router;
    on_question = [](const question&) -> std::optional<answer> { return done{}; };
  }
  response put(const std::string& what, const std::string& body) {
    return ask({.method = "PUT", .path = "/api/v1/users/ann/" + what, .body = body});
  }
  std::string changes() {
    std::string out;
    for (auto& c : asked<set_person>().changes)
      out += c.key + "=" + display(c.to) + " ";
    return out;
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(api_people_tests, people_fixture)

CAF_TEST(consent is read with all its fields) {
  auto r = put("consent", R"({"contact": true, "topics": {"offers": "muted", "bills": null},
    "quiet_hours": {"from": "22", "to": "07:30", "zone": "Europe/Paris", "break_through": false}})");
  CAF_CHECK_EQUAL(r.status, 204u);
  CAF_CHECK_EQUAL(asked<set_person>().user, "ann");
  CAF_CHECK_EQUAL(
      changes(),
      "contact=true topic.offers=muted topic.bills=null "
      R"(quiet={"from":"22:00","to":"07:30","zone":"Europe/Paris","break_through":false} )");
  CAF_CHECK_EQUAL(put("consent", R"({"quiet_hours": null})").status, 204u);
  CAF_CHECK_EQUAL(changes(), "quiet=null ");
  CAF_CHECK_EQUAL(put("consent", R"({"contact": null})").status, 204u); // neither was said
  CAF_CHECK_EQUAL(changes(), "contact=null ");
}

CAF_TEST(all that is wrong with a consent is said at once) {
  auto r = put("consent", R"({"contact": "yes", "topics": {"offers": "off"}, "quite": 1,
    "quiet_hours": {"from": "25:00", "zone": "Mars"}})");
  CAF_CHECK_EQUAL(r.status, 422u);
  CAF_CHECK_EQUAL(pointers_of(r), (strings{"/contact", "/quiet_hours/from", "/quiet_hours/to",
                                           "/quiet_hours/zone", "/quite", "/topics/offers"}));
  CAF_CHECK(questions.empty());
  CAF_CHECK_EQUAL(pointers_of(put("consent", R"({"topics": {"a/b": 1}, "contact": 1,
    "quiet_hours": {"from": "8", "to": "8", "zone": "UTC"}})")),
                  (strings{"/contact", "/quiet_hours/to", "/topics/a~1b"}));
  CAF_CHECK_EQUAL(pointers_of(put("consent", "{}")), strings{""});
  CAF_CHECK_EQUAL(
      pointers_of(
          put("consent", R"({"quiet_hours": {"from": "8", "to": "08:00", "zone": "UTC"}})")),
      strings{"/quiet_hours/to"});
}

CAF_TEST(attributes are typed) {
  CAF_CHECK_EQUAL(
      put("attributes", R"({"plan": "gold", "age": 40, "vip": true, "old": null, "tags": ["a"]})")
          .status,
      204u);
  CAF_CHECK_EQUAL(changes(),
                  "attr.plan=gold attr.age=40 attr.vip=true attr.old=null attr.tags=[\"a\"] ");
  CAF_CHECK_EQUAL(pointers_of(put("attributes", R"({"a": {"b": 1}})")), strings{"/a"});
}

CAF_TEST(a person is exported as stored and erased by request) {
  CAF_CHECK_EQUAL(ask({.path = "/api/v1/users/dl_ann"}).status, 404u);
  test::commit_conversation(*store, "0a1-c", {R"({"text":"Hello."})"}, clock->now());
  journal::commit calling;
  calling.fence = {shard_of("0a1-c"), 1};
  calling.conversation = "0a1-c";
  calling.user = "dl_ann";
  calling.expected_version = 1;
  calling.calls.emplace_back();
  calling.calls[0].id = "c-1";
  calling.calls[0].conversation = "0a1-c";
  calling.calls[0].url = *mark_references("https://shop.test/?key=${env:SHOP_KEY}");
  calling.calls[0].body = *mark_references("{\"key\": \"${file:/run/key}\"}");
  journal::commit_ptr batch[] = {std::make_shared<const journal::commit>(calling)};
  result<void> outcomes[1];
  CAF_REQUIRE(store->write(batch, outcomes).has_value() && outcomes[0].has_value());
  auto r = ask({.path = "/api/v1/users/dl_ann"});
  CAF_CHECK_EQUAL(r.status, 200u);
  auto body = body_of(r);
  for (auto* as_written :
       {R"("https://shop.test/?key=${env:SHOP_KEY}")", R"({\"key\": \"${file:/run/key}\"})"})
    CAF_CHECK(r.body.find(as_written) != r.body.npos);
  CAF_REQUIRE_EQUAL(body.find("conversations")->as_list()->size(), 1u);
  CAF_CHECK(r.body.find(R"({"text":"Hello."})") != r.body.npos);
  CAF_CHECK_EQUAL(ask({.method = "DELETE", .path = "/api/v1/users/dl_ann"}).status, 204u);
  CAF_CHECK_EQUAL(asked<erase_person>().user, "dl_ann");
  CAF_CHECK_EQUAL(ask({.method = "DELETE", .path = "/api/v1/conversations/0a1-c"}).status, 204u);
  CAF_CHECK_EQUAL(asked<erase_conversation>().conversation, "0a1-c");
}

CAF_TEST(all watches and reminders of a person are exported) {
  test::commit_conversation(*store, "0a1-c", {R"({"text":"Hello."})"}, clock->now());
  journal::commit many;
  many.fence = {shard_of("0a1-c"), 1};
  many.conversation = "0a1-c";
  many.user = "dl_ann";
  many.expected_version = 1;
  for (int i = 0; i < 501; ++i) { // more than a page
    many.watches.emplace_back().id = "w-" + std::to_string(i);
    many.reminders.emplace_back().id = "r-" + std::to_string(i);
    many.watches.back().conversation = many.reminders.back().conversation = "0a1-c";
  }
  journal::commit_ptr batch[] = {std::make_shared<const journal::commit>(many)};
  result<void> outcomes[1];
  CAF_REQUIRE(store->write(batch, outcomes).has_value() && outcomes[0].has_value());
  auto body = body_of(ask({.path = "/api/v1/users/dl_ann"}));
  auto& talk = body.find("conversations")->as_list()->front();
  CAF_CHECK_EQUAL(talk.find("watches")->as_list()->size(), 501u);
  CAF_CHECK_EQUAL(talk.find("reminders")->as_list()->size(), 501u);
}

CAF_TEST(what another channel has taken is withdrawn there) {
  test::commit_conversation(*store, "0a1-c", {}, clock->now());
  journal::commit moved;
  moved.fence = {shard_of("0a1-c"), 1};
  moved.conversation = "0a1-c";
  moved.user = "dl_ann";
  moved.expected_version = 1;
  decision d;
  d.rule = "A10-other";
  d.inputs = R"({"tokens":1,"handed_to":"0a1-d","handed_as":"n-0a1-c-1.o.1"})";
  notification what;
  what.id = "sale";
  moved.notifications.push_back({"sale", "0a1-c", what, {d}, {}, {}, clock->now()});
  auto write = [&](journal::commit rows) {
    journal::commit_ptr batch[] = {std::make_shared<const journal::commit>(std::move(rows))};
    result<void> outcomes[1];
    CAF_REQUIRE(store->write(batch, outcomes).has_value() && outcomes[0].has_value());
  };
  write(moved);
  on_question = [](const question& q) -> std::optional<answer> {
    auto& it = std::get<withdraw>(q);
    return decided{it.ticket, it.id, it.conversation, {}};
  };
  ask({.method = "DELETE", .path = "/api/v1/notifications/sale"}); // still on its way
  CAF_CHECK_EQUAL(asked<withdraw>().conversation, "0a1-c");
  test::commit_conversation(*store, "0a1-d", {}, clock->now());
  moved.conversation = "0a1-d";
  what.id = "n-0a1-c-1.o.1";
  moved.notifications.clear();
  moved.notifications.push_back({what.id, "0a1-d", what, {decision{}}, {}, {}, clock->now()});
  write(moved);
  auto r = ask({.method = "DELETE", .path = "/api/v1/notifications/sale"});
  CAF_CHECK_EQUAL(asked<withdraw>().conversation, "0a1-d");
  CAF_CHECK_EQUAL(asked<withdraw>().id, "n-0a1-c-1.o.1");
  CAF_CHECK_EQUAL(text_at(body_of(r), {"id"}), "sale");
}

CAF_TEST(a broadcast is read with its filter) {
  auto r = ask(
      {.method = "POST",
       .path = "/api/v1/broadcasts",
       .body =
           R"({"id": "ski", "filter": [[{"field": "custom.plan", "op": "eq", "value": "gold"}]], "per_second": 5,
    "notification": {"text": "Ski week.", "delivery": "deferred"}})"});
  CAF_CHECK_EQUAL(r.status, 202u);
  CAF_CHECK_EQUAL(text_at(body_of(r), {"state"}), "running");
  auto& b = asked<person::begin_broadcast>().what;
  CAF_CHECK_EQUAL(b.id, "ski");
  CAF_CHECK_EQUAL(b.to.size(), 1u);
  CAF_CHECK_EQUAL(b.per_second, 5);
  CAF_CHECK(b.what.mode == delivery_mode::deferred);
}

CAF_TEST(all that is wrong with a broadcast is said at once) {
  auto r = ask(
      {.method = "POST",
       .path = "/api/v1/broadcasts",
       .body =
           R"({"id": "a b", "filter": [[{"field": "plan", "op": "eq", "value": 1}]], "per_second": 0, "to": 1,
    "notification": {"delivery": "ad_hoc"}})"});
  CAF_CHECK_EQUAL(r.status, 422u);
  CAF_CHECK_EQUAL(pointers_of(r), (strings{"/filter/0/0/field", "/id", "/notification/text",
                                           "/per_second", "/to"}));
  CAF_CHECK_EQUAL(ask({.path = "/api/v1/broadcasts/none"}).status, 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(a trail is told in words) {
  auto words = in_words(*parse_json(
      R"({"id": "n1", "conversation": "c1", "status": "resumed", "activity": "c1|0000005", "ended": "resumed",
    "trail": [
      {"action": "held", "code": "quiet", "at": "2026-01-05T23:00:00Z", "rule": "A11", "latest": "2026-01-06T08:00:00Z",
       "inputs": {"quiet": true, "tokens": 2}},
      {"action": "pushed", "code": "interrupted", "at": "2026-01-06T08:00:00Z", "rule": "B7/ladder6"}]})"));
  CAF_CHECK_EQUAL(words, "n1: resumed, in conversation c1\n"
                         "2026-01-05T23:00:00Z  held (quiet): the person has quiet hours.\n"
                         "    row A11: has the person quiet hours now?\n"
                         "    seen: quiet true, tokens 2\n"
                         "    tried again at the latest at 2026-01-06T08:00:00Z\n"
                         "2026-01-06T08:00:00Z  pushed (interrupted): it interrupted; the dialog "
                         "below goes on afterwards.\n"
                         "    row B7/ladder6: does a question wait for its answer? nothing stood "
                         "against an interruption\n"
                         "Its dialog ended, and the one below went on.\n"
                         "Said in activity c1|0000005.\n");
  auto moved = in_words(*parse_json(
      R"({"id": "n2", "status": "accepted", "trail": [
      {"action": "accepted", "at": "2026-01-05T23:00:00Z", "rule": "A10-other", "inputs": {"handed_to": "c2"}}]})"));
  CAF_CHECK(moved.find("accepted: another channel takes it.") != moved.npos);
}
