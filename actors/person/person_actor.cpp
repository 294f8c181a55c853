// Keeps persons: their profiles, tells them to their conversations, and erases all of it. One actor
// for many, as there are as many persons as conversations, and one has next to nothing to do.
//   in:  set_person, erase_person, join_person, person_committed, from the front only
//   out: commits to the journal; person_is to the conversations that joined; erase_conversation to
//   their router
// A conversation writes the person's settings in its own commits, so that a turn is one
// transaction; it tells us afterwards, and we tell the others. See
// docs/decisions/0008-people-and-their-conversations.md.
#include "actors/person/person_actor.hpp"

#include "actors/journal/look.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace interject::person {

namespace {

namespace compat = interject::runtime;

/// A promise that dies with its conversation is never answered: then the erasure has failed.
constexpr auto answer_within = std::chrono::minutes(1);
/// Conversations that are erased at once; then the next are looked for.
constexpr std::size_t erased_at_once = 256;
constexpr auto sweep_every = std::chrono::minutes(1);

struct member {
  caf::actor who;
  conversation_id conversation;
  std::uint64_t seen = 0;
};

struct erasing {
  caf::response_promise promise;
  interject::ticket ticket = 0;
  std::size_t left = 0; ///< conversations of those that were found
};

/// Of a person who cannot be read: what waits is told so.
using work_to_do = std::function<void(bool unreadable)>;

/// Where in the journal's order keys were last written, the newest `marks_limit` of them. Several
/// write, and what they tell may come in another order than it has on the disk.
struct mark {
  std::string key;
  std::uint64_t place = 0;
};
constexpr std::size_t marks_limit = 64;

/// Stays where it is while it is needed: see `is_needed`.
struct kept_person {
  user_id user;
  std::shared_ptr<const profile> who; ///< null: nothing is known
  bool loaded = false;
  bool busy = false; ///< a commit or an erasure is under way
  time_point used{};
  std::vector<member> members;
  std::vector<work_to_do> waiting; ///< in order; each runs when nothing is under way
  std::unique_ptr<erasing> end;
  std::unique_ptr<std::vector<mark>> marks; ///< null while there was one writer only
};

bool is_needed(const kept_person& p) {
  return !p.loaded || p.busy || !p.members.empty() || !p.waiting.empty();
}

struct keeper_state {
  static inline const char* name = "interject.persons";
  people_ptr with;
  caf::actor conversations;
  std::unordered_map<user_id, kept_person> persons;
  bool sweeping = false;

  void forget() { with->forgotten->fetch_add(1); }

  /// At its end, which is a failure or the node's: the conversations are to ask again, and who
  /// waits is refused.
  ~keeper_state() {
    if (with)
      forget();
    for (auto& [user, p] : persons) {
      for (auto& m : p.members)
        compat::anon_send(m.who, person_is{user, 0, nullptr});
      for (auto& each : std::exchange(p.waiting, {}))
        each(true);
    }
  }
};
using self_ptr = caf::stateful_actor<keeper_state>*;

std::shared_ptr<const profile> profile_of(const kept_person& p) {
  return p.who ? p.who : nobody();
}

void go_on(kept_person& p) {
  while (p.loaded && !p.busy && !p.waiting.empty()) {
    auto next = std::move(p.waiting.front());
    p.waiting.erase(p.waiting.begin()); // mostly the only one
    next(false);
  }
  if (p.waiting.empty())
    p.waiting.shrink_to_fit(); // there are as many persons as conversations
}

template <class Wanted> void tell_those(self_ptr self, const kept_person& p, Wanted wanted) {
  for (auto& m : p.members)
    if (wanted(m))
      compat::send(self, m.who, person_is{p.user, m.seen, profile_of(p)});
}

void tell_all(self_ptr self, const kept_person& p) {
  tell_those(self, p, [](auto&) { return true; });
}

/// Where the person was last met: it changes as often as they go from one conversation to the
/// other.
bool tells_where(const person_change& c) {
  return c.key == "chat" || c.key.starts_with("chat.");
}

/// The conversations that these changes take that place from.
std::vector<conversation_id> left_by(const kept_person& p,
                                     const std::vector<person_change>& changes) {
  std::vector<conversation_id> out;
  auto who = profile_of(p);
  for (auto& c : changes)
    if (auto* was = find(*who, c.key); was && was->as_text())
      out.push_back(*was->as_text());
  return out;
}

/// False: a later commit has written the key already.
bool is_newest(kept_person& p, const std::string& key, std::uint64_t place, bool of_several) {
  if (!p.marks && !of_several)
    return true;
  if (!p.marks)
    p.marks = std::make_unique<std::vector<mark>>();
  auto& all = *p.marks;
  auto it = std::find_if(all.begin(), all.end(), [&](auto& m) { return m.key == key; });
  if (it != all.end() && it->place > place)
    return false;
  if (it != all.end())
    all.erase(it);
  else if (all.size() == marks_limit)
    all.erase(all.begin());
  all.push_back({key, place});
  return true;
}

/// Of the commit at that place of the journal's order. `of_several`: others may write meanwhile.
void apply_all(kept_person& p, const std::vector<person_change>& changes, std::uint64_t place,
               bool of_several) {
  auto who = std::make_shared<profile>(*profile_of(p));
  for (auto& c : changes)
    if (is_newest(p, c.key, place, of_several))
      apply(*who, c);
  p.who = std::move(who);
}

std::shared_ptr<journal::commit> commit_of(const keeper_state& st, const kept_person& p) {
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of_user(p.user), 1};
  rows->at = st.with->clock->now();
  return rows;
}

// ---- changes from outside -----------------------------------------------------------------------

void set(self_ptr self, kept_person& p, const set_person& m, caf::response_promise promise) {
  auto& st = compat::state(self);
  auto trial = *profile_of(p);
  auto rows = commit_of(st, p);
  for (auto& c : m.changes) {
    if (!apply(trial, c))
      return promise.deliver(
          refused{m.ticket, errc::too_large,
                  "\"" + c.key + "\" is too large, or the person has too many settings"});
    rows->person_values.push_back({p.user, c.key, c.to});
  }
  p.busy = true;
  auto failed = [&p, promise, t = m.ticket](const std::string& why) mutable {
    p.busy = false;
    runtime::log_warn("person.commit_failed", "why=\"{}\"", why);
    promise.deliver(refused{t, errc::unavailable, "it could not be made durable; try again"});
    go_on(p);
  };
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then(
          [self, &p, promise, m, failed](const journal::committed& c) mutable {
            if (!c.ok)
              return failed(c.what);
            p.busy = false;
            apply_all(p, m.changes, c.place, true);
            tell_all(self, p);
            promise.deliver(done{m.ticket});
            go_on(p);
          },
          [failed](const caf::error&) mutable { failed("the journal has ended"); });
}

// ---- erasing ------------------------------------------------------------------------------------

void finish_erasing(self_ptr self, kept_person& p, std::optional<refused> why) {
  auto end = std::exchange(p.end, nullptr);
  p.busy = false;
  if (why) {
    why->ticket = end->ticket;
    end->promise.deliver(*why);
  } else {
    p.who = nullptr;
    p.marks = nullptr;
    tell_all(self, p); // of conversations that have begun since
    end->promise.deliver(done{end->ticket});
  }
  go_on(p);
}

/// After the last conversation: the person, and what the database's log still holds of them.
void erase_rows(self_ptr self, kept_person& p) {
  auto& st = compat::state(self);
  auto rows = commit_of(st, p);
  rows->erase_user = p.user;
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then(
          [self, &p](const journal::committed& c) {
            if (!c.ok)
              return finish_erasing(self, p, refused{0, errc::unavailable, c.what});
            compat::send(self, compat::state(self).with->journal, journal::scrub_log{});
            finish_erasing(self, p, {});
          },
          [self, &p](const caf::error&) {
            finish_erasing(self, p, refused{0, errc::unavailable, "the journal has ended"});
          });
}

void look_for_conversations(self_ptr self, const kept_person& p) {
  auto job = [back = caf::actor_cast<caf::actor>(self), user = p.user](journal::reader& rows) {
    compat::anon_send(back, journal::look(conversations_found{user, {}, {}}, [&](auto& found) {
                        if (auto all = rows.conversations_of(user, erased_at_once))
                          for (auto& row : *all)
                            found.ids.push_back(row.id);
                        else
                          found.failed = all.error();
                      }));
  };
  journal::read(compat::state(self).with->reader, std::move(job));
}

void erase(self_ptr self, kept_person& p, const erase_person& m, caf::response_promise promise) {
  p.busy = true;
  p.end = std::make_unique<erasing>(erasing{std::move(promise), m.ticket, 0});
  look_for_conversations(self, p);
}

void erase_conversations(self_ptr self, kept_person& p, const conversations_found& found) {
  auto& st = compat::state(self);
  if (found.failed)
    return finish_erasing(self, p, refused{0, errc::unavailable, found.failed->what});
  if (found.ids.empty())
    return erase_rows(self, p);
  p.end->left = found.ids.size();
  auto failed = std::make_shared<std::optional<refused>>();
  auto one_less = [self, &p, failed] {
    if (--p.end->left > 0)
      return;
    if (*failed)
      finish_erasing(self, p, *failed);
    else
      look_for_conversations(self, p);
  };
  auto not_erased = [one_less, failed](const caf::error&) { // a refusal comes here, too
    *failed = refused{0, errc::unavailable, "a conversation could not be erased; try again"};
    one_less();
  };
  for (auto& id : found.ids)
    compat::request(self, st.conversations, answer_within, erase_conversation{0, id})
        .then([one_less](const done&) { one_less(); }, not_erased);
}

// ---- conversations ------------------------------------------------------------------------------

member* find_member(kept_person& p, const caf::actor_addr& who) {
  auto it = std::find_if(p.members.begin(), p.members.end(),
                         [&](auto& m) { return m.who.address() == who; });
  return it == p.members.end() ? nullptr : &*it;
}

void join(self_ptr self, kept_person& p, const caf::actor& who, const conversation_id& of,
          caf::response_promise promise) {
  auto* m = find_member(p, who.address());
  if (!m) {
    m = &p.members.emplace_back(member{who, of, 0});
    // Less to keep than a monitor and a way back from its address.
    caf::actor_cast<caf::abstract_actor*>(who)->attach_functor(
        [keeper = caf::actor_cast<caf::actor_addr>(self), user = p.user, address = who.address()] {
          if (auto to = caf::actor_cast<caf::actor>(keeper))
            compat::anon_send(to, member_left{user, address});
        });
  }
  promise.deliver(person_is{p.user, m->seen, profile_of(p)});
}

void take_over(self_ptr self, kept_person& p, const person_committed& m,
               const caf::actor_addr& from) {
  auto left = left_by(p, m.changes);
  apply_all(p, m.changes, m.place, p.members.size() != 1);
  if (auto* by = find_member(p, from))
    by->seen = std::max(by->seen, m.number);
  if (!std::all_of(m.changes.begin(), m.changes.end(), tells_where))
    return tell_all(self, p);
  // A thousand conversations of one name must not cost a thousand messages a turn.
  tell_those(self, p, [&](auto& each) {
    return each.who.address() == from ||
           std::find(left.begin(), left.end(), each.conversation) != left.end();
  });
}

// ---- into memory and out of it ------------------------------------------------------------------

void sweep_later(self_ptr self) {
  auto& st = compat::state(self);
  if (st.sweeping || st.persons.empty())
    return;
  st.sweeping = true;
  compat::send(self, st.with->timers, monitors::set_alarm{0, st.with->clock->now() + sweep_every});
}

void sweep(self_ptr self) {
  auto& st = compat::state(self);
  st.sweeping = false;
  auto before = st.with->clock->now() - st.with->idle_after;
  auto gone = std::erase_if(st.persons, [&](auto& each) {
    return each.second.used <= before && !is_needed(each.second);
  });
  if (gone > 0)
    st.forget();
  sweep_later(self);
}

void load(self_ptr self, const user_id& who) {
  auto job = [back = caf::actor_cast<caf::actor>(self), user = who](journal::reader& rows) {
    compat::anon_send(back, journal::look(person_loaded{user, {}, {}}, [&](auto& found) {
                        if (auto read = read_profile(rows, user))
                          found.who = std::move(*read);
                        else
                          found.failed = read.error();
                      }));
  };
  journal::read(compat::state(self).with->reader, std::move(job));
}

void take_loaded(self_ptr self, const person_loaded& m) {
  auto& st = compat::state(self);
  auto it = st.persons.find(m.user);
  if (it == st.persons.end())
    return;
  if (m.failed) { // whoever waits comes again, and it is read anew
    runtime::log_warn("person.unreadable", "why=\"{}\"", m.failed->what);
    auto waiting = std::move(it->second.waiting);
    st.persons.erase(it);
    st.forget();
    for (auto& each : waiting)
      each(true);
    return;
  }
  it->second.who = m.who;
  it->second.loaded = true;
  go_on(it->second);
}

/// `read`: the profile, if it is known to be the stored one, should it not be here yet.
kept_person& find_or_load(self_ptr self, const user_id& user,
                          const std::shared_ptr<const profile>& read = nullptr) {
  auto& st = compat::state(self);
  auto [it, fresh] = st.persons.try_emplace(user);
  auto& p = it->second;
  p.used = st.with->clock->now();
  if (fresh) {
    p.user = user;
    p.who = read;
    p.loaded = read != nullptr;
    if (!p.loaded)
      load(self, user);
    sweep_later(self);
  }
  return p;
}

void later(kept_person& p, work_to_do work) {
  if (p.loaded && !p.busy && p.waiting.empty())
    return work(false);
  p.waiting.push_back(std::move(work));
}

template <class T>
caf::response_promise admit(self_ptr self, const T& m,
                            void (*run)(self_ptr, kept_person&, const T&, caf::response_promise)) {
  auto promise = self->make_response_promise();
  auto& p = find_or_load(self, m.user);
  if (p.waiting.size() >= compat::state(self).with->max_waiting)
    promise.deliver(refused{m.ticket, errc::busy, "too many requests wait for this person"});
  else
    later(p, [=, &p](bool unreadable) mutable {
      if (unreadable)
        promise.deliver(
            refused{m.ticket, errc::unavailable, "the person cannot be read; try again"});
      else
        run(self, p, m, promise);
    });
  return promise;
}

caf::behavior keeper_actor(self_ptr self, people_ptr with) {
  compat::state(self).with = std::move(with);
  return {
      [=](const set_person& m) { return admit(self, m, set); },
      [=](const erase_person& m) { return admit(self, m, erase); },
      // What conversations send is not held to `max_waiting`: each of those in memory waits for one
      // answer, or has one commit under way, and their number has a bound.
      [=](const join_person& m) {
        auto who =
            caf::actor_cast<caf::actor>(self->current_sender()); // the promise takes the sender
        auto promise = self->make_response_promise();
        if (!who)
          return promise;
        auto& st = compat::state(self);
        auto& p = find_or_load(self, m.user,
                               m.forgotten == st.with->forgotten->load() ? m.read : nullptr);
        later(p, [=, &p](bool unreadable) mutable {
          if (unreadable)
            promise.deliver(refused{0, errc::unavailable, "the person cannot be read; try again"});
          else
            join(self, p, who, m.conversation, promise);
        });
        return promise;
      },
      [=](const person_committed& m) {
        auto from = caf::actor_cast<caf::actor>(self->current_sender());
        auto address = from ? from.address() : caf::actor_addr();
        auto& p = find_or_load(self, m.user);
        // It is on disk already, so before what is still being written.
        if (p.loaded)
          return take_over(self, p, m, address);
        later(p, [=, &p](bool unreadable) {
          if (!unreadable)
            take_over(self, p, m, address);
        });
      },
      [=](const member_left& m) {
        auto& persons = compat::state(self).persons;
        if (auto it = persons.find(m.user); it != persons.end())
          std::erase_if(it->second.members,
                        [&](auto& each) { return each.who.address() == m.who; });
      },
      [=](const person_loaded& m) { take_loaded(self, m); },
      [=](const conversations_found& m) {
        auto& persons = compat::state(self).persons;
        if (auto it = persons.find(m.user); it != persons.end() && it->second.end)
          erase_conversations(self, it->second, m);
      },
      [=](const conversations_are& m) { compat::state(self).conversations = m.router; },
      [=](const monitors::alarm_rang&) { sweep(self); },
  };
}

} // namespace

result<std::shared_ptr<const profile>> read_profile(journal::reader& rows, const user_id& user) {
  auto values = rows.person_values(user);
  if (!values)
    return values.error();
  if (values->empty())
    return nobody();
  auto read = std::make_shared<profile>();
  for (auto& [key, v] : *values)
    apply(*read, {key, v});
  return std::shared_ptr<const profile>(std::move(read));
}

caf::actor spawn_keeper(caf::actor_system& sys, people_ptr with) {
  return sys.spawn(keeper_actor, std::move(with));
}

} // namespace interject::person
