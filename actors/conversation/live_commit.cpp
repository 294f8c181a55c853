// What a conversation writes, and what follows once it is on disk: activities to the outlet,
// effects to the monitors, answers.
#include "actors/conversation/live.hpp"
#include "actors/journal/look.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>

namespace interject::conversation {

namespace {

using runtime::counters;

/// A notification id that came again is answered with its first result, which the journal knows.
void look_up(self_ptr self, const repeated& what, caf::response_promise promise, place held) {
  auto& st = compat::state(self);
  if (!st.looking_up)
    st.looking_up = std::make_unique<lookups>();
  auto number = ++st.looking_up->last;
  counters::bump(st.with->counts->decisions[static_cast<std::size_t>(delivery_code::dup_id)]);
  st.looking_up->under_way.push_back({number, what.ticket, std::move(promise), std::move(held)});
  auto back = caf::actor_cast<caf::actor>(self);
  auto job = [back, number, what](journal::reader& rows) {
    compat::anon_send(back, journal::look(first_result{number, {}, {}}, [&](auto& found) {
                        auto stored = rows.find_notification(what.taken_as);
                        if (!stored)
                          found.failed = stored.error();
                        else if (*stored && !(*stored)->trail.empty())
                          found.was = decided{what.ticket, what.id, (*stored)->conversation,
                                              (*stored)->trail.front()};
                      }));
  };
  journal::read(st.with->reader, std::move(job));
}

/// An outlet that throws has lost what it was given; the conversation goes on, and its history has
/// it all.
void publish(live_state& st, const journal::commit& p) {
  if (!st.with->out)
    return;
  try {
    std::vector<publication> all;
    all.reserve(p.activities.size());
    for (auto& a : p.activities)
      all.push_back({st.id(), a.seq, a.body});
    if (!all.empty())
      st.with->out->publish_all(all);
  } catch (const std::exception& e) {
    counters::bump(st.with->counts->actor_failures);
    runtime::log_error("outlet.failed", "conversation={} why=\"{}\"", st.id(), e.what());
  }
}

void release(self_ptr self, const journal::commit& p, std::uint64_t place) {
  auto& st = compat::state(self);
  auto& with = *st.with;
  publish(st, p);
  for (auto& row : p.watches)
    compat::send(self, with.prices, arm_watch{row});
  for (auto& id : p.watches_gone)
    compat::send(self, with.prices, disarm_watch{id});
  for (auto& row : p.reminders)
    compat::send(self, with.timers, arm_reminder{row});
  for (auto& id : p.reminders_gone)
    compat::send(self, with.timers, disarm_reminder{id});
  for (auto& row : p.calls)
    if (auto& to = row.channel.empty() ? with.calls : with.webhooks)
      compat::send(self, to, begin_call{row});
  for (auto& id : p.calls_gone)
    compat::send(self, with.calls, cancel_call{id});
  if (with.people && !p.person_values.empty()) {
    person::person_committed what{p.user, st.unseen ? st.unseen->back().first : 0, place, {}};
    for (auto& v : p.person_values)
      what.changes.push_back({v.key, v.to});
    compat::send(self, with.people, std::move(what));
  }
  tell_wake(self, p.wake_at);
}

void count(counters& c, const journal::commit& p) {
  counters::bump(c.commits);
  counters::bump(c.activities, p.activities.size());
  for (auto& n : p.notifications)
    for (auto& d : n.decisions)
      counters::bump(c.decisions[static_cast<std::size_t>(d.code)]);
}

void not_written(self_ptr self, std::vector<reply>& replies, errc code, const std::string& what) {
  auto& s = compat::state(self);
  s.busy = false;
  counters::bump(s.with->counts->commit_failures);
  runtime::log_warn("conversation.commit_failed", "conversation={} code={} why=\"{}\"", s.id(),
                    to_string(code), what);
  refuse_all(replies, errc::unavailable, "it could not be made durable; try again");
  if (code == errc::internal)
    return crash(self, what); // this turn cannot be written at all
  fail(self, errc::unavailable, "the conversation is being restored; try again");
  end_if_asked(self);
}

/// Somebody talks with the bot, and waits for what it says.
bool is_awaited(const std::vector<reply>& replies) {
  return std::any_of(replies.begin(), replies.end(), [](auto& r) {
    return std::holds_alternative<posted>(r.what) || std::holds_alternative<opened>(r.what);
  });
}

} // namespace

void refuse(caf::response_promise& promise, ticket t, errc code, std::string what) {
  promise.deliver(refused{t, code, std::move(what)});
}

void refuse_all(std::vector<reply>& replies, errc code, const std::string& what) {
  for (auto& r : replies)
    refuse(r.promise, std::visit([](auto& a) { return a.ticket; }, r.what), code, what);
  replies.clear();
}

void give(self_ptr self, reply&& r) {
  std::visit(
      [&](auto& what) {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, repeated>)
          look_up(self, what, std::move(r.promise), std::move(r.held));
        else
          r.promise.deliver(std::move(what));
      },
      r.what);
}

void first_result_found(self_ptr self, const first_result& m) {
  auto& all = compat::state(self).looking_up->under_way;
  auto it =
      std::find_if(all.begin(), all.end(), [&](auto& each) { return each.number == m.number; });
  if (it != all.end()) {
    if (m.was)
      it->promise.deliver(*m.was);
    else if (m.failed)
      refuse(it->promise, it->ticket, errc::unavailable,
             "this id was taken; its record cannot be read: " + m.failed->what);
    else
      refuse(it->promise, it->ticket, errc::conflict, "this id was taken; its record has expired");
    all.erase(it);
  }
  end_if_asked(self);
}

void tell_wake(self_ptr self, std::optional<time_point> at) {
  auto& st = compat::state(self);
  if (at == st.wake)
    return;
  st.wake = at;
  compat::send(self, st.with->timers, wake_at{st.id(), at});
}

void write(self_ptr self, journal::commit_ptr p, std::vector<reply> replies) {
  auto& st = compat::state(self);
  auto bytes = p->bytes();
  if (!st.with->in_flight->reserve(bytes)) {
    counters::bump(st.with->counts->refused_journal, replies.size());
    return not_written(self, replies, errc::unavailable, "too much waits for the disk");
  }
  st.busy = true;
  compat::send(self, st.with->journal, journal::write_commit{p, bytes, is_awaited(replies)});
  st.under_way = {std::move(p), std::move(replies)};
}

/// The journal answers each commit, and this actor has one under way at most. Should the journal
/// end, so does the router, and with it this actor.
void committed(self_ptr self, const journal::committed& c) {
  auto& st = compat::state(self);
  if (st.counting)
    return failure_counted(self, c);
  auto [rows, replies] = std::exchange(st.under_way, {});
  st.busy = false;
  if (rows->erase_conversation)
    return erase_written(self, c, replies);
  if (!c.ok)
    return not_written(self, replies, c.code, c.what);
  ++st.version;
  count(*st.with->counts, *rows);
  release(self, *rows, c.place);
  for (auto& r : replies)
    give(self, std::move(r));
  work(self);
  end_if_asked(self);
}

} // namespace interject::conversation
