// The rule of price watches as one would say it: on every sample, look at every watch. The index
// must do the same.
#pragma once

#include "protocols/monitoring.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace interject::test {

struct naive_watch {
  std::string id;
  watch_condition when;
  enum { waiting, armed, pending, resting, over, spent } state = waiting;
  std::optional<decimal> from;
  std::optional<time_point> since, expires;
  bool above = false; ///< a crossing: where the price was, or is pending from

  __extension__ typedef __int128 wide;

  bool trails() const { return when.from == watch_from::high || when.from == watch_from::low; }
  /// `percent` of a change from where it is measured.
  static int compare(decimal p, decimal base, decimal percent, bool drop) {
    constexpr wide hundred = wide(100) * decimal::scale;
    auto left = wide(p.units) * hundred,
         right = wide(base.units) * (drop ? hundred - percent.units : hundred + percent.units);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  bool holds(decimal p) const {
    switch (when.kind) {
    case watch_kind::falls_to:
      return p <= when.level;
    case watch_kind::rises_to:
      return p >= when.level;
    case watch_kind::drops_by:
      return compare(p, *from, when.level, true) <= 0;
    case watch_kind::gains_by:
      return compare(p, *from, when.level, false) >= 0;
    case watch_kind::crosses:
      return above ? p <= when.level : p >= when.level;
    }
    return false;
  }
  bool ended(decimal p) const {
    if (when.kind == watch_kind::crosses)
      return p != when.level;
    if (!when.rearm || holds(p))
      return !holds(p);
    switch (when.kind) {
    case watch_kind::falls_to:
      return p >= *when.rearm;
    case watch_kind::rises_to:
      return p <= *when.rearm;
    case watch_kind::drops_by:
      return compare(p, *from, *when.rearm, true) >= 0;
    default:
      return compare(p, *from, *when.rearm, false) <= 0;
    }
  }
};

class naive_market {
public:
  std::vector<naive_watch> watches; ///< in the order in which they were armed
  std::optional<decimal> last;
  duration interest = std::chrono::seconds(40);
  std::vector<std::string> events;

  void arm(naive_watch w, time_point now) {
    watches.push_back(std::move(w));
    if (last)
      first(watches.back(), *last, now);
    sweep();
  }

  void pass_time(time_point now) {
    for (;;) {
      naive_watch* next = nullptr;
      std::pair<time_point, int> when;
      for (auto& w : watches) {
        if (gone(w))
          continue;
        if (w.expires && (!next || std::pair(*w.expires, 0) < when))
          next = &w, when = {*w.expires, 0};
        if (w.state == naive_watch::pending &&
            (!next || std::pair(*w.since + w.when.hold, 1) < when))
          next = &w, when = {*w.since + w.when.hold, 1};
      }
      if (!next || when.first > now)
        break;
      if (when.second == 1)
        fire(*next, *last, now);
      else {
        if (next->state != naive_watch::over && next->state != naive_watch::spent)
          say(*next, "expired");
        next->id.clear();
      }
      sweep();
    }
  }

  void sample(decimal p, time_point now) {
    pass_time(now);
    last = p;
    for (auto& w : watches) {
      if (w.state == naive_watch::waiting) {
        first(w, p, now);
        continue;
      }
      if (w.trails())
        w.from = w.when.from == watch_from::high ? std::max(*w.from, p) : std::min(*w.from, p);
      step(w, p, now);
    }
    sweep();
  }

  /// A watch that was over begins anew; where its condition holds, that is due at once.
  void rearm(const std::string& id, time_point now) {
    for (auto& w : watches)
      if (w.id == id) {
        w.expires.reset();
        settle(w, *last);
        if (w.state == naive_watch::resting) {
          w.state = naive_watch::pending;
          w.since = now;
        }
      }
  }

private:
  static bool gone(const naive_watch& w) { return w.id.empty(); }
  void sweep() { std::erase_if(watches, gone); }
  void say(const naive_watch& w, const char* what) { events.push_back(w.id + " " + what); }

  void settle(naive_watch& w, decimal p) {
    w.above = p > w.when.level;
    bool rests = w.when.kind == watch_kind::crosses ? p == w.when.level : w.holds(p);
    w.state = rests ? naive_watch::resting : naive_watch::armed;
  }

  void first(naive_watch& w, decimal p, time_point now) {
    w.from = p;
    settle(w, p);
    if (w.when.first_sample && w.state == naive_watch::resting)
      becomes_true(w, p, now);
  }

  void becomes_true(naive_watch& w, decimal p, time_point now) {
    if (w.when.hold > duration::zero()) {
      w.state = naive_watch::pending;
      w.since = now;
      say(w, "pending");
    } else {
      fire(w, p, now);
    }
  }

  void fire(naive_watch& w, decimal p, time_point now) {
    say(w, "fired");
    if (!w.when.repeat) {
      w.state = naive_watch::over;
      w.expires = now + interest;
      if (w.when.kind == watch_kind::crosses)
        w.id.clear();
    } else if (w.when.from == watch_from::last_fired) {
      w.from = p;
      settle(w, p);
    } else if (w.when.kind == watch_kind::crosses) {
      settle(w, p);
    } else {
      w.state = naive_watch::resting;
    }
  }

  void step(naive_watch& w, decimal p, time_point now) {
    if (w.state == naive_watch::armed && w.holds(p))
      return becomes_true(w, p, now);
    if (w.state == naive_watch::pending && !w.holds(p)) {
      say(w, "armed");
      return settle(w, p);
    }
    if ((w.state == naive_watch::resting || w.state == naive_watch::over) && w.ended(p)) {
      say(w, "ended");
      if (w.state == naive_watch::over)
        w.state = naive_watch::spent;
      else
        settle(w, p);
    }
  }
};

} // namespace interject::test
