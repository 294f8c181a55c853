// A turn's conversation without its actor. Include after caf_test.hpp.
#pragma once

#include "actors/conversation/turn.hpp"
#include "tests/support/bots.hpp"

#include <string>
#include <utility>
#include <vector>

namespace interject::test {

using namespace interject::conversation;

/// One conversation, driven by hand: what would be committed is collected as it is said.
struct desk {
  dialog::bot_ptr bot;
  delivery::policy policy = policy_of(*bot);
  state now_is;
  bool exists = false;
  std::uint64_t last_seq = 0;
  time_point now{std::chrono::sys_days{std::chrono::January / 5 / 2026} + std::chrono::hours(12)};
  outcome out;
  std::vector<std::string> transcript;
  int notices = 0;

  explicit desk(std::string_view json = travel_bot()) : bot(bot_of(json)) {
    now_is.talk.id = "0a1-test";
    give(open_conversation{1, "0a1-test", "dl_ann", "Ann", "en", "directline"});
  }

  answer give(input in) {
    out = {};
    auto a = take({*bot, policy}, now_is, exists, last_seq, in, now, out);
    for (auto& s : out.said)
      if (auto* u = std::get_if<utterance>(&s.what))
        transcript.push_back((u->proactive ? "! " : "") + u->text);
      else
        transcript.push_back("> " + std::get<incoming_activity>(s.what).text);
    return a;
  }

  answer say(std::string text) {
    incoming_activity a;
    a.text = std::move(text);
    a.from = "dl_ann";
    return give(post_activity{2, "0a1-test", a});
  }

  notification notice(delivery_mode mode, std::string text = "News.") {
    notification n;
    n.id = "n" + std::to_string(++notices);
    n.mode = mode;
    n.created = now;
    n.text = {{"", std::move(text)}};
    return n;
  }
  notification offer() {
    auto n = notice(delivery_mode::interrupt, "");
    n.text.clear();
    n.dialog = "hotel_offer";
    n.needs_answer = true;
    n.dialog_params = {{"price", value(158)}};
    return n;
  }

  decision tell(notification n) {
    auto a = give(notify{3, "0a1-test", "", std::move(n)});
    CAF_REQUIRE(std::holds_alternative<decided>(a));
    return std::get<decided>(a).what;
  }

  void pass(duration d) {
    now += d;
    give(wake{4, "0a1-test"});
  }
  /// As the timers do: in order, at each wish.
  void pass_in_steps(duration d) {
    for (auto end = now + d;;) {
      auto next = next_wake({*bot, policy}, now_is);
      if (!next || *next > end) {
        now = end;
        return;
      }
      now = std::max(now, *next);
      give(wake{4, "0a1-test"});
    }
  }

  std::vector<std::string> heard() { return std::exchange(transcript, {}); }
};

} // namespace interject::test
