#define CAF_SUITE recogniser
#include "tests/support/caf_test.hpp"

#include "actors/monitors/recogniser.hpp"
#include "tests/monitors/fake_http.hpp"
#include "tests/monitors/monitor_fixture.hpp"

using namespace interject;
using namespace interject::monitors;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct fixture : interject::test::monitor_fixture {
  fixture() { it = keep(spawn_recogniser(sys, http, clock)); }

  void ask(const std::string& text) {
    caf::send_as(
        asker.address, it,
        recognise{text, "c1|1", "http://127.0.0.1:5005/model/parse", milliseconds(500), 0.5});
    deliver();
  }
  /// Of all questions so far, in the order of the answers: "book_trip", or "-" for none.
  std::string answers() {
    std::string out;
    for (auto& r : asker.of<recognised>())
      out += (out.empty() ? "" : " ") +
             (r.it ? (r.it->intents.empty() ? "none" : r.it->intents.front()) : "-");
    return out;
  }

  std::shared_ptr<interject::test::fake_http> http = std::make_shared<interject::test::fake_http>();
  inbox<recognised> asker = spawn_inbox<recognised>();
  caf::actor it;
};

const char* book_trip = R"({"intent": {"name": "book_trip", "confidence": 0.9}, "entities": []})";

} // namespace

CAF_TEST_FIXTURE_SCOPE(recogniser_tests, fixture)

CAF_TEST(a question goes out as rasa takes it and comes back understood) {
  ask("to \"Paris\"");
  CAF_REQUIRE_EQUAL(http->started.size(), 1u);
  auto& sent = http->started[0];
  CAF_CHECK_EQUAL(sent.method + " " + sent.url, "POST http://127.0.0.1:5005/model/parse");
  CAF_CHECK_EQUAL(sent.body, R"({"text":"to \"Paris\"","message_id":"c1|1"})");
  CAF_CHECK(sent.timeout == milliseconds(500));
  CAF_CHECK_EQUAL(sent.hosts, std::vector<std::string>{"127.0.0.1:5005"});
  http->answer(0, 200, book_trip);
  deliver();
  CAF_CHECK_EQUAL(answers(), "book_trip");
}

CAF_TEST(whatever goes wrong is an answer without meaning) {
  for (int i = 0; i < 4; ++i)
    ask("x");
  http->answer(0, 500);
  http->answer(1, 200, "<html>");
  http->fail(2, http_answer::kind::timed_out, "no answer within 500ms");
  http->answer(3, 200, R"({"intent": {"name": "x", "confidence": 0.1}})");
  deliver();
  CAF_CHECK_EQUAL(answers(), "- - - none");
}

CAF_TEST(one that keeps failing is left alone for a while) {
  for (std::size_t i = 0; i < 5; ++i) {
    ask("x");
    http->fail(i, http_answer::kind::unreachable, "no connection");
    deliver();
  }
  ask("x");
  CAF_CHECK_EQUAL(answers(), "- - - - - -");
  CAF_CHECK_EQUAL(http->started.size(), 5u);
  clock->advance_to(clock->now() + seconds(5));
  ask("x");
  CAF_REQUIRE_EQUAL(http->started.size(), 6u);
  http->answer(5, 200, book_trip);
  deliver();
  CAF_CHECK_EQUAL(answers(), "- - - - - - book_trip");
}

CAF_TEST(who would wait for long is answered at once) {
  for (int i = 0; i < 129; ++i)
    ask("x");
  CAF_CHECK_EQUAL(http->started.size(), 64u);
  CAF_CHECK_EQUAL(answers(), "-");
  http->answer(0, 200, book_trip);
  deliver();
  CAF_CHECK_EQUAL(http->started.size(), 65u);
}

CAF_TEST_FIXTURE_SCOPE_END()
