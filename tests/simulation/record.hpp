// What the outside world did and saw in a run, and the invariants that must hold of it.
#pragma once

#include "actors/journal/store.hpp"
#include "protocols/messages.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace interject::simulation {

struct sent_post {
  std::string text;
  std::string activity; ///< acknowledged with this id; empty: never acknowledged
};

struct sent_notice {
  notification what;
  bool acknowledged = false;
};

/// A price that the monitor took; sent for the first time, and known to be taken.
struct quoted {
  decimal price;
  time_point sent{}, taken{};
};
struct stretch {
  time_point from, to;
};

/// Two versions of one bot: a flow says by which it was begun, "Which item, v2?".
inline const std::string versions[] = {"v1", "v2"};

struct record {
  std::vector<conversation_id> conversations;
  std::map<conversation_id, std::vector<std::string>> post_order; ///< client ids, in the order sent
  std::map<conversation_id, std::map<std::string, sent_post>> posts; ///< by client id
  std::map<notification_id, sent_notice> notices;
  std::map<conversation_id, std::vector<publication>>
      streams;                                        ///< as the clients saw them, of all lives
  std::map<std::string, std::set<std::string>> calls; ///< idempotency keys by URL
  std::map<std::string, std::vector<quoted>> prices;  ///< by symbol, in order
  std::map<std::string, std::size_t>
      armed_before; ///< a watch's token → the first price that it surely sees
  std::map<std::string, watch_row> watches;      ///< by id, as they were first written
  std::map<std::string, reminder_row> reminders; ///< the same
  std::vector<stretch> down;                     ///< nobody ran
  std::vector<stretch> trouble;                  ///< nobody ran, or nothing could be written
};

/// Each broken invariant in a sentence.
std::vector<std::string> check(const record& seen, journal::reader& stored);

} // namespace interject::simulation
