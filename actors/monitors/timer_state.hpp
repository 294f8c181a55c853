// What the timer's files share: its state, and what each does for the others.
//   timer_actor.cpp  the beginning, wishes, answers
//   timer_items.cpp  one item: put, served, answered, written on
//   timer_clock.cpp  when to look: naps, the window of reminders in memory, the test clock
#pragma once

#include "actors/monitors/loading.hpp"
#include "actors/monitors/monitors.hpp"
#include "actors/monitors/reminder_rows.hpp"
#include "actors/monitors/timer_index.hpp"

#include <deque>
#include <unordered_set>

namespace interject::monitors::timing {

constexpr std::size_t max_unanswered = 256;
/// Real time, for an answer on a test clock.
constexpr duration patience = std::chrono::seconds(10);
/// Reminders are in memory from so long before they are due.
constexpr duration window = std::chrono::minutes(10);

struct item {
  enum class kind { wake, reminder, alarm, flush } what = kind::wake;
  conversation_id conversation;
  std::optional<reminder_row> row;
  bool late = false;
  std::optional<time_point> next; ///< a recurring one's next occurrence, once this one was served
  caf::actor_addr who;            ///< weak: an alarm keeps nobody alive
  std::uint64_t token = 0;
  std::uint32_t tries = 0;
  interject::ticket ticket = 0; ///< of the last try; 0 when it was asked for anew since
  time_point served_at{};
  std::uint32_t served = 0; ///< how often at that instant
};

struct unanswered {
  std::string key;
  time_point since{};
};

struct advance {
  caf::response_promise answer;
  interject::ticket ticket = 0;
  duration by{};
  time_point target{};
};

struct timer_state {
  static inline const char* name = "interject.timer";
  runtime::clock_ptr clock;
  std::shared_ptr<runtime::test_clock> manual;
  caf::actor reader;
  caf::actor journal; ///< null: recurring reminders stay as they are
  caf::actor router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  time_point began{};
  bool loading = false;
  std::unordered_set<std::string> touched; ///< while rows are loaded: these know better
  std::string cursor;                      ///< behind the last reminder that was read
  time_point covered{};                    ///< reminders that are due until then are in memory
  std::size_t reminders = 0;               ///< in memory
  std::unordered_map<std::string, reminder_row> dirty; ///< to write
  bool writing = false;
  std::uint32_t failures = 0; ///< commits in a row
  timer_index index;
  std::unordered_map<std::string, item> items;
  std::unordered_map<interject::ticket, unanswered> in_flight;
  std::size_t ringing = 0; ///< alarms that their addressees have not yet handled
  interject::ticket last_ticket = 0;
  std::uint64_t alarms = 0;
  // real time
  std::uint64_t generation = 0;
  std::optional<time_point> nap_until;
  // test clock
  std::deque<advance> advances;
  std::uint64_t progress = 0;
  bool watched = false; ///< a stop_waiting is on its way
};
using self_ptr = caf::stateful_actor<timer_state>*;

// ---- timer_items.cpp
void put_wake(timer_state& s, const conversation_id& id, time_point at);
void put_reminder(timer_state& s, const reminder_row& row, bool late);
void forget(timer_state& s, const std::string& key);
/// What is due until `until`, as far as answers are not waited for already.
void serve_due(self_ptr self, time_point now, time_point until);
/// `settled`: it need not be told again; `taken`: nor was it refused.
void answered(self_ptr self, interject::ticket ticket, bool settled, bool taken);
/// A recurring reminder's next occurrence, in memory and on disk.
void go_on(self_ptr self, reminder_row row, time_point next);

// ---- timer_clock.cpp
/// Serves what is due, then naps until the next instant, or moves the test clock there.
void look(self_ptr self);
/// `look`; while the test clock moves, first whatever is in the mailbox already: it may ask for an
/// earlier instant.
void look_soon(self_ptr self);
/// On the reader's thread: the reminders that are due until then, behind the cursor, as many as
/// fit.
void read_window(journal::reader& from, loaded_rows& rows, time_point until,
                 const std::string& cursor);
void take_advance(self_ptr self, const advance_clock& a);
/// Nothing was answered since: the test clock goes on without.
void give_up_waiting(self_ptr self, stop_waiting w);

} // namespace interject::monitors::timing
