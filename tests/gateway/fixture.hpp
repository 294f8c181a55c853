// The gateway without sockets: requests go through the route table to a router that the test plays,
// and rows come from a memory store. Everything runs on the deterministic scheduler.
#pragma once

#include "actors/journal/journal_actor.hpp"
#include "gateway/json.hpp"
#include "gateway/routes.hpp"
#include "tests/support/caf_test.hpp"
#include "tests/support/fixture.hpp"

#include <deque>
#include <functional>

namespace interject::test {

inline const std::string api_key = "test-api-key-0123456789";
inline const std::string secret = "test-directline-secret-0123456789";

dialog::bot_ptr example_bot();
dialog::bot_ptr bot_of(std::string_view json);

/// A conversation with `said` activities, committed; after one commit of `before` of them, if any.
void commit_conversation(journal::store& to, const conversation_id& id,
                         const std::vector<std::string>& said, time_point now,
                         std::uint64_t before = 0);

struct gateway_fixture : actor_fixture {
  gateway_fixture();
  ~gateway_fixture() {
    via.reset(); // while `last` still takes answers
    deliver();   // and `questions` what is still on its way
  }

  struct asked_for {
    std::string method = "GET";
    std::string path;
    std::string body = {};
    std::string key = api_key;
    std::string content_type = "application/json";
    std::string origin = {};
    bool loopback = true;
    gateway::parameters event_headers = {};
    std::string signature = {};
    std::optional<std::string> idempotency_key = {};
  };
  /// Until nothing moves any more. An answer that is still missing has status 0.
  gateway::response ask(const asked_for& what);
  void settle();

  /// What the router, the prices and the timers were asked, and what they answer; nothing: they
  /// stay silent.
  std::vector<gateway::question> questions;
  std::function<std::optional<gateway::answer>(const gateway::question&)> on_question;
  template <class T> const T& asked(std::size_t i = 0) const {
    return std::get<T>(questions.at(i));
  }

  std::deque<std::function<void()>> work;
  std::shared_ptr<runtime::test_clock> clock;
  std::shared_ptr<journal::store> store;
  std::unique_ptr<gateway::services> with;
  std::unique_ptr<gateway::bridge> via;
  gateway::response last; ///< of the latest request, also when it came late
};

/// The body as a value; the test fails when it is no JSON.
value body_of(const gateway::response& r);
std::string text_at(const value& v, std::initializer_list<std::string_view> path);
std::string header_of(const gateway::response& r, std::string_view name);
/// The pointers of a problem's faults, sorted.
std::vector<std::string> pointers_of(const gateway::response& r);

} // namespace interject::test
