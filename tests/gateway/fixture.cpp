#define CAF_SUITE gateway_fixture
#include "tests/gateway/fixture.hpp"

#include <algorithm>

namespace interject::test {

namespace {

using gateway::answer;
using gateway::question;

template <class T> auto played(caf::event_based_actor* self, gateway_fixture* by) {
  return [self, by](const T& q) {
    by->questions.emplace_back(q);
    if (!by->on_question)
      return;
    auto a = by->on_question(by->questions.back());
    if (!a)
      return;
    auto back = caf::actor_cast<caf::actor>(self->current_sender());
    std::visit(
        [&](auto& it) {
          it.ticket = q.ticket;
          runtime::send(self, back, it);
        },
        *a);
  };
}

caf::behavior played_router(caf::event_based_actor* self, gateway_fixture* by) {
  return {played<open_conversation>(self, by),
          played<post_activity>(self, by),
          played<notify>(self, by),
          played<withdraw>(self, by),
          played<reset_conversation>(self, by),
          played<create_watch>(self, by),
          played<create_reminder>(self, by),
          played<cancel_watch>(self, by),
          played<cancel_reminder>(self, by),
          played<take_prices>(self, by),
          played<resend_delivery>(self, by),
          played<advance_clock>(self, by),
          played<wake>(self, by),
          played<set_person>(self, by),
          played<erase_person>(self, by),
          played<erase_conversation>(self, by),
          played<person::begin_broadcast>(self, by),
          played<person::cancel_broadcast>(self, by)};
}

} // namespace

dialog::bot_ptr example_bot() {
  return bot_of(R"({"id": "example", "name": "Example", "locales": ["en"], "dialogs": {
    "offer": {"params": {"price": "number"}, "steps": [{"do": "ask", "type": "yes_no", "into": "yes", "text": "Buy at {price}?"}]}}})");
}

dialog::bot_ptr bot_of(std::string_view json) {
  auto document = gateway::parse_json(json);
  CAF_REQUIRE(document);
  auto made = dialog::compile(*document, std::string(64, '0'));
  for (auto& fault : made.faults)
    CAF_MESSAGE(fault.pointer << ": " << fault.what);
  CAF_REQUIRE(made.it);
  return made.it;
}

void commit_conversation(journal::store& to, const conversation_id& id,
                         const std::vector<std::string>& said, time_point now,
                         std::uint64_t before) {
  auto c = std::make_shared<journal::commit>();
  c->fence = {shard_of(id), 1};
  c->conversation = id;
  c->at = now;
  c->user = "dl_ann";
  c->expected_version = before ? 1 : 0;
  std::uint64_t seq = before;
  for (auto& body : said)
    c->activities.push_back({++seq, {}, std::make_shared<const std::string>(body)});
  journal::commit_ptr batch[] = {c};
  result<void> outcomes[1];
  CAF_REQUIRE(to.write(batch, outcomes));
  CAF_REQUIRE(outcomes[0]);
}

gateway_fixture::gateway_fixture() {
  clock = std::make_shared<runtime::test_clock>(*parse_time("2026-12-01T09:00:00Z"));
  store = journal::make_memory_store();
  auto played = sys.spawn(played_router, this);
  with.reset(
      new gateway::services{.how = {},
                            .clock = clock,
                            .manual = clock,
                            .bot = example_bot(),
                            .store = store,
                            .router = played,
                            .people = played,
                            .broadcasts = played,
                            .prices = played,
                            .timers = played,
                            .reader = journal::spawn_reader(sys, store, false),
                            .slow_reader = journal::spawn_reader(sys, store, false),
                            .webhooks = played,
                            .streams = std::make_shared<gateway::hub>(),
                            .counted = std::make_shared<gateway::metrics>(gateway::routes().size()),
                            .tokens = gateway::token_office(secret, clock),
                            .api_key = api_key,
                            .kept = journal::answers_of(store)});
  via = std::make_unique<gateway::bridge>(
      sys, [this](std::function<void()> f) { work.push_back(std::move(f)); });
}

void gateway_fixture::settle() {
  for (deliver(); !work.empty(); deliver())
    while (!work.empty()) {
      auto next = std::move(work.front());
      work.pop_front();
      next();
    }
}

gateway::response gateway_fixture::ask(const asked_for& what) {
  gateway::request in;
  in.method = what.method;
  auto where = gateway::parse_target(what.path);
  CAF_REQUIRE(where);
  in.target = std::move(*where);
  if (!what.key.empty())
    in.authorization = "Bearer " + what.key;
  in.origin = what.origin;
  in.content_type = what.content_type;
  in.host = "gateway.test:8080";
  in.loopback = what.loopback;
  in.body = what.body;
  in.event_headers = what.event_headers;
  in.signature = what.signature;
  in.idempotency_key = what.idempotency_key;
  questions.clear();
  last = {};
  last.status = 0;
  gateway::dispatch(*with, *via, std::move(in),
                    [this](gateway::response r) { last = std::move(r); });
  settle();
  return last;
}

value body_of(const gateway::response& r) {
  auto v = gateway::parse_json(r.body);
  if (!v)
    CAF_FAIL("no JSON: " << r.body);
  return *v;
}

std::string text_at(const value& v, std::initializer_list<std::string_view> path) {
  auto at = &v;
  for (auto name : path)
    if (at)
      at = at->find(name);
  return at ? display(*at) : "(none)";
}

std::string header_of(const gateway::response& r, std::string_view name) {
  for (auto& [key, text] : r.headers)
    if (key == name)
      return text;
  return {};
}

std::vector<std::string> pointers_of(const gateway::response& r) {
  std::vector<std::string> out;
  auto v = body_of(r);
  if (auto errors = v.find("errors"); errors && errors->as_list())
    for (auto& e : *errors->as_list())
      out.push_back(text_at(e, {"pointer"}));
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace interject::test
