#include "tests/simulation/promises.hpp"

#include "actors/monitors/price_rows.hpp"
#include "actors/monitors/reminder_rows.hpp"
#include "protocols/recurrence.hpp"

#include <algorithm>

namespace interject::simulation {

namespace {

using namespace std::chrono_literals;

std::string token_of(const notification& what) {
  for (auto& [name, v] : what.params)
    if (name == "token")
      return display(v);
  return {};
}

std::optional<value> param(const notification& what, std::string_view called) {
  for (auto& [name, v] : what.params)
    if (name == called)
      return v;
  return {};
}

time_point instant_of(const notification& what) {
  auto at = param(what, "at");
  return at && at->as_time() ? *at->as_time() : time_point{};
}

/// Whether the condition held at each sample of its symbol.
std::vector<bool> holding(const watch_row& w, const std::vector<quoted>& samples) {
  std::vector<bool> out;
  std::int64_t high = INT64_MIN;
  for (auto& s : samples) {
    high = std::max(high, s.price.units);
    out.push_back(w.when.kind == watch_kind::drops_by
                      ? s.price.units <= high / 100 * (100 - w.when.level.whole())
                      : s.price <= w.when.level);
  }
  return out;
}

struct alert {
  std::uint64_t firing = 0;
  std::size_t sample = 0; ///< that fired it
  journal::stored_notification row;
};

struct promise_checker {
  const record& seen;
  journal::reader& stored;
  const std::function<void(const std::string&)>& say;
  std::map<std::string, int>& said;

  // ---- watches

  std::vector<alert> alerts_of(const std::string& name, const watch_row& w,
                               const std::vector<quoted>& samples) {
    constexpr std::uint64_t most = 60; // firings in one run
    std::vector<alert> out;
    for (std::uint64_t k = 1; k <= most; ++k) {
      auto found = stored.find_notification(monitors::firing_id(w.id, k));
      if (!found || !*found || (*found)->trail.empty())
        continue; // of one that ended before it was told nothing need be known
      auto price = param((*found)->what, "price");
      auto at = std::find_if(samples.begin(), samples.end(),
                             [&](auto& s) { return price && value(s.price) == *price; });
      if (at == samples.end())
        say(name + " fired at a price that never came");
      else
        out.push_back({k, static_cast<std::size_t>(at - samples.begin()), **found});
    }
    return out;
  }

  /// It was taken back: it had waited, and by then its condition had ended.
  void withdrawal(const std::string& name, const watch_row& w, const alert& a,
                  const std::vector<quoted>& samples, const std::vector<bool>& holds) {
    auto& trail = a.row.trail;
    bool waited = std::any_of(trail.begin(), trail.end(), [](auto& d) {
      return d.action == delivery_action::queued || d.action == delivery_action::held;
    });
    bool ended = false;
    for (auto i = a.sample; i < samples.size(); ++i)
      ended = ended || (!holds[i] && samples[i].sent <= trail.back().at);
    if (!waited || !ended)
      say(name + ": firing " + std::to_string(a.firing) + " was withdrawn " +
          (waited ? "while its condition held" : "although it had not waited"));
    auto row = stored.watch(w.id);
    if (row && *row && (*row)->ended < a.firing)
      say(name + ": firing " + std::to_string(a.firing) +
          " was withdrawn, and its watch knows nothing of that");
  }

  /// Held for as long as asked, to the instant.
  void hold(const std::string& name, const watch_row& w, const alert& a,
            const std::vector<quoted>& samples, const std::vector<bool>& holds) {
    auto at = instant_of(a.row.what), since = at - w.when.hold;
    auto first = a.sample, end = a.sample;
    while (first > 0 && holds[first - 1])
      --first;
    while (end < samples.size() && holds[end])
      ++end;
    bool early = since < samples[first].sent,
         broken = end < samples.size() && samples[end].taken < at;
    bool late = a.firing == 1 && since > samples[first].taken;
    if (early || late || broken)
      say(name + " fired too " +
          (early  ? "early"
           : late ? "late"
                  : "late: its condition had ended"));
  }

  void watch(const std::string& token, const watch_row& w) {
    auto name = "watch " + token;
    auto it = seen.prices.find(w.symbol);
    auto samples = it == seen.prices.end() ? std::vector<quoted>() : it->second;
    auto holds = holding(w, samples);
    auto begins = [&](std::size_t i) { return i > 0 && holds[i] && !holds[i - 1]; };
    auto sure = seen.armed_before.count(token) ? seen.armed_before.at(token) : 0;
    std::vector<std::size_t> edges;
    for (std::size_t i = 1; i < samples.size(); ++i)
      if (begins(i))
        edges.push_back(i);
    // One that shares its symbol may have seen those before the first that it surely saw, too.
    auto first_sure = static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), sure) -
                                               edges.begin());
    int told = 0;
    std::size_t skipped = 0; ///< edges before it was armed
    auto alerts = alerts_of(name, w, samples);
    if (w.when.repeat && !alerts.empty()) {
      auto at = static_cast<std::size_t>(
          std::lower_bound(edges.begin(), edges.end(), alerts[0].sample) - edges.begin());
      skipped = at + 1 - std::min<std::size_t>(alerts[0].firing, at + 1);
    }
    if (skipped > first_sure)
      say(name + " did not fire at first");
    for (auto& a : alerts) {
      bool was_said = monitors::was_said(a.row.trail);
      told += was_said;
      if (a.row.trail.back().code == delivery_code::withdrawn)
        withdrawal(name, w, a, samples, holds);
      else if (!was_said)
        say(name + ": firing " + std::to_string(a.firing) + " ended as " +
            to_string(a.row.trail.back().code));
      auto n = skipped + a.firing - 1;
      if (w.when.hold > 0s)
        hold(name, w, a, samples, holds);
      else if (w.when.repeat  ? n >= edges.size() || edges[n] != a.sample
               : a.firing > 1 ? !holds[a.sample] // it began anew when it held again already
                              : edges.empty() || a.sample != edges[0])
        say(name + ": firing " + std::to_string(a.firing) + " came at a wrong price");
    }
    if (auto times = said["[" + token + "]"]; times != told || (!w.when.repeat && times != 1))
      say(name + " was said " + std::to_string(times) + " times, for " + std::to_string(told) +
          " alerts");
    // In the end the price is down.
    if (w.when.repeat && (alerts.empty() || skipped + alerts.back().firing != edges.size() ||
                          !monitors::was_said(alerts.back().row.trail)))
      say(name + ": its last firing was not said");
  }

  // ---- recurring reminders

  bool nobody_ran(time_point from, time_point to) {
    return std::any_of(seen.trouble.begin(), seen.trouble.end(),
                       [&](auto& t) { return t.from <= to && t.to >= from; });
  }

  std::vector<journal::stored_notification> occurrences_of(const reminder_row& r, time_point last) {
    std::vector<journal::stored_notification> out;
    for (auto at = r.due; at <= last; at += 60s)
      if (auto found = stored.find_notification(monitors::instant_id(r.id, at));
          found && *found && !(*found)->trail.empty())
        out.push_back(**found);
    return out;
  }

  void recurring(const std::string& token, const reminder_row& r) {
    auto name = "reminder " + token;
    bool skips = r.misfire == misfire_policy::skip;
    auto rule = recurrence::parse(r.rrule, r.zone, r.start);
    time_point last = r.due;
    for (auto next = rule->after(last); next; next = rule->after(last))
      last = *next;
    int told = 0;
    time_point before = r.due - 60s;
    for (auto& row : occurrences_of(r, last)) {
      auto at = instant_of(row.what);
      bool was_said = monitors::was_said(row.trail);
      told += was_said;
      if (at - before > 60s && !nobody_ran(before, at))
        say(name + " was passed over although nothing was wrong");
      for (auto& d : seen.down)
        if (skips && was_said && d.from < at && at < d.to)
          say(name + " was said for an instant when nobody ran");
      if (!was_said && !skips)
        say(name + " was not said: " + to_string(row.trail.back().code));
      before = at;
    }
    if (before != last && !(skips && nobody_ran(before, last)))
      say(name + " ended before its last instant, at " + format_time(before) + " instead of " +
          format_time(last));
    if (auto times = said["[" + token + "]"]; times != told)
      say(name + " was said " + std::to_string(times) + " times, for " + std::to_string(told) +
          " occurrences");
  }

  template <class Rows>
  auto find(const Rows& rows, const conversation_id& id, const std::string& token) {
    return std::find_if(rows.begin(), rows.end(), [&](auto& each) {
      return each.second.conversation == id && token_of(each.second.notify) == token;
    });
  }

  void kept(const conversation_id& id, const std::string& token) {
    if (auto w = find(seen.watches, id, token); w != seen.watches.end())
      watch(token, w->second);
    else if (auto r = find(seen.reminders, id, token); r == seen.reminders.end())
      say(token + " was promised and never stored");
    else if (!r->second.rrule.empty())
      recurring(token, r->second);
    else if (auto times = said["[" + token + "]"]; times != 1)
      say("reminder " + token + " was said " + std::to_string(times) + " times");
  }
};

} // namespace

void check_promises(const record& seen, journal::reader& stored, const conversation_id& id,
                    const std::vector<line>& lines, std::map<std::string, int>& said,
                    const std::function<void(const std::string&)>& say) {
  promise_checker c{seen, stored, say, said};
  // A "remind …" that came when an order asked for its item is an item: that question takes any
  // text.
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    for (auto& p : promises)
      if (!lines[i].from_bot && lines[i].text.starts_with(p.verb) && lines[i + 1].text == p.answer)
        c.kept(id, lines[i].text.substr(std::string_view(p.verb).size()));
}

} // namespace interject::simulation
