// The hot paths of the core, for callgrind to count their instructions: see count_instructions.mjs.
// Each function does its work `times` times; what it works on is made outside. Counts hardly depend
// on the machine or on what else it does.
#include "actors/conversation/turn.hpp"
#include "actors/delivery/decide.hpp"
#include "actors/dialog/conversation.hpp"
#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise.hpp"
#include "actors/monitors/price_index.hpp"
#include "benchmarks/orders.hpp"
#include "protocols/codec/binary.hpp"

#include <cstdio>
#include <cstdlib>

using namespace interject;

namespace {

constexpr int times = 100; // told to count_instructions.mjs on standard output
constexpr time_point start{std::chrono::hours(480'000)};

const dialog::bot_ptr bot = bench::orders_bot();
const delivery::policy policy = conversation::policy_of(*bot);
std::size_t seen = 0; ///< so that no work is optimised away

struct desk {
  conversation::state state;
  bool exists = false;
  std::uint64_t last_seq = 0;

  void give(const conversation::input& in) {
    conversation::outcome out;
    conversation::take({*bot, policy}, state, exists, last_seq, in, start, out);
    seen += out.said.size();
  }
};

conversation::input says(std::string text) {
  post_activity post;
  post.conversation = "0a1-count";
  post.activity.text = std::move(text);
  post.activity.from = "dl_ann";
  return post;
}

desk opened() {
  desk d;
  d.state.talk.id = "0a1-count";
  d.give(open_conversation{1, "0a1-count", "dl_ann", "Ann", "en", "directline"});
  return d;
}

dialog::conversation talk = [] {
  dialog::conversation c;
  c.id = "0a1-count";
  c.locale = "en";
  return c;
}();
const bench::order order = bench::make_order(1, 0, 0);
desk talking = opened();
const std::vector<conversation::input> inputs = [] {
  std::vector<conversation::input> out;
  for (auto& text : order.says)
    out.push_back(says(text));
  return out;
}();

const desk nested = [] { // two frames, five variables
  auto d = opened();
  d.give(says("nest"));
  return d;
}();
const std::string encoded = [] {
  std::string out;
  encode(out, nested.state);
  return out;
}();

const std::vector<dialog::choice_names> choices{
    {{"small", "little"}}, {{"medium", "middle"}}, {{"large", "big"}}};

monitors::price_index watched;

void arm(int watches) {
  watched.apply({"X", decimal::of(120), {}, {}}, start);
  for (int i = 0; i < watches; ++i)
    watched.arm({.id = "w" + std::to_string(i),
                 .symbol = "X",
                 .when = {watch_kind::falls_to, decimal::of(1 + i % 90)}},
                start);
}
time_point sampled = start;

} // namespace

// Their names are those of the table, without "hot_". extern "C" keeps them as they are.
#define HOT extern "C" __attribute__((noinline)) void
HOT hot_dialog_advance();
HOT hot_delivery_decide();
HOT hot_conversation_turn();
HOT hot_price_quiet_sample();
HOT hot_choice_match();
HOT hot_state_encode();
HOT hot_state_decode();

HOT hot_dialog_advance() {
  for (int i = 0; i < times; ++i) {
    auto moved =
        dialog::advance(*bot, std::move(talk),
                        dialog::said{order.says[static_cast<std::size_t>(i) % 5], {}}, start);
    talk = std::move(moved.after);
    seen += moved.effects.size();
  }
}

HOT hot_delivery_decide() {
  delivery::situation s;
  s.interacted = true;
  s.stack = delivery::stack_state::awaiting_input;
  s.since_wrote = s.since_question = std::chrono::seconds(60);
  notification n;
  n.id = "n1";
  n.created = start;
  n.text = {{"", "News."}};
  for (int i = 0; i < times; ++i)
    seen += decide(policy, s, n, start).rule.size();
}

HOT hot_conversation_turn() {
  for (int i = 0; i < times; ++i)
    talking.give(inputs[static_cast<std::size_t>(i) % 5]);
}

HOT hot_price_quiet_sample() {
  for (int i = 0; i < times; ++i)
    seen += watched
                .apply({"X", decimal::of(100 + i % 50), {}, {}},
                       sampled += std::chrono::milliseconds(1))
                .accepted;
}

HOT hot_choice_match() {
  for (int i = 0; i < times; ++i) {
    constexpr std::string_view text = "I would like a large one";
    seen += dialog::recognise_choice({text, dialog::fold(text)}, choices).value_or(0);
  }
}

HOT hot_state_encode() {
  for (int i = 0; i < times; ++i) {
    std::string out;
    encode(out, nested.state);
    seen += out.size();
  }
}

HOT hot_state_decode() {
  for (int i = 0; i < times; ++i) {
    conversation::state s;
    std::string_view in = encoded;
    seen += decode(in, s);
  }
}

int main() {
  arm(10'000);
  for (int round = 0; round < 2; ++round) { // what is done once is done in the first
    hot_dialog_advance();
    hot_delivery_decide();
    hot_conversation_turn();
    hot_price_quiet_sample();
    hot_choice_match();
    hot_state_encode();
    hot_state_decode();
  }
  std::printf("%d times\n", times);
  return seen == 0; // never: the work was done
}
