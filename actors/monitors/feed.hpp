// A feed of prices: an HTTP source that is asked at intervals. What its answers say, and when it is
// asked again. Pure.
#pragma once

#include "actors/monitors/http_client.hpp"
#include "protocols/monitoring.hpp"
#include "protocols/result.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace interject::monitors {

struct feed_settings {
  std::string name;
  std::string url;
  duration every = std::chrono::minutes(1);
  std::string items;         ///< JSON pointer to the list; "" is the whole answer
  std::string symbol, price; ///< JSON pointers within an item
  std::string time, seq;     ///< the same; empty: the source tells none
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<duration> stale_after; ///< none: never stale
  localized_text stale_text;           ///< over {symbol} and {since}
};

inline constexpr std::size_t feed_items_limit =
    10'000; ///< of an answer; more are left out, with a line in the log
inline constexpr std::size_t feed_symbols_limit = 100'000; ///< whose age is looked at

struct feed_reading {
  std::vector<price_sample> samples;
  std::size_t unusable = 0; ///< items without a symbol or a price that is a number, from a day
                            ///< ahead, or beyond the limit
};
/// An error for what is no JSON, or has no list (or object of items) where `items` points.
result<feed_reading> read_feed(const feed_settings& how, const std::string& body, time_point now);

/// How long to wait after `failures` in a row: `every`, then twice that and so on, ten minutes or
/// `every` at most, with a tenth of jitter drawn from the feed's name, so that feeds do not ask in
/// step.
duration feed_pause(const feed_settings& how, std::uint32_t failures, std::uint64_t round);

/// Which symbols have not been heard of for too long: each is told once, until a price comes that
/// is not too old itself. So a source that repeats its last prices, or tells all of them too late,
/// is not told about again and again.
class feed_ages {
public:
  /// Of an earlier run; `told`: that it was stale since then. As that run may have ended before
  /// those whom it told have taken it, they are told the same again once, for a day: a repeat is
  /// recognised by its `since`.
  void knew(const std::string& symbol, time_point last, std::optional<time_point> told);
  void heard(const std::string& symbol, time_point at);
  /// The source says that nothing has changed: what was known until now is as good as new.
  void confirm(time_point at);
  /// (symbol, since when) of those to be told now.
  std::vector<std::pair<std::string, time_point>> stale(time_point now, duration after);
  /// When the next will be stale.
  std::optional<time_point> next(duration after) const;

  struct note {
    std::string symbol;
    std::optional<time_point> told; ///< that it is stale since then
  };
  /// What was heard of for the first time, told, or came again since the last call: to be made
  /// durable.
  std::vector<note> take_notes();
  void put_back(const std::vector<note>& notes);

private:
  struct heard_of {
    time_point last{};
    std::optional<time_point> told; ///< that it is stale since then
    bool again = false;             ///< perhaps in vain
  };
  std::map<std::string, heard_of> by_symbol_;
  std::set<std::string> to_note_;
};

} // namespace interject::monitors
