// What a conversation asks of others before a turn: who its person is, and what a message means.
#include "actors/conversation/live.hpp"
#include "actors/dialog/bot_sections.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>

namespace interject::conversation {

namespace {

/// Whose conversation this is, or becomes by the input that is next.
const user_id& user_of(const live_state& st) {
  if (!st.now.talk.user.empty() || st.inbox.empty())
    return st.now.talk.user;
  auto* next = st.inbox.front().what.get();
  if (auto* open = std::get_if<open_conversation>(next))
    return open->user;
  if (auto* post = std::get_if<post_activity>(next); post && st.exists)
    return post->activity.from;
  return st.now.talk.user; // none yet
}

/// What we have changed since stands above what the keeper tells. Mostly there is nothing, and all
/// share one profile.
std::shared_ptr<const person::profile> with_unseen(const live_state& st,
                                                   std::shared_ptr<const person::profile> told) {
  if (!st.unseen)
    return told;
  auto ours = std::make_shared<person::profile>(*told);
  for (auto& [number, changes] : *st.unseen)
    for (auto& c : changes)
      person::apply(*ours, c);
  return ours;
}

/// Nobody tells it any more: it is asked for again before the next turn.
void forget_person(self_ptr self) {
  auto& st = compat::state(self);
  st.met = false;
  st.known.clear();
  work(self);
  end_if_asked(self);
}

/// Mostly the answer is a profile that is known already.
void join(self_ptr self, person::join_person whom) {
  auto& st = compat::state(self);
  st.known = whom.user;
  st.met = false;
  // A keeper that ends refuses what waits there: no time-out, which would cost a timer each.
  compat::request(self, st.with->people, caf::infinite, std::move(whom))
      .then([self](const person::person_is& m) { meet(self, m); },
            [self](const caf::error&) {
              if (!compat::state(self).failed)
                fail(self, errc::unavailable, "the person cannot be read; try again");
              end_if_asked(self);
            });
}

} // namespace

// ---- the person

bool person_is_here(self_ptr self) {
  auto& st = compat::state(self);
  auto& user = user_of(st);
  if (user.empty() || !st.with->people || (st.known == user && st.met))
    return true;
  if (st.known == user)
    return false;
  join(self, {user, st.id()});
  return false;
}

void join_read_person(self_ptr self, const activation& found) {
  auto& st = compat::state(self);
  if (found.who && st.with->people)
    join(self, {st.now.talk.user, st.id(), found.who, found.forgotten});
}

void meet(self_ptr self, const person::person_is& m) {
  auto& st = compat::state(self);
  if (m.user != st.known || st.failed)
    return;
  if (!m.who)
    return forget_person(self);
  auto news = std::exchange(st.met, true); // not what it has asked for itself
  if (st.unseen)
    std::erase_if(*st.unseen, [&](auto& each) { return each.first <= m.seen; });
  if (st.unseen && st.unseen->empty())
    st.unseen = nullptr;
  adopt(st.now, with_unseen(st, m.who));
  // What was held may go now, or must not any more. Were it so at each activation, conversations
  // that push each other out of memory would wake each other forever.
  if (news && !st.now.queue.items.empty())
    compat::anon_send(st.router, routed{std::make_shared<const input>(
                                     interject::wake{0, st.id()})}); // reserves its place
  work(self);
  end_if_asked(self);
}

// ---- a meaning from outside

bool is_to_be_asked(const live_state& st, const input& in, time_point now) {
  auto* post = std::get_if<post_activity>(&in);
  if (!post || !st.with->recogniser || !st.exists || st.heard || !st.bot || st.now.parked ||
      post->activity.type != activity_type::message)
    return false;
  auto& a = post->activity;
  if (!a.client_id.empty() && st.clients.find(a.client_id))
    return false; // a repeat
  return dialog::wants_intent(*st.bot->bot, st.now.talk, {a.text, a.tapped}, now);
}

/// It stays at the head, unanswered, so that order and atomicity are what they are without
/// (docs/decisions).
void ask_outside(self_ptr self, const incoming_activity& a) {
  auto& st = compat::state(self);
  auto& how = *dialog::sections(*st.bot->bot).recognizer;
  st.asking = true;
  auto go_on = [self](std::optional<recognition> it) {
    auto& s = compat::state(self);
    s.asking = false;
    s.heard = std::make_unique<monitors::recognised>(monitors::recognised{std::move(it)});
    work(self);
    end_if_asked(self);
  };
  monitors::recognise what{a.text, activity_id(st.id(), st.last_seq + 1), how.url, how.timeout,
                           how.confidence};
  compat::request(self, st.with->recogniser, 3 * how.timeout + std::chrono::seconds(1),
                  std::move(what))
      .then([go_on](const monitors::recognised& r) { go_on(r.it); },
            [go_on](const caf::error&) { go_on({}); });
}

} // namespace interject::conversation
