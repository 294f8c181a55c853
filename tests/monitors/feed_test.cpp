#define CAF_SUITE feed
#include "tests/support/caf_test.hpp"

#include "actors/monitors/feeds.hpp"
#include "tests/monitors/monitor_fixture.hpp"

using namespace interject;
using namespace interject::monitors;
using interject::test::at;
using interject::test::offset;
using std::chrono::seconds;

namespace {

feed_settings settings() {
  feed_settings s;
  s.name = "market";
  s.url = "http://127.0.0.1:1/quotes";
  s.every = seconds(5);
  s.items = "/quotes";
  s.symbol = "/id";
  s.price = "/last";
  s.time = "/t";
  s.seq = "/n";
  s.stale_after = seconds(30);
  s.stale_text = {{"", "{symbol}"}};
  return s;
}

std::string shown(const std::string& body, feed_settings how = settings()) {
  auto read = read_feed(how, body, *parse_time("2026-01-01T00:00:00Z"));
  if (!read)
    return read.error().what;
  std::string out;
  for (auto& s : read->samples) {
    out += s.symbol + "=" + to_string(s.price);
    if (s.at)
      out += "@" + format_time(*s.at);
    if (s.seq)
      out += "#" + std::to_string(*s.seq);
    out += " ";
  }
  return out + std::to_string(read->unusable);
}

/// Answers with what the test has prepared, at once.
class script final : public http_client {
public:
  std::uint64_t start(http_request what, callback done) override {
    asked.push_back(std::move(what));
    http_answer a = next;
    done(std::move(a));
    return asked.size();
  }
  void cancel(std::uint64_t) override {}

  std::vector<http_request> asked;
  http_answer next;
};

struct fixture : interject::test::monitor_fixture {
  fixture() {
    timer = keep(spawn_timer(sys, clock, reader, {clock}));
    CAF_REQUIRE_EQUAL(begin(timer), "done");
    prices = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const take_prices& t) {
                for (auto& s : t.samples)
                  got += offset(clock->now()) + " " + s.symbol + "=" + to_string(s.price) + ", ";
              },
              [this](const feed_went_stale& f) {
                got += offset(clock->now()) + " stale " + f.symbol + " since " + offset(f.since) +
                       ", ";
              }};
    });
    started.push_back(prices);
  }
  void start() {
    feed = keep(spawn_feed(sys, settings(), http, clock, timer, prices, {journal, reader}));
    CAF_REQUIRE_EQUAL(begin(feed), "done");
  }
  void answer(const std::string& body, std::string etag = {}) {
    http->next = {};
    http->next.how = http_answer::kind::answered;
    http->next.status = 200;
    http->next.body = body;
    http->next.etag = std::move(etag);
  }
  void advance(duration by) {
    caf::send_as(begun.address, timer, advance_clock{7, by});
    deliver();
  }
  std::string told() { return std::exchange(got, {}); }

  std::shared_ptr<script> http = std::make_shared<script>();
  caf::actor timer, prices, feed;
  std::string got;
};

} // namespace

CAF_TEST(what an answer says) {
  CAF_CHECK_EQUAL(
      shown(R"({"quotes": [{"id": "A", "last": 1.50}, {"id": 7, "last": "2.25", "n": 12}]})"),
      "A=1.5 7=2.25#12 0");
  CAF_CHECK_EQUAL(shown(R"({"quotes": [{"id": "A", "last": 1, "t": "2026-01-01T00:00:00Z"}]})"),
                  "A=1@2026-01-01T00:00:00.000Z 0");
  CAF_CHECK_EQUAL(
      shown(
          R"({"quotes": [{"id": "A", "last": 1, "t": 1767225600}, {"id": "B", "last": 1, "t": 1767225600000}]})"),
      "A=1@2026-01-01T00:00:00.000Z B=1@2026-01-01T00:00:00.000Z 0");
  CAF_CHECK_EQUAL(
      shown(
          R"({"quotes": [{"id": "A"}, {"last": 1}, {"id": "", "last": 1}, {"id": "A", "last": "much"}, 5]})"),
      "5");
  CAF_CHECK_EQUAL(shown(R"({"quotes": {"id": "A", "last": 1}})"), "A=1 0");
  CAF_CHECK_EQUAL(shown(R"({"quotes": []})"), "0");
  CAF_CHECK_EQUAL(shown(R"({"other": []})"), "the answer has no list where \"items\" points");
  CAF_CHECK_EQUAL(shown("<html>"), "the answer is no JSON");
  CAF_CHECK_EQUAL(
      shown(
          R"({"quotes": [{"id": "A", "last": 1, "n": 1767225600000}, {"id": "B", "last": 1, "n": "9223372036854775807"}, {"id": "C", "last": 1, "n": "x"}]})"),
      "A=1#1767225600000 B=1#9223372036854775807 C=1 0");
  // From a day ahead it would make all prices until then old ones.
  CAF_CHECK_EQUAL(
      shown(
          R"({"quotes": [{"id": "A", "last": 1, "t": "2026-01-02T00:00:00Z"}, {"id": "B", "last": 1, "t": "2026-01-02T00:00:00.001Z"}]})"),
      "A=1@2026-01-02T00:00:00.000Z 1");
  auto whole = settings();
  whole.items.clear();
  CAF_CHECK_EQUAL(shown(R"([{"id": "A", "last": 1}])", whole), "A=1 0");
}

CAF_TEST(pauses double up to a bound and spread) {
  auto how = settings();
  CAF_CHECK(feed_pause(how, 0, 1) == seconds(5));
  for (std::uint32_t failures = 1; failures < 40; ++failures) {
    auto full =
        std::min<duration>(seconds(5) * (1LL << std::min(failures, 20U)), std::chrono::minutes(10));
    auto pause = feed_pause(how, failures, failures);
    CAF_CHECK(pause <= full && pause >= full - full / 10);
  }
  how.every = std::chrono::hours(1);
  CAF_CHECK(feed_pause(how, 9, 1) > std::chrono::minutes(53)); // never more often than asked for
}

CAF_TEST_FIXTURE_SCOPE(feed_tests, fixture)

CAF_TEST(prices come at the interval) {
  answer(R"({"quotes": [{"id": "A", "last": 1}]})");
  start();
  CAF_CHECK_EQUAL(told(), "0 A=1, ");
  advance(seconds(5));
  CAF_CHECK_EQUAL(told(), "5 A=1, ");
  advance(seconds(5));
  CAF_CHECK_EQUAL(told(), "10 A=1, ");
}

CAF_TEST(a failed read is no sample and the next one waits longer) {
  start(); // unreachable
  CAF_CHECK_EQUAL(told(), "");
  advance(seconds(8));
  CAF_CHECK_EQUAL(http->asked.size(), 1u);
  advance(seconds(2));
  CAF_CHECK_EQUAL(http->asked.size(), 2u); // after 9 to 10 s
  answer("no JSON");
  advance(seconds(20));
  CAF_CHECK_EQUAL(http->asked.size(), 3u); // after 18 to 20 s
  answer(R"({"quotes": [{"id": "A", "last": 3}]})");
  advance(seconds(40));
  CAF_CHECK(told().find("A=3") != std::string::npos);
  auto before = http->asked.size();
  advance(seconds(5));
  CAF_CHECK_EQUAL(http->asked.size(), before + 1); // as before
}

CAF_TEST(an unchanged answer is asked for by its tag and is no sample) {
  answer(R"({"quotes": [{"id": "A", "last": 1}]})", "\"v1\"");
  start();
  http->next.status = 304;
  http->next.body.clear();
  told();
  advance(seconds(60));
  CAF_CHECK_EQUAL(told(), "");
  auto& headers = http->asked.back().headers;
  CAF_CHECK(headers.back().first == "If-None-Match" && headers.back().second == "\"v1\"");
}

CAF_TEST(a feed gone stale says so once until it comes back) {
  answer(R"({"quotes": [{"id": "A", "last": 1}, {"id": "B", "last": 2}]})");
  start();
  answer(R"({"quotes": [{"id": "B", "last": 2}]})");
  told();
  advance(seconds(29));
  CAF_CHECK(told().find("stale") == std::string::npos);
  advance(seconds(31));
  auto first = told();
  CAF_CHECK(first.find("30 stale A since 0, ") != std::string::npos);
  CAF_CHECK_EQUAL(first.find("stale"), first.rfind("stale"));
  answer(R"({"quotes": [{"id": "A", "last": 1}, {"id": "B", "last": 2}]})");
  advance(seconds(5));
  answer(R"({"quotes": [{"id": "B", "last": 2}]})");
  told();
  advance(seconds(60));
  CAF_CHECK(told().find("stale A since 65") != std::string::npos);
}

CAF_TEST(a source that repeats an old price or tells all too late is told once) {
  auto says = [&](int t) {
    answer(R"({"quotes": [{"id": "A", "last": 1, "t": ")" + format_time(at(t)) + R"("}]})");
  };
  says(0);
  start();
  advance(seconds(100)); // the same price again and again
  auto first = told();
  CAF_CHECK(first.find("30 stale A since 0, ") != std::string::npos);
  CAF_CHECK_EQUAL(first.find("stale"), first.rfind("stale"));
  for (int t = 10; t < 60; t += 5) { // newer ones, each of a minute and a half ago
    says(t);
    advance(seconds(5));
  }
  CAF_CHECK(told().find("stale") == std::string::npos);
  says(145); // now at 150
  advance(seconds(40));
  CAF_CHECK(told().find("175 stale A since 145, ") != std::string::npos);
}

CAF_TEST(a symbol is stale at its instant although its source rests for longer) {
  answer(R"({"quotes": [{"id": "A", "last": 1}]})");
  start();
  answer("no JSON");
  told();
  advance(seconds(29));
  CAF_CHECK_EQUAL(told(), "");
  CAF_CHECK_EQUAL(http->asked.size(), 3u); // at 0, 5 and about 15; next at about 35
  advance(seconds(1));
  CAF_CHECK_EQUAL(told(), "30 stale A since 0, ");
  CAF_CHECK_EQUAL(http->asked.size(), 3u);
}

CAF_TEST(what goes stale while nobody runs or over a restart is told once) {
  struct row {
    const char* name;
    int told_at, down_until; ///< seconds; the process is away from `told_at` on
    const char* before;      ///< told until then
    const char* body;        ///< what the source says afterwards
    const char* after;
  };
  constexpr int day = 24 * 3600;
  const char* failing = "no JSON";
  const char* with_a = R"({"quotes": [{"id": "A", "last": 2}]})";
  for (auto& r : std::vector<row>{
           {"stale while nobody ran", 10, 100, "", failing, "100 stale A since 0, "},
           {"exactly at the start", 10, 30, "", failing, "30 stale A since 0, "},
           {"a millisecond later would do", 10, 29, "", failing, "30 stale A since 0, "},
           {"told before, perhaps in vain", 40, 100, "30 stale A since 0, ", failing,
            "100 stale A since 0, "},
           {"told long before", 40, day + 30, "30 stale A since 0, ", failing, ""},
           {"it comes at once", 10, 100, "", with_a, "100 A=2, "},
           {"told before and it comes again", 40, 100, "30 stale A since 0, ", with_a, "100 A=2, "},
       }) {
    CAF_MESSAGE(r.name);
    fixture f;
    f.answer(R"({"quotes": [{"id": "A", "last": 1}]})");
    f.start();
    journal::commit c; // as the price monitor keeps it
    c.symbols = {{"A", decimal::of(1), at(0), {}}};
    f.write(c);
    f.answer(failing);
    f.told();
    f.advance(seconds(r.told_at));
    CAF_CHECK_EQUAL(f.told(), r.before);
    caf::anon_send_exit(f.feed, caf::exit_reason::kill);
    f.deliver();
    f.clock->advance_to(at(r.down_until));
    f.answer(r.body);
    f.start();
    f.advance(seconds(2));
    CAF_CHECK_EQUAL(f.told(), r.after);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
