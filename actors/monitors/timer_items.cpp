// One item of the timer: put, served, answered, and a recurring reminder's next occurrence written.
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/timer_state.hpp"
#include "actors/runtime/log.hpp"

namespace interject::monitors::timing {

namespace {

constexpr std::uint32_t max_serves_at_once = 1000; ///< of one item at one instant: a loop
constexpr duration answer_lost_after = std::chrono::seconds(5);
/// The journal always answers; this bounds a failure.
constexpr auto written_within = std::chrono::minutes(1);

void flush(self_ptr self);

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

} // namespace

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

void forget(timer_state& s, const std::string& key) {
  s.index.erase(key);
  auto it = s.items.find(key);
  if (it == s.items.end())
    return;
  s.reminders -= it->second.what == item::kind::reminder;
  s.items.erase(it);
}

void serve_due(self_ptr self, time_point now, time_point until) {
  auto& s = runtime::state(self);
  if (s.in_flight.size() >= max_unanswered)
    std::erase_if(s.in_flight,
                  [&](auto& each) { return each.second.since + answer_lost_after <= now; });
  while (s.in_flight.size() < max_unanswered) {
    auto key = s.index.pop(until);
    if (!key)
      return;
    serve(self, *key, now);
  }
}

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

namespace {

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

} // namespace

void go_on(self_ptr self, reminder_row row, time_point next) {
  auto& s = runtime::state(self);
  row.due = next;
  ++row.occurrence;
  s.dirty[row.id] = row;
  if (row.due <= s.covered || s.loading) // what is being read may be older than it
    put_reminder(s, row, false);
  flush(self);
}

} // namespace interject::monitors::timing
