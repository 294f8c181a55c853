// One person, one bot, one mailbox. Decides nothing: turn.hpp does.
//   in:  the requests of protocols/messages.hpp, from the router only
//   out: a commit to the journal; when it is on disk, activities to the outlet, effects to the
//   monitors, answers
#include "actors/conversation/conversation_actor.hpp"

#include "actors/conversation/commit.hpp"
#include "actors/conversation/live.hpp"
#include "actors/conversation/spawn.hpp"
#include "actors/dialog/migrate.hpp"
#include "actors/journal/look.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "protocols/codec/binary.hpp"

#include <caf/event_based_actor.hpp>

#include <vector>

namespace interject::conversation {

namespace {

using runtime::counters;

/// Inputs that one commit may carry; the rest waits for the next.
constexpr std::size_t max_inputs_per_commit = 16;

/// A wake that changes nothing and still is due is asked for again after this.
constexpr auto wake_again_after = std::chrono::seconds(1);

// ---- a turn -------------------------------------------------------------------------------------

/// By a rule of the current version, where one fits; else it goes on with its own, and is asked
/// again at its next turn.
void migrate(live_state& st, std::shared_ptr<const definitions> to) {
  auto moved = dialog::migrated(*st.bot->bot, *to->bot, st.now.talk);
  if (!moved)
    return;
  counters::bump(st.with->counts->migrated);
  runtime::log_info("conversation.migrated", "conversation={} from={} to={}", st.id(),
                    st.now.bot_version.substr(0, 12), dialog::version(*to->bot).substr(0, 12));
  st.now.talk = std::move(*moved);
  st.now.bot_version = dialog::version(*to->bot);
  st.bot = std::move(to);
}

/// The definitions that the stack refers to; the current ones as soon as the stack is empty.
bool pick_bot(live_state& st) {
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
bool pick_bot_for_reset(live_state& st) {
  if (!std::holds_alternative<reset_conversation>(*st.inbox.front().what))
    return false;
  st.bot = st.with->bots->current();
  st.now.bot_version = dialog::version(*st.bot->bot);
  st.now.parked = st.with->clock->now();
  return true;
}

/// The only place that changes state.
answer take_one(live_state& st, const input& in, time_point now, outcome& out) {
  counters::bump(st.with->counts->turns);
  if (auto* post = std::get_if<post_activity>(&in); post && !post->activity.client_id.empty())
    if (auto seq = st.clients.find(post->activity.client_id))
      return posted{post->ticket, activity_id(st.id(), *seq)};
  rules by{*st.bot->bot, st.bot->policy};
  auto heard = std::exchange(st.heard, nullptr);
  auto* meant = heard && heard->it ? &*heard->it : nullptr;
  auto answered = take(by, st.now, st.exists, st.last_seq, in, now, out, meant);
  if (std::holds_alternative<interject::wake>(in))
    st.wake.reset(); // the timers have served it
  if (auto* post = std::get_if<post_activity>(&in); post && !post->activity.client_id.empty())
    if (auto* ok = std::get_if<posted>(&answered))
      if (auto seq = seq_of(st.id(), ok->activity))
        st.clients.add(post->activity.client_id, seq);
  return answered;
}

/// One commit's worth of inputs, taken and answered but not yet released.
struct worked {
  journal::commit_ptr rows; ///< null: nothing to write
  std::optional<time_point> wake;
};

void note_own(live_state& st, const std::vector<person_change>& changes) {
  if (!st.unseen)
    st.unseen = std::make_unique<own_changes>();
  st.unseen->emplace_back(++st.changes, changes);
}

worked take_some(self_ptr self, std::vector<reply>& replies, time_point now) {
  auto& st = compat::state(self);
  outcome out;
  out.said.reserve(4); // what was said, and mostly one or two answers
  bool woken = false;
  while (!st.inbox.empty() && replies.size() < max_inputs_per_commit) {
    if (is_to_be_asked(st, *st.inbox.front().what, now))
      break; // what stands before it is committed first
    if (!replies.empty() && !person_is_here(self))
      break; // whose it is may only be known by a later input: that one begins the next commit
    auto next = std::move(st.inbox.front());
    st.inbox.erase(st.inbox.begin()); // at most max_waiting
    replies.push_back({done{ticket_of(*next.what)}, std::move(next.promise), std::move(next.held)});
    woken = woken || std::holds_alternative<interject::wake>(*next.what);
    replies.back().what = take_one(st, *next.what, now, out);
  }
  for (auto& f : out.faults) {
    counters::bump(st.with->counts->dialog_failures);
    runtime::log_warn("dialog.failed", "conversation={} dialog={} step={} why=\"{}\"", st.id(),
                      f.dialog, f.step, f.why);
  }
  auto next = next_wake({*st.bot->bot, st.bot->policy}, st.now);
  if (next && *next <= now && woken)
    next = now + wake_again_after; // what should have been done is not: never spin
  if (!out.person.empty() && st.with->people)
    note_own(st, out.person);
  if (!out.changed)
    return {nullptr, next};
  st.now.failures = st.now.parked ? st.now.failures : 0; // in a row
  return {prepare_commit(*st.bot, st.now, st.version, next, now, std::move(out)), next};
}

/// While too much waits for the disk, inputs are refused before they move anything.
bool refused_for_pressure(live_state& st) {
  if (!st.with->in_flight->full())
    return false;
  counters::bump(st.with->counts->refused_journal, st.inbox.size());
  refuse_waiting(st, errc::unavailable, "too much waits for the disk; try again");
  return true;
}

} // namespace

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
    st.now.connected = !st.with->out || st.with->out->listening(st.id());
    try {
      if (!pick_bot(st) && !pick_bot_for_reset(st))
        return fail(self, errc::unavailable,
                    "the version of the bot that this conversation began on is not at hand; an "
                    "operator has to "
                    "reset it");
      if (is_to_be_asked(st, *st.inbox.front().what, st.with->clock->now()))
        return ask_outside(self, std::get<post_activity>(*st.inbox.front().what).activity);
      turn = take_some(self, replies, st.with->clock->now());
    } catch (const std::exception& e) {
      refuse_all(replies, errc::internal,
                 "the turn failed; the conversation stands where it stood");
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
    compat::send(self, st.router,
                 retiring{st.id()}); // nobody asked for what is not there: keep no actor
}

namespace {

caf::response_promise admit(self_ptr self, const routed& m) {
  auto& st = compat::state(self);
  auto promise = self->make_response_promise();
  place held(st.load); // reserved by the router
  if (st.failed) {
    refuse_ended(st, promise, ticket_of(*m.what));
  } else {
    st.inbox.push_back({m.what, promise, std::move(held)});
    work(self);
  }
  return promise;
}

caf::response_promise admit(self_ptr self, const erase_conversation& m) {
  auto& st = compat::state(self);
  auto promise = self->make_response_promise();
  place held(st.load);
  if (st.failed || st.erase) {
    refuse_ended(st, promise, m.ticket);
  } else {
    st.erase = std::make_unique<erasing>(erasing{m.ticket, promise, std::move(held)});
    work(self);
  }
  return promise;
}

// ---- activation ---------------------------------------------------------------------------------

} // namespace

void read_row(self_ptr self) {
  auto& st = compat::state(self);
  auto since = st.with->clock->now() - recent_clients::kept_for;
  auto job = [back = caf::actor_cast<caf::actor>(self), id = st.id(), since,
              forgotten = st.with->forgotten](journal::reader& rows) {
    auto all = journal::look(activation{}, [&](auto& found) {
      if (forgotten)
        found.forgotten = forgotten->load();
      if (auto row = rows.load(id)) {
        found.row = std::move(*row);
        if (found.row && found.row->last_seq > 0) {
          if (auto clients = rows.recent_clients(id, recent_clients::limit, since))
            found.clients = std::move(*clients);
          else
            found.failed = clients.error();
        }
      } else {
        found.failed = row.error();
      }
      if (forgotten && found.row && !found.row->user.empty())
        if (auto who = person::read_profile(rows, found.row->user))
          found.who = std::move(*who); // else its keeper reads it, and says what is wrong
    });
    compat::anon_send(back, activated{std::make_shared<const activation>(std::move(all))});
  };
  journal::read(st.with->reader, std::move(job));
}

namespace {

void arrive(self_ptr self, const activation& found) {
  auto& st = compat::state(self);
  state read;
  if (st.counting) {
    record_failure(self, found);
  } else if (found.failed) {
    fail(self, errc::unavailable, "the conversation could not be read: " + found.failed->what);
  } else if (found.row && !decode_all(found.row->state, read)) {
    runtime::log_error("conversation.unreadable", "conversation={}", st.id());
    fail(self, errc::internal, "the stored conversation cannot be read");
  } else {
    if (found.row) {
      read.talk.id = std::move(st.now.talk.id);
      st.now = std::move(read);
      st.exists = true;
      st.version = found.row->version;
      st.last_seq = found.row->last_seq;
      st.wake = found.row->wake_at;
      for (auto it = found.clients.rbegin(); it != found.clients.rend(); ++it)
        st.clients.add(it->first, it->second);
      counters::bump(st.with->counts->activations);
    }
    adopt(st.now, person::nobody());
    st.loaded = true;
    join_read_person(self, found);
    work(self);
  }
  end_if_asked(self);
}

caf::behavior conversation_actor(self_ptr self, surroundings_ptr with, conversation_id id,
                                 caf::actor router, load_ptr load) {
  auto& st = compat::state(self);
  st.with = std::move(with);
  st.now.talk.id = std::move(id);
  st.router = std::move(router);
  st.load = std::move(load);
  counters::bump(st.with->counts->live);
  read_row(self);
  return {
      [=](const routed& m) { return admit(self, m); },
      [=](const journal::committed& c) { committed(self, c); },
      [=](const erase_conversation& m) { return admit(self, m); },
      [=](const person::person_is& m) { meet(self, m); },
      [=](const activated& m) { arrive(self, *m.it); },
      [=](const first_result& m) { first_result_found(self, m); },
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
