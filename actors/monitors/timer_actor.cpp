// Serves what is due: conversations that want waking, reminders, alarms of other monitors. One
// pending CAF timer at most, however many items; on a test clock none, as time moves by
// `advance_clock` alone. Of the reminders only those of the next window are in memory; the others
// sleep in the store, in the order in which they are due.
//   in: wake_at, arm_reminder, disarm_reminder, set_alarm, advance_clock    out: wake, notify →
//   router, alarm_rang
#include "actors/journal/cursor.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/reminder_rows.hpp"
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
/// In real time what comes due between two such instants is served together at the later one: one
/// wake-up, however many. Lateness by this much at most is what that costs.
constexpr duration beat = std::chrono::milliseconds(10);
constexpr duration answer_lost_after = std::chrono::seconds(5);
constexpr duration patience =
    std::chrono::seconds(10); ///< real time, for an answer on a test clock
constexpr duration window = std::chrono::minutes(10);
constexpr std::size_t window_rows =
    20'000; ///< reminders read at once; more than half of them in memory: none are
constexpr auto written_within =
    std::chrono::minutes(1); ///< the journal always answers; this bounds a failure
constexpr duration longest_advance = std::chrono::hours(24 * 366 * 10);

struct item {
  enum class kind { wake, reminder, alarm, flush } what = kind::wake;
  conversation_id conversation;
  std::optional<reminder_row> row;
  bool late = false;
  std::optional<time_point> next; ///< a recurring one's next occurrence, once this one was served
  caf::actor_addr who;            ///< weak: an alarm keeps nobody alive
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
  caf::actor journal; ///< null: recurring reminders stay as they are
  caf::actor router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  time_point began{};
  bool loading = false;
  std::unordered_set<std::string> touched; ///< while rows are loaded: these know better
  std::string cursor;                      ///< behind the last reminder that was read
  time_point covered{};                    ///< reminders that are due until then are in memory
  std::size_t reminders = 0;               ///< in memory
  std::unordered_map<std::string, reminder_row> dirty; ///< to write
  bool writing = false;
  std::uint32_t failures = 0; ///< commits in a row
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

/// On a test clock each instant is its own beat.
time_point beat_before(const timer_state& s, time_point t) {
  return s.manual ? t : time_point(t.time_since_epoch() - t.time_since_epoch() % beat);
}
time_point beat_after(const timer_state& s, time_point t) {
  auto before = beat_before(s, t);
  return before == t ? t : before + beat;
}

/// While the test clock moves, first whatever is in the mailbox already: it may ask for an earlier
/// instant.
void look_soon(self_ptr self) {
  if (runtime::state(self).advances.empty())
    look(self);
  else
    runtime::send(self, self, timer_tick{0});
}

// ---- one item
// --------------------------------------------------------------------------------------------

void forget(timer_state& s, const std::string& key) {
  s.index.erase(key);
  auto it = s.items.find(key);
  if (it == s.items.end())
    return;
  s.reminders -= it->second.what == item::kind::reminder;
  s.items.erase(it);
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

notify reminder_notice(item& it, interject::ticket ticket, time_point now) {
  auto& row = *it.row;
  auto fired = fire(row, it.late, now);
  it.next = fired.next;
  return {ticket, row.conversation, row.user, std::move(fired.what)};
}

void flush(self_ptr self);

void serve(self_ptr self, const std::string& key, time_point now) {
  auto& s = runtime::state(self);
  auto& it = s.items.at(key);
  if (it.what == item::kind::alarm) {
    auto alarm = std::move(it);
    s.items.erase(key);
    return ring(self, alarm);
  }
  if (it.what == item::kind::flush) {
    s.items.erase(key);
    return flush(self);
  }
  it.served = it.served_at == now ? it.served + 1 : 1;
  it.served_at = now;
  if (it.served > max_serves_at_once) {
    runtime::log_error("timer.loop", "key={} asks to be served again and again at one instant",
                       key);
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
    runtime::send(self, s.router, reminder_notice(it, it.ticket, now));
}

void put_reminder(timer_state& s, const reminder_row& row, bool late);
void go_on(self_ptr self, reminder_row row, time_point next);

/// `settled`: it need not be told again; `taken`: nor was it refused.
void answered(self_ptr self, interject::ticket ticket, bool settled, bool taken) {
  auto& s = runtime::state(self);
  auto found = s.in_flight.find(ticket);
  if (found == s.in_flight.end())
    return;
  auto key = std::move(found->second.key);
  s.in_flight.erase(found);
  ++s.progress;
  if (auto it = s.items.find(key); it != s.items.end() && it->second.ticket == ticket && settled) {
    auto next = it->second.next;
    auto row = std::move(it->second.row);
    forget(s, key);
    if (taken && row && next)
      go_on(self, *std::move(row), *next);
  }
  look_soon(self);
}

// ---- recurring reminders
// ---------------------------------------------------------------------------------

/// Writes what has moved on, all at once; again later when that fails. A reminder that is read back
/// unmoved fires anew under the id that it had, and its conversation knows that.
void flush(self_ptr self) {
  auto& s = runtime::state(self);
  if (s.writing || s.dirty.empty() || !s.journal)
    return;
  auto rows = std::make_shared<journal::commit>();
  rows->at = s.clock->now();
  for (auto& [id, row] : s.dirty)
    rows->reminders.push_back(row);
  s.writing = true;
  auto end = [self, rows](bool ok) {
    auto& st = runtime::state(self);
    st.writing = false;
    if (ok) {
      st.failures = 0;
      for (auto& row : rows->reminders)
        if (auto it = st.dirty.find(row.id);
            it != st.dirty.end() && it->second.occurrence == row.occurrence)
          st.dirty.erase(it);
      flush(self);
    } else {
      runtime::log_warn("timer.commit_failed", "reminders={}", rows->reminders.size());
      item again;
      again.what = item::kind::flush;
      st.items["!"] = std::move(again);
      st.index.put("!", st.clock->now() + backoff(++st.failures));
    }
    ++st.progress;
    look_soon(self);
  };
  runtime::request(self, s.journal, written_within, journal::write_commit{rows})
      .then([end](const journal::committed& c) { end(c.ok); },
            [end](const caf::error&) { end(false); });
}

void go_on(self_ptr self, reminder_row row, time_point next) {
  auto& s = runtime::state(self);
  row.due = next;
  ++row.occurrence;
  s.dirty[row.id] = row;
  if (row.due <= s.covered)
    put_reminder(s, row, false);
  flush(self);
}

// ---- what is due
// -----------------------------------------------------------------------------------------

void serve_due(self_ptr self, time_point now) {
  auto& s = runtime::state(self);
  if (s.in_flight.size() >= max_unanswered)
    std::erase_if(s.in_flight,
                  [&](auto& each) { return each.second.since + answer_lost_after <= now; });
  auto until = beat_before(s, now);
  while (s.in_flight.size() < max_unanswered) {
    auto key = s.index.pop(until);
    if (!key)
      return;
    serve(self, *key, now);
  }
}

/// On the reader's thread: the reminders that are due until then, behind the cursor, as many as
/// fit.
void read_window(journal::reader& from, loaded_rows& rows, time_point until,
                 const std::string& cursor) {
  auto page = from.reminders_due(until, window_rows, cursor);
  if (!page) {
    rows.failed = page.error();
    return;
  }
  rows.reminders = std::move(page->items);
  rows.covered = page->next.empty() ? until : rows.reminders.back().due;
  rows.cursor = page->next.empty() ? journal::due_cursor({until, INT64_MAX}) : page->next;
}

/// Reads the reminders of the next window, when there is room for them.
void load_window(self_ptr self, time_point until) {
  auto& s = runtime::state(self);
  if (s.loading || s.reminders > window_rows / 2 || s.covered >= until)
    return;
  s.loading = true;
  load_rows(s.reader, caf::actor_cast<caf::actor>(self),
            [until, from_there = s.cursor](journal::reader& from, loaded_rows& rows) {
              read_window(from, rows, until, from_there);
            });
}

void nap(self_ptr self, time_point now) {
  auto& s = runtime::state(self);
  if (s.covered < now + window / 2)
    load_window(self, now + window);
  auto next = beat_after(s, s.index.earliest().value_or(now + longest_nap));
  auto until = std::clamp(next, now, now + longest_nap);
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

/// Moves the test clock to the next instant at which something is due, once everything before it
/// was answered.
void step_clock(self_ptr self) {
  auto& s = runtime::state(self);
  if (s.advances.empty())
    return;
  if (!s.in_flight.empty() || s.ringing > 0)
    return wait_for_answers(self);
  if (s.writing || s.loading)
    return;
  auto& now = s.advances.front();
  if (auto next = s.index.earliest(); s.covered < now.target && (!next || *next > s.covered))
    return load_window(self, now.target);
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

// ---- wishes
// ----------------------------------------------------------------------------------------------

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
  s.reminders += it.what != item::kind::reminder;
  it.what = item::kind::reminder;
  it.row = row;
  it.next.reset();
  it.late = late;
  it.tries = 0;
  it.ticket = 0;
  s.index.put(key, row.due);
}

void touch(timer_state& s, const std::string& key) {
  if (!s.begun || s.loading)
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

// ---- the beginning
// -----------------------------------------------------------------------------------------

void begin(self_ptr self, const begin_monitoring& b) {
  auto until = runtime::state(self).clock->now() + window;
  begin_with_rows(self, b, [until](journal::reader& from, loaded_rows& rows) {
    if (read_whole(rows.wakes, rows.failed, from.wakes()))
      read_window(from, rows, until, {});
  });
}

/// What came due while nobody ran fires once, late, or is passed over.
void take_reminder(self_ptr self, const reminder_row& row) {
  auto& s = runtime::state(self);
  if (s.touched.count("r" + row.id) || s.dirty.count(row.id))
    return;
  bool missed = row.due < s.began;
  if (missed && row.misfire == misfire_policy::skip)
    if (auto next = occurrence_after(row, s.began))
      return go_on(self, row, *next);
  put_reminder(s, row, missed);
}

void take_window(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  s.loading = false;
  for (auto& row : rows.reminders)
    take_reminder(self, row);
  s.touched.clear();
  s.cursor = rows.cursor;
  s.covered = rows.covered;
}

void take_rows(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  auto now = s.clock->now();
  if (refused_to_begin(s, rows))
    return;
  for (auto& [id, at] : rows.wakes)
    if (!s.touched.count("w" + id))
      put_wake(s, id, at);
  s.began = now;
  take_window(self, rows);
  say_begun(s);
  look(self);
}

void take_loaded(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return take_rows(self, rows);
  if (!rows.failed) {
    take_window(self, rows);
    ++s.progress;
    return look_soon(self);
  }
  // The nap that comes tries again; an advance of the test clock must not hang.
  runtime::log_warn("timer.load_failed", "why=\"{}\"", rows.failed->what);
  s.loading = false;
  s.touched.clear();
  if (s.manual && !s.advances.empty())
    s.covered = s.advances.front().target;
  look_soon(self);
}

void refuse_by(self_ptr self, const refused& r) {
  if (!worth_retrying(r.code))
    runtime::log_warn("timer.refused", "code={} why=\"{}\"", to_string(r.code), r.what);
  answered(self, r.ticket, !worth_retrying(r.code), false);
}

caf::behavior run_timer(self_ptr self, runtime::clock_ptr clock, caf::actor reader,
                        timer_options how) {
  auto& s = runtime::state(self);
  s.clock = std::move(clock);
  s.reader = std::move(reader);
  s.manual = std::move(how.test_clock);
  s.journal = std::move(how.journal);
  return {
      [self](const begin_monitoring& b) { begin(self, b); },
      [self](const rows_loaded& l) { take_loaded(self, *l.it); },
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
        auto& st = runtime::state(self);
        if (st.begun && a.row.due > st.covered)
          forget(st, "r" + a.row.id); // it sleeps in the store
        else
          put_reminder(st, a.row, false);
        look_soon(self);
      },
      [self](const disarm_reminder& d) {
        touch(runtime::state(self), "r" + d.id);
        runtime::state(self).dirty.erase(d.id);
        forget(runtime::state(self), "r" + d.id);
        look_soon(self);
      },
      [self](const set_alarm& a) { put_alarm(self, a); },
      [self](const advance_clock& a) { take_advance(self, a); },
      [self](const done& d) { answered(self, d.ticket, true, true); },
      [self](const decided& d) { answered(self, d.ticket, true, true); },
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
          runtime::log_warn("timer.no_answer", "unanswered={} the test clock goes on",
                            st.in_flight.size());
          st.in_flight.clear();
        }
        look(self);
      },
  };
}

} // namespace

caf::actor spawn_timer(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor reader,
                       timer_options how) {
  return sys.spawn(run_timer, std::move(clock), std::move(reader), std::move(how));
}

} // namespace interject::monitors
