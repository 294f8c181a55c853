// One person, one bot, one mailbox. Decides nothing: turn.hpp does.
//   in:  the requests of protocols/messages.hpp, from the router only
//   out: a commit to the journal; when it is on disk, activities to the outlet, effects to the monitors, answers
#include "actors/conversation/conversation_actor.hpp"

#include "actors/conversation/commit.hpp"
#include "actors/conversation/load.hpp"
#include "actors/conversation/local_messages.hpp"
#include "actors/conversation/recent_clients.hpp"
#include "actors/conversation/spawn.hpp"
#include "actors/dialog/bot_sections.hpp"
#include "actors/dialog/migrate.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "protocols/codec/binary.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <unordered_map>
#include <vector>

namespace interject::conversation {

namespace {

namespace compat = interject::runtime;
using runtime::counters;

/// Inputs that one commit may carry; the rest waits for the next.
constexpr std::size_t max_inputs_per_commit = 16;

/// A wake that changes nothing and still is due is asked for again after this.
constexpr auto wake_again_after = std::chrono::seconds(1);

/// A promise that dies with its actor is never answered: this bounds such a failure of our own.
constexpr auto person_within = std::chrono::minutes(1);

struct waiting_input {
  input what;
  caf::response_promise promise;
  place held;
};

struct reply {
  answer what;
  caf::response_promise promise;
  place held;
};

/// The commit under way, and who waits for it.
struct writing {
  journal::commit_ptr rows;
  std::vector<reply> replies;
};

struct looked_up {
  caf::response_promise promise;
  place held;
};

struct actor_state {
  static inline const char* name = "interject.conversation";

  surroundings_ptr with;
  conversation_id id;
  caf::actor router;
  load_ptr load;
  std::shared_ptr<const definitions> bot;
  state now;
  bool loaded = false;   ///< the row was read, or there is none
  bool exists = false;
  bool busy = false;     ///< a commit is under way
  bool failed = false;   ///< memory may be ahead of the disk: takes nothing more
  bool asking = false;   ///< what the message at the head means; nothing is taken meanwhile
  std::optional<monitors::recognised> heard; ///< and what it was answered
  bool stopping = false; ///< ends as soon as nothing is under way
  bool counting = false; ///< a failed turn is being counted in the row
  bool parking = false;  ///< and it is the last one that is tried
  std::uint64_t version = 0;
  std::uint64_t last_seq = 0;
  std::optional<time_point> wake; ///< as the timers know it
  user_id known;                  ///< whose profile was asked for, or is here
  bool met = false;               ///< it is here; else it was only asked for
  std::uint64_t changes = 0;      ///< commits of ours that changed the person
  std::vector<std::pair<std::uint64_t, std::vector<person_change>>> unseen; ///< that the person has not told back yet
  caf::response_promise erasing;
  std::optional<ticket> erase; ///< asked for; done when nothing is under way
  bool erased = false;         ///< and it is: the actor is about to end
  recent_clients clients;
  std::vector<waiting_input> inbox;
  writing under_way;
  std::uint64_t last_lookup = 0;
  std::unordered_map<std::uint64_t, looked_up> lookups;

  ~actor_state() {
    if (with)
      with->counts->live.fetch_sub(1, std::memory_order_relaxed);
  }
};
using self_ptr = caf::stateful_actor<actor_state>*;

void work(self_ptr self);
void read_row(self_ptr self);
void crash(self_ptr self, const std::string& why);

// ---- answers -----------------------------------------------------------------------------------------

void refuse(caf::response_promise& promise, ticket t, errc code, std::string what) {
  promise.deliver(refused{t, code, std::move(what)});
}

/// The actor takes nothing more.
void refuse_ended(const actor_state& st, caf::response_promise& promise, ticket t) {
  if (st.erased)
    refuse(promise, t, errc::not_found, "this conversation was erased");
  else
    refuse(promise, t, errc::unavailable, "the conversation is being restored; try again");
}

/// A notification id that came again is answered with its first result, which the journal knows.
void look_up(self_ptr self, const repeated& what, looked_up asker) {
  auto& st = compat::state(self);
  auto number = ++st.last_lookup;
  counters::bump(st.with->counts->decisions[static_cast<std::size_t>(delivery_code::dup_id)]);
  st.lookups.emplace(number, std::move(asker));
  auto back = caf::actor_cast<caf::actor>(self);
  auto job = [back, number, what](journal::reader& rows) {
    first_result found{number, {}};
    if (auto stored = rows.find_notification(what.id); stored && *stored && !(*stored)->trail.empty())
      found.was = decided{what.ticket, what.id, (*stored)->conversation, (*stored)->trail.front()};
    compat::anon_send(back, std::move(found));
  };
  journal::read(st.with->reader, std::move(job));
}

void give(self_ptr self, reply&& r) {
  std::visit(
      [&](auto& what) {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, repeated>)
          look_up(self, what, {std::move(r.promise), std::move(r.held)});
        else
          r.promise.deliver(std::move(what));
      },
      r.what);
}

// ---- failure and the end ---------------------------------------------------------------------------------

void refuse_waiting(actor_state& st, errc code, const std::string& what) {
  for (auto& w : st.inbox)
    refuse(w.promise, ticket_of(w.what), code, what);
  st.inbox.clear();
}

void refuse_all(std::vector<reply>& replies, errc code, const std::string& what) {
  for (auto& r : replies)
    refuse(r.promise, std::visit([](auto& a) { return a.ticket; }, r.what), code, what);
  replies.clear();
}

/// Memory never runs ahead of the disk: nothing more is taken, and the router starts a successor from the row.
void fail(self_ptr self, errc code, const std::string& what) {
  auto& st = compat::state(self);
  st.failed = true;
  refuse_waiting(st, code, what);
  compat::send(self, st.router, retiring{st.id});
}

void end_if_asked(self_ptr self) {
  auto& st = compat::state(self);
  if (st.stopping && !st.busy && !st.erase && st.inbox.empty() && st.lookups.empty() && (st.loaded || st.failed))
    self->quit();
}

/// A turn failed, which is our bug: the row is untouched, and a successor starts from it. But first the failure is
/// counted there, so that a poisoned input does not fail the conversation forever.
void crash(self_ptr self, const std::string& why) {
  auto& st = compat::state(self);
  counters::bump(st.with->counts->actor_failures);
  runtime::log_error("conversation.failed", "conversation={} why=\"{}\"", st.id, why);
  st.failed = true;
  refuse_waiting(st, errc::unavailable, "the conversation is being restored; try again");
  st.busy = st.counting = true;
  read_row(self); // memory is not to be trusted
}

void end_failed(self_ptr self) {
  auto& st = compat::state(self);
  st.busy = st.counting = false;
  fail(self, errc::unavailable, "the conversation is being restored; try again");
  end_if_asked(self);
}

void record_failure(self_ptr self, const activation& found) {
  auto& st = compat::state(self);
  state kept;
  if (found.failed || !found.row || !decode_all(found.row->state, kept))
    return end_failed(self); // not begun yet, or not to be read: nothing to park
  outcome out;
  auto now = st.with->clock->now();
  auto parked = count_failure(kept, now, out);
  auto wake = kept.parked ? std::nullopt : found.row->wake_at;
  auto rows = failure_commit(kept, *found.row, wake, now, std::move(out));
  st.parking = parked;
  compat::send(self, st.with->journal, journal::write_commit{std::move(rows)});
}

void failure_counted(self_ptr self, const journal::committed& c) {
  auto& st = compat::state(self);
  if (!c.ok) {
    runtime::log_warn("conversation.failure_not_counted", "conversation={} why=\"{}\"", st.id, c.what);
  } else if (st.parking) {
    counters::bump(st.with->counts->parked);
    runtime::log_error("conversation.parked", "conversation={} failures={}", st.id, failures_until_parked);
    compat::send(self, st.with->timers, wake_at{st.id, std::nullopt});
  }
  end_failed(self);
}

// ---- after the commit ----------------------------------------------------------------------------------------

void tell_wake(self_ptr self, std::optional<time_point> at) {
  auto& st = compat::state(self);
  if (at == st.wake)
    return;
  st.wake = at;
  compat::send(self, st.with->timers, wake_at{st.id, at});
}

/// An outlet that throws has lost what it was given; the conversation goes on, and its history has it all.
void publish(actor_state& st, const journal::commit& p) {
  if (!st.with->out)
    return;
  try {
    std::vector<publication> all;
    all.reserve(p.activities.size());
    for (auto& a : p.activities)
      all.push_back({st.id, a.seq, a.body});
    if (!all.empty())
      st.with->out->publish_all(all);
  } catch (const std::exception& e) {
    counters::bump(st.with->counts->actor_failures);
    runtime::log_error("outlet.failed", "conversation={} why=\"{}\"", st.id, e.what());
  }
}

void release(self_ptr self, const journal::commit& p) {
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
    person::person_committed what{p.user, st.unseen.empty() ? 0 : st.unseen.back().first, {}};
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
  runtime::log_warn("conversation.commit_failed", "conversation={} code={} why=\"{}\"", s.id,
                    to_string(code), what);
  refuse_all(replies, errc::unavailable, "it could not be made durable; try again");
  if (code == errc::internal)
    return crash(self, what); // this turn cannot be written at all
  fail(self, errc::unavailable, "the conversation is being restored; try again");
  end_if_asked(self);
}

void write(self_ptr self, journal::commit_ptr p, std::vector<reply> replies) {
  auto& st = compat::state(self);
  auto bytes = p->bytes();
  if (!st.with->in_flight->reserve(bytes)) {
    counters::bump(st.with->counts->refused_journal, replies.size());
    return not_written(self, replies, errc::unavailable, "too much waits for the disk");
  }
  st.busy = true;
  compat::send(self, st.with->journal, journal::write_commit{p, bytes});
  st.under_way = {std::move(p), std::move(replies)};
}

/// The journal answers each commit, and this actor has one under way at most. Should the journal end, so does the
/// router, and with it this actor.
void committed(self_ptr self, const journal::committed& c) {
  auto& st = compat::state(self);
  if (st.counting)
    return failure_counted(self, c);
  auto [rows, replies] = std::exchange(st.under_way, {});
  if (!c.ok)
    return not_written(self, replies, c.code, c.what);
  st.busy = false;
  ++st.version;
  count(*st.with->counts, *rows);
  release(self, *rows);
  for (auto& r : replies)
    give(self, std::move(r));
  work(self);
  end_if_asked(self);
}

// ---- a turn ---------------------------------------------------------------------------------------------------

/// By a rule of the current version, where one fits; else it goes on with its own, and is asked again at its next turn.
void migrate(actor_state& st, std::shared_ptr<const definitions> to) {
  auto moved = dialog::migrated(*st.bot->bot, *to->bot, st.now.talk);
  if (!moved)
    return;
  counters::bump(st.with->counts->migrated);
  runtime::log_info("conversation.migrated", "conversation={} from={} to={}", st.id,
                    st.now.bot_version.substr(0, 12), dialog::version(*to->bot).substr(0, 12));
  st.now.talk = std::move(*moved);
  st.now.bot_version = dialog::version(*to->bot);
  st.bot = std::move(to);
}

/// The definitions that the stack refers to; the current ones as soon as the stack is empty.
bool pick_bot(actor_state& st) {
  auto current = st.with->bots->current();
  if (st.now.bot_version.empty() || st.now.bot_version == dialog::version(*current->bot) ||
      st.now.talk.stack.empty()) {
    st.now.bot_version = dialog::version(*current->bot);
    st.bot = std::move(current);
    return true;
  }
  if (!st.bot || dialog::version(*st.bot->bot) != st.now.bot_version)
    st.bot = st.with->bots->find(st.now.bot_version);
  if (st.bot)
    migrate(st, std::move(current));
  return st.bot != nullptr;
}

/// A stack whose bot is gone cannot run, only be cleared: by hand, like a parked one.
bool pick_bot_for_reset(actor_state& st) {
  if (!std::holds_alternative<reset_conversation>(st.inbox.front().what))
    return false;
  st.bot = st.with->bots->current();
  st.now.bot_version = dialog::version(*st.bot->bot);
  st.now.parked = st.with->clock->now();
  return true;
}

/// The only place that changes state.
answer take_one(actor_state& st, const input& in, time_point now, outcome& out) {
  counters::bump(st.with->counts->turns);
  if (auto* post = std::get_if<post_activity>(&in); post && !post->activity.client_id.empty())
    if (auto seq = st.clients.find(post->activity.client_id))
      return posted{post->ticket, activity_id(st.id, *seq)};
  rules by{*st.bot->bot, st.bot->policy};
  auto heard = std::exchange(st.heard, {});
  auto answered = take(by, st.now, st.exists, st.last_seq, in, now, out, heard && heard->it ? &*heard->it : nullptr);
  if (std::holds_alternative<interject::wake>(in))
    st.wake.reset(); // the timers have served it
  if (auto* post = std::get_if<post_activity>(&in); post && !post->activity.client_id.empty())
    if (auto* ok = std::get_if<posted>(&answered))
      if (auto seq = seq_of(st.id, ok->activity))
        st.clients.add(post->activity.client_id, seq);
  return answered;
}

// ---- the person -----------------------------------------------------------------------------------------------

/// Whose conversation this is, or becomes by the input that is next.
const user_id& user_of(const actor_state& st) {
  if (!st.now.talk.user.empty() || st.inbox.empty())
    return st.now.talk.user;
  auto& next = st.inbox.front().what;
  if (auto* open = std::get_if<open_conversation>(&next))
    return open->user;
  if (auto* post = std::get_if<post_activity>(&next); post && st.exists)
    return post->activity.from;
  return st.now.talk.user; // none yet
}

void meet(self_ptr self, const person::person_is& m);

/// True when the person's profile is here. Else it is asked for, and `work` comes again with it.
bool person_is_here(self_ptr self) {
  auto& st = compat::state(self);
  auto& user = user_of(st);
  if (user.empty() || !st.with->people || (st.known == user && st.met))
    return true;
  if (st.known == user)
    return false;
  st.known = user;
  st.met = false;
  compat::request(self, st.with->people, person_within, person::join_person{user, st.id})
      .then(
          [self](const person::person_is& m) { meet(self, m); },
          [self](const caf::error&) {
            if (!compat::state(self).failed)
              fail(self, errc::unavailable, "the person cannot be read; try again");
            end_if_asked(self);
          });
  return false;
}

/// Nobody tells it any more: it is asked for again before the next turn.
void forget_person(self_ptr self) {
  auto& st = compat::state(self);
  st.met = false;
  st.known.clear();
  work(self);
  end_if_asked(self);
}

/// The profile came, or has changed: what we have changed since then stands above it.
void meet(self_ptr self, const person::person_is& m) {
  auto& st = compat::state(self);
  if (m.user != st.known || st.failed)
    return;
  if (!m.who)
    return forget_person(self);
  auto news = std::exchange(st.met, true); // not what it has asked for itself
  std::erase_if(st.unseen, [&](auto& each) { return each.first <= m.seen; });
  auto profile = *m.who;
  for (auto& [number, changes] : st.unseen)
    for (auto& c : changes)
      person::apply(profile, c);
  adopt(st.now, std::move(profile));
  // What was held may go now, or must not any more. Were it so at each activation, conversations that push each other
  // out of memory would wake each other forever.
  if (news && !st.now.queue.items.empty())
    compat::anon_send(st.router, interject::wake{0, st.id}); // which reserves its place
  work(self);
  end_if_asked(self);
}

// ---- erasing --------------------------------------------------------------------------------------------------

void stop_monitors(self_ptr self) {
  auto& st = compat::state(self);
  auto& with = *st.with;
  for (auto& sub : st.now.talk.subscriptions)
    if (sub.kind == origin::watch)
      compat::send(self, with.prices, disarm_watch{sub.id});
    else if (sub.kind == origin::reminder)
      compat::send(self, with.timers, disarm_reminder{sub.id});
    else
      compat::send(self, with.calls, cancel_call{sub.id});
  for (auto& f : st.now.talk.stack)
    if (!f.call.empty())
      compat::send(self, with.calls, cancel_call{f.call});
  if (with.webhooks)
    compat::send(self, with.webhooks, cancel_deliveries{st.id});
  tell_wake(self, std::nullopt);
}

/// The conversation goes, and this actor with it: what waits finds nothing.
void erase(self_ptr self) {
  auto& st = compat::state(self);
  auto t = *std::exchange(st.erase, std::nullopt);
  if (!st.exists) {
    refuse(st.erasing, t, errc::not_found, "there is no such conversation");
    return fail(self, errc::not_found, "there is no such conversation");
  }
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of(st.id), 1};
  rows->conversation = st.id;
  rows->expected_version = st.version;
  rows->user = st.now.talk.user;
  rows->at = st.with->clock->now();
  rows->erase_conversation = true;
  st.busy = true;
  auto end = [self, t](bool ok) {
    auto& s = compat::state(self);
    s.busy = false;
    s.erased = ok;
    if (ok) {
      stop_monitors(self);
      s.erasing.deliver(done{t});
      compat::send(self, s.with->journal, journal::scrub_log{});
    } else {
      refuse(s.erasing, t, errc::unavailable, "it could not be erased; try again");
    }
    fail(self, ok ? errc::not_found : errc::unavailable,
         ok ? "this conversation was erased" : "the conversation is being restored; try again");
    end_if_asked(self);
  };
  compat::request(self, st.with->journal, caf::infinite, journal::write_commit{rows})
      .then([end](const journal::committed& c) { end(c.ok); }, [end](const caf::error&) { end(false); });
}

// ---- a meaning from outside ---------------------------------------------------------------------------------------

/// A message whose intent an external recogniser is to find first.
bool is_to_be_asked(const actor_state& st, const input& in, time_point now) {
  auto* post = std::get_if<post_activity>(&in);
  if (!post || !st.with->recogniser || !st.exists || st.heard || !st.bot || st.now.parked || post->activity.type != activity_type::message)
    return false;
  auto& a = post->activity;
  if (!a.client_id.empty() && st.clients.find(a.client_id))
    return false; // a repeat
  return dialog::wants_intent(*st.bot->bot, st.now.talk, {a.text, a.tapped}, now);
}

/// It stays at the head, unanswered, so that order and atomicity are what they are without (docs/decisions).
void ask_outside(self_ptr self, const incoming_activity& a) {
  auto& st = compat::state(self);
  auto& how = *dialog::sections(*st.bot->bot).recognizer;
  st.asking = true;
  auto go_on = [self](std::optional<recognition> it) {
    auto& s = compat::state(self);
    s.asking = false;
    s.heard = monitors::recognised{std::move(it)};
    work(self);
    end_if_asked(self);
  };
  monitors::recognise what{a.text, activity_id(st.id, st.last_seq + 1), how.url, how.timeout, how.confidence};
  compat::request(self, st.with->recogniser, 3 * how.timeout + std::chrono::seconds(1), std::move(what))
      .then([go_on](const monitors::recognised& r) { go_on(r.it); }, [go_on](const caf::error&) { go_on({}); });
}

/// One commit's worth of inputs, taken and answered but not yet released.
struct worked {
  journal::commit_ptr rows; ///< null: nothing to write
  std::optional<time_point> wake;
};

worked take_some(self_ptr self, std::vector<reply>& replies, time_point now) {
  auto& st = compat::state(self);
  outcome out;
  out.said.reserve(4); // what was said, and mostly one or two answers
  bool woken = false;
  while (!st.inbox.empty() && replies.size() < max_inputs_per_commit) {
    if (is_to_be_asked(st, st.inbox.front().what, now))
      break; // what stands before it is committed first
    if (!replies.empty() && !person_is_here(self))
      break; // whose it is may only be known by a later input: that one begins the next commit
    auto next = std::move(st.inbox.front());
    st.inbox.erase(st.inbox.begin()); // at most max_waiting
    replies.push_back({done{ticket_of(next.what)}, std::move(next.promise), std::move(next.held)});
    woken = woken || std::holds_alternative<interject::wake>(next.what);
    replies.back().what = take_one(st, next.what, now, out);
  }
  for (auto& f : out.faults) {
    counters::bump(st.with->counts->dialog_failures);
    runtime::log_warn("dialog.failed", "conversation={} dialog={} step={} why=\"{}\"", st.id, f.dialog,
                      f.step, f.why);
  }
  auto next = next_wake({*st.bot->bot, st.bot->policy}, st.now);
  if (next && *next <= now && woken)
    next = now + wake_again_after; // what should have been done is not: never spin
  if (!out.person.empty() && st.with->people)
    st.unseen.emplace_back(++st.changes, out.person);
  if (!out.changed)
    return {nullptr, next};
  st.now.failures = st.now.parked ? st.now.failures : 0; // in a row
  return {prepare_commit(*st.bot, st.now, st.version, next, now, std::move(out)), next};
}

/// While too much waits for the disk, inputs are refused before they move anything.
bool refused_for_pressure(actor_state& st) {
  if (!st.with->in_flight->full())
    return false;
  counters::bump(st.with->counts->refused_journal, st.inbox.size());
  refuse_waiting(st, errc::unavailable, "too much waits for the disk; try again");
  return true;
}

void work(self_ptr self) {
  auto& st = compat::state(self);
  if (st.loaded && !st.busy && !st.failed && st.erase)
    return erase(self);
  if (st.loaded && !st.busy && !st.failed && !person_is_here(self))
    return;
  while (!st.asking && st.loaded && !st.busy && !st.failed && !st.inbox.empty()) {
    if (refused_for_pressure(st))
      break;
    std::vector<reply> replies;
    worked turn;
    st.now.connected = !st.with->out || st.with->out->listening(st.id);
    try {
      if (!pick_bot(st) && !pick_bot_for_reset(st))
        return fail(self, errc::unavailable,
                    "the version of the bot that this conversation began on is not at hand; an operator has to "
                    "reset it");
      if (is_to_be_asked(st, st.inbox.front().what, st.with->clock->now()))
        return ask_outside(self, std::get<post_activity>(st.inbox.front().what).activity);
      turn = take_some(self, replies, st.with->clock->now());
    } catch (const std::exception& e) {
      refuse_all(replies, errc::internal, "the turn failed; the conversation stands where it stood");
      return crash(self, e.what());
    }
    if (turn.rows)
      return write(self, std::move(turn.rows), std::move(replies));
    if (st.exists)
      tell_wake(self, turn.wake);
    for (auto& r : replies)
      give(self, std::move(r));
    if (!person_is_here(self))
      return;
  }
  if (st.loaded && !st.exists && !st.busy && !st.failed && !st.stopping)
    compat::send(self, st.router, retiring{st.id}); // nobody asked for what is not there: keep no actor
}

template <class T> caf::response_promise admit(self_ptr self, T& in) {
  auto& st = compat::state(self);
  auto promise = self->make_response_promise();
  place held(st.load); // reserved by the router
  if (st.failed) {
    refuse_ended(st, promise, ticket_of(in));
  } else {
    st.inbox.push_back({std::move(in), promise, std::move(held)});
    work(self);
  }
  return promise;
}

// ---- activation -----------------------------------------------------------------------------------------------

void read_row(self_ptr self) {
  auto& st = compat::state(self);
  auto since = st.with->clock->now() - recent_clients::kept_for;
  auto job = [back = caf::actor_cast<caf::actor>(self), id = st.id, since](journal::reader& rows) {
    auto found = std::make_shared<activation>();
    if (auto row = rows.load(id)) {
      found->row = std::move(*row);
      if (found->row && found->row->last_seq > 0) {
        if (auto clients = rows.recent_clients(id, recent_clients::limit, since))
          found->clients = std::move(*clients);
        else
          found->failed = clients.error();
      }
    } else {
      found->failed = row.error();
    }
    compat::anon_send(back, activated{std::move(found)});
  };
  journal::read(st.with->reader, std::move(job));
}

void arrive(self_ptr self, const activation& found) {
  auto& st = compat::state(self);
  if (st.counting) {
    record_failure(self, found);
  } else if (found.failed) {
    fail(self, errc::unavailable, "the conversation could not be read: " + found.failed->what);
  } else if (found.row && !decode_all(found.row->state, st.now)) {
    runtime::log_error("conversation.unreadable", "conversation={}", st.id);
    fail(self, errc::internal, "the stored conversation cannot be read");
  } else {
    if (found.row) {
      st.exists = true;
      st.version = found.row->version;
      st.last_seq = found.row->last_seq;
      st.wake = found.row->wake_at;
      for (auto it = found.clients.rbegin(); it != found.clients.rend(); ++it)
        st.clients.add(it->first, it->second);
      counters::bump(st.with->counts->activations);
    }
    st.now.talk.id = st.id;
    adopt(st.now, {});
    st.loaded = true;
    work(self);
  }
  end_if_asked(self);
}

caf::behavior conversation_actor(self_ptr self, surroundings_ptr with, conversation_id id,
                                 caf::actor router, load_ptr load) {
  auto& st = compat::state(self);
  st.with = std::move(with);
  st.id = std::move(id);
  st.router = std::move(router);
  st.load = std::move(load);
  counters::bump(st.with->counts->live);
  read_row(self);
  return {
      [=](open_conversation& m) { return admit(self, m); },
      [=](post_activity& m) { return admit(self, m); },
      [=](notify& m) { return admit(self, m); },
      [=](withdraw& m) { return admit(self, m); },
      [=](reset_conversation& m) { return admit(self, m); },
      [=](create_watch& m) { return admit(self, m); },
      [=](create_reminder& m) { return admit(self, m); },
      [=](cancel_watch& m) { return admit(self, m); },
      [=](cancel_reminder& m) { return admit(self, m); },
      [=](call_answered& m) { return admit(self, m); },
      [=](interject::wake& m) { return admit(self, m); },
      [=](const journal::committed& c) { committed(self, c); },
      [=](retract& m) { return admit(self, m); },
      [=](delivery_failed& m) { return admit(self, m); },
      [=](const erase_conversation& m) {
        auto& s = compat::state(self);
        auto promise = self->make_response_promise();
        place held(s.load); // reserved by the router
        if (s.failed || s.erase) {
          refuse_ended(s, promise, m.ticket);
          return promise;
        }
        s.erase = m.ticket;
        s.erasing = promise;
        work(self);
        return promise;
      },
      [=](const person::person_is& m) { meet(self, m); },
      [=](const activated& m) { arrive(self, *m.it); },
      [=](const first_result& m) {
        auto& s = compat::state(self);
        if (auto it = s.lookups.find(m.number); it != s.lookups.end()) {
          if (m.was)
            it->second.promise.deliver(*m.was);
          else
            it->second.promise.deliver(refused{0, errc::conflict, "this id was taken; its record has expired"});
          s.lookups.erase(it);
        }
        end_if_asked(self);
      },
      [=](passivate) {
        compat::state(self).stopping = true;
        end_if_asked(self);
      },
  };
}

} // namespace

caf::actor spawn_conversation(caf::actor_system& sys, surroundings_ptr with, conversation_id id,
                              caf::actor router, load_ptr load) {
  return sys.spawn(conversation_actor, std::move(with), std::move(id), std::move(router),
                   std::move(load));
}

} // namespace interject::conversation
