#include "tests/simulation/crowd_record.hpp"

#include "protocols/codec/binary.hpp"
#include "tests/simulation/history.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

namespace interject::simulation {

namespace {

using namespace std::chrono_literals;

/// Zones without summer time, so that this needs no table of zones.
bool is_quiet(const quiet_hours& q, time_point at) {
  auto local = at.time_since_epoch() + (q.zone == "Asia/Tokyo" ? 9h : 0h);
  auto minute =
      static_cast<int>(std::chrono::floor<std::chrono::minutes>(local).count() % (24 * 60));
  return q.from < q.to ? q.from <= minute && minute < q.to : q.from <= minute || minute < q.to;
}

/// What one conversation has said is known to the person's others after this.
constexpr auto known_after = 5s;

struct crowd_checker {
  const crowd_record& seen;
  journal::reader& stored;
  reached& count;
  std::vector<std::string> broken;

  void say(const std::string& what) { broken.push_back(what); }

  bool is_gone(const user_id& user) const { return seen.erased.contains(user); }

  static const decision* told(const journal::stored_notification& n) {
    auto& trail = n.trail;
    auto it = std::find_if(trail.begin(), trail.end(),
                           [](auto& d) { return d.action == delivery_action::sent; });
    return it == trail.end() ? nullptr : &*it;
  }

  // ---- what people let the bot do

  void consent(const notification_id& id, const user_id& user, const notification& what,
               time_point at) {
    for (auto& s : seen.settings) {
      if (s.user != user || at <= s.from || at >= s.until)
        continue;
      if (s.key == "contact" && s.to == value(false))
        say(id + " was told to " + user + ", who is not to be contacted");
      if (s.key == "topic.offers" && s.to == value("muted") && what.topic == "offers")
        say(id + " was told to " + user + ", who has muted its topic");
      auto q = s.key == "quiet" ? read_quiet(s.to) : std::nullopt;
      if (q && what.urgency < urgency::time_sensitive && is_quiet(*q, at))
        say(id + " was told to " + user + " in quiet hours");
    }
  }

  struct offer {
    time_point at{};
    conversation_id by;
    auto operator<=>(const offer&) const = default;
  };

  /// What is remembered of offers that were made within moments of each other: conversations that
  /// speak at once do not know of each other, and what the last that wrote had said is kept
  /// (docs/decisions/0008). Here the fewest.
  static void remember(std::span<const offer> at_once, std::vector<time_point>& known) {
    std::map<conversation_id, std::vector<time_point>> by;
    for (auto& o : at_once)
      by[o.by].push_back(o.at);
    auto fewest = std::min_element(
        by.begin(), by.end(), [](auto& a, auto& b) { return a.second.size() < b.second.size(); });
    known.insert(known.end(), fewest->second.begin(), fewest->second.end());
  }

  /// At most two offers in ten minutes.
  void caps(const member& m, std::vector<offer> offers) {
    std::sort(offers.begin(), offers.end());
    std::vector<time_point> known;
    for (std::size_t i = 0, end = 1; i < offers.size(); i = end++) {
      while (end < offers.size() && offers[end].at - offers[end - 1].at <= known_after)
        ++end;
      remember({offers.begin() + static_cast<std::ptrdiff_t>(i), end - i}, known);
    }
    for (std::size_t i = 0; i + 2 < known.size(); ++i)
      if (known[i + 2] - known[i] < 10min)
        say(m.user + " was told more offers in ten minutes than the cap allows");
  }

  // ---- notices

  int times_said(const member& m, const std::string& token) {
    int out = 0;
    for (auto& id : m.conversations)
      for (auto& l : history(id, stored))
        out += l.from_bot && l.text.find(token) != std::string::npos;
    return out;
  }

  /// Ids of broadcasts' notices are of their person, and so are those of notices.
  const reminder_row* hand_over_of(const notification_id& id, const member& m) const {
    auto it = std::find_if(seen.handed_over.begin(), seen.handed_over.end(), [&](auto& row) {
      return row.notify.id == id && std::find(m.conversations.begin(), m.conversations.end(),
                                              row.conversation) != m.conversations.end();
    });
    return it == seen.handed_over.end() ? nullptr : &*it;
  }
  bool told_elsewhere(const reminder_row& row) {
    auto there = stored.find_notification(taken_as(row));
    return there && *there && told(**there);
  }

  /// What another conversation was given: that it took it, in time, and ended it.
  void handed_over(const reminder_row& row, const member& m, std::vector<offer>& offers) {
    ++count["handed over"];
    count["handed over by an erased one"] += seen.erased.contains(handed_by(row));
    auto& id = row.notify.id;
    auto by = row.due + row.notify.lifetime;
    if (std::count_if(seen.handed_over.begin(), seen.handed_over.end(),
                      [&](auto& other) { return other.notify.id == id; }) != 1)
      say(id + " was handed over more than once");
    if (auto n = seen.notices.find(id); n != seen.notices.end() && n->second.what.expires() != by)
      say(id + " has another expiry since it was handed over");
    if (is_gone(m.user) || seen.erased.contains(row.conversation))
      return;
    auto there = stored.find_notification(taken_as(row));
    if (!there || !*there || (*there)->trail.empty())
      return say(id + " was handed over and lost");
    auto& last = (*there)->trail.back();
    if (last.action == delivery_action::queued || last.action == delivery_action::held)
      say(id + " was handed over and still waits after its deadline: " + to_string(last.code));
    if (last.action == delivery_action::accepted)
      say(id + " was handed over and then again");
    auto* at = told(**there);
    ++count[at ? "handed over and told" : "handed over and dropped"];
    if (auto said = times_said(m, row.notify.text[0].second); said > 1)
      say(id + " was handed over and said " + std::to_string(said) + " times");
    if (!at)
      return;
    if (at->at >= by)
      say(id + " was handed over and told after its expiry");
    consent(id, m.user, row.notify, at->at);
    if (row.notify.topic == "offers")
      offers.push_back({at->at, row.conversation});
  }

  /// What became of one, and whether that is what was said.
  void outcome(const notification_id& id, const std::string& token, const member& m,
               const journal::stored_notification& row) {
    auto& last = row.trail.back();
    if (last.action == delivery_action::queued || last.action == delivery_action::held)
      say(id + " still waits after its deadline: " + to_string(last.code));
    bool elsewhere = last.action == delivery_action::accepted;
    auto should = told(row) ? 1 : 0;
    if (auto* moved = hand_over_of(id, m); moved && elsewhere)
      should += told_elsewhere(*moved);
    if (auto said = times_said(m, token); said != should)
      say(id + " counts as " + to_string(last.code) + (elsewhere ? " elsewhere" : "") +
          " and was said " + std::to_string(said) + " times");
    if (elsewhere && !hand_over_of(id, m))
      say(id + " counts as handed over and was not");
    for (auto& d : row.trail)
      ++count[std::string("code ") + to_string(d.code)];
  }

  void person(const member& m) {
    std::vector<offer> offers;
    auto look = [&](const notification_id& id, const std::string& token) {
      auto row = stored.find_notification(id);
      if (!row || !*row || (*row)->trail.empty())
        return false;
      if (is_gone(m.user) && !(*row)->what.text.empty())
        say(m.user + " was erased and " + id + " is there, in \"" + (*row)->conversation +
            "\" as " + to_string((*row)->trail.back().code));
      bool lost = is_gone(m.user) || seen.erased.contains((*row)->conversation);
      if (auto* at = told(**row); at && !lost) {
        consent(id, m.user, (*row)->what, at->at);
        if ((*row)->what.topic == "offers")
          offers.push_back({at->at, (*row)->conversation});
      }
      if (!lost)
        outcome(id, token, m, **row);
      return true;
    };
    bool lost_one =
        is_gone(m.user) || std::any_of(m.conversations.begin(), m.conversations.end(),
                                       [&](auto& id) { return seen.erased.contains(id); });
    for (auto& [id, n] : seen.notices)
      if (n.user == m.user && !look(id, "[" + id + "]") && n.acknowledged && !lost_one)
        say("acknowledged notice " + id + " is lost");
    for (auto& b : seen.broadcasts)
      look(person::id_for(b.what, m.user), "[" + b.what.id + "]");
    for (auto& row : seen.handed_over)
      if (std::find(m.conversations.begin(), m.conversations.end(), row.conversation) !=
          m.conversations.end())
        handed_over(row, m, offers);
    caps(m, offers);
  }

  // ---- broadcasts

  void broadcast(const sent_broadcast& b) {
    auto row = stored.broadcast(b.what.id);
    person::broadcast end;
    if (!row || !*row || !decode_all((*row)->body, end)) {
      if (b.begun)
        say("broadcast " + b.what.id + " is lost");
      return;
    }
    if (end.state == person::broadcast_state::running)
      say("broadcast " + b.what.id + " never ended");
    if (b.cancelled && end.state != person::broadcast_state::cancelled)
      say("broadcast " + b.what.id + " was cancelled and is not");
    auto decided = std::accumulate(end.counts.begin(), end.counts.end(), std::uint64_t(0));
    if (end.state == person::broadcast_state::done && decided + end.refused != end.recipients)
      say("broadcast " + b.what.id + " counts " + std::to_string(decided) + " decisions and " +
          std::to_string(end.refused) + " refusals of " + std::to_string(end.recipients));
    for (auto& m : seen.members)
      recipient(b, end, m);
    ++count[std::string("broadcasts ") + to_string(end.state)];
  }

  void recipient(const sent_broadcast& b, const person::broadcast& end, const member& m) {
    auto found = stored.find_notification(person::id_for(b.what, m.user));
    bool decided = found && *found;
    if (b.cancelled && decided && !b.decided_then.contains(m.user))
      say("broadcast " + b.what.id + " reached " + m.user + " after its cancellation");
    bool spared = is_gone(m.user) || !b.what.to.empty() ||
                  std::any_of(m.conversations.begin(), m.conversations.end(),
                              [&](auto& id) { return seen.erased.contains(id); });
    if (end.state == person::broadcast_state::done && end.refused == 0 && !spared &&
        b.known.contains(m.user) && !decided)
      say("broadcast " + b.what.id + " forgot " + m.user);
  }

  // ---- erased

  void erased(const std::string& id) {
    auto gone = stored.erased(id);
    if (!gone || !*gone)
      say(id + " was erased and has no tombstone");
    if (auto row = stored.load(id); !row || *row)
      say(id + " was erased and is there");
    if (auto rows = stored.history(id, 0, 10); !rows || !rows->empty())
      say(id + " was erased and its words are there");
    if (auto rows = stored.notifications_of(id, 10); !rows || !rows->empty())
      say(id + " was erased and its notices are there");
    if (auto rows = stored.calls(id); !rows || !rows->empty())
      say(id + " was erased and its deliveries are there");
    if (auto values = stored.person_values(id); !values || !values->empty())
      say(id + " was erased and their settings are there");
  }

  // ---- the webhook

  void deliveries(const conversation_id& id) {
    auto& got = seen.received.contains(id) ? seen.received.at(id) : nothing_;
    std::vector<std::uint64_t> first;
    for (auto seq : got)
      if (std::find(first.begin(), first.end(), seq) == first.end())
        first.push_back(seq);
    if (!seen.had_dead_letters.contains(id) && !std::is_sorted(first.begin(), first.end()))
      say(id + " was posted out of order");
    for (auto& l : history(id, stored))
      if (l.from_bot && std::find(first.begin(), first.end(), l.seq) == first.end())
        say(id + ": activity " + std::to_string(l.seq) + " was never posted");
    count["deliveries"] += static_cast<int>(first.size());
    count["deliveries again"] += static_cast<int>(got.size() - first.size());
  }

  std::vector<std::uint64_t> nothing_;
};

} // namespace

std::vector<std::string> check(const crowd_record& seen, journal::reader& stored, reached& count) {
  crowd_checker c{seen, stored, count, seen.seen_broken, {}};
  for (auto& m : seen.members) {
    c.person(m);
    for (auto& id : m.conversations)
      if (id.starts_with("sms") && !seen.erased.contains(id))
        c.deliveries(id);
  }
  for (auto& b : seen.broadcasts)
    c.broadcast(b);
  for (auto& id : seen.erased)
    c.erased(id);
  return c.broken;
}

} // namespace interject::simulation
