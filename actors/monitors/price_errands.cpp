#include "actors/journal/look.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/price_state.hpp"

#include <algorithm>

namespace interject::monitors::pricing {
namespace {

constexpr std::size_t max_unanswered = 96; ///< more, and a turn waits for their commits
/// Firings that are looked after when their conditions have ended at last; of older ones none
/// waits.
constexpr std::uint64_t max_to_retract = 64;

std::string key_of(errand::kind what, const std::string& watch) {
  return std::string(1, static_cast<char>('0' + static_cast<int>(what))) + watch;
}

void forget_errand(price_state& s, const std::string& key) {
  auto it = s.errands.find(key);
  if (it == s.errands.end())
    return;
  s.in_flight.erase(it->second.ticket);
  s.again.erase(key);
  s.errands.erase(it);
}

} // namespace

void put_errand(price_state& s, errand e) {
  auto key = key_of(e.what, e.watch);
  forget_errand(s, key);
  s.errands.emplace(key, std::move(e));
  s.outbox.push_back(std::move(key));
}

void forget_errands(price_state& s, const std::string& watch) {
  for (auto kind : {errand::kind::news, errand::kind::withdrawal, errand::kind::note,
                    errand::kind::expiry, errand::kind::stale, errand::kind::renewal})
    forget_errand(s, key_of(kind, watch));
}

void compose(price_state& s, const watch_row& row, bool late) {
  put_errand(s, {errand::kind::news, row.id, row.conversation, alert_of(row, s.clock->now(), late),
                 row.firings});
}

void forget_finished(price_state& s, const std::string& id) {
  if (s.index.knows(id) || s.dirty.count(id))
    return;
  auto* row = s.rows.find(id);
  if (!row || row->state != watch_state::done)
    return;
  for (auto kind :
       {errand::kind::news, errand::kind::withdrawal, errand::kind::note, errand::kind::renewal})
    if (s.errands.count(key_of(kind, id)))
      return;
  s.rows.erase(id);
}

void retract_ended(price_state& s, const watch_row& row, bool again) {
  auto passed_over = row.ended - std::min(row.ended, max_to_retract);
  auto firing = std::max(row.retracted, passed_over) + 1;
  if (firing > row.ended || firing > row.taken)
    return;
  for (auto kind : {errand::kind::withdrawal, errand::kind::note, errand::kind::renewal})
    if (s.errands.count(key_of(kind, row.id)))
      return; // its turn comes when that one's is settled
  errand e{errand::kind::withdrawal, row.id, row.conversation, {}, firing};
  e.notice.id = firing_id(row.id, firing);
  e.again = again;
  put_errand(s, std::move(e));
}

namespace {

void send_errand(self_ptr self, errand& e) {
  auto& s = runtime::state(self);
  switch (e.what) {
  case errand::kind::withdrawal:
    return runtime::send(self, s.router, withdraw{e.ticket, e.conversation, e.notice.id});
  case errand::kind::expiry:
    return runtime::send(self, s.router, cancel_watch{e.ticket, e.conversation, e.watch});
  case errand::kind::renewal:
    if (auto* row = s.rows.find(e.watch))
      return runtime::send(self, s.router, create_watch{e.ticket, renewed(*row)});
    return;
  default:
    return runtime::send(self, s.router, notify{e.ticket, e.conversation, {}, e.notice});
  }
}

} // namespace

void run_errands(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  auto now = s.clock->now();
  while (auto key = s.again.pop(now)) {
    // Its answer is lost, or was a refusal for now: its place in the window is free.
    if (auto it = s.errands.find(*key); it != s.errands.end())
      s.in_flight.erase(it->second.ticket);
    s.outbox.push_back(*key);
  }
  while (!s.outbox.empty() && s.in_flight.size() < max_unanswered) {
    auto key = std::move(s.outbox.front());
    s.outbox.pop_front();
    auto it = s.errands.find(key);
    if (it == s.errands.end() || s.in_flight.count(it->second.ticket))
      continue;
    auto& e = it->second;
    e.ticket = ++s.last_ticket;
    s.in_flight.emplace(e.ticket, key);
    s.again.put(key, now + backoff(++e.tries));
    send_errand(self, e);
  }
  if (auto next = s.again.earliest())
    wake_me(self, *next);
}

namespace {

/// The alert was withdrawn and nobody has heard of it: a watch that was to fire once has not done
/// its work. It is put among its conversation's watches again, and armed.
void take_unheard(price_state& s, const std::string& watch, std::uint64_t firing) {
  auto* found = s.rows.find(watch);
  if (!found)
    return;
  auto& row = *found;
  bool goes_on = !row.when.repeat && (!row.expires || *row.expires > s.clock->now());
  if (goes_on)
    put_errand(s, {errand::kind::renewal, watch, row.conversation, {}, firing});
  else
    s.waiting.push_back(settled{watch, 0, firing});
}

/// The alert of an ended condition is not queued any more: if it was said, its end is told where
/// the bot has words for it.
void tell_the_end(self_ptr self, const errand& of) {
  auto& s = runtime::state(self);
  auto* row = s.rows.find(of.watch);
  if (!row)
    return;
  bool ours = !row->when.repeat && (of.again || of.tries > 1); // it may have been our own try
  if (row->no_longer.empty() && !ours) {
    s.waiting.push_back(settled{of.watch, 0, of.firing});
    return;
  }
  auto job = [me = caf::actor_cast<caf::actor>(self), watch = of.watch,
              firing = of.firing](journal::reader& from) {
    auto seen = alert_looked_up{watch, firing, false, false};
    runtime::anon_send(me, journal::look(std::move(seen), [&](auto& what) {
                         auto found = from.find_notification(firing_id(watch, firing));
                         what.said = found && *found && was_said((*found)->trail);
                         what.withdrawn = found && *found && was_withdrawn((*found)->trail);
                       }));
  };
  journal::read(s.reader, std::move(job));
}

} // namespace

void take_lookup(self_ptr self, const alert_looked_up& l) {
  auto& s = runtime::state(self);
  auto* row = s.rows.find(l.watch);
  if (!row)
    return;
  if (l.withdrawn) // by us, and the answer was lost
    take_unheard(s, l.watch, l.firing);
  else if (l.said && !row->no_longer.empty())
    put_errand(s, {errand::kind::note, l.watch, row->conversation,
                   end_note_of(*row, l.firing, s.clock->now()), l.firing});
  else
    s.waiting.push_back(settled{l.watch, 0, l.firing});
  work(self);
}

void answered(self_ptr self, interject::ticket ticket, bool taken, bool refused_for_good) {
  auto& s = runtime::state(self);
  auto it = s.in_flight.find(ticket);
  if (it == s.in_flight.end())
    return;
  auto key = std::move(it->second);
  s.in_flight.erase(it);
  if (taken) {
    auto e = std::move(s.errands.at(key));
    forget_errand(s, key);
    if (e.what == errand::kind::news)
      s.waiting.push_back(settled{e.watch, e.firing, 0});
    else if (e.what == errand::kind::note || (e.what == errand::kind::renewal && refused_for_good))
      s.waiting.push_back(settled{e.watch, 0, e.firing});
    else if (e.what == errand::kind::renewal)
      s.waiting.push_back(rearmed{e.watch, e.firing});
    else if (e.what == errand::kind::withdrawal && !refused_for_good)
      take_unheard(s, e.watch, e.firing);
    else if (e.what == errand::kind::withdrawal)
      tell_the_end(self, e);
    work(self);
  }
  run_errands(self);
}

} // namespace interject::monitors::pricing
