// What the hot paths work on is made once, before main; each function does its work so many times.
#include "benchmarks/hot_paths.hpp"

#include "actors/conversation/turn.hpp"
#include "actors/delivery/decide.hpp"
#include "actors/dialog/conversation.hpp"
#include "actors/dialog/expression.hpp"
#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise.hpp"
#include "actors/monitors/price_index.hpp"
#include "actors/person/filter.hpp"
#include "benchmarks/filter_work.hpp"
#include "benchmarks/orders.hpp"
#include "protocols/codec/binary.hpp"
#include "protocols/recurrence.hpp"

using namespace interject;

namespace {

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
[[maybe_unused]] const bool armed = [] {
  watched.apply({"X", decimal::of(120), {}, {}}, start);
  for (int i = 0; i < 10'000; ++i)
    watched.arm({.id = "w" + std::to_string(i),
                 .symbol = "X",
                 .when = {watch_kind::falls_to, decimal::of(1 + i % 90)}},
                start);
  return true;
}();
time_point sampled = start;

const person::filter filter = [] {
  std::vector<person::filter_fault> faults;
  return person::read_filter(bench::as_spec(bench::make_filter(1, 0)), faults);
}();
const person::profile someone = [] {
  person::profile p;
  for (auto& [name, is] : bench::as_attributes(bench::make_person(1, 0)))
    p.values.emplace_back("attr." + name, is);
  return p;
}();

struct one_price final : dialog::variables {
  const value* get(std::uint32_t slot) const override { return slot == 0 ? &price : nullptr; }
  value price = decimal::of(158);
} const price_is_158;
const dialog::expression condition = [] {
  dialog::expression_fault fault;
  return *dialog::expression::parse(
      "price < 160 && price * 2 > 300",
      [](auto) {
        return dialog::resolved_name{0, 1};
      },
      fault);
}();

const recurrence every_workday = *recurrence::parse(
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0", "Europe/London", start);
time_point recurred = start;

} // namespace

#define HOT extern "C" void

HOT hot_dialog_advance(int times) {
  for (int i = 0; i < times; ++i) {
    auto moved =
        dialog::advance(*bot, std::move(talk),
                        dialog::said{order.says[static_cast<std::size_t>(i) % 5], {}}, start);
    talk = std::move(moved.after);
    seen += moved.effects.size();
  }
}

HOT hot_delivery_decide(int times) {
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

HOT hot_conversation_turn(int times) {
  for (int i = 0; i < times; ++i)
    talking.give(inputs[static_cast<std::size_t>(i) % 5]);
}

HOT hot_price_quiet_sample(int times) {
  for (int i = 0; i < times; ++i)
    seen += watched
                .apply({"X", decimal::of(100 + i % 50), {}, {}},
                       sampled += std::chrono::milliseconds(1))
                .accepted;
}

HOT hot_choice_match(int times) {
  for (int i = 0; i < times; ++i) {
    constexpr std::string_view text = "I would like a large one";
    seen += dialog::recognise_choice({text, dialog::fold(text)}, choices).value_or(0);
  }
}

HOT hot_state_encode(int times) {
  for (int i = 0; i < times; ++i) {
    std::string out;
    encode(out, nested.state);
    seen += out.size();
  }
}

HOT hot_state_decode(int times) {
  for (int i = 0; i < times; ++i) {
    conversation::state s;
    std::string_view in = encoded;
    seen += decode(in, s);
  }
}

HOT hot_filter_match(int times) {
  for (int i = 0; i < times; ++i)
    seen += person::matches(filter, someone);
}

HOT hot_expression_evaluate(int times) {
  for (int i = 0; i < times; ++i)
    seen += condition.holds(price_is_158);
}

HOT hot_recurrence_next(int times) {
  for (int i = 0; i < times; ++i)
    recurred = every_workday.after(recurred).value_or(start);
}

namespace interject::bench {

std::span<const hot_path> hot_paths() {
  static constexpr hot_path all[] = {
      {"dialog_advance", hot_dialog_advance},
      {"delivery_decide", hot_delivery_decide},
      {"conversation_turn", hot_conversation_turn},
      {"price_quiet_sample", hot_price_quiet_sample},
      {"choice_match", hot_choice_match},
      {"state_encode", hot_state_encode},
      {"state_decode", hot_state_decode},
      {"filter_match", hot_filter_match},
      {"expression_evaluate", hot_expression_evaluate},
      {"recurrence_next", hot_recurrence_next},
  };
  return all;
}

std::size_t work_seen() {
  return seen;
}

} // namespace interject::bench
