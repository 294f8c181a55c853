// Who is to be told about a price. Per symbol, thresholds in sorted order: a sample costs O(log n + fired) however
// many watches stay quiet. Pure: no clock, no I/O.
#pragma once

#include "protocols/monitoring.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace interject::monitors {

/// The greatest price at which `drops_by percent` holds, the least at which `gains_by percent` does: exact and
/// inclusive, as dropped_by and gained_by. Nothing when no price can reach it.
std::optional<decimal> drop_level(decimal baseline, decimal percent);
std::optional<decimal> gain_level(decimal baseline, decimal percent);

struct quote {
  decimal price{};
  time_point at{};
  std::optional<std::uint64_t> seq;
};

class price_index {
public:
  struct firing {
    std::string id;
    decimal price{};
    std::optional<decimal> previous; ///< none: never, as the first sample does not fire
    time_point at{};
  };
  struct effect {
    bool accepted = false;          ///< false: older than the newest, and nothing happened
    std::vector<firing> fired;      ///< nearest threshold first; no longer armed
    std::vector<std::string> based; ///< watches whose baseline this sample is
  };

  const quote* last(const std::string& symbol) const;
  /// The last price of an earlier run.
  void set_last(const std::string& symbol, const quote& q);

  /// A watch without a baseline waits for the first sample, which becomes it and does not fire. One whose condition
  /// holds already waits until it has ceased to. A known id is replaced.
  void arm(const std::string& id, const std::string& symbol, const watch_condition& when,
           std::optional<decimal> baseline);
  bool disarm(const std::string& id);

  /// A sample without a time is of `now`.
  effect apply(const price_sample& sample, time_point now);

  /// What `apply` did since is undone by `roll_back` and final after `keep`. Between them nothing is armed or disarmed.
  void begin();
  void keep();
  void roll_back();

  std::size_t size() const { return watches_.size(); }

private:
  struct book;
  struct entry {
    std::string id;
    book* of = nullptr;
    watch_condition when;
    std::optional<decimal> baseline;
    std::optional<decimal> fall; ///< fires at or below
    std::optional<decimal> rise; ///< fires at or above
    std::uint64_t order = 0;
  };
  using entry_ptr = std::shared_ptr<entry>;
  using thresholds = std::map<std::pair<std::int64_t, std::uint64_t>, entry_ptr>;
  struct book {
    std::optional<quote> last;
    thresholds falls, rises;                 ///< would fire when the price comes there
    thresholds falls_later, rises_later;     ///< the condition holds already: ready once the price has left
    std::map<std::uint64_t, entry_ptr> unbased;
  };
  struct undo {
    std::unordered_map<book*, std::optional<quote>> quotes;
    std::unordered_map<std::string, std::pair<entry_ptr, std::optional<decimal>>> touched; ///< and its old baseline
  };

  book& book_of(const std::string& symbol);
  static void resolve(entry& e);
  static void place(const entry_ptr& e);
  static void take_out(const entry& e);
  void remember(const entry_ptr& e);
  void fire(const entry_ptr& e, const quote& now, const std::optional<quote>& before, effect& out);

  std::unordered_map<std::string, std::unique_ptr<book>> books_;
  std::unordered_map<std::string, entry_ptr> watches_;
  std::uint64_t next_ = 0;
  std::optional<undo> undo_;
};

} // namespace interject::monitors
