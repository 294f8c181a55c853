// What people asked for and what came of it, and the invariants that must hold of it.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/person/broadcast.hpp"
#include "protocols/consent.hpp"
#include "protocols/monitoring.hpp"
#include "tests/simulation/reached.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace interject::simulation {

struct member {
  user_id user;
  std::vector<conversation_id> conversations;
};

/// A setting that surely held: from when it was acknowledged until another was sent.
struct held_setting {
  user_id user;
  std::string key;
  value to;
  time_point from{}, until = time_point::max();
};

struct told_notice {
  notification what;
  user_id user;
  bool acknowledged = false;
};

struct sent_broadcast {
  person::broadcast what;
  std::set<user_id> known;        ///< whose first conversation was open before it was asked for
  bool begun = false;             ///< acknowledged
  bool cancelled = false;         ///< acknowledged
  std::set<user_id> decided_then; ///< of a cancelled one, when that was acknowledged
};

struct crowd_record {
  std::vector<member> members;
  std::vector<held_setting> settings;
  std::map<notification_id, told_notice> notices;
  std::vector<sent_broadcast> broadcasts;
  std::set<std::string> erased; ///< persons and conversations, acknowledged
  std::map<conversation_id, std::vector<std::uint64_t>> received; ///< by the webhook, in order
  std::set<conversation_id> had_dead_letters;
  std::vector<reminder_row> handed_over; ///< from one channel to another
  std::vector<std::string> seen_broken;  ///< what was seen to be wrong on the way
};

/// The conversation that handed it over.
inline conversation_id handed_by(const reminder_row& row) {
  return row.id.substr(2, row.id.rfind('-') - 2); // n-CONVERSATION-NUMBER.o
}

/// The name under which the other conversation takes what is handed over.
inline notification_id taken_as(const reminder_row& handed_over) {
  return handed_over.id + ".1";
}

/// Each broken invariant in a sentence.
std::vector<std::string> check(const crowd_record& seen, journal::reader& stored, reached& count);

} // namespace interject::simulation
