// One direction of a symbol's price: the watches that fire when it falls, or, mirrored, when it
// rises. Everything here is in mirrored units (the negated price for rises), so that a condition
// always holds at or below a threshold. Pure.
#pragma once

#include "protocols/decimal.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace interject::monitors {

class price_side {
public:
  struct group;
  struct part;
  /// What a watch adds to its place on the sides.
  struct member {
    std::uint64_t order = 0;
    std::optional<decimal> percent; ///< of a trailing watch
    std::optional<decimal> rearm_percent;
    /// Fixed thresholds by side, in its units: the condition holds at or below `level`; it has
    /// ended above `end`.
    std::optional<std::int64_t> level[2], end[2];
    enum class place : std::uint8_t {
      none,
      armed,
      holding,
      idle
    } where[2] = {place::none, place::none};
    std::int64_t key[2] = {0, 0}; ///< of its place
    bool waits_for_rearm = false;
    part* in = nullptr; ///< a trailing watch's
  };

  explicit price_side(bool rises) : rises_(rises) {}

  std::int64_t units(decimal price) const { return rises_ ? mirrored(price.units) : price.units; }
  decimal price(std::int64_t units) const { return {rises_ ? mirrored(units) : units}; }
  /// The greatest units at which a change by `percent` from `from` holds, and the greatest at which
  /// it has not yet come back to it.
  std::int64_t level_of(std::int64_t from, decimal percent) const;
  std::int64_t end_of(std::int64_t from, decimal percent) const;

  void arm(member& m);
  void hold(member& m, bool waits_for_rearm);
  /// In its group alone, where neither threshold reaches it.
  void idle(member& m);
  void take_out(member& m);

  /// A trailing watch joins the group of its order; a new one that of the price, which is the last.
  void join(member& m, std::int64_t price, bool is_new);
  void leave(member& m);
  /// Whether the condition of a trailing watch holds at `price`.
  bool holds(const member& m, std::int64_t price) const;

  /// Whether `price` changes nothing here: it reaches no threshold, ends no condition and is no new
  /// extreme. Constant however many watches there are: the nearest of all bounds are kept at hand.
  bool is_quiet(std::int64_t price) const {
    if (!bounds_known_)
      find_bounds();
    return price > bounds_.above && price <= bounds_.up_to;
  }

  /// The running extremes take `price` in: amortised constant.
  void extend(std::int64_t price);
  /// The armed watch nearest above or at `price`, oldest first among equals; null when none is
  /// reached.
  member* reached(std::int64_t price);
  /// A holding watch whose condition has ended at `price`; null when there is none.
  member* ended(std::int64_t price);
  std::optional<std::int64_t> nearest() const; ///< the threshold of what `reached` would give

  // ---- running extremes: from the order of their oldest watch to the extreme
  using note = std::function<void(std::uint64_t since, std::optional<std::int64_t> before)>;
  /// Told of each extreme that changes, with what it was.
  void on_change(note tell) { changed_ = std::move(tell); }
  std::optional<std::int64_t> extreme(std::uint64_t since) const;
  void set_extreme(std::uint64_t since, std::optional<std::int64_t> to);
  /// Forgets every place and member; the extremes stay.
  void clear_places();

  using ranked = std::map<std::pair<std::int64_t, std::uint64_t>, member*>; ///< by factor
  /// Watches of a group that came to it together. Groups become one by taking over each other's
  /// parts, so that no watch moves.
  struct part {
    group* of = nullptr;
    std::size_t members = 0;
    ranked armed, holding, rearming, idle;
    ranked
        rearming_by_level; ///< the same by their condition's factor: for extremes at or below zero
  };
  struct group {
    std::uint64_t since = 0; ///< order of its oldest
    std::int64_t extreme = 0;
    std::size_t members = 0;
    std::vector<std::unique_ptr<part>> parts; ///< the last takes new watches in
    /// Thresholds of its nearest watches; listed among the side's unless it is the newest group.
    std::optional<std::int64_t> next_armed, next_holding, next_rearming;
  };

private:
  struct item {
    member* one = nullptr;
    group* all = nullptr;
    int which = 0;
  };
  using thresholds = std::map<std::pair<std::int64_t, std::uint64_t>, item>;

  static std::int64_t mirrored(std::int64_t units) {
    return units == INT64_MIN ? INT64_MAX : -units;
  }
  std::int64_t factor(decimal percent) const;
  static bool from_begin(const group& g, bool greatest) { return greatest != (g.extreme >= 0); }
  using rank = ranked part::*;
  static ranked::iterator nearest_of(const group& g, ranked& in, bool greatest);
  static member* nearest_of(const group& g, rank in, bool greatest);
  ranked& rank_of(member& m);
  bool is_odd(const group& g) const;
  rank rearming_of(const group& g) const;
  static void merge_parts(part& to, part& from);
  static void take_over(group& to, group& from);
  void find_bounds() const;
  std::int64_t factor_of(const member& m) const;
  void list(group& g, bool on);
  void refresh(group& g);
  void erase_group(group& g);

  /// Quiet prices lie above the one and at most at the other.
  struct bounds {
    std::int64_t above, up_to;
  };
  mutable bounds bounds_{};
  mutable bool bounds_known_ = false;
  bool rises_;
  thresholds armed_, holding_;
  std::map<std::uint64_t, group>
      groups_;              ///< by `since`; extremes fall from the oldest to the newest
  group* newest_ = nullptr; ///< its thresholds are not listed: it alone moves with the price
  note changed_ = [](std::uint64_t, std::optional<std::int64_t>) {};
};

} // namespace interject::monitors
