// Finds or activates the actor of a conversation, and forwards; never waits. Sixteen of them share
// the conversations by shard behind one front (front_actor.cpp), so that none is hot.
#include "actors/conversation/load.hpp"
#include "actors/conversation/local_messages.hpp"
#include "actors/conversation/spawn.hpp"
#include "actors/journal/look.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "protocols/codec/binary.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <list>
#include <unordered_map>
#include <vector>

namespace interject::conversation {

namespace {

namespace compat = interject::runtime;
using runtime::counters;

/// Notices whose way to a person's conversation is remembered, per router.
constexpr std::size_t max_went = 1024;
/// Notices whose person is being looked up, per router; more are refused `busy`.
constexpr std::size_t max_lookups = 4096;
constexpr auto sweep_every = std::chrono::minutes(1);

using kept_message = std::function<void(const caf::actor&)>;

struct entry {
  caf::actor actor;
  load_ptr load = std::make_shared<interject::conversation::load>();
  time_point used{};
  std::list<const conversation_id*>::iterator place; ///< in `by_use`
  bool stopping = false;
  std::vector<kept_message> kept; ///< what came while it was stopping, in order
};

struct lookup {
  notify what;
  caf::response_promise promise;
};

struct router_state {
  static inline const char* name = "interject.router";
  surroundings_ptr with;
  caf::actor front;
  std::unordered_map<conversation_id, entry> live;
  /// Keys of `live`, the latest used first; those that stop have left it.
  std::list<const conversation_id*> by_use;
  std::unordered_map<caf::actor_addr, const conversation_id*> by_address; ///< keys of `live`
  std::unordered_map<std::uint64_t, lookup> lookups;
  std::uint64_t last_lookup = 0;
  /// Where notices for persons went lately: a repeat may come before the first is on disk, and find
  /// another best one.
  std::unordered_map<notification_id, conversation_id> went_to;
  std::deque<notification_id> went; ///< its keys, the oldest first
  bool sweeping = false;
  bool draining = false;

  /// Without its router nobody reaches a conversation any more, and a second one may be made. They
  /// do not watch over it: CAF keeps what has watched an actor for as long as that one lives.
  ~router_state() {
    for (auto& [id, e] : live)
      caf::anon_send_exit(e.actor, caf::exit_reason::unreachable);
  }
};
using self_ptr = caf::stateful_actor<router_state>*;

// ---- activation and passivation -----------------------------------------------------------------

void sweep_later(self_ptr self) {
  auto& st = compat::state(self);
  if (st.sweeping || st.live.empty())
    return;
  st.sweeping = true;
  compat::send(self, st.with->timers, monitors::set_alarm{0, st.with->clock->now() + sweep_every});
}

void stop(self_ptr self, entry& e) {
  if (std::exchange(e.stopping, true))
    return;
  compat::state(self).by_use.erase(e.place);
  compat::send(self, e.actor, passivate{});
}

/// This router's part of the bound on conversations in memory.
std::size_t most_live(const router_state& st) {
  return std::max<std::size_t>(st.with->max_live / router_count, 1);
}

/// The least recently used go, until there is room for one more. They leave when their turn is on
/// disk.
void make_room(self_ptr self) {
  auto& st = compat::state(self);
  while (st.by_use.size() >= most_live(st)) {
    counters::bump(st.with->counts->passivations);
    counters::bump(st.with->counts->evictions);
    stop(self, st.live.at(*st.by_use.back()));
  }
}

/// Null: too many are in memory, and those that were sent away have not ended yet.
entry* find_or_activate(self_ptr self, const conversation_id& id) {
  auto& st = compat::state(self);
  auto it = st.live.find(id);
  if (it == st.live.end()) {
    if (st.live.size() >= 2 * most_live(st))
      return nullptr;
    make_room(self);
    it = st.live.try_emplace(id).first;
    auto& e = it->second;
    e.actor =
        spawn_conversation(self->system(), st.with, id, caf::actor_cast<caf::actor>(self), e.load);
    self->monitor(e.actor);
    st.by_address.emplace(e.actor.address(), &it->first);
    st.by_use.push_front(&it->first);
    e.place = st.by_use.begin();
    sweep_later(self);
  } else if (!it->second.stopping) {
    st.by_use.splice(st.by_use.begin(), st.by_use, it->second.place);
  }
  it->second.used = st.with->clock->now();
  return &it->second;
}

/// The actor has ended. What came meanwhile goes to a successor, in order.
void on_down(self_ptr self, const caf::actor_addr& who) {
  auto& st = compat::state(self);
  auto address = st.by_address.find(who);
  if (address == st.by_address.end())
    return;
  auto id = *address->second;
  st.by_address.erase(address);
  auto it = st.live.find(id);
  auto kept = std::move(it->second.kept);
  if (!it->second.stopping) // by itself: a fault that escaped it
    st.by_use.erase(it->second.place);
  st.live.erase(it);
  if (!kept.empty()) {
    // There is room: one has just ended, and nothing came in between.
    auto* successor = find_or_activate(self, id);
    for (auto& message : kept) {
      successor->load->reserve(kept.size());
      message(successor->actor);
    }
    if (st.draining)
      stop(self, *successor);
  }
  if (st.draining && st.live.empty())
    self->quit();
}

/// Lets every conversation finish its turn, then ends.
void drain_all(self_ptr self) {
  auto& st = compat::state(self);
  st.draining = true;
  while (!st.by_use.empty())
    stop(self, st.live.at(*st.by_use.back()));
  if (st.live.empty())
    self->quit();
}

void sweep(self_ptr self) {
  auto& st = compat::state(self);
  st.sweeping = false;
  auto before = st.with->clock->now() - st.with->idle_after;
  while (!st.by_use.empty() && st.live.at(*st.by_use.back()).used <= before) {
    counters::bump(st.with->counts->passivations);
    stop(self, st.live.at(*st.by_use.back()));
  }
  sweep_later(self);
}

// ---- forwarding ---------------------------------------------------------------------------------

interject::ticket ticket_of(const routed& what) {
  return conversation::ticket_of(*what.what);
}
interject::ticket ticket_of(const erase_conversation& what) {
  return what.ticket;
}

/// `what` is a routed input or an erase_conversation.
template <class T>
void pass(self_ptr self, const conversation_id& to, T what, caf::response_promise promise) {
  if (compat::state(self).draining) {
    promise.deliver(refused{ticket_of(what), errc::unavailable, "the server is stopping"});
    return;
  }
  auto& counts = *compat::state(self).with->counts;
  auto* e = find_or_activate(self, to);
  if (!e) {
    counters::bump(counts.refused_live);
    promise.deliver(refused{ticket_of(what), errc::unavailable,
                            "too many conversations are active; try again"});
    return;
  }
  auto most = compat::state(self).with->max_waiting;
  auto has_place = e->stopping ? e->kept.size() < most : e->load->reserve(most);
  if (!has_place) {
    counters::bump(counts.refused_busy);
    promise.deliver(
        refused{ticket_of(what), errc::busy, "too many messages wait for this conversation"});
  } else if (e->stopping) {
    e->kept.emplace_back([promise, what = std::move(what)](const caf::actor& a) mutable {
      promise.delegate(a, std::move(what));
    });
  } else {
    promise.delegate(e->actor, std::move(what));
  }
}

// ---- a notice for a person ----------------------------------------------------------------------

/// The newest conversations of a person that are looked at for one that reaches them.
constexpr std::size_t looked_at = 32;

bool reaches(const surroundings& with, const journal::conversation_row& row) {
  state s;
  if (!decode_all(row.state, s))
    return false;
  for (auto& c : with.bots->current()->policy.channels)
    if (c.name == s.channel)
      return !c.only_connected;
  return true;
}

/// The one with an open stream, else the most recent that reaches the person, else the most recent.
conversation_id best_of(const surroundings& with,
                        const std::vector<journal::conversation_row>& newest_first) {
  if (with.out)
    for (auto& row : newest_first)
      if (with.out->listening(row.id))
        return row.id;
  for (auto& row : newest_first)
    if (reaches(with, row))
      return row.id;
  return newest_first.empty() ? conversation_id() : newest_first.front().id;
}

/// A repeated id goes where it went the first time; else to the conversation in which the person
/// was last met.
caf::response_promise find_person(self_ptr self, notify& what) {
  auto& st = compat::state(self);
  auto promise = self->make_response_promise();
  if (st.lookups.size() >= max_lookups) {
    promise.deliver(
        refused{what.ticket, errc::busy, "too many notifications wait to be addressed"});
    return promise;
  }
  auto number = ++st.last_lookup;
  auto& asked = st.lookups.emplace(number, lookup{std::move(what), promise}).first->second.what;
  auto job = [back = caf::actor_cast<caf::actor>(self), number, user = asked.user,
              id = asked.what.id, with = st.with](journal::reader& rows) {
    compat::anon_send(back,
                      journal::look(person_found{number, {}, {}, {}, {}, {}}, [&](auto& found) {
                        if (auto seen = rows.find_notification(id); !seen)
                          found.failed = seen.error();
                        else if (*seen && !(*seen)->conversation.empty())
                          found.conversation = (*seen)->conversation;
                        else if (*seen && !(*seen)->trail.empty())
                          found.first = (*seen)->trail.front();
                        else if (auto theirs = rows.conversations_of(user, looked_at); !theirs)
                          found.failed = theirs.error();
                        else if (auto best = best_of(*with, *theirs); !best.empty()) {
                          found.conversation = best;
                          for (auto& row : *theirs)
                            found.among.push_back(row.id);
                        } else if (auto erased = rows.erased(user))
                          found.erased = *erased;
                      }));
  };
  journal::read(st.with->reader, std::move(job));
  return promise;
}

/// Of what was for somebody whom we do not know nothing is kept that would have to be erased with
/// them later, but that its sender was answered.
notification without_content(const notification& n) {
  notification out;
  out.id = n.id;
  out.mode = n.mode;
  out.urgency = n.urgency;
  out.lifetime = n.lifetime;
  out.created = n.created;
  out.topic = n.topic;
  return out;
}

/// Nobody we know: never contacted, whatever the urgency. The decision is kept for its trail.
void decline_stranger(self_ptr self, lookup l, bool erased) {
  auto& st = compat::state(self);
  decision d;
  d.action = delivery_action::dropped;
  d.code = delivery_code::no_optin;
  d.at = st.with->clock->now();
  d.rule = "A4";
  d.inputs = R"({"known":false})";
  if (erased)
    d.inputs = R"({"known":false,"erased":true})";
  auto kept = without_content(l.what.what);
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of_user(l.what.user), 1};
  rows->at = d.at;
  rows->notifications.push_back({kept.id, {}, kept, {d}, {}, {}, d.at});
  if (l.what.what.from == origin::reminder)
    rows->reminders_gone.push_back(l.what.what.source);
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then(
          [self, l, d](const journal::committed& c) mutable {
            if (c.ok) {
              counters::bump(
                  compat::state(self).with->counts->decisions[static_cast<std::size_t>(d.code)]);
              l.promise.deliver(decided{l.what.ticket, l.what.what.id, {}, d});
            } else {
              l.promise.deliver(refused{l.what.ticket, errc::unavailable,
                                        "it could not be made durable; try again"});
            }
          },
          [l](const caf::error&) mutable {
            l.promise.deliver(refused{l.what.ticket, errc::unavailable, "the journal has ended"});
          });
}

/// The one of `among` to which this id has been sent already, else `best`, which is remembered.
conversation_id same_again(router_state& st, const notification_id& id, const conversation_id& best,
                           const std::vector<conversation_id>& among) {
  auto [it, fresh] = st.went_to.try_emplace(id, best);
  if (!fresh) {
    if (std::find(among.begin(), among.end(), it->second) == among.end())
      it->second = best; // that one was erased
    return it->second;
  }
  st.went.push_back(id);
  if (st.went.size() > max_went) {
    st.went_to.erase(st.went.front());
    st.went.pop_front();
  }
  return best;
}

void on_found(self_ptr self, const person_found& found) {
  auto& st = compat::state(self);
  auto it = st.lookups.find(found.number);
  if (it == st.lookups.end())
    return;
  auto l = std::move(it->second);
  st.lookups.erase(it);
  if (found.failed)
    l.promise.deliver(refused{l.what.ticket, errc::unavailable, found.failed->what});
  else if (found.first)
    l.promise.deliver(decided{l.what.ticket, l.what.what.id, {}, *found.first});
  else if (found.conversation.empty())
    decline_stranger(self, std::move(l), found.erased);
  else {
    // Through the front: a conversation may live in another shard than its person's (it began
    // before its person was known, or an embedding program named it).
    auto& id = l.what.what.id;
    l.what.conversation =
        found.among.empty() || id.empty()
            ? found.conversation
            : same_again(compat::state(self), id, found.conversation, found.among);
    l.promise.delegate(st.front, std::move(l.what));
  }
}

caf::behavior router_actor(self_ptr self, surroundings_ptr with, caf::actor front) {
  compat::state(self).with = std::move(with);
  compat::state(self).front = std::move(front);
  self->set_down_handler([=](caf::down_msg& down) { on_down(self, down.source); });
  return {
      [=](routed& m) {
        auto promise = self->make_response_promise();
        pass(self, conversation_of(*m.what), m, promise);
        return promise;
      },
      [=](notify& m) { return find_person(self, m); },
      [=](const erase_conversation& m) {
        auto promise = self->make_response_promise();
        pass(self, m.conversation, m, promise);
        return promise;
      },
      [=](const retiring& m) {
        auto& live = compat::state(self).live;
        if (auto it = live.find(m.conversation); it != live.end())
          stop(self, it->second);
      },
      [=](const person_found& m) { on_found(self, m); },
      [=](const monitors::alarm_rang&) { sweep(self); },
      [=](drain) { drain_all(self); },
  };
}

} // namespace

caf::actor spawn_shard_router(caf::actor_system& sys, surroundings_ptr with, caf::actor front) {
  return sys.spawn(router_actor, std::move(with), std::move(front));
}

} // namespace interject::conversation
