// One person: keeps the profile, tells it to the person's conversations, and erases all of it.
//   in:  set_person, erase_person, join_person, person_committed, from the router only
//   out: commits to the journal; person_is to the conversations that joined; erase_conversation to
//   their router
// A conversation writes the person's settings in its own commits, so that a turn is one
// transaction; it tells us afterwards, and we tell the others. See
// docs/decisions/0008-people-and-their-conversations.md.
#include "actors/person/person_actor.hpp"

#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <unordered_map>

namespace interject::person {

namespace {

namespace compat = interject::runtime;

/// A promise that dies with its conversation is never answered: then the erasure has failed.
constexpr auto answer_within = std::chrono::minutes(1);
/// Conversations that are erased at once; then the next are looked for.
constexpr std::size_t erased_at_once = 256;

struct member {
  caf::actor who;
  conversation_id conversation;
  std::uint64_t seen = 0;
};

struct person_state {
  static inline const char* name = "interject.person";
  people_ptr with;
  user_id user;
  caf::actor router, conversations;
  std::shared_ptr<profile> who = std::make_shared<profile>();
  bool loaded = false;
  bool busy = false; ///< a commit or an erasure is under way
  std::unordered_map<caf::actor_addr, member> members;
  std::deque<std::function<void()>> waiting; ///< in order; each runs when nothing is under way
  caf::response_promise erasing;
  ticket erasing_ticket = 0;
  std::size_t left_to_erase = 0;
};
using self_ptr = caf::stateful_actor<person_state>*;

void go_on(self_ptr self) {
  auto& st = compat::state(self);
  while (st.loaded && !st.busy && !st.waiting.empty()) {
    auto next = std::move(st.waiting.front());
    st.waiting.pop_front();
    next();
  }
}

template <class Wanted> void tell_those(self_ptr self, Wanted wanted) {
  auto& st = compat::state(self);
  auto now = std::make_shared<const profile>(*st.who);
  for (auto& [address, m] : st.members)
    if (wanted(address, m))
      compat::send(self, m.who, person_is{st.user, m.seen, now});
}

void tell_all(self_ptr self) {
  tell_those(self, [](auto&, auto&) { return true; });
}

/// Where the person was last met: it changes as often as they go from one conversation to the other.
bool tells_where(const person_change& c) { return c.key == "chat" || c.key.starts_with("chat."); }

/// The conversations that these changes take that place from.
std::vector<conversation_id> left_by(const person_state& st, const std::vector<person_change>& changes) {
  std::vector<conversation_id> out;
  for (auto& c : changes)
    if (auto* was = find(*st.who, c.key); was && was->as_text())
      out.push_back(*was->as_text());
  return out;
}

void apply_all(person_state& st, const std::vector<person_change>& changes) {
  for (auto& c : changes)
    apply(*st.who, c);
}

std::shared_ptr<journal::commit> commit_of(const person_state& st) {
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of_user(st.user), 1};
  rows->at = st.with->clock->now();
  return rows;
}

// ---- changes from outside ------------------------------------------------------------------------

void set(self_ptr self, const set_person& m, caf::response_promise promise) {
  auto& st = compat::state(self);
  auto trial = *st.who;
  auto rows = commit_of(st);
  for (auto& c : m.changes) {
    if (!apply(trial, c))
      return promise.deliver(
          refused{m.ticket, errc::too_large,
                  "\"" + c.key + "\" is too large, or the person has too many settings"});
    rows->person_values.push_back({st.user, c.key, c.to});
  }
  st.busy = true;
  auto failed = [self, promise, t = m.ticket](const std::string& why) mutable {
    compat::state(self).busy = false;
    runtime::log_warn("person.commit_failed", "why=\"{}\"", why);
    promise.deliver(refused{t, errc::unavailable, "it could not be made durable; try again"});
    go_on(self);
  };
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then(
          [self, promise, m, failed](const journal::committed& c) mutable {
            if (!c.ok)
              return failed(c.what);
            auto& s = compat::state(self);
            s.busy = false;
            apply_all(s, m.changes);
            tell_all(self);
            promise.deliver(done{m.ticket});
            go_on(self);
          },
          [failed](const caf::error&) mutable { failed("the journal has ended"); });
}

// ---- erasing -------------------------------------------------------------------------------------

void finish_erasing(self_ptr self, std::optional<refused> why) {
  auto& st = compat::state(self);
  st.busy = false;
  if (why) {
    why->ticket = st.erasing_ticket;
    st.erasing.deliver(*why);
  } else {
    *st.who = {};
    tell_all(self); // of conversations that have begun since
    st.erasing.deliver(done{st.erasing_ticket});
  }
  go_on(self);
}

/// After the last conversation: the person, and what the database's log still holds of them.
void erase_rows(self_ptr self) {
  auto& st = compat::state(self);
  auto rows = commit_of(st);
  rows->erase_user = st.user;
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then(
          [self](const journal::committed& c) {
            if (!c.ok)
              return finish_erasing(self, refused{0, errc::unavailable, c.what});
            compat::send(self, compat::state(self).with->journal, journal::scrub_log{});
            finish_erasing(self, {});
          },
          [self](const caf::error&) {
            finish_erasing(self, refused{0, errc::unavailable, "the journal has ended"});
          });
}

void look_for_conversations(self_ptr self) {
  auto& st = compat::state(self);
  auto job = [back = caf::actor_cast<caf::actor>(self), user = st.user](journal::reader& rows) {
    conversations_found found;
    if (auto all = rows.conversations_of(user, erased_at_once))
      for (auto& row : *all)
        found.ids.push_back(row.id);
    else
      found.failed = all.error();
    compat::anon_send(back, std::move(found));
  };
  compat::send(
      self, st.with->reader,
      journal::read_job{std::make_shared<std::function<void(journal::reader&)>>(std::move(job))});
}

void erase(self_ptr self, const erase_person& m, caf::response_promise promise) {
  auto& st = compat::state(self);
  st.busy = true;
  st.erasing = std::move(promise);
  st.erasing_ticket = m.ticket;
  look_for_conversations(self);
}

void erase_conversations(self_ptr self, const conversations_found& found) {
  auto& st = compat::state(self);
  if (found.failed)
    return finish_erasing(self, refused{0, errc::unavailable, found.failed->what});
  if (found.ids.empty())
    return erase_rows(self);
  st.left_to_erase = found.ids.size();
  auto failed = std::make_shared<std::optional<refused>>();
  auto one_less = [self, failed] {
    if (--compat::state(self).left_to_erase > 0)
      return;
    if (*failed)
      finish_erasing(self, *failed);
    else
      look_for_conversations(self);
  };
  for (auto& id : found.ids)
    compat::request(self, st.conversations, answer_within, erase_conversation{0, id})
        .then([one_less](const done&) { one_less(); }, [one_less, failed](
                                                           const caf::error&) { // a refusal comes
                                                                                // here, too
          *failed = refused{0, errc::unavailable, "a conversation could not be erased; try again"};
          one_less();
        });
}

// ---- conversations -------------------------------------------------------------------------------

void join(self_ptr self, const caf::actor& who, const conversation_id& of, caf::response_promise promise) {
  auto& st = compat::state(self);
  auto [it, fresh] = st.members.try_emplace(who.address(), member{who, of, 0});
  if (fresh)
    self->monitor(who);
  promise.deliver(person_is{st.user, it->second.seen, std::make_shared<const profile>(*st.who)});
}

void take_over(self_ptr self, const person_committed& m, const caf::actor_addr& from) {
  auto& st = compat::state(self);
  auto left = left_by(st, m.changes);
  apply_all(st, m.changes);
  if (auto it = st.members.find(from); it != st.members.end())
    it->second.seen = std::max(it->second.seen, m.number);
  if (!std::all_of(m.changes.begin(), m.changes.end(), tells_where))
    return tell_all(self);
  // A thousand conversations of one name must not cost a thousand messages a turn.
  tell_those(self, [&](auto& address, auto& each) {
    return address == from || std::find(left.begin(), left.end(), each.conversation) != left.end();
  });
}

// ---- activation ----------------------------------------------------------------------------------

void activate(self_ptr self) {
  auto& st = compat::state(self);
  auto job = [back = caf::actor_cast<caf::actor>(self), user = st.user](journal::reader& rows) {
    person_loaded found;
    auto who = std::make_shared<profile>();
    if (auto values = rows.person_values(user))
      for (auto& [key, v] : *values)
        apply(*who, {key, v});
    else
      found.failed = values.error();
    found.who = std::move(who);
    compat::anon_send(back, std::move(found));
  };
  compat::send(
      self, st.with->reader,
      journal::read_job{std::make_shared<std::function<void(journal::reader&)>>(std::move(job))});
}

template <class Work> void later(self_ptr self, Work work) {
  compat::state(self).waiting.push_back(std::move(work));
  go_on(self);
}

template <class T>
caf::response_promise admit(self_ptr self, const T& m,
                            void (*run)(self_ptr, const T&, caf::response_promise)) {
  auto promise = self->make_response_promise();
  auto& st = compat::state(self);
  if (st.waiting.size() >= st.with->max_waiting)
    promise.deliver(refused{m.ticket, errc::busy, "too many requests wait for this person"});
  else
    later(self, [=] { run(self, m, promise); });
  return promise;
}

caf::behavior person_actor(self_ptr self, people_ptr with, user_id user, caf::actor router,
                           caf::actor conversations) {
  auto& st = compat::state(self);
  st.with = std::move(with);
  st.user = std::move(user);
  st.router = std::move(router);
  st.conversations = std::move(conversations);
  self->monitor(st.router);
  self->set_down_handler([=](caf::down_msg& m) {
    auto& s = compat::state(self);
    if (m.source == s.router.address())
      return self->quit(caf::exit_reason::unreachable);
    s.members.erase(m.source);
  });
  activate(self);
  return {
      [=](const set_person& m) { return admit(self, m, set); },
      [=](const erase_person& m) { return admit(self, m, erase); },
      [=](const join_person& m) {
        auto who = caf::actor_cast<caf::actor>(self->current_sender()); // the promise takes the sender
        auto promise = self->make_response_promise();
        if (who)
          later(self, [=] { join(self, who, m.conversation, promise); });
        return promise;
      },
      [=](const person_committed& m) {
        auto from = caf::actor_cast<caf::actor>(self->current_sender());
        auto address = from ? from.address() : caf::actor_addr();
        later(self, [=] { take_over(self, m, address); });
      },
      [=](const person_loaded& m) {
        auto& s = compat::state(self);
        if (m.failed) { // whoever waits comes again, and a successor reads anew
          runtime::log_warn("person.unreadable", "why=\"{}\"", m.failed->what);
          return self->quit(caf::exit_reason::unreachable);
        }
        *s.who = *m.who;
        s.loaded = true;
        go_on(self);
      },
      [=](const conversations_found& m) { erase_conversations(self, m); },
      [=](passivate_person) {
        auto& s = compat::state(self);
        if (s.members.empty() && !s.busy && s.waiting.empty() && s.loaded)
          self->quit();
        else
          compat::send(self, s.router, person_needed{s.user});
      },
  };
}

} // namespace

caf::actor spawn_person(caf::actor_system& sys, people_ptr with, user_id user, caf::actor router,
                        caf::actor conversations) {
  return sys.spawn(person_actor, std::move(with), std::move(user), std::move(router),
                   std::move(conversations));
}

} // namespace interject::person
