// How a conversation's actor ends: its turn failed, its rows could not be written, it was erased,
// or it is not needed.
#include "actors/conversation/commit.hpp"
#include "actors/conversation/live.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "protocols/codec/binary.hpp"

#include <caf/event_based_actor.hpp>

namespace interject::conversation {

namespace {

using runtime::counters;

constexpr auto is_restored = "the conversation is being restored; try again";

void end_failed(self_ptr self) {
  auto& st = compat::state(self);
  st.busy = st.counting = false;
  fail(self, errc::unavailable, is_restored);
  end_if_asked(self);
}

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
    compat::send(self, with.webhooks, cancel_deliveries{st.id()});
  tell_wake(self, std::nullopt);
}

} // namespace

live_state::~live_state() {
  if (with)
    with->counts->live.fetch_sub(1, std::memory_order_relaxed);
}

void refuse_ended(const live_state& st, caf::response_promise& promise, ticket t) {
  if (st.erased)
    refuse(promise, t, errc::not_found, "this conversation was erased");
  else
    refuse(promise, t, errc::unavailable, is_restored);
}

void refuse_waiting(live_state& st, errc code, const std::string& what) {
  for (auto& w : st.inbox)
    refuse(w.promise, ticket_of(*w.what), code, what);
  st.inbox.clear();
  st.heard = nullptr; // it was of the first of them
  if (auto asked = std::exchange(st.erase, nullptr))
    refuse(asked->promise, asked->ticket, code, what);
}

void fail(self_ptr self, errc code, const std::string& what) {
  auto& st = compat::state(self);
  st.failed = true;
  refuse_waiting(st, code, what);
  compat::send(self, st.router, retiring{st.id()});
}

void end_if_asked(self_ptr self) {
  auto& st = compat::state(self);
  auto looking_up = st.looking_up && !st.looking_up->under_way.empty();
  auto known = st.loaded || st.failed;
  if (st.stopping && known && !st.busy && !st.erase && !looking_up && st.inbox.empty())
    self->quit();
}

void crash(self_ptr self, const std::string& why) {
  auto& st = compat::state(self);
  counters::bump(st.with->counts->actor_failures);
  runtime::log_error("conversation.failed", "conversation={} why=\"{}\"", st.id(), why);
  st.failed = true;
  refuse_waiting(st, errc::unavailable, is_restored);
  st.busy = st.counting = true;
  read_row(self); // memory is not to be trusted
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
    runtime::log_warn("conversation.failure_not_counted", "conversation={} why=\"{}\"", st.id(),
                      c.what);
  } else if (st.parking) {
    counters::bump(st.with->counts->parked);
    runtime::log_error("conversation.parked", "conversation={} failures={}", st.id(),
                       failures_until_parked);
    compat::send(self, st.with->timers, wake_at{st.id(), std::nullopt});
  }
  end_failed(self);
}

void erase(self_ptr self) {
  auto& st = compat::state(self);
  auto asked = std::exchange(st.erase, nullptr);
  if (!st.exists) {
    refuse(asked->promise, asked->ticket, errc::not_found, "there is no such conversation");
    return fail(self, errc::not_found, "there is no such conversation");
  }
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of(st.id()), 1};
  rows->conversation = st.id();
  rows->expected_version = st.version;
  rows->user = st.now.talk.user;
  rows->at = st.with->clock->now();
  rows->erase_conversation = true;
  std::vector<reply> replies;
  replies.push_back({done{asked->ticket}, std::move(asked->promise), std::move(asked->held)});
  write(self, std::move(rows), std::move(replies));
}

void erase_written(self_ptr self, const journal::committed& c, std::vector<reply>& replies) {
  auto& st = compat::state(self);
  st.erased = c.ok;
  if (c.ok) {
    stop_monitors(self);
    for (auto& r : replies)
      give(self, std::move(r));
    compat::send(self, st.with->journal, journal::scrub_log{});
    fail(self, errc::not_found, "this conversation was erased");
  } else {
    refuse_all(replies, errc::unavailable, "it could not be erased; try again");
    fail(self, errc::unavailable, is_restored);
  }
  end_if_asked(self);
}

} // namespace interject::conversation
