// Serves what is due: conversations that want waking, reminders, alarms of other monitors. One
// pending CAF timer at most, however many items; on a test clock none, as time moves by
// `advance_clock` alone. Of the reminders only those of the next window are in memory; the others
// sleep in the store, in the order in which they are due.
//   in: wake_at, arm_reminder, disarm_reminder, set_alarm, advance_clock    out: wake, notify →
//   router, alarm_rang
#include "actors/monitors/firing.hpp"
#include "actors/monitors/timer_state.hpp"
#include "actors/runtime/log.hpp"

namespace interject::monitors {
namespace timing {
namespace {

// ---- wishes

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

// ---- the beginning

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
    if (auto next = occurrence_after(row, s.began - duration(1))) // what is due right now is not
      return go_on(self, row, *next);
  put_reminder(s, row, missed);
}

void take_window(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  s.loading = false;
  s.cursor = rows.cursor;
  s.covered = rows.covered; // where one that is passed over goes on within it, it stays in memory
  for (auto& row : rows.reminders)
    take_reminder(self, row);
  s.touched.clear();
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
        if (st.begun && !st.loading && a.row.due > st.covered)
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
      [self](stop_waiting w) { give_up_waiting(self, w); },
  };
}

} // namespace
} // namespace timing

caf::actor spawn_timer(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor reader,
                       timer_options how) {
  return sys.spawn(timing::run_timer, std::move(clock), std::move(reader), std::move(how));
}

} // namespace interject::monitors
