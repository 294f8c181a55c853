// Between the rows of watches and the index, and from a row to what is said about it. Pure.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/monitors/local_messages.hpp"
#include "actors/monitors/price_index.hpp"

#include <map>

namespace interject::monitors {

/// The durable cursor of a sample that changes many watches: the sample, and what was before it.
/// Applied again it changes those alone that it had not changed before.
struct sweep_row {
  price_sample sample;
  time_point received{};
  std::optional<decimal> price; ///< before it
  time_point at{};
  std::optional<std::uint64_t> seq;
  std::uint64_t before = 0; ///< watches of this order and above came after it
  INTERJECT_FIELDS(sweep_row, sample, received, price, at, seq, before)
};
sweep_row cursor_of(const price_index& index, const price_sample& sample, time_point now);
std::string sweep_key(const std::string& symbol);
std::map<std::string, sweep_row> open_sweeps(const std::vector<journal::monitor_row>& kept);

std::string extreme_key(const running_extreme& e);
std::vector<running_extreme> extremes_in(const std::vector<journal::monitor_row>& kept);

watch_terms terms_of(const watch_row& row);
loaded_watch loaded(watch_row&& row);
/// False when nothing of the row changes.
bool apply_change(watch_row& row, const price_index::change& c);

std::string firing_id(const std::string& watch, std::uint64_t firing);
/// What its last firing says.
notification alert_of(const watch_row& row, time_point now, bool late);
/// That the condition of a firing has ended.
notification end_note_of(const watch_row& row, std::uint64_t firing, time_point now);
/// That its prices do not come in any more.
notification stale_note_of(const watch_row& row, const feed_went_stale& what, time_point now);
/// Whether the trail tells that the person got to see it.
bool was_said(const std::vector<decision>& trail);
bool was_withdrawn(const std::vector<decision>& trail);
/// A watch that was to fire once, whose alert was withdrawn unheard, as it is when it begins anew.
watch_row renewed(watch_row row);

} // namespace interject::monitors
