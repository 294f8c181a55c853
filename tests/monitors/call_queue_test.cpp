#define CAF_SUITE call_queue
#include "tests/support/caf_test.hpp"

#include "actors/monitors/call_queue.hpp"

using namespace interject;
using namespace interject::monitors;

namespace {

constexpr time_point start{};

/// All that may go or is turned away: "a1 b1 !c1".
std::string drain(call_queue& q, time_point now = start,
                  std::vector<std::uint64_t>* permits = nullptr) {
  std::string out;
  for (;;) {
    auto next = q.next(now);
    if (auto* go = std::get_if<call_queue::go>(&next)) {
      out += (out.empty() ? "" : " ") + go->id;
      if (permits)
        permits->push_back(go->permit);
    } else if (auto* away = std::get_if<call_queue::turned_away>(&next)) {
      out += (out.empty() ? "!" : " !") + away->id;
    } else {
      return out;
    }
  }
}

void put(call_queue& q, std::initializer_list<const char*> ids) {
  for (std::string id : ids)
    CAF_CHECK(!q.put(id.substr(0, 1), id));
}

} // namespace

CAF_TEST(hosts take turns and each keeps its order) {
  call_queue q;
  put(q, {"a1", "a2", "a3", "b1", "c1", "c2"});
  CAF_CHECK_EQUAL(drain(q), "a1 b1 c1 a2 c2 a3");
}

CAF_TEST(a host has its bound and the node has its own) {
  call_limits l;
  l.running = 3;
  l.running_per_host = 2;
  call_queue q(l);
  put(q, {"a1", "a2", "a3", "b1", "b2"});
  std::vector<std::uint64_t> permits;
  CAF_CHECK_EQUAL(drain(q, start, &permits), "a1 b1 a2");
  q.ended("a", permits[0], circuit_breaker::verdict::good, start);
  CAF_CHECK_EQUAL(drain(q), "b2");
  q.ended("b", permits[1], circuit_breaker::verdict::good, start);
  CAF_CHECK_EQUAL(drain(q), "a3");
  CAF_CHECK_EQUAL(q.running(), 3u);
  CAF_CHECK_EQUAL(q.waiting(), 0u);
}

CAF_TEST(more than may wait are refused with the reason) {
  call_limits l;
  l.waiting = 3;
  l.waiting_per_host = 2;
  call_queue q(l);
  put(q, {"a1", "a2"});
  CAF_CHECK_EQUAL(q.put("a", "a3"), std::string("too many calls wait for this host"));
  put(q, {"b1"});
  CAF_CHECK_EQUAL(q.put("c", "c1"), std::string("too many calls wait"));
  q.erase("a", "a1");
  put(q, {"c1"});
  CAF_CHECK_EQUAL(drain(q), "a2 b1 c1");
}

CAF_TEST(an open circuit turns away and a probe lets the rest through) {
  breaker_options b;
  b.failures = 1;
  b.rest = std::chrono::seconds(5);
  b.successes = 1;
  call_queue q({}, b);
  put(q, {"a1"});
  std::vector<std::uint64_t> permits;
  drain(q, start, &permits);
  q.ended("a", permits[0], circuit_breaker::verdict::bad, start);
  put(q, {"a2", "b1", "a3"});
  CAF_CHECK_EQUAL(drain(q, start + std::chrono::seconds(4)), "b1 !a2 !a3");
  put(q, {"a4", "a5"});
  permits.clear();
  CAF_CHECK_EQUAL(drain(q, start + std::chrono::seconds(5), &permits), "a4");
  CAF_CHECK(q.state_of("a", start + std::chrono::seconds(5)) == circuit_breaker::state::half_open);
  q.ended("a", permits[0], circuit_breaker::verdict::good, start + std::chrono::seconds(5));
  CAF_CHECK_EQUAL(drain(q, start + std::chrono::seconds(5)), "a5");
}

CAF_TEST(a host is what stands between the slashes) {
  for (auto& [url, host] : std::vector<std::pair<const char*, const char*>>{
           {"http://A.example/x", "a.example"},
           {"https://a.example:8443?x", "a.example:8443"},
           {"http://[::1]:81#x", "[::1]:81"},
           {"nonsense", ""}})
    CAF_CHECK_EQUAL(host_key(url), host);
}
