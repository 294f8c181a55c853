// Enumerates the inputs of the rule by equivalence classes and compares every answer with the
// oracle: section A with one place, section B with an open admission, and a seeded sample of both
// crossed.
#define CAF_SUITE enumerate
#include "tests/support/caf_test.hpp"

#include "actors/delivery/rows.hpp"
#include "tests/delivery/inputs.hpp"
#include "tests/delivery/oracle.hpp"

#include <random>
#include <set>
#include <tuple>

using namespace interject;
using namespace interject::delivery;
using inputs::digits;
using inputs::start;
using namespace std::chrono_literals;

namespace {

constexpr std::array modes{delivery_mode::ad_hoc, delivery_mode::deferred, delivery_mode::interrupt,
                           delivery_mode::automatic};
constexpr std::array levels{urgency::passive, urgency::normal, urgency::time_sensitive,
                            urgency::critical};
/// Fresh, past the limit of `auto`, at the bound, in the second half of the margin, at expiry.
constexpr std::array<duration, 5> ages{0s, 700s, 900s, 950s, 1000s};

struct combination {
  situation s;
  notification n = inputs::news();
  time_point now{};
};

void set_notice(digits& d, combination& c) {
  c.n.mode = d.pick(modes);
  c.n.urgency = d.pick(levels);
  c.n.needs_answer = d.flag();
  c.n.returns = d.flag() ? return_mode::reset : return_mode::resume;
  c.now = start + d.pick(ages);
  c.s.queued = d.flag();
  c.s.queued_since.reset();
  if (c.s.queued)
    c.s.queued_since = start;
}

void set_admission(digits& d, combination& c) {
  auto& s = c.s;
  c.n.solicited = d.flag();
  s.seen = d.flag();
  s.retracted = d.flag();
  const int known = d.next(3);
  s.interacted = known == 1;
  s.consented = known == 2;
  s.muted = d.flag();
  s.cap_reached = d.flag();
  s.repeat_hit = d.flag();
  s.inhibited = d.flag();
  const int channel =
      d.next(6); // fine, unreachable, closed, closed with a template, either with another channel
  s.reachable = channel != 1 && channel != 4;
  s.window_open = channel < 2 || channel == 4;
  s.other_channel = channel >= 4;
  c.n.template_id = channel == 3 ? "price_alert" : "";
  const int quiet = d.next(4); // no, for an unknown time, until before expiry, until after it
  s.quiet = quiet > 0;
  s.quiet_until.reset();
  if (quiet > 1)
    s.quiet_until = c.n.created + (quiet == 2 ? 999s : 1000s);
  s.break_through = !d.flag();
  const int token = d.next(3);
  s.tokens = token == 0 ? 1 : 0;
  s.critical_token = token < 2;
  const int kind = d.next(3);
  s.progress = kind == 1;
  s.campaign = kind == 2;
}

/// Nothing there, shorter than the threshold by a millisecond, exactly at it.
std::optional<duration> around(int which, duration threshold) {
  if (which == 0)
    return std::nullopt;
  return which == 1 ? threshold - 1ms : threshold;
}

void set_place(digits& d, combination& c) {
  static constexpr std::array stacks{stack_state::empty, stack_state::awaiting_input,
                                     stack_state::awaiting_call, stack_state::boundary};
  static constexpr std::array steps{interruptible::anywhere, interruptible::boundary,
                                    interruptible::never};
  auto& s = c.s;
  s.stack = d.pick(stacks);
  s.step = d.pick(steps);
  static constexpr std::array<std::pair<int, urgency>, 7> insides{{{0, urgency::normal},
                                                                   {1, urgency::passive},
                                                                   {1, urgency::normal},
                                                                   {1, urgency::time_sensitive},
                                                                   {1, urgency::critical},
                                                                   {2, urgency::normal},
                                                                   {2, urgency::critical}}};
  std::tie(s.interrupters, s.interrupter_level) = d.pick(insides);
  s.call_cancellable = !d.flag();
  s.since_question = around(d.next(3), 15min);
  // Just typing, just not typing any more, silent almost and just long enough; wrote just now, long
  // ago, never.
  static constexpr std::array<duration, 4> typed{3s - 1ms, 3s, 15min - 1ms, 15min};
  s.since_typed = d.pick(typed);
  const int wrote = d.next(3);
  s.since_wrote.reset();
  if (wrote > 0)
    s.since_wrote = wrote == 1 ? 3s - 1ms : duration(15min);
  s.typing_waited = d.flag() ? 10s : 10s - 1ms;
  s.since_proactive = around(d.next(3), 5s);
}

struct seen_answers {
  std::set<std::string> rules;
  std::set<delivery_code> codes;
  std::uint64_t count = 0;
  std::uint64_t wrong = 0;
};

std::string describe(const combination& c, const verdict& v, const oracle::answer& want) {
  return rule_of(v) + " " + to_string(v.code) + ", expected " + want.rule + " " +
         to_string(want.code) + " for " + decide({}, c.s, c.n, c.now).inputs;
}

/// What every answer must satisfy, whichever row gave it; empty when it does.
const char* broken_promise(const combination& c, const verdict& v, const policy& p) {
  const bool waits = v.action == delivery_action::held || v.action == delivery_action::queued;
  const bool goes = v.action == delivery_action::sent || v.action == delivery_action::pushed;
  const bool may_be_pushed =
      v.code == delivery_code::abandoned || v.code == delivery_code::escalated_expiry;
  if (action_of(v.code) != v.action && !(may_be_pushed && v.action == delivery_action::pushed))
    return "the code is not of the action's family";
  if (waits == (*retry_of(v.code) == '\0'))
    return "what waits must say for what, and nothing else may";
  if (waits) {
    auto latest = latest_of(p, c.s, c.n, resolve(p, c.n, c.s.queued_since), v.code, c.now);
    if (latest <= c.now || latest > c.n.expires())
      return "held without an end";
  }
  const bool critical = c.n.urgency == urgency::critical;
  if (critical && v.action == delivery_action::dropped && v.row > 7)
    return "critical news dropped by a row that is not about the person or the notice";
  if (critical && (v.code == delivery_code::user_typing || v.code == delivery_code::spaced ||
                   v.code == delivery_code::quiet || v.code == delivery_code::step_protected))
    return "critical news waits where it must not";
  const bool in_question =
      c.s.stack == stack_state::awaiting_input || c.s.stack == stack_state::awaiting_call;
  if (goes && v.section == 'B' && v.row > 3 && in_question && c.s.step == interruptible::never &&
      !critical)
    return "a protected step was disturbed";
  if (v.action == delivery_action::pushed && v.at == stage::last && v.section == 'B')
    return "at half the margin only text goes";
  return nullptr;
}

void examine(const combination& c, seen_answers& all) {
  static const policy p;
  const auto v = judge(p, c.s, c.n, c.now, false);
  const auto want = oracle::expected(p, c.s, c.n, c.now);
  ++all.count;
  all.codes.insert(v.code);
  auto rule = rule_of(v);
  const char* broken = broken_promise(c, v, p);
  if (v.action != want.action || v.code != want.code || rule != want.rule || broken) {
    if (++all.wrong <= 10)
      CAF_ERROR((broken ? std::string(broken) + ": " : "") + describe(c, v, want));
  }
  all.rules.insert(std::move(rule));
}

template <class Set>
seen_answers enumerate(Set set, const combination& base, std::uint64_t stride = 1) {
  seen_answers all;
  digits probe(0);
  auto scratch = base;
  set(probe, scratch);
  for (std::uint64_t i = 0; i < probe.size(); i += stride) {
    auto c = &scratch;
    digits d(i);
    set(d, *c);
    examine(*c, all);
  }
  return all;
}

std::string listed(const std::set<std::string>& names) {
  std::string out;
  for (auto& name : names)
    out += name + " ";
  return out;
}

/// The sample of both sections crossed; the seed is fixed.
seen_answers crossed(std::uint64_t count) {
  std::mt19937_64 random(20261122);
  seen_answers all;
  combination c;
  for (std::uint64_t i = 0; i < count; ++i) {
    digits notice(random()), admission(random()), place(random());
    set_notice(notice, c);
    set_place(place, c);
    set_admission(admission, c);
    examine(c, all);
  }
  return all;
}

/// Codes that are decided outside the rows: by the queue, the conversation or its channel.
const std::set<delivery_code> made_elsewhere{delivery_code::parked, delivery_code::coalesced,
                                             delivery_code::superseded, delivery_code::queue_full,
                                             delivery_code::failed};

/// What placement can answer: each row plainly, at the bound and at half the margin; rows of the
/// ladder only where they can match.
std::set<std::string> rows_of_placement() {
  std::set<std::string> rows{"A2", "C-spacing"};
  for (std::string row : {"B1", "B2", "B3", "B4", "B5", "B6", "B7"}) {
    for (std::string stage : {"", "C-bound/", "C-last/"})
      rows.insert(stage + row);
  }
  for (std::string row :
       {"B2/ladder2", "B2/ladder5", "B2/ladder6", "B5/ladder2", "B5/ladder4", "B5/ladder5",
        "B5/ladder6", "B6/ladder4", "B6/ladder5", "B6/ladder6", "B7/ladder5", "B7/ladder6"}) {
    rows.insert(row);
    rows.insert("C-bound/" + row);
  }
  // Escalation waives the boundary row and typing; a call cannot run at a boundary or at a
  // question; B5/ladder3 needs a deeper limit than the default (placement_test.cpp).
  for (auto row : {"B2/ladder3", "B5/ladder1", "B6/ladder1", "B7/ladder1", "B7/ladder3"})
    rows.insert(row);
  return rows;
}

const combination known{inputs::at(stack_state::awaiting_input), inputs::news(), start};

void check_rows(const seen_answers& all, const std::set<std::string>& expected) {
  CAF_MESSAGE(all.count << " combinations");
  CAF_CHECK_EQUAL(all.wrong, 0u);
  CAF_CHECK_EQUAL(listed(all.rules), listed(expected));
}

} // namespace

CAF_TEST(every combination of the inputs of admission gets the one answer of its row) {
  auto all = enumerate(
      [](digits& d, combination& c) {
        c.n.urgency = d.pick(levels);
        c.now = start + (d.flag() ? 1000s : 0s);
        c.s.queued = d.flag();
        set_admission(d, c);
      },
      known);
  check_rows(all,
             {"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A9", "A10", "A11", "A12", "A13", "B7"});
}

CAF_TEST(every combination of the inputs of placement gets the one answer of its row) {
  auto all = enumerate(
      [](digits& d, combination& c) {
        set_notice(d, c);
        set_place(d, c);
      },
      known);
  check_rows(all, rows_of_placement());
}

CAF_TEST(a seeded sample of all inputs crossed agrees and reaches every code) {
  auto all = crossed(2'000'000);
  CAF_CHECK_EQUAL(all.wrong, 0u);
  std::string missing;
  for (int i = 0; i < delivery_code_count; ++i) {
    const auto code = static_cast<delivery_code>(i);
    if (made_elsewhere.count(code) == all.codes.count(code))
      missing += std::string(to_string(code)) + " ";
  }
  CAF_CHECK_EQUAL(missing, "");
}

CAF_TEST(a notice tried at its bound agrees with the oracle wherever it stands) {
  const policy p;
  std::uint64_t wrong = 0;
  digits probe(0);
  auto c = known;
  set_notice(probe, c);
  set_place(probe, c);
  for (std::uint64_t i = 0; i < probe.size(); i += 7) { // 7 divides no radix: every class is met
    digits d(i);
    set_notice(d, c);
    set_place(d, c);
    const auto v = judge(p, c.s, c.n, c.now, true);
    const auto want = oracle::expected(p, c.s, c.n, c.now, true);
    if ((v.action != want.action || v.code != want.code || rule_of(v) != want.rule) &&
        ++wrong <= 10)
      CAF_ERROR(describe(c, v, want));
  }
  CAF_CHECK_EQUAL(wrong, 0u);
}

CAF_TEST(what waits is looked at again by its latest instant and never at once) {
  const policy p;
  std::uint64_t wrong = 0, waiting = 0;
  std::mt19937_64 random(7);
  combination c;
  for (int i = 0; i < 200'000; ++i) {
    digits notice(random()), admission(random()), place(random());
    set_notice(notice, c);
    set_place(place, c);
    set_admission(admission, c);
    const auto d = decide(p, c.s, c.n, c.now);
    const bool waits = d.action == delivery_action::held || d.action == delivery_action::queued;
    wrong += waits != d.latest.has_value();
    if (!waits || !d.latest)
      continue;
    ++waiting;
    const auto again = look_again(p, c.s, d, c.now);
    wrong += again <= c.now || again > *d.latest;
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_GREATER(waiting, 10'000u);
}
