#include "actors/conversation/notices.hpp"

#include "actors/person/quiet.hpp"

#include <algorithm>

namespace interject::conversation {

namespace {

delivery::stack_state stack_of(const dialog::standing& at, bool boundary) {
  if (at.empty)
    return delivery::stack_state::empty;
  if (boundary || at.at_boundary)
    return delivery::stack_state::boundary;
  return at.top == dialog::waiting::call ? delivery::stack_state::awaiting_call
                                         : delivery::stack_state::awaiting_input;
}

bool names(const std::vector<std::string>& topics, const std::string& topic) {
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

/// A pending or active notice of higher urgency holds this topic back.
bool inhibited(const state& s, const notification& what) {
  if (what.topic.empty())
    return false;
  return delivery::inhibits(s.queue, what.topic, what.urgency) ||
         std::any_of(s.active.begin(), s.active.end(), [&](auto& a) {
           return a.level > what.urgency && names(a.inhibits, what.topic);
         });
}

bool said_lately(const state& s, const notification& what, time_point now) {
  if (what.collapse_key.empty() || what.repeat_window.count() == 0)
    return false;
  auto hash = stable_hash(what.collapse_key);
  return std::any_of(s.said_keys.begin(), s.said_keys.end(), [&](auto& k) {
    return k.hash == hash && now < k.at + what.repeat_window && what.urgency <= k.level;
  });
}

/// The budgets that a notice of that topic counts in, beside the conversation's own.
std::vector<std::pair<std::string, delivery::rate>> budgets_of(const rules& by, const state& s,
                                                               const std::string& topic) {
  std::vector<std::pair<std::string, delivery::rate>> out;
  for (auto& t : by.policy.topics)
    if (t.topic == topic)
      out.emplace_back("topic:" + topic, t.how);
  if (auto* c = channel_of(by, s); c && c->budget)
    out.emplace_back("channel", *c->budget);
  return out;
}

delivery::bucket bucket_of(const state& s, const std::string& name) {
  for (auto& b : s.budgets)
    if (b.name == name)
      return b.left;
  return {};
}

void put_bucket(state& s, const std::string& name, delivery::bucket left) {
  for (auto& b : s.budgets)
    if (b.name == name) {
      b.left = left;
      return;
    }
  s.budgets.push_back({name, left});
}

/// All budgets must have a token; the emptiest decides.
void look_at_budgets(const rules& by, const state& s, const notification& what, time_point now,
                     delivery::situation& in) {
  in.tokens = delivery::tokens(by.policy, s.budget, now);
  in.critical_token = delivery::critical_token(by.policy, s.budget, now);
  if (in.tokens == 0)
    in.token_at = delivery::token_at(by.policy, s.budget, now);
  for (auto& [name, how] : budgets_of(by, s, what.topic)) {
    auto left = bucket_of(s, name);
    auto n = delivery::tokens(how, left, now);
    in.tokens = std::min(in.tokens, n);
    in.critical_token = in.critical_token && delivery::critical_token(how, left, now);
    if (n == 0)
      in.token_at = std::max(in.token_at.value_or(now), delivery::token_at(how, left, now));
  }
}

bool capped(const rules& by, const state& s, const notification& what, time_point now) {
  return std::any_of(by.policy.caps.begin(), by.policy.caps.end(), [&](auto& cap) {
    return (cap.topic.empty() || cap.topic == what.topic) &&
           person::said_since(*s.who, cap.topic, now - cap.per) >= cap.at_most;
  });
}

void look_at_person(const rules& by, const state& s, const notification& what, time_point now,
                    delivery::situation& in) {
  auto contact = person::contact(*s.who);
  in.interacted = s.interacted && contact != false; // "do not contact me" outweighs having met
  in.consented = contact == true;
  in.muted = person::muted(*s.who, what.topic);
  in.cap_reached = capped(by, s, what, now);
  if (auto hours = person::quiet(*s.who)) {
    in.break_through = hours->break_through;
    in.quiet_until = person::quiet_until(*hours, now);
    in.quiet = in.quiet_until.has_value();
  }
}

void look_at_channel(const rules& by, const state& s, const notification& what, time_point now,
                     delivery::situation& in) {
  auto* c = channel_of(by, s);
  in.reachable = !c || !c->only_connected || s.connected;
  in.window_open = window_open(by, s, now);
  in.template_known =
      in.window_open || (c && std::any_of(c->templates.begin(), c->templates.end(),
                                          [&](auto& t) { return t.first == what.template_id; }));
}

bool someone_is_spaced(const delivery::queue& q) {
  return std::any_of(q.items.begin(), q.items.end(),
                     [](auto& item) { return item.code == delivery_code::spaced; });
}

/// Under its own id or, when another conversation handed it over, under the one that it had there.
bool seen(const state& s, const notification& what, time_point now) {
  auto known = [&](auto& id) { return was_taken(s, id, now) || taken_as(s, id, now); };
  return known(what.id) || (!what.first_id.empty() && known(what.first_id));
}

std::optional<duration> since(std::optional<time_point> then, time_point now) {
  return then ? std::optional(now - *then) : std::nullopt;
}

} // namespace

delivery::situation situate(const rules& by, const state& s, const notification& what,
                            const delivery::queued* waiting, bool boundary, time_point now) {
  auto at = dialog::look(by.bot, s.talk);
  delivery::situation in;
  in.stack = stack_of(at, boundary);
  in.step = static_cast<delivery::interruptible>(at.step);
  in.interrupters = at.interrupters;
  in.interrupter_level = at.interrupter_level;
  in.call_cancellable = at.call_cancellable;
  in.since_wrote = since(s.wrote, now);
  in.since_typed = since(s.typed, now);
  in.since_question = since(at.asked_at, now);
  in.seen = !waiting && seen(s, what, now);
  in.queued = waiting != nullptr;
  if (waiting) {
    in.queued_since = waiting->queued_since;
    in.typing_waited = delivery::typing_waited(*waiting, now);
  }
  in.repeat_hit = said_lately(s, what, now);
  in.inhibited = inhibited(s, what);
  look_at_person(by, s, what, now, in);
  look_at_channel(by, s, what, now, in);
  look_at_budgets(by, s, what, now, in);
  // What comes while others wait for their turn stands behind them: the order of arrival is kept.
  if (waiting || someone_is_spaced(s.queue))
    in.since_proactive = since(s.last_proactive, now);
  return in;
}

time_point kept_since(const decision& d, const notification& what, time_point now) {
  bool waits = d.action == delivery_action::queued || d.action == delivery_action::held;
  return waits ? std::max(now, what.expires()) : now;
}

bool was_taken(const state& s, const notification_id& id, time_point now) {
  auto hash = stable_hash(id);
  bool waits = std::any_of(s.queue.items.begin(), s.queue.items.end(),
                           [&](auto& item) { return item.what.id == id; });
  return waits || std::any_of(s.taken.begin(), s.taken.end(),
                              [&](auto& t) { return t.hash == hash && now - t.at < taken_for; });
}

void remember_taken(state& s, const notification_id& id, time_point now) {
  std::erase_if(s.taken, [&](auto& t) { return now - t.at >= taken_for; });
  if (s.taken.size() >= taken_limit)
    s.taken.erase(s.taken.begin());
  s.taken.push_back({stable_hash(id), now});
}

std::optional<notification_id> taken_as(const state& s, const notification_id& first,
                                        time_point now) {
  for (auto& item : s.queue.items)
    if (!item.what.first_id.empty() && item.what.first_id == first)
      return item.what.id;
  auto hash = stable_hash(first);
  for (auto& n : s.other_names)
    if (n.hash == hash && now - n.at < taken_for)
      return n.id;
  return std::nullopt;
}

void remember_other_name(state& s, const notification& what, time_point now) {
  std::erase_if(s.other_names, [&](auto& n) { return now - n.at >= taken_for; });
  if (s.other_names.size() >= other_names_limit)
    s.other_names.erase(s.other_names.begin());
  s.other_names.push_back({stable_hash(what.first_id), what.id, now});
}

void remember_said(state& s, const notification& what, time_point now) {
  if (what.collapse_key.empty())
    return;
  auto hash = stable_hash(what.collapse_key);
  std::erase_if(s.said_keys, [&](auto& k) {
    return k.hash == hash || now - k.at >= std::max<duration>(taken_for, k.window);
  });
  if (s.said_keys.size() >= said_keys_limit)
    s.said_keys.erase(s.said_keys.begin());
  s.said_keys.push_back({hash, now, what.urgency, what.repeat_window});
}

decision parked_until(time_point expires, time_point now) {
  auto d = delivery::outcome(delivery_code::parked, now, "parked");
  d.latest = expires;
  return d;
}

const delivery::channel* channel_of(const rules& by, const state& s) {
  for (auto& c : by.policy.channels)
    if (c.name == s.channel)
      return &c;
  return nullptr;
}

bool window_open(const rules& by, const state& s, time_point now) {
  auto* c = channel_of(by, s);
  return !c || !c->session_window || (s.wrote && now - *s.wrote < *c->session_window);
}

void spend_tokens(const rules& by, state& s, const std::string& topic, time_point now) {
  s.budget = delivery::spend(by.policy, s.budget, now);
  for (auto& [name, how] : budgets_of(by, s, topic))
    put_bucket(s, name, delivery::spend(how, bucket_of(s, name), now));
}

void give_tokens_back(const rules& by, state& s, const std::string& topic) {
  s.budget = delivery::give_back(by.policy, s.budget);
  for (auto& [name, how] : budgets_of(by, s, topic))
    put_bucket(s, name, delivery::give_back(how, bucket_of(s, name)));
}

void forget_subscription(state& s, origin kind, const std::string& id) {
  std::erase_if(s.talk.subscriptions, [&](auto& sub) { return sub.kind == kind && sub.id == id; });
}

named_values params_of(const notification& what) {
  auto params = what.params;
  for (auto& [name, v] : dialog::evaluate_params(what.dialog_params, what.params)) {
    std::erase_if(params, [&name = name](auto& p) { return p.first == name; });
    params.emplace_back(name, v);
  }
  return params;
}

std::string digest_of(const dialog::bot& b, const std::string& locale,
                      const std::vector<std::string>& items) {
  std::string list;
  for (auto& item : items)
    list += "\n• " + item;
  localized_text pattern{{"", "{count} news: {items}"}};
  if (auto* own = dialog::section(b, "delivery").find("digest_text")) {
    if (auto* one = own->as_text())
      pattern = {{"", *one}};
    else if (auto* by_locale = own->as_object()) {
      pattern.clear();
      for (auto& [name, text] : *by_locale)
        if (auto* t = text.as_text())
          pattern.emplace_back(name, *t);
    }
  }
  return dialog::render(
      pattern, {{"count", value(static_cast<int>(items.size()))}, {"items", value(list)}}, locale);
}

std::string words_of(const rules& by, const state& s, const notification& what, time_point now) {
  if (!window_open(by, s, now)) // a template alone may be sent, and the rule has seen it
    if (auto* c = channel_of(by, s))
      for (auto& [name, text] : c->templates)
        if (name == what.template_id)
          return dialog::render(text, what.params, s.talk.locale);
  if (!what.text.empty())
    return dialog::render(what.text, what.params, s.talk.locale);
  // No text of its own: its dialog is tried on an empty stack, and what that would say first stands
  // in.
  dialog::conversation scratch;
  scratch.id = s.talk.id;
  scratch.user = s.talk.user;
  scratch.user_name = s.talk.user_name;
  scratch.locale = s.talk.locale;
  dialog::begun push;
  push.dialog = what.dialog;
  push.params = params_of(what);
  for (auto& e : dialog::advance(by.bot, std::move(scratch), push, now).effects)
    if (auto* u = std::get_if<utterance>(&e))
      return u->text;
  return {};
}

} // namespace interject::conversation
