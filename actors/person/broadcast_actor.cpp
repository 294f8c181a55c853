// Broadcasts: slices of 1,000 persons behind a durable cursor, at most 256 of them unanswered, at a
// governed rate.
//   in:  begin_broadcast, cancel_broadcast
//   out: notify to the conversations' router; a commit after each slice
// A slice that a crash cuts off is sent again under the same ids: who was decided then is answered
// with that decision.
#include "actors/person/broadcast_actor.hpp"

#include "actors/journal/look.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "protocols/codec/binary.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>

namespace interject::person {

namespace {

namespace compat = interject::runtime;

constexpr std::size_t slice_size = 1000;
constexpr std::size_t most_unanswered = 256;
/// After rests that double from `first_rest`: who could not be decided within 25 s is given up.
constexpr int most_tries = 8;
constexpr auto first_rest = std::chrono::milliseconds(100);
constexpr std::size_t most_ended = 1000; ///< that are remembered
constexpr auto tick_every = std::chrono::milliseconds(100);
/// A promise that dies with its conversation is never answered: then it is asked again.
constexpr auto answer_within = std::chrono::minutes(1);

struct recipient {
  user_id user;
  int tries = 0;
};

struct broadcaster_state {
  static inline const char* name = "interject.broadcaster";
  people_ptr with;
  broadcast_options how;
  caf::actor conversations;
  std::deque<broadcast> waiting;              ///< the first is under way
  std::deque<recipient> slice;                ///< of it, to be sent
  std::multimap<time_point, recipient> later; ///< of it, to be tried again then
  std::size_t unanswered = 0;
  std::uint64_t slice_end = 0; ///< the cursor once the slice is decided
  bool reading = false, writing = false, in_slice = false, ticking = false;
  double allowance = 0; ///< notifications that may go now
  time_point allowed_at{};
  caf::response_promise beginning;
  ticket begin_ticket = 0;
  /// Asked for and not yet on disk, with everybody who asked.
  std::map<std::string, std::vector<std::pair<caf::response_promise, ticket>>> asked;
  /// Lately; a repeat of a request for one of them may still be on its way.
  std::deque<std::string> ended;
  /// Wait until the end of the first is on disk.
  std::vector<std::pair<caf::response_promise, ticket>> cancelling;
};
using self_ptr = caf::stateful_actor<broadcaster_state>*;

void go_on(self_ptr self);

void tick_later(self_ptr self) {
  auto& st = compat::state(self);
  if (std::exchange(st.ticking, true))
    return;
  compat::send(self, st.with->timers, monitors::set_alarm{0, st.with->clock->now() + tick_every});
}

void earn(broadcaster_state& st) {
  auto& b = st.waiting.front();
  auto rate = b.per_second > 0 ? std::min(b.per_second, st.how.per_second) : st.how.per_second;
  auto now = st.with->clock->now();
  auto passed =
      static_cast<double>(std::max<std::int64_t>(0, (now - st.allowed_at).count())) / 1000;
  auto most =
      std::max(1.0, static_cast<double>(rate) / 10); // a tick's worth: no burst after a pause
  st.allowance = std::min(most, st.allowance + passed * static_cast<double>(rate));
  st.allowed_at = now;
}

/// The row goes to disk, and then `next`.
template <class Next> void write(self_ptr self, const broadcast& b, Next next) {
  auto& st = compat::state(self);
  auto rows = std::make_shared<journal::commit>();
  rows->at = st.with->clock->now();
  rows->broadcasts.push_back({b.id, b.state == broadcast_state::running, encode(b)});
  st.writing = true;
  auto end = [self, next](bool ok) mutable {
    compat::state(self).writing = false;
    next(ok);
    go_on(self);
  };
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then([end](const journal::committed& c) mutable { end(c.ok); },
            [end](const caf::error&) mutable { end(false); });
}

void answer_cancelling(broadcaster_state& st, bool ok) {
  for (auto& [promise, ticket] : std::exchange(st.cancelling, {})) {
    if (ok)
      promise.deliver(done{ticket});
    else
      promise.deliver(refused{ticket, errc::unavailable,
                              "its end could not be made durable yet; it is tried again"});
  }
}

void remember_ended(broadcaster_state& st, const std::string& id) {
  st.ended.push_back(id);
  if (st.ended.size() > most_ended)
    st.ended.pop_front();
}

/// Of a slice that ends early. Nothing is decided for them, so they do not count: the figures of
/// what has ended add up.
void drop_untold(broadcaster_state& st) {
  st.waiting.front().recipients -= st.slice.size() + st.later.size();
  st.slice.clear();
  st.later.clear();
}

void finish(self_ptr self, broadcast_state how) {
  auto& st = compat::state(self);
  auto& b = st.waiting.front();
  b.state = how;
  b.finished = st.with->clock->now();
  drop_untold(st);
  st.in_slice = false;
  write(self, b, [self](bool ok) {
    auto& s = compat::state(self);
    answer_cancelling(s, ok);
    if (!ok)
      return tick_later(self); // it is still the first, and is finished again
    runtime::log_info("broadcast.ended", "id={} state={} recipients={}", s.waiting.front().id,
                      to_string(s.waiting.front().state), s.waiting.front().recipients);
    remember_ended(s, s.waiting.front().id);
    s.waiting.pop_front();
  });
}

void read_slice(self_ptr self) {
  auto& st = compat::state(self);
  auto& b = st.waiting.front();
  st.reading = true;
  auto job = [back = caf::actor_cast<caf::actor>(self), id = b.id, after = b.cursor,
              until = b.until](journal::reader& rows) {
    compat::anon_send(back, journal::look(slice_found{id, nullptr}, [&](auto& found) {
                        if (auto people = rows.people(after, until, slice_size))
                          found.people = std::make_shared<const std::vector<journal::person_entry>>(
                              std::move(*people));
                      }));
  };
  journal::read(st.with->reader, std::move(job));
}

void take_slice(self_ptr self, const slice_found& found) {
  auto& st = compat::state(self);
  st.reading = false;
  if (st.waiting.empty() || st.waiting.front().id != found.id)
    return go_on(self);
  if (!found.people)
    return tick_later(self); // the disk may have healed by then
  auto& b = st.waiting.front();
  if (b.state != broadcast_state::running || found.people->empty())
    return finish(self, b.state == broadcast_state::running ? broadcast_state::done : b.state);
  for (auto& p : *found.people) {
    ++b.considered;
    profile who;
    for (auto& [key, v] : p.values)
      apply(who, {key, v});
    if (!matches(b.to, who))
      continue;
    ++b.recipients;
    st.slice.push_back({p.user, 0});
  }
  st.slice_end = found.people->back().pos;
  st.in_slice = true;
  go_on(self);
}

void answered(self_ptr self, const recipient& to, std::optional<delivery_code> code) {
  auto& st = compat::state(self);
  --st.unanswered;
  auto& b = st.waiting.front();
  if (code) {
    b.counts.resize(delivery_code_count);
    ++b.counts[static_cast<std::size_t>(*code)];
  } else if (to.tries < most_tries && b.state == broadcast_state::running) {
    // Busy, or a disk that fails: later, under the same id.
    st.later.emplace(st.with->clock->now() + first_rest * (1 << to.tries),
                     recipient{to.user, to.tries + 1});
    return tick_later(self);
  } else {
    ++b.refused;
  }
  go_on(self);
}

void send_one(self_ptr self, recipient to) {
  auto& st = compat::state(self);
  auto& b = st.waiting.front();
  notify n;
  n.user = to.user;
  n.what = b.what;
  n.what.id = id_for(b, to.user);
  n.what.created = st.with->clock->now();
  ++st.unanswered;
  st.allowance -= 1;
  compat::request(self, st.conversations, answer_within, std::move(n))
      .then([self, to](const decided& d) { answered(self, to, d.what.code); },
            [self, to](const caf::error&) {
              answered(self, to, std::nullopt);
            }); // a refusal comes here, too
}

/// Everything of the slice is decided: so the cursor moves, in one commit with the counts.
void end_slice(self_ptr self) {
  auto& st = compat::state(self);
  auto& b = st.waiting.front();
  auto was = b.cursor;
  b.cursor = st.slice_end;
  write(self, b, [self, was](bool ok) {
    auto& s = compat::state(self);
    if (ok) {
      s.in_slice = false;
    } else {
      s.waiting.front().cursor = was;
      tick_later(self);
    }
  });
}

void go_on(self_ptr self) {
  auto& st = compat::state(self);
  if (st.waiting.empty() || st.reading || st.writing || !st.conversations)
    return;
  auto& b = st.waiting.front();
  if (b.state != broadcast_state::running) {
    drop_untold(st);
    if (st.unanswered == 0 && (!st.ticking || !st.cancelling.empty()))
      finish(self, b.state);
    return;
  }
  if (!st.in_slice)
    return read_slice(self);
  earn(st);
  while (!st.later.empty() && st.later.begin()->first <= st.with->clock->now()) {
    st.slice.push_back(std::move(st.later.begin()->second));
    st.later.erase(st.later.begin());
  }
  while (!st.slice.empty() && st.unanswered < most_unanswered && st.allowance >= 1) {
    auto next = std::move(st.slice.front());
    st.slice.pop_front();
    send_one(self, std::move(next));
  }
  if (!st.slice.empty() || !st.later.empty())
    tick_later(self);
  else if (st.unanswered == 0 && !st.ticking)
    end_slice(self);
}

// ---- from outside -------------------------------------------------------------------------------

broadcast* find(broadcaster_state& st, const std::string& id) {
  for (auto& b : st.waiting)
    if (b.id == id)
      return &b;
  return nullptr;
}

/// Everybody who asked for it hears whether it is on disk.
void begun(self_ptr self, const broadcast& what, bool ok, const char* why) {
  auto& st = compat::state(self);
  if (ok)
    st.waiting.push_back(what);
  auto asked = std::move(st.asked[what.id]);
  st.asked.erase(what.id);
  for (auto& [promise, ticket] : asked) {
    if (ok)
      promise.deliver(done{ticket});
    else
      promise.deliver(refused{ticket, errc::unavailable, why});
  }
  if (ok)
    go_on(self);
}

/// The same id is the same broadcast: a repeat that was on its way when it ended does not run it
/// again.
caf::response_promise begin(self_ptr self, const begin_broadcast& m) {
  auto& st = compat::state(self);
  auto promise = self->make_response_promise();
  auto asked = st.asked.find(m.what.id);
  if (asked != st.asked.end()) {
    asked->second.emplace_back(promise, m.ticket);
    return promise;
  }
  if (find(st, m.what.id) ||
      std::find(st.ended.begin(), st.ended.end(), m.what.id) != st.ended.end()) {
    promise.deliver(done{m.ticket});
    return promise;
  }
  if (st.waiting.size() + st.asked.size() >= st.how.most_waiting) {
    promise.deliver(refused{m.ticket, errc::busy, "too many broadcasts have not ended"});
    return promise;
  }
  st.asked[m.what.id].emplace_back(promise, m.ticket);
  auto rows = std::make_shared<journal::commit>();
  rows->at = st.with->clock->now();
  rows->broadcasts.push_back({m.what.id, true, encode(m.what)});
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then(
          [self, what = m.what](const journal::committed& c) {
            begun(self, what, c.ok, "it could not be made durable; try again");
          },
          [self, what = m.what](const caf::error&) {
            begun(self, what, false, "the journal has ended");
          });
  return promise;
}

/// One that has not begun is written as cancelled, and only then leaves the queue.
void cancel_waiting(self_ptr self, const broadcast& b, ticket t, caf::response_promise promise) {
  auto& st = compat::state(self);
  auto end = b;
  end.state = broadcast_state::cancelled;
  end.finished = st.with->clock->now();
  auto rows = std::make_shared<journal::commit>();
  rows->at = *end.finished;
  rows->broadcasts.push_back({end.id, false, encode(end)});
  auto over = [self, promise, t, id = end.id](bool ok) mutable {
    auto& s = compat::state(self);
    if (!ok)
      return promise.deliver(
          refused{t, errc::unavailable, "it could not be made durable; try again"});
    // It may have become the first meanwhile: then it ends like one that runs.
    auto it =
        std::find_if(s.waiting.begin(), s.waiting.end(), [&](auto& each) { return each.id == id; });
    if (it != s.waiting.end() && it == s.waiting.begin()) {
      it->state = broadcast_state::cancelled;
      s.cancelling.emplace_back(promise, t);
      return go_on(self);
    }
    if (it != s.waiting.end()) {
      remember_ended(s, id);
      s.waiting.erase(it);
    }
    promise.deliver(done{t});
  };
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then([over](const journal::committed& c) mutable { over(c.ok); },
            [over](const caf::error&) mutable { over(false); });
}

/// Answered when nobody more will be told, also after a crash.
caf::response_promise cancel(self_ptr self, const cancel_broadcast& m) {
  auto& st = compat::state(self);
  auto promise = self->make_response_promise();
  auto* b = find(st, m.id);
  if (!b || b->state == broadcast_state::done) {
    promise.deliver(
        refused{m.ticket, errc::conflict, "it has ended, or there is no such broadcast"});
  } else if (b != &st.waiting.front()) {
    // Should it become the first before that is on disk, it ends at once.
    b->state = broadcast_state::cancelled;
    cancel_waiting(self, *b, m.ticket, promise);
  } else {
    b->state = broadcast_state::cancelled;
    st.cancelling.emplace_back(promise, m.ticket);
    go_on(self);
  }
  return promise;
}

/// Reads what was cut off, and answers when it is known.
void resume(self_ptr self, const monitors::begin_monitoring& m, caf::response_promise promise) {
  auto& st = compat::state(self);
  st.conversations = m.router;
  st.beginning = std::move(promise);
  st.begin_ticket = m.ticket;
  auto job = [back = caf::actor_cast<caf::actor>(self)](journal::reader& rows) {
    compat::anon_send(back, journal::look(broadcasts_loaded{}, [&](auto& found) {
                        if (auto all = rows.running_broadcasts())
                          found.rows = std::move(*all);
                        else
                          found.failed = all.error();
                      }));
  };
  journal::read(st.with->reader, std::move(job));
}

void take_up(self_ptr self, const broadcasts_loaded& found) {
  auto& st = compat::state(self);
  if (found.failed)
    return st.beginning.deliver(refused{st.begin_ticket, found.failed->code, found.failed->what});
  for (auto& row : found.rows) {
    broadcast b;
    if (decode_all(row.body, b))
      st.waiting.push_back(std::move(b));
    else
      runtime::log_error("broadcast.unreadable", "id={}", row.id);
  }
  st.beginning.deliver(done{st.begin_ticket});
  go_on(self);
}

caf::behavior broadcaster_actor(self_ptr self, people_ptr with, broadcast_options how) {
  auto& st = compat::state(self);
  st.with = std::move(with);
  st.how = how;
  st.how.per_second = std::max<std::int64_t>(1, how.per_second);
  st.allowed_at = st.with->clock->now();
  return {
      [=](const monitors::begin_monitoring& m) {
        auto promise = self->make_response_promise();
        resume(self, m, promise);
        return promise;
      },
      [=](const broadcasts_loaded& m) { take_up(self, m); },
      [=](const begin_broadcast& m) { return begin(self, m); },
      [=](const cancel_broadcast& m) { return cancel(self, m); },
      [=](const slice_found& m) { take_slice(self, m); },
      [=](const monitors::alarm_rang&) {
        compat::state(self).ticking = false;
        go_on(self);
      },
  };
}

} // namespace

notification_id id_for(const broadcast& b, const user_id& user) {
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(stable_hash(user)));
  return b.id + "." + hash;
}

caf::actor spawn_broadcaster(caf::actor_system& sys, people_ptr with, broadcast_options how) {
  return sys.spawn(broadcaster_actor, std::move(with), how);
}

} // namespace interject::person
