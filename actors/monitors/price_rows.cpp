#include "actors/monitors/price_rows.hpp"

#include "actors/monitors/firing.hpp"
#include "actors/monitors/row_table.hpp"
#include "protocols/codec/binary.hpp"

#include <algorithm>
#include <charconv>

namespace interject::monitors {
namespace {

constexpr std::string_view sweeps = "price/sweep/", highs = "price/high/", lows = "price/low/";

watch_phase phase_of(const watch_row& row) {
  switch (row.state) {
  case watch_state::waiting:
    return watch_phase::waiting;
  case watch_state::armed:
    return watch_phase::armed;
  case watch_state::pending:
    return watch_phase::pending;
  case watch_state::rearming:
    return watch_phase::resting;
  case watch_state::fired:
  case watch_state::done:
    break;
  }
  return row.ended >= row.firings && row.firings > 0 ? watch_phase::spent : watch_phase::over;
}

watch_state state_of(watch_phase phase, watch_state was) {
  switch (phase) {
  case watch_phase::waiting:
    return watch_state::waiting;
  case watch_phase::armed:
    return watch_state::armed;
  case watch_phase::pending:
    return watch_state::pending;
  case watch_phase::resting:
    return watch_state::rearming;
  case watch_phase::over:
  case watch_phase::spent:
    break;
  }
  return was == watch_state::done ? was : watch_state::fired;
}

} // namespace

sweep_row cursor_of(const price_index& index, const price_sample& sample, time_point now) {
  sweep_row row;
  row.sample = sample;
  row.received = now;
  row.before = index.next_order();
  if (auto* last = index.last(sample.symbol)) {
    row.price = last->price;
    row.at = last->at;
    row.seq = last->seq;
  }
  return row;
}

std::string sweep_key(const std::string& symbol) {
  return std::string(sweeps) + symbol;
}

std::map<std::string, sweep_row> open_sweeps(const std::vector<journal::monitor_row>& kept) {
  std::map<std::string, sweep_row> out;
  for (auto& [key, body] : kept)
    if (sweep_row row; key.starts_with(sweeps) && decode_all(body, row))
      out.emplace(key.substr(sweeps.size()), std::move(row));
  return out;
}

std::string extreme_key(const running_extreme& e) {
  return std::string(e.high ? highs : lows) + std::to_string(e.since) + "/" + e.symbol;
}

std::vector<running_extreme> extremes_in(const std::vector<journal::monitor_row>& kept) {
  std::vector<running_extreme> out;
  for (auto& [key, body] : kept) {
    bool high = key.starts_with(highs);
    if (!high && !key.starts_with(lows))
      continue;
    auto rest = std::string_view(key).substr(high ? highs.size() : lows.size());
    running_extreme e;
    e.high = high;
    auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), e.since);
    decimal price;
    if (code != std::errc() || end == rest.data() + rest.size() || !decode_all(body, price))
      continue;
    e.symbol = rest.substr(static_cast<std::size_t>(end - rest.data()) + 1);
    e.price = price;
    out.push_back(std::move(e));
  }
  return out;
}

watch_terms terms_of(const watch_row& row) {
  watch_terms w;
  w.id = row.id;
  w.symbol = row.symbol;
  w.when = row.when;
  w.as = phase_of(row);
  w.baseline = row.baseline;
  w.since = row.holding_since;
  w.rising = row.rising;
  w.expires = row.expires;
  w.interest = row.notify.lifetime;
  w.order = row.order;
  return w;
}

loaded_watch loaded(watch_row&& row) {
  if (is_quiet(row))
    return {terms_of(row), encode(row), nullptr};
  return {{}, {}, std::make_unique<watch_row>(std::move(row))};
}

namespace {

/// What becomes of a crossing, or of a watch that measures from its last firing, is no end of what
/// it told.
bool has_end(const watch_condition& when) {
  return when.kind != watch_kind::crosses && when.from != watch_from::last_fired;
}

} // namespace

bool apply_change(watch_row& row, const price_index::change& c) {
  auto state = state_of(c.now, row.state);
  bool changed = state != row.state || c.based || c.fired || c.ended;
  row.state = state;
  row.rising = c.rising;
  row.holding_since = c.since;
  if (c.based)
    row.baseline = c.price;
  if (c.ended && has_end(row.when))
    row.ended = row.firings;
  if ((c.fired && !c.by_clock) || (c.now == watch_phase::pending && c.previous))
    row.previous = c.previous; // of one that must hold: before it began to
  if (!c.fired)
    return changed;
  ++row.firings;
  row.fired_price = c.price;
  row.fired_at = c.at;
  return true;
}

std::string firing_id(const std::string& watch, std::uint64_t firing) {
  return watch + "." + std::to_string(firing);
}

namespace {

/// What the words about a firing may use, beside its instant.
void set_facts(named_values& params, const watch_row& row) {
  set_param(params, "symbol", value(row.symbol));
  if (row.fired_price)
    set_param(params, "price", value(*row.fired_price));
  set_param(params, "baseline", row.baseline ? value(*row.baseline) : value());
  set_param(params, "previous", row.previous ? value(*row.previous) : value());
}

} // namespace

notification alert_of(const watch_row& row, time_point now, bool late) {
  auto what = firing_of(row.notify, origin::watch, row.id, row.firings, row.fired_at.value_or(now));
  // Its lifetime begins now: a source's own time may lie far back.
  what.created = now;
  what.late = late;
  what.more = row.when.repeat;
  set_facts(what.params, row);
  return what;
}

notification end_note_of(const watch_row& row, std::uint64_t firing, time_point now) {
  notification what;
  what.id = firing_id(row.id, firing) + ".over";
  what.from = origin::watch;
  what.source = row.id;
  what.more = true;
  what.created = now;
  what.lifetime = row.notify.lifetime;
  what.topic = row.notify.topic;
  what.text = row.no_longer;
  what.params = row.notify.params;
  set_facts(what.params, row);
  set_param(what.params, "at", value(row.fired_at.value_or(now)));
  return what;
}

notification stale_note_of(const watch_row& row, const feed_went_stale& f, time_point now) {
  notification what;
  auto since = std::chrono::duration_cast<std::chrono::seconds>(f.since.time_since_epoch()).count();
  what.id = row.id + ".stale." + std::to_string(since);
  what.from = origin::watch;
  what.source = row.id;
  what.more = true;
  what.created = now;
  what.topic = row.notify.topic;
  what.collapse_key = "stale " + row.symbol; // several watches of a conversation: one note
  what.text = f.text;
  set_param(what.params, "symbol", value(row.symbol));
  set_param(what.params, "since", value(f.since));
  return what;
}

bool was_said(const std::vector<decision>& trail) {
  return std::any_of(trail.begin(), trail.end(), [](auto& d) {
    return d.action == delivery_action::sent || d.action == delivery_action::pushed ||
           d.code == delivery_code::coalesced;
  });
}

bool was_withdrawn(const std::vector<decision>& trail) {
  return !trail.empty() && trail.back().code == delivery_code::withdrawn && !was_said(trail);
}

watch_row renewed(watch_row row) {
  row.state = watch_state::armed;
  row.taken = row.firings;
  row.retracted = row.ended;
  return row;
}

} // namespace interject::monitors
