// The rules of a commit that hold for every store.
#pragma once

#include "actors/journal/store.hpp"

namespace interject::journal {

inline constexpr auto notifications_kept = std::chrono::hours(7 * 24);
/// Decisions kept of one notification: beyond it those in the middle go, the first and the newest
/// halves stay.
inline constexpr std::ptrdiff_t trail_limit = 256;

/// `fenced` when the shard's newest known epoch is above that of the commit. A higher one than
/// known takes over.
result<void> check_epoch(const fence& f, std::uint64_t newest);

/// `stale_version` or `conflict` (a gap in the activities) against the stored row; 0 and 0 where
/// there is none.
result<void> check_turn(const commit& c, std::uint64_t version, std::uint64_t last_seq);

/// What stays of an erased id: nobody can read it back without the salt of this database.
std::string tombstone_of(const std::string& salt, std::string_view id);
std::string new_salt();

/// An id as it stands in a kept answer: a JSON string.
std::string in_json(std::string_view id);

void append_trail(std::vector<decision>& trail, const std::vector<decision>& more);

} // namespace interject::journal
