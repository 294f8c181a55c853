// Who is to be told about a price. A sample costs O(log n + changed) however many watches of any
// kind stay quiet: thresholds stand in sorted order, and watches that share a running extreme are
// one group, sorted by percentage. Pure: no clock, no I/O.
#pragma once

#include "actors/monitors/price_side.hpp"
#include "actors/monitors/price_terms.hpp"
#include "protocols/monitoring.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace interject::monitors {

/// The greatest price at which `drops_by percent` holds, the least at which `gains_by percent`
/// does: exact and inclusive, as dropped_by and gained_by. Nothing when no price can reach it.
std::optional<decimal> drop_level(decimal baseline, decimal percent);
std::optional<decimal> gain_level(decimal baseline, decimal percent);

struct quote {
  decimal price{};
  time_point at{};
  std::optional<std::uint64_t> seq;
};

/// The highest or lowest price since the watch of this order was armed: what a trailing watch of
/// that order, or of a later one up to the next such, measures from.
struct running_extreme {
  std::string symbol;
  bool high = true;
  std::uint64_t since = 0;
  std::optional<decimal> price; ///< none: gone
};

class price_index {
public:
  price_index() = default;
  price_index(const price_index&) = delete;
  price_index& operator=(const price_index&) = delete;

  struct change {
    std::string id;
    const std::string* symbol = nullptr; ///< lives as long as the index
    watch_phase now = watch_phase::waiting;
    bool based = false;    ///< this price is its baseline
    bool fired = false;    ///< as `over` or gone when it does not repeat
    bool ended = false;    ///< the condition that held has ended
    bool expired = false;  ///< gone
    bool by_clock = false; ///< fired as its time was full, not by a sample
    bool rising = false;   ///< pending: from below
    decimal price{};
    std::optional<decimal> previous; ///< none: a first sample
    std::optional<time_point> since; ///< pending: since when
    time_point at{}; ///< of the sample; of a pending watch's firing the instant that it was due
    std::uint64_t order = 0;
  };
  struct effect {
    bool accepted = false;       ///< false: older than the newest, and nothing happened
    std::vector<change> changes; ///< nearest threshold first
  };

  const quote* last(const std::string& symbol) const;
  /// The last price of an earlier run. Before any watch of the symbol.
  void set_last(const std::string& symbol, const quote& q);
  void set_extreme(const running_extreme& e);

  /// A new watch without a baseline takes the last price for it, or waits for the first sample,
  /// which does not fire it unless it says so. A known id is replaced.
  std::vector<change> arm(const watch_terms& w, time_point now);
  /// The same for a watch of an earlier run, of which nobody has to hear anything: its order.
  std::uint64_t resume(watch_terms&& w, time_point now);
  bool disarm(const std::string& id);
  /// A watch that is over, but of which nobody heard, begins anew, its extreme and baseline kept.
  /// Where its condition holds again by now, that is due at once. Nothing when it is not known or
  /// not over.
  std::optional<change> rearm(const std::string& id, std::optional<time_point> expires,
                              time_point now);
  bool knows(const std::string& id) const { return watches_.count(id) != 0; }

  /// A sample without a time is of `now`. What came due until `now` comes first.
  effect apply(const price_sample& sample, time_point now);
  /// Pending watches that have held for long enough, and those that expire: at the same instant
  /// expiry wins.
  std::vector<change> pass_time(time_point now);
  std::optional<time_point> earliest() const;

  /// What apply and pass_time did since is undone by `roll_back` and final after `keep`. Between
  /// them nothing is armed or disarmed.
  void begin();
  void keep();
  void roll_back();

  /// The extremes that have changed since the last call: to be made durable.
  std::vector<running_extreme> take_extremes();

  std::uint64_t next_order() const { return next_; }
  /// Orders of new watches begin above this one.
  void skip_order(std::uint64_t used) { next_ = std::max(next_, used + 1); }
  std::size_t size() const { return watches_.size(); }
  /// Room for so many more, so that many that come one by one do not move the others often.
  void make_room(std::size_t more);
  /// Watches of a symbol that may fire, in no order.
  std::vector<std::string> watching(const std::string& symbol) const;

private:
  struct book;
  struct entry : price_side::member {
    std::string id;
    book* of = nullptr;
    watch_condition when;
    watch_phase at = watch_phase::waiting;
    std::optional<decimal> baseline;
    std::optional<time_point> since, expires;
    duration interest{0};
    std::size_t pending_on = 0; ///< the side on which its condition holds
  };
  using entry_ptr = std::shared_ptr<entry>;
  struct book {
    std::string symbol;
    std::optional<quote> last;
    price_side sides[2]{price_side(false), price_side(true)}; ///< falls, rises
    std::map<std::uint64_t, entry*> unbased;
  };
  using deadline = std::tuple<time_point, int, std::uint64_t>; ///< expiry before firing
  struct before {
    entry_ptr who;
    watch_phase at;
    std::optional<decimal> baseline;
    std::optional<time_point> since, expires;
    std::size_t pending_on;
  };
  using extreme_key = std::tuple<book*, std::size_t, std::uint64_t>; ///< side, since
  struct undo {
    std::unordered_map<book*, std::optional<quote>> quotes;
    std::unordered_map<std::string, before> touched;
    std::map<extreme_key, std::optional<std::int64_t>> extremes;
  };
  using changes = std::vector<change>;

  book& book_of(const std::string& symbol);
  entry& admit(watch_terms&& w);
  void stand(entry& e, watch_phase as, bool rising);
  change change_of(const entry& e, decimal price, std::optional<decimal> previous,
                   time_point at) const;
  void settle(entry& e, decimal price);
  bool holds(const entry& e, decimal price) const;
  void place(entry& e);
  void take_out(entry& e);
  void remember(entry& e);
  void drop(entry& e);
  void mark_time(entry& e, bool on);
  void begin_at(entry& e, decimal price, time_point at, time_point now, changes& out);
  void condition_holds(entry& e, std::size_t side, change c, time_point now, changes& out);
  void fire(entry& e, change c, time_point now, changes& out);
  void condition_ended(entry& e, change c, changes& out);
  void restore_book(book& b);

  std::unordered_map<std::string, std::unique_ptr<book>> books_;
  std::unordered_map<std::string_view, entry_ptr> watches_; ///< by its own id
  std::map<deadline, entry*> due_;
  std::uint64_t next_ = 1;
  std::set<extreme_key> moved_;
  std::optional<undo> undo_;
};

} // namespace interject::monitors
