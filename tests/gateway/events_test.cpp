#define CAF_SUITE events
#include "tests/gateway/fixture.hpp"

using namespace interject;
using namespace interject::gateway;
using test::body_of;
using test::text_at;

namespace {

struct fixture : test::gateway_fixture {
  fixture() {
    with->bot.set(test::bot_of(R"({"id": "b", "name": "B", "locales": ["en"], "events": [
      {"type": "order.shipped", "to": {"user": "/data/customer"}, "with": {"number": "/data/number"},
       "notification": {"delivery": "deferred", "text": "Order {number} is on its way.", "collapse_key": "order-{number}"}},
      {"type": "order.shipped", "to": {"conversation": "/subject"}, "notification": {"text": "Shipped."}},
      {"type": "sale", "to": {"filter": [[{"field": "custom.plan", "op": "eq", "value": "gold"}]]}, "with": {"what": "/data/what"},
       "notification": {"text": "On sale: {what}."}}],
      "dialogs": {"d": {"steps": [{"do": "say", "text": "Hello."}]}}})"));
    with->broadcasts = with->router;
    on_question = [this](const question& q) -> std::optional<answer> {
      if (std::holds_alternative<person::begin_broadcast>(q))
        return begun;
      auto& n = std::get<interject::notify>(q);
      decision d;
      d.action = delivery_action::sent;
      d.code = delivery_code::idle;
      d.at = clock->now();
      return decided{0, n.what.id, n.conversation.empty() ? "0a1-found" : n.conversation, d};
    };
  }
  response send(const std::string& body, const std::string& type = "application/cloudevents+json") {
    return ask({.method = "POST", .path = "/api/v1/events", .body = body, .content_type = type});
  }
  static std::string event(const std::string& id, const std::string& data,
                           const std::string& more = "") {
    return R"({"specversion": "1.0", "id": ")" + id +
           R"(", "source": "/shop", "type": "order.shipped", "data": )" + data + more + "}";
  }
  static constexpr const char* sale =
      R"({"specversion": "1.0", "id": "s", "source": "/shop", "type": "sale", "data": {"what": "skis"}})";
  answer begun = done{}; ///< what is said to a broadcast
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(events_tests, fixture)

CAF_TEST(each rule for the type makes a notice) {
  auto r =
      send(event("1", R"({"customer": "dl_ann", "number": "8841"})", R"(, "subject": "0a1-talk")"));
  CAF_CHECK_EQUAL(r.status, 202u);
  CAF_REQUIRE_EQUAL(questions.size(), 2u);
  auto& first = asked<interject::notify>();
  CAF_CHECK_EQUAL(first.user, "dl_ann");
  CAF_CHECK(first.what.mode == delivery_mode::deferred);
  CAF_CHECK_EQUAL(first.what.collapse_key, "order-8841");
  CAF_CHECK_EQUAL(dialog::render(first.what.text, first.what.params, "en"),
                  "Order 8841 is on its way.");
  CAF_CHECK(!first.what.solicited);
  CAF_CHECK(first.what.created == clock->now());
  CAF_CHECK(is_notification_id(first.what.id));
  CAF_CHECK_EQUAL(asked<interject::notify>(1).conversation, "0a1-talk");
  auto body = body_of(r);
  CAF_CHECK_EQUAL(text_at(body, {"source"}) + text_at(body, {"id"}), "/shop1");
  auto* told = body.find("notifications")->as_list();
  CAF_REQUIRE_EQUAL(told->size(), 2u);
  CAF_CHECK_EQUAL(text_at((*told)[0], {"id"}), first.what.id);
  CAF_CHECK_EQUAL(text_at((*told)[0], {"decision", "code"}), "idle");
}

CAF_TEST(a rule with a filter begins a broadcast) {
  auto r = send(sale);
  CAF_CHECK_EQUAL(r.status, 202u);
  CAF_REQUIRE_EQUAL(questions.size(), 1u);
  auto& b = asked<person::begin_broadcast>().what;
  CAF_CHECK(is_notification_id(b.id));
  CAF_CHECK_EQUAL(b.to.size(), 1u);
  CAF_CHECK(b.created == clock->now());
  CAF_CHECK_EQUAL(dialog::render(b.what.text, b.what.params, "en"), "On sale: skis.");
  auto body = body_of(r);
  CAF_CHECK(body.find("notifications")->as_list()->empty());
  auto* told = body.find("broadcasts")->as_list();
  CAF_REQUIRE_EQUAL(told->size(), 1u);
  CAF_CHECK_EQUAL(text_at((*told)[0], {"id"}), b.id);
  CAF_CHECK_EQUAL(text_at((*told)[0], {"state"}), "running");
}

CAF_TEST(a broadcast that cannot begin now is refused so that its event comes again) {
  begun = refused{0, errc::busy, "too many broadcasts have not ended"};
  CAF_CHECK_EQUAL(send(sale).status, 429u);
  auto batch = send("[" + std::string(sale) + "]", "application/cloudevents-batch+json");
  CAF_CHECK_EQUAL(batch.status, 202u);
  auto body = body_of(batch);
  auto& item = (*body.find("items")->as_list())[0];
  CAF_CHECK(item.find("broadcasts")->as_list()->at(0).find("error") != nullptr);
}

CAF_TEST(ids follow from source and id alone) {
  auto id_of = [this](const std::string& body) {
    send(body);
    return asked<interject::notify>().what.id;
  };
  auto one = id_of(event("1", R"({"customer": "dl_ann"})"));
  CAF_CHECK_EQUAL(id_of(event("1", R"({"customer": "dl_bob"})")), one);
  CAF_CHECK(id_of(event("2", R"({"customer": "dl_ann"})")) != one);
  auto elsewhere = event("1", R"({"customer": "dl_ann"})");
  elsewhere.replace(elsewhere.find("/shop"), 5, "/shap");
  CAF_CHECK(id_of(elsewhere) != one);
}

CAF_TEST(an event without a rule leads to nothing) {
  auto other = event("1", "{}");
  other.replace(other.find("order.shipped"), 13, "order.deleted");
  auto r = send(other);
  CAF_CHECK_EQUAL(r.status, 202u);
  CAF_CHECK(questions.empty());
  CAF_CHECK_EQUAL(text_at(body_of(r), {"notifications"}), "[]");
}

CAF_TEST(a rule that finds nobody says where it looked) {
  for (auto* data : {"{}", R"({"customer": null})", R"({"customer": {}})", R"({"customer": ""})"}) {
    auto r = send(event("1", data));
    CAF_CHECK_EQUAL(r.status, 202u);
    CAF_CHECK(questions.empty());
    auto body = body_of(r);
    auto* told = body.find("notifications")->as_list();
    CAF_REQUIRE_EQUAL(told->size(), 2u);
    CAF_CHECK_EQUAL(
        text_at((*told)[0], {"error", "detail"}),
        "/data/customer names no user: a text of at most 256 bytes or a number is expected there");
  }
  for (auto& [customer, subject] :
       {std::pair("", "0a1-talk"), std::pair("dl_ann", "")}) { // one of two, at its place
    auto body = body_of(send(event("1", R"({"customer": ")" + std::string(customer) + "\"}",
                                   std::string(*subject ? R"(, "subject": "0a1-talk")" : ""))));
    auto& told = *body.find("notifications")->as_list();
    CAF_REQUIRE_EQUAL(told.size(), 2u);
    CAF_CHECK(text_at(told[0], {"id"}).ends_with(".1"));
    CAF_CHECK_EQUAL(told[0].find("error") != nullptr, !*customer);
    CAF_CHECK_EQUAL(told[1].find("error") != nullptr, !*subject);
  }
  send(event("1", R"({"customer": 17})"));
  CAF_CHECK_EQUAL(asked<interject::notify>().user, "17");
}

CAF_TEST(a batch is answered per event) {
  auto r = send("[" + event("1", R"({"customer": "dl_ann"})") + R"(, {"id": "2"}, )" +
                    event("3", R"({"customer": "dl_bob"})") + "]",
                "application/cloudevents-batch+json");
  CAF_CHECK_EQUAL(r.status, 202u);
  auto body = body_of(r);
  auto* items = body.find("items")->as_list();
  CAF_REQUIRE_EQUAL(items->size(), 3u);
  CAF_CHECK_EQUAL(text_at((*items)[0], {"id"}), "1");
  CAF_CHECK_EQUAL(text_at((*items)[1], {"error", "status"}), "422");
  CAF_CHECK_EQUAL(text_at((*items)[2], {"id"}), "3");
  CAF_CHECK_EQUAL(questions.size(), 2u);
}

CAF_TEST(a single event that could not be taken is to be sent again) {
  on_question = [](const question&) -> std::optional<answer> {
    return refused{0, errc::unavailable, "no disk"};
  };
  CAF_CHECK_EQUAL(send(event("1", R"({"customer": "dl_ann"})")).status, 503u);
  auto r = send("[" + event("1", R"({"customer": "dl_ann"})") + "]",
                "application/cloudevents-batch+json");
  CAF_CHECK_EQUAL(r.status, 202u); // with the reason at its place
  CAF_CHECK(r.body.find("no disk") != r.body.npos);
  on_question = [](const question&) -> std::optional<answer> {
    return refused{0, errc::not_found, "no such"};
  };
  CAF_CHECK_EQUAL(send(event("1", R"({"customer": "dl_ann"})")).status, 202u);
}

CAF_TEST(what is no event is a problem) {
  CAF_CHECK_EQUAL(send("{").status, 400u);
  CAF_CHECK_EQUAL(send("{}").status, 422u);
  CAF_CHECK_EQUAL(send("{}", "application/json").status, 415u);
  auto r = ask(
      {.method = "POST",
       .path = "/api/v1/events",
       .body = R"({"customer": "dl_ann"})",
       .event_headers = {
           {"specversion", "1.0"}, {"id", "1"}, {"source", "/shop"}, {"type", "order.shipped"}}});
  CAF_CHECK_EQUAL(r.status, 202u);
  CAF_CHECK_EQUAL(asked<interject::notify>().user, "dl_ann");
}

CAF_TEST_FIXTURE_SCOPE_END()
