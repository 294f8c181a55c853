// What is known of one person, as a value, and the questions that the delivery rule asks of it.
// Pure.
//
// A profile is a list of settings by key (see `person_change`), so that it has several writers: the
// person's actor and each of the person's conversations write the keys that they change, in commits
// of their own, and the last one holds.
#pragma once

#include "protocols/consent.hpp"
#include "protocols/time.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace interject::person {

struct profile {
  named_values values; ///< by key, sorted
  INTERJECT_FIELDS(profile, values)
};

inline constexpr std::size_t settings_limit = 1024; ///< keys of one person; more are refused
inline constexpr std::size_t key_limit = 160;       ///< bytes of a key
inline constexpr std::size_t setting_bytes_limit = 8 * 1024;

/// The empty profile, of whom nothing is known.
const std::shared_ptr<const profile>& nobody();

const value* find(const profile& p, std::string_view key);
/// False: refused, as the person has too many settings or it is too large.
bool apply(profile& p, const person_change& c);

/// True, false (asked not to be contacted at all), or nothing said.
std::optional<bool> contact(const profile& p);
/// The topic's own setting, else that of all topics ("*").
bool muted(const profile& p, std::string_view topic);
std::optional<quiet_hours> quiet(const profile& p);

/// The settings under "attr." or "var.", without the prefix.
named_values under(const profile& p, std::string_view prefix);

// ---- caps
// How many notices of a topic ("" stands for all) were said to the person since an instant. A list
// of instants, the newest `said_limit` of them.
inline constexpr std::size_t said_limit = 100;
int said_since(const profile& p, std::string_view topic, time_point since);
/// The change that adds `now`, and forgets what is older than `longest`.
person_change said_now(const profile& p, std::string_view topic, time_point now, duration longest);

} // namespace interject::person
