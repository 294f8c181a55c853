// The notices of a turn: weighed, said, pushed, kept or dropped, and recorded.
#include "actors/conversation/notices.hpp"
#include "actors/conversation/turn_context.hpp"
#include "protocols/codec/json_append.hpp"

#include <algorithm>
#include <utility>

namespace interject::conversation {

/// The firing is taken in this commit: its source need not send it again.
void turn::acknowledge(const notification& what) {
  if (what.from == origin::reminder && !what.source.empty() && !what.more)
    out_.reminders_gone.push_back(what.source);
}

/// What was asked for can be cancelled for as long as its last news waits: nobody has heard of it.
void turn::left_queue(const notification& what) {
  if ((what.from == origin::reminder || what.from == origin::watch) && !what.source.empty() &&
      !what.more)
    forget_subscription(s_, what.from, what.source);
}

decision turn::take_notice(notification what) {
  out_.changed = true;
  auto in = situate(by_, s_, what, nullptr, false, now_);
  remember_taken(s_, what.id, now_);
  if (!what.first_id.empty() && !in.seen)
    remember_other_name(s_, what, now_);
  acknowledge(what);
  auto* same_key = delivery::pending(s_.queue, what.collapse_key);
  in.pending_same_key = same_key != nullptr;
  if (same_key)
    in.queued_since = same_key->queued_since;
  auto d = delivery::decide(by_.policy, in, what, now_);
  if (s_.parked && d.action != delivery_action::dropped)
    d = parked_until(what.expires(), now_);
  row_of(what.id).what = what;
  record(what, d);
  std::optional<delivery::queued> replaced;
  if (same_key && delivery::reaches_replacement(d.code)) {
    replaced = delivery::supersede(s_.queue, what.collapse_key);
    record(replaced->what.id, delivery::outcome(delivery_code::superseded, now_, "A8"));
    left_unsaid(replaced->what);
    left_queue(replaced->what);
  }
  auto handed = hand_over(d, what);
  if (handed)
    d = row_of(what.id).decisions.back();
  if (!handed && (d.action == delivery_action::queued || d.action == delivery_action::held)) {
    hold(d, in, std::move(what), replaced ? &*replaced : nullptr);
  } else {
    left_queue(what);
    if (!handed && d.action != delivery_action::dropped)
      if (auto push = act(d, std::move(what)))
        run(std::move(*push));
  }
  release_inhibited();
  return d;
}

/// Nothing is held after its cause is gone. A full queue never takes that away: what is held goes
/// before it.
void turn::release_inhibited() {
  if (std::exchange(uninhibited_, false) && !s_.parked)
    run(dialog::woken{});
}

/// What it takes to say it: a token of each budget, and a place under the caps of the person.
void turn::pay(const notification& what, const decision& d) {
  speaking_for_ = what.id;
  speaking_of_ = what.topic;
  speaking_paid_ = delivery::costs_token(what, d);
  s_.last_proactive = now_;
  if (!speaking_paid_)
    return;
  spend_tokens(by_, s_, what.topic, now_);
  std::vector<std::pair<std::string, duration>> counted; // topic, longest time
  for (auto& cap : by_.policy.caps)
    if (cap.topic.empty() || cap.topic == what.topic) {
      auto same = std::find_if(counted.begin(), counted.end(),
                               [&](auto& c) { return c.first == cap.topic; });
      if (same == counted.end())
        counted.emplace_back(cap.topic, cap.per);
      else
        same->second = std::max(same->second, cap.per);
    }
  for (auto& [topic, longest] : counted)
    change(person::said_now(*s_.who, topic, now_, longest));
}

namespace {

/// Of the reminders that carry a notice from one conversation to another.
constexpr std::string_view handed_over = ".o";

/// To the object of what a decision was made from, which has members already.
void add_input(decision& d, std::string_view name, std::string_view text) {
  d.inputs.back() = ',';
  d.inputs.append("\"").append(name).append("\":\"");
  append_json_escaped(d.inputs, text);
  d.inputs.append("\"}");
}

bool came_from_another(const notification& what) {
  return what.from == origin::reminder && what.source.starts_with("n-") &&
         what.source.ends_with(handed_over);
}

} // namespace

/// The channel does not reach the person, and the bot names another in which they have been met:
/// the notice goes there, as a reminder that is due at once, so that it is durable with this turn
/// and delivered at least once. Once only: two channels that name each other would else pass it to
/// and fro until it expires.
bool turn::hand_over(const decision& d, const notification& what) {
  if ((d.code != delivery_code::no_channel && d.code != delivery_code::window_closed) ||
      came_from_another(what))
    return false;
  auto* here = channel_of(by_, s_);
  auto* there =
      here && !here->otherwise.empty() ? person::find(*s_.who, "chat." + here->otherwise) : nullptr;
  auto* to = there ? there->as_text() : nullptr;
  if (!to || *to == s_.talk.id)
    return false;
  auto moved = d;
  moved.action = delivery_action::accepted;
  moved.rule = "A10-other";
  moved.retry.clear();
  moved.latest.reset();
  reminder_row row;
  row.id = own_name().append(handed_over);
  row.conversation = *to;
  row.due = now_;
  row.created = now_;
  row.notify = what;
  row.notify.first_id = what.id;               // by which its sender may repeat it there
  row.notify.lifetime = what.expires() - now_; // which counts from the reminder's instant
  add_input(moved, "handed_to", row.conversation);
  add_input(moved, "handed_as", row.id + "." + std::to_string(row.occurrence)); // see firing_of
  record(what.id, moved);
  out_.reminders.push_back(std::move(row));
  return true;
}

/// Says it, or returns what is to be pushed.
turn::maybe_push turn::act(const decision& d, notification what) {
  pay(what, d);
  remember_said(s_, what, now_);
  // Where nothing is interrupted, a dialog that has no text of its own to be announced by simply
  // begins.
  auto opens = d.action == delivery_action::sent && what.text.empty() &&
               (d.code == delivery_code::idle || d.code == delivery_code::boundary ||
                d.code == delivery_code::abandoned);
  if (!window_open(by_, s_, now_) && d.action == delivery_action::pushed)
    what.dialog.clear(); // a template alone may be sent; the dialog's questions may not
  if (d.action == delivery_action::sent && (!opens || !window_open(by_, s_, now_))) {
    step(dialog::announced{words_of(by_, s_, what, now_)});
    return {};
  }
  s_.active.push_back({what.id, what.urgency, what.inhibits});
  dialog::begun push;
  push.dialog = what.dialog;
  push.params = params_of(what);
  if (what.dialog.empty())
    push.text = words_of(by_, s_, what, now_);
  push.level = what.urgency;
  push.notice = what.id;
  push.clear_first = d.code == delivery_code::flow_cancelled;
  push.abandoned = d.code == delivery_code::abandoned;
  return push;
}

void turn::hold(const decision& d, const delivery::situation& in, notification what,
                const delivery::queued* heir_of) {
  auto look_at = delivery::look_again(by_.policy, in, d, now_);
  auto place = delivery::place_for(std::move(what), d, look_at, now_, heir_of);
  if (auto out = delivery::push(s_.queue, by_.policy, std::move(place))) {
    record(out->what.id, delivery::outcome(delivery_code::queue_full, now_, "C"));
    left_queue(out->what);
  }
}

/// Weighs what waits, in the order of release. Returns a dialog to push; the caller comes again.
turn::maybe_push turn::release(bool boundary) {
  if (s_.queue.items.empty())
    return {};
  for (auto& id : delivery::in_order(s_.queue)) {
    auto* waiting = delivery::find(s_.queue, id);
    if (!waiting)
      continue;
    auto in = situate(by_, s_, waiting->what, waiting, boundary, now_);
    auto d = delivery::decide(by_.policy, in, waiting->what, now_);
    if (auto copy = waiting->what; hand_over(d, copy)) {
      delivery::remove(s_.queue, id);
      left_queue(copy);
      continue;
    }
    if (d.action == delivery_action::queued || d.action == delivery_action::held) {
      auto look_at = delivery::look_again(by_.policy, in, d, now_);
      if (d.code != waiting->code)
        record(waiting->what, d);
      if (d.code != waiting->code || look_at != waiting->look_at) {
        delivery::note(*waiting, d, look_at, now_);
        out_.changed = true;
      }
      continue;
    }
    if (auto first = waiting->what;
        d.action == delivery_action::sent && said_in_digest(first, boundary))
      continue;
    record(id, d);
    auto what = delivery::remove(s_.queue, id)->what;
    left_queue(what);
    if (d.action != delivery_action::dropped)
      if (auto push = act(d, std::move(what)))
        return push;
  }
  return {};
}

/// Three or more that could be said now, share the digest key of `first` and need no answer become
/// one message, in the place of the first of them: what is more urgent has gone before. False: they
/// are fewer.
bool turn::said_in_digest(const notification& first, bool boundary) {
  if (first.digest_key.empty() || first.needs_answer)
    return false;
  std::vector<notification> ready;
  std::vector<decision> decisions;
  for (auto& id : delivery::in_order(s_.queue)) {
    auto* waiting = delivery::find(s_.queue, id);
    if (waiting->what.digest_key != first.digest_key)
      continue;
    auto in = situate(by_, s_, waiting->what, waiting, boundary, now_);
    auto d = delivery::decide(by_.policy, in, waiting->what, now_);
    if (d.action != delivery_action::sent)
      continue;
    ready.push_back(waiting->what);
    decisions.push_back(std::move(d));
  }
  std::vector<const notification*> views;
  for (auto& n : ready)
    views.push_back(&n);
  auto groups = delivery::digests(views); // of one key: one, or none
  if (groups.empty() || ready[groups.front().front()].id != first.id)
    return false;
  auto& group = groups.front();
  std::vector<std::string> items;
  for (auto i : group) {
    items.push_back(words_of(by_, s_, ready[i], now_));
    delivery::remove(s_.queue, ready[i].id);
    left_queue(ready[i]);
    remember_said(s_, ready[i], now_);
    record(ready[i].id, i == group.front()
                            ? decisions[i]
                            : delivery::outcome(delivery_code::coalesced, now_, "C"));
  }
  pay(ready[group.front()], decisions[group.front()]);
  step(dialog::announced{digest_of(by_.bot, s_.talk.locale, items)});
  return true;
}

journal::notification_row& turn::row_of(const notification_id& id) {
  out_.changed = true;
  for (auto& row : out_.trail)
    if (row.id == id)
      return row;
  journal::notification_row row;
  row.id = id;
  row.conversation = s_.talk.id;
  row.at = now_;
  return out_.trail.emplace_back(std::move(row));
}

void turn::record(const notification_id& id, const decision& d) {
  auto& row = row_of(id);
  row.decisions.push_back(d);
  row.at = now_;
}

void turn::record(const notification& what, const decision& d) {
  record(what.id, d);
  row_of(what.id).at = kept_since(d, what, now_);
}

} // namespace interject::conversation
