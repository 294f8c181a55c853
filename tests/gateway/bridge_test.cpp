#define CAF_SUITE bridge
#include "tests/gateway/fixture.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {
struct bridge_fixture : test::gateway_fixture {};

interject::notify anything() {
  interject::notify n;
  n.what.id = "n-1";
  return n;
}
} // namespace

CAF_TEST_FIXTURE_SCOPE(bridge_tests, bridge_fixture)

CAF_TEST(each answer finds its question whatever their order) {
  std::vector<std::string> got;
  on_question = [](const question& q) -> std::optional<answer> {
    return opened{0, std::get<open_conversation>(q).conversation, true};
  };
  for (auto id : {"a", "b", "c"}) {
    open_conversation open;
    open.conversation = id;
    via->ask(with->router, open, std::chrono::seconds(1), [&got, id](answer a) {
      got.push_back(std::string(id) + "=" + std::get<opened>(a).conversation);
    });
  }
  CAF_CHECK_EQUAL(via->pending(), 3u);
  settle();
  CAF_CHECK_EQUAL(got, (std::vector<std::string>{"a=a", "b=b", "c=c"}));
  CAF_CHECK_EQUAL(via->pending(), 0u);
}

CAF_TEST(what is not answered in time is given up once and a late answer is dropped) {
  std::vector<errc> got;
  via->ask(with->router, anything(), std::chrono::seconds(1),
           [&](answer a) { got.push_back(std::get<refused>(a).code); });
  settle();
  auto now = std::chrono::steady_clock::now();
  via->tick(now);
  CAF_CHECK(got.empty());
  via->tick(now + std::chrono::seconds(2));
  CAF_REQUIRE_EQUAL(got.size(), 1u);
  CAF_CHECK(got[0] == errc::timed_out);
  auto sender = questions.at(0);
  via->tick(now + std::chrono::seconds(9));
  CAF_CHECK_EQUAL(got.size(), 1u);
}

CAF_TEST(more questions than the bound are refused at once) {
  std::size_t refused_now = 0;
  for (std::size_t i = 0; i < bridge::usual_bound + 3; ++i)
    via->ask(with->router, anything(), std::chrono::seconds(1),
             [&](answer a) { refused_now += std::get<refused>(a).code == errc::unavailable; });
  CAF_CHECK_EQUAL(refused_now, 3u);
}

CAF_TEST(a read above the bound says that it was refused) {
  for (std::size_t i = 0; i < bridge::usual_bound; ++i)
    via->ask(with->router, anything(), std::chrono::seconds(1), [](answer) {});
  std::optional<errc> why;
  via->read(
      with->reader, [](journal::reader& rows) { return rows.load("0a1-x"); },
      [&](result<std::optional<journal::conversation_row>> row) { why = row.error().code; });
  CAF_CHECK(why == errc::unavailable);
}

CAF_TEST(what is told takes no place among the questions) {
  std::size_t told = 0;
  on_question = [&](const question&) -> std::optional<answer> {
    ++told;
    return std::nullopt;
  };
  for (std::size_t i = 0; i < bridge::usual_bound + 3; ++i)
    via->tell(with->router, wake{0, "0a1-x"});
  CAF_CHECK_EQUAL(via->pending(), 0u);
  deliver();
  CAF_CHECK_EQUAL(told, bridge::usual_bound + 3);
}

CAF_TEST(while the network thread is late a part of what people say is refused and nothing else) {
  auto now = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i)
    via->tick(now, bridge::usual_wait * 3);
  int refused_posts = 0, refused_others = 0;
  for (int i = 0; i < 100; ++i) {
    via->ask(with->router, interject::post_activity{}, std::chrono::seconds(1),
             [&](answer a) { refused_posts += std::get<refused>(a).code == errc::unavailable; });
    via->ask(with->router, anything(), std::chrono::seconds(1), [&](answer) { ++refused_others; });
  }
  auto refused_late = refused_posts;
  CAF_CHECK_EQUAL(refused_late, 100 - static_cast<int>(admission::few));
  CAF_CHECK(!via->admits());
  CAF_CHECK_EQUAL(refused_others, 0);
  for (int i = 0; i < 50; ++i)
    via->tick(now);
  via->ask(with->router, interject::post_activity{}, std::chrono::seconds(1),
           [&](answer) { ++refused_posts; });
  CAF_CHECK_EQUAL(refused_posts, refused_late);
}

CAF_TEST(a read runs on committed rows and comes back here) {
  test::commit_conversation(*store, "0a1-x", {"{}", "{}"}, clock->now());
  std::uint64_t seq = 0;
  via->read(
      with->reader, [](journal::reader& rows) { return rows.load("0a1-x"); },
      [&](result<std::optional<journal::conversation_row>> row) { seq = (*row)->last_seq; });
  CAF_CHECK_EQUAL(seq, 0u);
  settle();
  CAF_CHECK_EQUAL(seq, 2u);
}

CAF_TEST(answers that come after the bridge has gone are dropped) {
  bool called = false;
  on_question = [](const question&) -> std::optional<answer> { return done{}; };
  via->ask(with->router, anything(), std::chrono::seconds(1), [&](answer) { called = true; });
  deliver();
  via.reset();
  settle();
  CAF_CHECK(!called);
}

CAF_TEST_FIXTURE_SCOPE_END()
