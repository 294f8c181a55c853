// A turn: one input through the dialogs, and the waiting notices weighed at every stop on the way.
#include "actors/conversation/turn.hpp"

#include "actors/conversation/notices.hpp"
#include "actors/conversation/turn_context.hpp"

#include <algorithm>
#include <utility>

namespace interject::conversation {

namespace {

/// Stops at which notices are weighed within one turn, before what remains waits for the next.
constexpr int max_rounds = 128;
/// Notices that one turn's dialogs may send.
constexpr std::size_t max_own_notices = 16;

} // namespace

// ---- the dialogs

/// Runs the dialogs until they wait, and says at each stop on the way what may be said there.
void turn::run(dialog::input in) {
  auto at = step(std::move(in));
  for (int round = 0; round < max_rounds; ++round) {
    if (auto push = release(at == dialog::stop::boundary))
      at = step(std::move(*push));
    else if (at == dialog::stop::boundary)
      at = step(dialog::proceed{});
    else
      return;
  }
  while (at == dialog::stop::boundary)
    at = step(dialog::proceed{}, false);
}

dialog::stop turn::step(dialog::input in, bool may_pause) {
  auto pause = may_pause && !s_.queue.items.empty();
  auto moved = dialog::advance(by_.bot, std::move(s_.talk), in, now_, pause);
  s_.talk = std::move(moved.after);
  for (auto& e : moved.effects)
    carry_out(std::move(e));
  return moved.at;
}

void turn::speak(utterance&& u) {
  auto replies_to = u.proactive ? 0 : answering_;
  out_.said.push_back({++last_seq_, std::move(u), replies_to});
  if (speaking_for_.empty())
    return;
  if (s_.said_notices.size() >= said_notices_limit)
    s_.said_notices.erase(s_.said_notices.begin());
  s_.said_notices.push_back({last_seq_, speaking_for_, speaking_of_, speaking_paid_});
  row_of(std::exchange(speaking_for_, {})).activity = activity_id(s_.talk.id, last_seq_);
}

void turn::carry_out(dialog::effect&& e) {
  out_.changed = true;
  if (auto* u = std::get_if<utterance>(&e)) {
    speak(std::move(*u));
  } else if (auto* call = std::get_if<call_row>(&e)) {
    out_.calls.push_back(std::move(*call));
  } else if (auto* watch = std::get_if<watch_row>(&e)) {
    out_.watches.push_back(std::move(*watch));
  } else if (auto* reminder = std::get_if<reminder_row>(&e)) {
    out_.reminders.push_back(std::move(*reminder));
  } else if (auto* stop = std::get_if<dialog::stop_subscription>(&e)) {
    auto& gone = stop->what.kind == origin::watch      ? out_.watches_gone
                 : stop->what.kind == origin::reminder ? out_.reminders_gone
                                                       : out_.calls_gone;
    gone.push_back(stop->what.id);
    if (stop->what.kind != origin::call)
      take_back({0, s_.talk.id, stop->what.kind, stop->what.id});
  } else if (auto* notice = std::get_if<dialog::send_notice>(&e)) {
    send_on(std::move(*notice));
  } else if (auto* over = std::get_if<dialog::interruption_over>(&e)) {
    std::erase_if(s_.active, [&](auto& a) { return a.id == over->notice; });
    if (!over->notice.empty())
      row_of(over->notice).ended = over->how;
  } else if (auto* wish = std::get_if<dialog::change_person>(&e)) {
    prefer(std::move(wish->what));
  } else {
    out_.faults.push_back(std::move(std::get<dialog::dialog_failed>(e)));
  }
}

/// Never given twice, also by turns that say nothing: who takes two notices of one name keeps the
/// first.
std::string turn::own_name() {
  return "n-" + s_.talk.id + "-" + std::to_string(++s_.talk.last_id);
}

/// A notice of a dialog: weighed here when it is for this conversation, else a reminder that is due
/// at once, so that it is durable with this turn and delivered at least once.
void turn::send_on(dialog::send_notice&& e) {
  auto here = e.user.empty() ? (e.conversation.empty() || e.conversation == s_.talk.id)
                             : e.user == s_.talk.user;
  auto name = own_name();
  if (e.what.id.empty())
    e.what.id = name;
  e.what.created = now_;
  if (here) {
    if (own_notices_.size() < max_own_notices)
      own_notices_.push_back(std::move(e.what));
    else
      out_.faults.push_back({"", "notify", "more than 16 notices in one turn"});
    return;
  }
  reminder_row row;
  row.id = name;
  row.conversation = e.conversation;
  row.user = e.user;
  row.due = now_;
  row.created = now_;
  row.notify = std::move(e.what);
  out_.reminders.push_back(std::move(row));
}

void turn::take_own_notices() {
  for (auto notices = std::exchange(own_notices_, {}); auto& what : notices) {
    what.from = origin::dialog;
    take_notice(std::move(what));
  }
  own_notices_.clear(); // a notice that sends notices is not followed further within the turn
}

// ---- what the user does

answer turn::begin(const open_conversation& in) {
  s_.talk.locale = dialog::match_locale(by_.bot, in.locale);
  s_.channel = s_.talk.channel = in.channel;
  met(in.user, in.user_name);
  out_.changed = true;
  run(dialog::started{});
  take_own_notices();
  return opened{in.ticket, s_.talk.id, true};
}

/// Known from here on: may be contacted, in this conversation.
void turn::met(const user_id& user, const std::string& name) {
  if (!name.empty())
    s_.talk.user_name = name;
  if (user.empty() || (s_.talk.user == user && s_.interacted))
    return;
  s_.talk.user = user;
  s_.interacted = true;
  for (auto& [name_of, v] : std::exchange(s_.talk.old_user_values, {}))
    if (!person::find(*s_.who, "var." + name_of))
      change({"var." + name_of, v});
  for (auto& c : std::exchange(s_.unclaimed, {}))
    change(std::move(c));
  here_now();
}

/// This is the conversation to reach the person in, until they are met in another.
void turn::here_now() {
  if (s_.talk.user.empty())
    return;
  for (const auto& key : {std::string("chat"), "chat." + s_.channel}) {
    auto* last = person::find(*s_.who, key);
    if (last && last->as_text() && *last->as_text() == s_.talk.id)
      continue;
    change({key, value(s_.talk.id)});
    if (key == "chat")
      out_.persons.push_back({s_.talk.user, s_.talk.id, true, now_});
  }
}

void turn::change(person_change c) {
  out_.changed = true;
  auto changed = std::make_shared<person::profile>(*s_.who);
  if (!person::apply(*changed, c)) {
    out_.faults.push_back(
        {"", "person", "\"" + c.key + "\" is too large, or the person has too many settings"});
    return;
  }
  s_.who = std::move(changed);
  auto& into = s_.talk.user.empty() ? s_.unclaimed : out_.person;
  std::erase_if(into, [&](auto& old) { return old.key == c.key; });
  if (s_.talk.user.empty() && into.size() >= unclaimed_limit)
    into.erase(into.begin());
  into.push_back(std::move(c));
}

/// A dialog's change. What it leaves open of the quiet hours stays as it was.
void turn::prefer(person_change c) {
  if (c.key == "quiet" && !c.to.is_null()) {
    auto wanted = read_quiet(c.to, person::quiet(*s_.who).value_or(quiet_hours{}));
    if (!wanted)
      return out_.faults.push_back(
          {"", "prefer", "the quiet hours would begin and end at the same time"});
    c.to = to_value(*wanted);
  }
  change(std::move(c));
}

void adopt(state& s, std::shared_ptr<const person::profile> who) {
  s.who = std::move(who);
  if (!s.unclaimed.empty()) {
    auto changed = std::make_shared<person::profile>(*s.who);
    for (auto& c : s.unclaimed)
      person::apply(*changed, c);
    s.who = std::move(changed);
  }
  s.talk.user_values = person::under(*s.who, "var.");
  for (auto& [name, v] : s.talk.old_user_values)
    if (!person::find(*s.who, "var." + name))
      s.talk.user_values.emplace_back(name, v);
}

std::uint64_t turn::echo(const incoming_activity& in) {
  out_.said.push_back({++last_seq_, in, 0});
  out_.changed = true;
  return last_seq_;
}

answer turn::operator()(const post_activity& in) {
  auto& a = in.activity;
  if (!a.from.empty() && !s_.talk.user.empty() && a.from != s_.talk.user)
    return refused{in.ticket, errc::forbidden, "this conversation belongs to another user"};
  if (a.type == activity_type::typing) {
    s_.typed = now_; // volatile: not worth a commit
    return posted{in.ticket, activity_id(s_.talk.id, 0)};
  }
  met(a.from, a.from_name);
  // For the bot's ears, and it has met them at the start.
  if (a.type == activity_type::conversation_update)
    return posted{in.ticket, activity_id(s_.talk.id, 0)};
  auto seq = echo(a);
  out_.files.insert(out_.files.end(), in.files.begin(), in.files.end());
  if (a.type == activity_type::message) {
    if (!a.locale.empty())
      s_.talk.locale = dialog::match_locale(by_.bot, a.locale);
    s_.interacted = true;
    here_now();
    s_.wrote = now_;
    s_.typed.reset();
    answering_ = seq;
    run(dialog::said{a.text, a.tapped, meant_ ? std::optional(*meant_) : std::nullopt});
    answering_ = 0;
    take_own_notices();
  }
  return posted{in.ticket, activity_id(s_.talk.id, seq)};
}

answer turn::operator()(const reset_conversation& in) {
  out_.changed = true;
  s_.failures = 0;
  if (std::exchange(s_.parked, std::nullopt))
    clear_by_hand();
  else
    run(dialog::cleared{});
  s_.active.clear();
  return done{in.ticket};
}

answer turn::operator()(const wake& in) {
  run(dialog::woken{});
  take_own_notices();
  return done{in.ticket};
}

// ---- what the monitors bring

answer turn::operator()(const call_answered& in) {
  out_.calls_gone.push_back(in.call); // taken, or of no use to anybody
  out_.changed = true;
  if (in.mode == call_mode::foreground) {
    run(dialog::answered{in.call, in.generation, {in.outcome, in.status, in.values, in.reason}});
    take_own_notices();
    return done{in.ticket};
  }
  auto what = in.notify;
  what.id = in.call + "." + std::to_string(in.generation);
  if (was_taken(s_, what.id, now_))
    return done{in.ticket};
  forget_subscription(s_, origin::call, in.call);
  what.created = now_;
  what.from = origin::call;
  what.source = in.call;
  what.occurrence = in.generation;
  what.solicited = true;
  for (auto& [name, v] : in.values)
    what.params.emplace_back(name, v);
  what.params.emplace_back("outcome", value(to_string(in.outcome)));
  what.params.emplace_back("reason", value(in.reason));
  take_notice(std::move(what));
  return done{in.ticket};
}

answer turn::operator()(const notify& in) {
  if (was_taken(s_, in.what.id, now_))
    return repeated{in.ticket, in.what.id, in.what.id};
  if (auto name = taken_as(s_, in.what.id, now_))
    return repeated{in.ticket, in.what.id, *name};
  auto id = in.what.id;
  auto what = in.what;
  if (what.created == time_point{}) // an embedding program's: its lifetime begins here
    what.created = now_;
  auto first = take_notice(std::move(what));
  take_own_notices();
  return decided{in.ticket, std::move(id), s_.talk.id, std::move(first)};
}

answer turn::operator()(const withdraw& in) {
  auto removed = delivery::remove(s_.queue, in.id);
  if (!removed)
    return refused{in.ticket, errc::conflict,
                   "it is not waiting: it was said, dropped, or never came here"};
  auto d = delivery::outcome(delivery_code::withdrawn, now_, "A3");
  record(in.id, d);
  left_unsaid(removed->what);
  left_queue(removed->what);
  release_inhibited();
  take_own_notices();
  return decided{in.ticket, in.id, s_.talk.id, d};
}

// A request that was cut off is sent again with the same id.
static bool subscribed(const state& s, origin kind, const std::string& id) {
  auto& all = s.talk.subscriptions;
  return std::any_of(all.begin(), all.end(),
                     [&](auto& each) { return each.kind == kind && each.id == id; });
}

void turn::take_back(const retract& in) {
  for (auto& gone : delivery::retract(s_.queue, in.from, in.source)) {
    record(gone.what.id, delivery::outcome(delivery_code::withdrawn, now_, "A3"));
    left_unsaid(gone.what);
    left_queue(gone.what);
  }
}

answer turn::operator()(const retract& in) {
  take_back(in);
  run(dialog::woken{}); // what it held back may be said now
  take_own_notices();
  return done{in.ticket};
}

bool turn::not_delivered(const delivery_failed& in) {
  auto seq = seq_of(s_.talk.id, in.activity);
  auto it = std::find_if(s_.said_notices.begin(), s_.said_notices.end(),
                         [&](auto& n) { return n.seq == seq; });
  if (it == s_.said_notices.end())
    return false; // no notice, or one of long ago
  auto said = *it;
  s_.said_notices.erase(it);
  record(said.id, delivery::outcome(delivery_code::failed, now_, "C-failed"));
  if (said.paid)
    give_tokens_back(by_, s_, said.topic);
  return true;
}

answer turn::operator()(const delivery_failed& in) {
  if (not_delivered(in)) {
    run(dialog::woken{});
    take_own_notices();
  }
  return done{in.ticket};
}

answer turn::operator()(const create_watch& in) {
  if (subscribed(s_, origin::watch, in.row.id))
    return done{in.ticket};
  out_.changed = true;
  s_.talk.subscriptions.push_back({origin::watch, in.row.id, in.row.name});
  out_.watches.push_back(in.row);
  return done{in.ticket};
}

answer turn::operator()(const create_reminder& in) {
  if (subscribed(s_, origin::reminder, in.row.id))
    return done{in.ticket};
  out_.changed = true;
  s_.talk.subscriptions.push_back({origin::reminder, in.row.id, in.row.name});
  out_.reminders.push_back(in.row);
  return done{in.ticket};
}

answer turn::operator()(const cancel_watch& in) {
  out_.changed = true;
  forget_subscription(s_, origin::watch, in.id);
  out_.watches_gone.push_back(in.id);
  return done{in.ticket};
}

answer turn::operator()(const cancel_reminder& in) {
  out_.changed = true;
  forget_subscription(s_, origin::reminder, in.id);
  out_.reminders_gone.push_back(in.id);
  return done{in.ticket};
}

answer take(const rules& by, state& s, bool& exists, std::uint64_t& last_seq, const input& in,
            time_point now, outcome& out, const recognition* meant) {
  turn t(by, s, last_seq, now, out, meant);
  if (auto* open = std::get_if<open_conversation>(&in); open && !exists) {
    exists = true;
    return t.begin(*open);
  }
  if (!exists)
    return refused{ticket_of(in), errc::not_found, "there is no such conversation"};
  if (s.parked)
    if (auto parked = t.while_parked(in))
      return *parked;
  return std::visit(t, in);
}

std::optional<time_point> next_wake(const rules& by, const state& s) {
  if (s.parked)
    return std::nullopt;
  auto at = dialog::next_wake(by.bot, s.talk);
  if (auto due = delivery::next_look(s.queue); due && (!at || *due < *at))
    at = due;
  return at;
}

} // namespace interject::conversation
