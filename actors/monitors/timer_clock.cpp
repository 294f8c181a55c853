// When the timer looks: in real time it naps until the next beat at which something is due, a test
// clock it moves itself. Only the reminders of the next window are in memory.
#include "actors/journal/cursor.hpp"
#include "actors/monitors/timer_state.hpp"
#include "actors/runtime/log.hpp"

namespace interject::monitors::timing {

namespace {

constexpr std::size_t max_advances = 64;
constexpr duration longest_advance = std::chrono::hours(24 * 366 * 10);
/// The wall clock may be set, so that no wait is trusted for longer.
constexpr duration longest_nap = std::chrono::minutes(1);
/// In real time what comes due between two such instants is served together at the later one: one
/// wake-up, however many. Lateness by this much at most is what that costs.
constexpr duration beat = std::chrono::milliseconds(10);
/// Reminders read at once; while more than half as many are in memory, none are.
constexpr std::size_t window_rows = 8'000;

/// On a test clock each instant is its own beat.
time_point beat_before(const timer_state& s, time_point t) {
  return s.manual ? t : time_point(t.time_since_epoch() - t.time_since_epoch() % beat);
}
time_point beat_after(const timer_state& s, time_point t) {
  auto before = beat_before(s, t);
  return before == t ? t : before + beat;
}

/// Reads the reminders of the next window, when there is room for them.
void load_window(self_ptr self, time_point until) {
  auto& s = runtime::state(self);
  if (s.loading || s.reminders > window_rows / 2 || s.covered >= until)
    return;
  s.loading = true;
  for (auto& [id, row] : s.dirty)
    put_reminder(s, row, false); // the rows that are read may be older
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

} // namespace

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

void look(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  auto now = s.clock->now();
  serve_due(self, now, beat_before(s, now));
  if (s.manual)
    step_clock(self);
  else
    nap(self, now);
}

void look_soon(self_ptr self) {
  if (runtime::state(self).advances.empty())
    look(self);
  else
    runtime::send(self, self, timer_tick{0});
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

void give_up_waiting(self_ptr self, stop_waiting w) {
  auto& s = runtime::state(self);
  s.watched = false;
  if (w.generation == s.progress && !s.in_flight.empty()) {
    runtime::log_warn("timer.no_answer", "unanswered={} the test clock goes on",
                      s.in_flight.size());
    s.in_flight.clear();
  }
  look(self);
}

} // namespace interject::monitors::timing
