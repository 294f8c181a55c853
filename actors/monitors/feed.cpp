#include "actors/monitors/feed.hpp"

#include "protocols/codec/json_answer.hpp"
#include "protocols/ids.hpp"
#include "protocols/samples.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace interject::monitors {
namespace {

constexpr auto told_again_for = std::chrono::hours(24); ///< by later runs

std::optional<decimal> number_at(const value& item, const std::string& pointer) {
  auto found = at_pointer(item, pointer);
  if (auto* n = found.as_number())
    return *n;
  return found.as_text() ? decimal::parse(*found.as_text()) : std::nullopt;
}

std::optional<time_point> milliseconds_of(std::string_view text) {
  std::int64_t ms = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (code != std::errc() || end != text.data() + text.size() || ms <= 0 ||
      ms > 253'402'300'799'999)
    return {};
  return time_point(std::chrono::milliseconds(ms));
}

/// A whole number from 0 to 2⁶³ − 1. One that is more than a decimal holds comes as its text.
std::optional<std::uint64_t> serial_at(const value& item, const std::string& pointer) {
  auto found = at_pointer(item, pointer);
  if (auto* text = found.as_text())
    return parse_serial(*text);
  auto* n = found.as_number();
  return n && n->is_whole() && *n >= decimal{} ? std::optional<std::uint64_t>(n->whole())
                                               : std::nullopt;
}

/// RFC 3339, or seconds or milliseconds since 1970. Milliseconds are more than a decimal holds, and
/// come as their text.
std::optional<time_point> time_at(const value& item, const std::string& pointer) {
  auto found = at_pointer(item, pointer);
  if (auto* text = found.as_text())
    if (auto at = parse_time(*text); at || text->size() >= 12)
      return at ? at : milliseconds_of(*text);
  auto n = number_at(item, pointer);
  if (!n || *n <= decimal{})
    return {};
  return time_point(std::chrono::milliseconds(n->units / (decimal::scale / 1000)));
}

std::optional<price_sample> read_item(const feed_settings& how, const value& item, time_point now) {
  auto symbol = at_pointer(item, how.symbol);
  auto price = number_at(item, how.price);
  if (symbol.is_null() || !price || display(symbol).empty() ||
      display(symbol).size() > symbol_limit)
    return {};
  price_sample s{display(symbol), *price, {}, {}};
  if (!how.time.empty())
    s.at = time_at(item, how.time);
  if (s.at && *s.at > now + sample_ahead_limit)
    return {};
  if (!how.seq.empty())
    s.seq = serial_at(item, how.seq);
  return s;
}

} // namespace

result<feed_reading> read_feed(const feed_settings& how, const std::string& body, time_point now) {
  auto root = read_json_answer(body);
  if (!root)
    return error{errc::bad_input, "the answer is no JSON"};
  auto found = how.items.empty() ? *root : at_pointer(*root, how.items);
  std::vector<value> items;
  if (auto* list = found.as_list())
    items = *list;
  else if (found.as_object())
    items = {found}; // a source of a single price
  else
    return error{errc::bad_input, "the answer has no list where \"items\" points"};
  feed_reading out;
  for (auto& item : items)
    if (auto sample =
            out.samples.size() < feed_items_limit ? read_item(how, item, now) : std::nullopt)
      out.samples.push_back(std::move(*sample));
    else
      ++out.unusable;
  return out;
}

duration feed_pause(const feed_settings& how, std::uint32_t failures, std::uint64_t round) {
  auto longest = std::max<duration>(how.every, std::chrono::minutes(10));
  auto pause = how.every;
  for (std::uint32_t i = 0; i < failures && pause < longest; ++i)
    pause *= 2;
  pause = std::min(pause, longest);
  auto jitter = stable_hash(how.name + "#" + std::to_string(round)) % 1000;
  return failures == 0 ? pause : pause - pause * static_cast<std::int64_t>(jitter) / 10'000;
}

void feed_ages::knew(const std::string& symbol, time_point last, std::optional<time_point> told) {
  by_symbol_[symbol] = {last, told, told.has_value()};
}

void feed_ages::heard(const std::string& symbol, time_point at) {
  auto it = by_symbol_.find(symbol);
  if (it == by_symbol_.end() && by_symbol_.size() >= feed_symbols_limit)
    return;
  if (it == by_symbol_.end()) {
    to_note_.insert(symbol);
    by_symbol_[symbol] = {at, {}, false};
  } else {
    it->second.last = std::max(it->second.last, at);
  }
}

void feed_ages::confirm(time_point at) {
  for (auto& [symbol, age] : by_symbol_)
    age.last = at;
}

std::vector<std::pair<std::string, time_point>> feed_ages::stale(time_point now, duration after) {
  std::vector<std::pair<std::string, time_point>> out;
  for (auto& [symbol, age] : by_symbol_) {
    bool is_stale = now - age.last >= after;
    bool again = std::exchange(age.again, false) && now - *age.told - after < told_again_for;
    if (is_stale != age.told.has_value()) {
      age.told = is_stale ? std::optional(age.last) : std::nullopt;
      to_note_.insert(symbol);
      again = is_stale;
    }
    if (is_stale && again)
      out.emplace_back(symbol, *age.told);
  }
  return out;
}

std::optional<time_point> feed_ages::next(duration after) const {
  std::optional<time_point> first;
  for (auto& [symbol, age] : by_symbol_)
    if (!age.told && (!first || age.last + after < *first))
      first = age.last + after;
  return first;
}

std::vector<feed_ages::note> feed_ages::take_notes() {
  std::vector<note> out;
  for (auto& symbol : std::exchange(to_note_, {}))
    out.push_back({symbol, by_symbol_[symbol].told});
  return out;
}

void feed_ages::put_back(const std::vector<note>& notes) {
  for (auto& each : notes)
    to_note_.insert(each.symbol);
}

} // namespace interject::monitors
