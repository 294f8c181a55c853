// Serves what is due: conversations that want waking, reminders, alarms of other monitors. One pending CAF timer at
// most, however many items; on a test clock none, as time moves by `advance_clock` alone.
//   in: wake_at, arm_reminder, disarm_reminder, set_alarm, advance_clock    out: wake, notify → router, alarm_rang
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/runtime/log.hpp"

#include <deque>
#include <unordered_set>

namespace interject::monitors {
namespace {

constexpr std::size_t max_unanswered = 256;
constexpr std::size_t max_advances = 64;
constexpr std::uint32_t max_serves_at_once = 1000; ///< of one item at one instant: a loop
/// The wall clock may be set, so that no wait is trusted for longer.
constexpr duration longest_nap = std::chrono::minutes(1);
constexpr duration answer_lost_after = std::chrono::seconds(5);
constexpr duration patience = std::chrono::seconds(10); ///< real time, for an answer on a test clock
constexpr duration longest_advance = std::chrono::hours(24 * 366 * 10);

struct item {
  enum class kind { wake, reminder, alarm } what = kind::wake;
  conversation_id conversation;
  std::optional<reminder_row> row;
  bool late = false;
  caf::actor_addr who; ///< weak: an alarm keeps nobody alive
  std::uint64_t token = 0;
  std::uint32_t tries = 0;
  interject::ticket ticket = 0; ///< of the last try; 0 when it was asked for anew since
  time_point served_at{};
  std::uint32_t served = 0; ///< how often at that instant
};

struct unanswered {
  std::string key;
  time_point since{};
};

struct advance {
  caf::response_promise answer;
  interject::ticket ticket = 0;
  duration by{};
  time_point target{};
};

struct timer_state {
  static inline const char* name = "interject.timer";
  runtime::clock_ptr clock;
  std::shared_ptr<runtime::test_clock> manual;
  caf::actor reader;
  caf::actor router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  std::unordered_set<std::string> touched; ///< before the rows were loaded: these know better
  timer_index index;
  std::unordered_map<std::string, item> items;
  std::unordered_map<interject::ticket, unanswered> in_flight;
  std::size_t ringing = 0; ///< alarms that their addressees have not yet handled
  interject::ticket last_ticket = 0;
  std::uint64_t alarms = 0;
  // real time
  std::uint64_t generation = 0;
  std::optional<time_point> nap_until;
  // test clock
  std::deque<advance> advances;
  std::uint64_t progress = 0;
  bool watched = false; ///< a stop_waiting is on its way
};
using self_ptr = caf::stateful_actor<timer_state>*;

void look(self_ptr self);

/// While the test clock moves, first whatever is in the mailbox already: it may ask for an earlier instant.
void look_soon(self_ptr self) {
  if (runtime::state(self).advances.empty())
    look(self);
  else
    runtime::send(self, self, timer_tick{0});
}

// ---- one item --------------------------------------------------------------------------------------------

void forget(timer_state& s, const std::string& key) {
  s.index.erase(key);
  s.items.erase(key);
}

void ring(self_ptr self, const item& it) {
  auto& s = runtime::state(self);
  auto who = caf::actor_cast<caf::actor>(it.who);
  if (!who)
    return;
  if (!s.manual)
    return runtime::send(self, who, alarm_rang{it.token});
  // The empty response says that it was handled, so that the clock stands still until then.
  ++s.ringing;
  auto handled = [self] {
    auto& st = runtime::state(self);
    --st.ringing;
    ++st.progress;
    look_soon(self);
  };
  runtime::request(self, who, patience, alarm_rang{it.token})
      .then([handled] { handled(); }, [handled](const caf::error&) { handled(); });
}

notify reminder_notice(const item& it, interject::ticket ticket) {
  auto& row = *it.row;
  auto what = firing_of(row.notify, origin::reminder, row.id, row.occurrence, row.due);
  what.late = it.late;
  return {ticket, row.conversation, row.user, std::move(what)};
}

void serve(self_ptr self, const std::string& key, time_point now) {
  auto& s = runtime::state(self);
  auto& it = s.items.at(key);
  if (it.what == item::kind::alarm) {
    auto alarm = std::move(it);
    s.items.erase(key);
    return ring(self, alarm);
  }
  it.served = it.served_at == now ? it.served + 1 : 1;
  it.served_at = now;
  if (it.served > max_serves_at_once) {
    runtime::log_error("timer.loop", "key={} asks to be served again and again at one instant", key);
    it.served = 0;
    s.index.put(key, now + std::chrono::seconds(1));
    return;
  }
  s.in_flight.erase(it.ticket);
  it.ticket = ++s.last_ticket;
  s.in_flight[it.ticket] = {key, now};
  // At least once: unless it is taken, it comes again.
  s.index.put(key, now + backoff(++it.tries));
  if (it.what == item::kind::wake)
    runtime::send(self, s.router, wake{it.ticket, it.conversation});
  else
    runtime::send(self, s.router, reminder_notice(it, it.ticket));
}

void answered(self_ptr self, interject::ticket ticket, bool settled) {
  auto& s = runtime::state(self);
  auto found = s.in_flight.find(ticket);
  if (found == s.in_flight.end())
    return;
  auto key = std::move(found->second.key);
  s.in_flight.erase(found);
  ++s.progress;
  if (auto it = s.items.find(key); it != s.items.end() && it->second.ticket == ticket && settled)
    forget(s, key);
  look_soon(self);
}

// ---- what is due -----------------------------------------------------------------------------------------

void serve_due(self_ptr self, time_point now) {
  auto& s = runtime::state(self);
  if (s.in_flight.size() >= max_unanswered)
    std::erase_if(s.in_flight, [&](auto& each) { return each.second.since + answer_lost_after <= now; });
  while (s.in_flight.size() < max_unanswered) {
    auto key = s.index.pop(now);
    if (!key)
      return;
    serve(self, *key, now);
  }
}

void nap(self_ptr self, time_point now) {
  auto& s = runtime::state(self);
  auto next = s.index.earliest();
  if (!next)
    return;
  auto until = std::clamp(*next, now, now + longest_nap);
  if (s.in_flight.size() >= max_unanswered)
    until = std::max(until, now + std::chrono::seconds(1));
  if (s.nap_until && *s.nap_until <= until)
    return;
  s.nap_until = until;
  runtime::delayed_send(self, self, until - now, timer_tick{++s.generation});
}

/// A new advance begins where the last one ended.
void begin_advance(timer_state& s) {
  auto& next = s.advances.front();
  next.target = s.clock->now() + next.by;
}

void wait_for_answers(self_ptr self) {
  auto& s = runtime::state(self);
  if (s.watched)
    return;
  s.watched = true;
  runtime::delayed_send(self, self, patience, stop_waiting{s.progress});
}

/// Moves the test clock to the next instant at which something is due, once everything before it was answered.
void step_clock(self_ptr self) {
  auto& s = runtime::state(self);
  if (s.advances.empty())
    return;
  if (!s.in_flight.empty() || s.ringing > 0)
    return wait_for_answers(self);
  auto& now = s.advances.front();
  if (auto next = s.index.earliest(); next && *next <= now.target) {
    s.manual->advance_to(*next);
    return look_soon(self);
  }
  s.manual->advance_to(now.target);
  now.answer.deliver(done{now.ticket});
  s.advances.pop_front();
  if (!s.advances.empty()) {
    begin_advance(s);
    look_soon(self);
  }
}

void look(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  auto now = s.clock->now();
  serve_due(self, now);
  if (s.manual)
    step_clock(self);
  else
    nap(self, now);
}

// ---- wishes ----------------------------------------------------------------------------------------------

void put_wake(timer_state& s, const conversation_id& id, time_point at) {
  auto key = "w" + id;
  auto& it = s.items[key];
  it.what = item::kind::wake;
  it.conversation = id;
  it.tries = 0;
  it.ticket = 0;
  s.index.put(key, at);
}

void put_reminder(timer_state& s, const reminder_row& row, bool late) {
  auto key = "r" + row.id;
  auto& it = s.items[key];
  if (it.row && it.row->occurrence == row.occurrence && it.tries > 0)
    return; // it has fired already and waits for its answer
  it.what = item::kind::reminder;
  it.row = row;
  it.late = late;
  it.tries = 0;
  it.ticket = 0;
  s.index.put(key, row.due);
}

void touch(timer_state& s, const std::string& key) {
  if (!s.begun)
    s.touched.insert(key);
}

void put_alarm(self_ptr self, const set_alarm& a) {
  auto& s = runtime::state(self);
  auto key = "a" + std::to_string(++s.alarms);
  item it;
  it.what = item::kind::alarm;
  it.who = caf::actor_cast<caf::actor_addr>(self->current_sender());
  it.token = a.token;
  s.items.emplace(key, std::move(it));
  s.index.put(key, a.at);
  look_soon(self);
}

void take_advance(self_ptr self, const advance_clock& a) {
  auto& s = runtime::state(self);
  auto promise = self->make_response_promise();
  auto refuse = [&](errc code, const char* why) { promise.deliver(refused{a.ticket, code, why}); };
  if (!s.manual)
    return refuse(errc::conflict, "the server does not run on a test clock");
  if (!s.begun)
    return refuse(errc::unavailable, "the timers have not begun");
  if (a.by < duration::zero() || a.by > longest_advance)
    return refuse(errc::invalid_fields, "by: between 0 and 10 years");
  if (s.advances.size() >= max_advances)
    return refuse(errc::busy, "too many advances wait");
  s.advances.push_back({promise, a.ticket, a.by, {}});
  if (s.advances.size() == 1) {
    begin_advance(s);
    look_soon(self);
  }
}

// ---- the beginning -----------------------------------------------------------------------------------------

void begin(self_ptr self, const begin_monitoring& b) {
  begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) {
    if (read_whole(rows.wakes, rows.failed, from.wakes()))
      read_pages(rows.reminders, rows.failed,
                 [&](const std::string& cursor) { return from.reminders("", load_page, cursor); });
  });
}

void take_rows(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  auto now = s.clock->now();
  if (refused_to_begin(s, rows))
    return;
  for (auto& [id, at] : rows.wakes)
    if (!s.touched.count("w" + id))
      put_wake(s, id, at);
  for (auto& row : rows.reminders)
    if (!s.touched.count("r" + row.id))
      put_reminder(s, row, row.due < now);
  s.touched.clear();
  say_begun(s);
  look(self);
}

void refuse_by(self_ptr self, const refused& r) {
  if (!worth_retrying(r.code))
    runtime::log_warn("timer.refused", "code={} why=\"{}\"", to_string(r.code), r.what);
  answered(self, r.ticket, !worth_retrying(r.code));
}

caf::behavior run_timer(self_ptr self, runtime::clock_ptr clock, caf::actor reader, timer_options how) {
  auto& s = runtime::state(self);
  s.clock = std::move(clock);
  s.reader = std::move(reader);
  s.manual = std::move(how.test_clock);
  return {
      [self](const begin_monitoring& b) { begin(self, b); },
      [self](const rows_loaded& l) { take_rows(self, *l.it); },
      [self](const wake_at& w) {
        auto& st = runtime::state(self);
        touch(st, "w" + w.conversation);
        if (w.at)
          put_wake(st, w.conversation, *w.at);
        else
          forget(st, "w" + w.conversation);
        look_soon(self);
      },
      [self](const arm_reminder& a) {
        touch(runtime::state(self), "r" + a.row.id);
        put_reminder(runtime::state(self), a.row, false);
        look_soon(self);
      },
      [self](const disarm_reminder& d) {
        touch(runtime::state(self), "r" + d.id);
        forget(runtime::state(self), "r" + d.id);
        look_soon(self);
      },
      [self](const set_alarm& a) { put_alarm(self, a); },
      [self](const advance_clock& a) { take_advance(self, a); },
      [self](const done& d) { answered(self, d.ticket, true); },
      [self](const decided& d) { answered(self, d.ticket, true); },
      [self](const refused& r) { refuse_by(self, r); },
      [self](timer_tick t) {
        auto& st = runtime::state(self);
        if (t.generation != 0) {
          if (t.generation != st.generation)
            return;
          st.nap_until.reset();
        }
        look(self);
      },
      [self](stop_waiting w) {
        auto& st = runtime::state(self);
        st.watched = false;
        if (w.generation == st.progress && !st.in_flight.empty()) {
          runtime::log_warn("timer.no_answer", "unanswered={} the test clock goes on", st.in_flight.size());
          st.in_flight.clear();
        }
        look(self);
      },
  };
}

} // namespace

caf::actor spawn_timer(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor reader, timer_options how) {
  return sys.spawn(run_timer, std::move(clock), std::move(reader), std::move(how));
}

} // namespace interject::monitors
