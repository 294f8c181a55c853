// What the price monitor's files share: its state, and what each does for the others.
//   price_actor.cpp      what arrives, and in which order it is done
//   price_beginning.cpp  the rows of an earlier run are read and put in their places
//   price_changes.cpp    what one commit changes: arming, disarming, samples, slices of sweeps
//   price_commit.cpp     one commit at a time: written, finished, or undone
//   price_errands.cpp    what is said to conversations until they answer
#pragma once

#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/local_messages.hpp"
#include "actors/monitors/monitors.hpp"
#include "actors/monitors/price_index.hpp"
#include "actors/monitors/price_rows.hpp"
#include "actors/monitors/row_table.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/runtime/messages.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_set>
#include <variant>

namespace interject::monitors::pricing {

struct prices_batch {
  take_prices what;
  caf::response_promise answer;
  prices_taken result;
  std::size_t next = 0; ///< the first sample that was not looked at
};
struct settled {
  std::string id;          ///< of a watch
  std::uint64_t taken = 0; ///< firing that was taken, or given up
  std::uint64_t retracted = 0;
};
/// A watch that fires once begins anew: its alert was withdrawn before anybody heard of it.
struct rearmed {
  std::string id;
  std::uint64_t retracted = 0;
};
using operation = std::variant<prices_batch, arm_watch, disarm_watch, settled, rearmed>;

/// What is to be said to a conversation until it answers.
struct errand {
  enum class kind { news, withdrawal, note, expiry, stale, renewal } what = kind::news;
  std::string watch;
  conversation_id conversation;
  notification notice; ///< of a withdrawal its id alone
  std::uint64_t firing = 0;
  interject::ticket ticket = 0;
  std::uint32_t tries = 0;
  bool again = false; ///< an earlier run may have done it
};

/// What is known of the rows while they are read, part by part.
struct beginning {
  std::map<std::string, sweep_row> open;
  std::vector<watch_row> later; ///< whose places depend on rows that may still come
};

/// A sample whose changes are not all written yet. Further samples of its symbol wait.
struct sweep {
  std::deque<price_index::change> rest;
  bool late = false; ///< taken up again after a restart
};

struct price_state {
  static inline const char* name = "interject.price";
  runtime::clock_ptr clock;
  caf::actor journal, reader, timer, router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  beginning reading; ///< until it has begun
  time_point began{};
  std::size_t slice = 1000; ///< changed watches a commit

  price_index index;
  row_table rows;                        ///< all of which anything may still come
  std::unordered_set<std::string> dirty; ///< rows to write with the next commit
  std::map<std::string, std::optional<std::string>>
      kept;                            ///< the same for the monitor's own: none is gone
  std::map<std::string, sweep> sweeps; ///< by symbol; of what the clock did without a cursor
  std::deque<operation> waiting;
  std::size_t batches_waiting = 0;
  bool writing = false;
  std::uint32_t failures = 0; ///< commits in a row
  std::optional<time_point> retry_at;

  std::unordered_map<std::string, errand> errands; ///< by kind and watch
  std::deque<std::string> outbox;
  timer_index again;
  std::unordered_map<interject::ticket, std::string> in_flight;
  interject::ticket last_ticket = 0;

  alarm_clock alarm;
};
using self_ptr = caf::stateful_actor<price_state>*;

/// What one commit changes, until it is durable.
struct step {
  std::shared_ptr<journal::commit> rows = std::make_shared<journal::commit>();
  std::deque<prices_batch> batches;
  std::unordered_map<std::string, watch_row> changed;
  std::vector<price_index::change> done; ///< in order
  std::unordered_set<std::string> late;  ///< watches that should have fired before the restart
  std::map<std::string, std::vector<price_index::change>>
      slices;                                ///< by sweep: go back to it when this fails
  std::set<std::string> sweeps;              ///< that begin with it
  std::map<std::string, std::size_t> behind; ///< how many it added to a sweep, at its end
  std::vector<watch_row> armed_now;          ///< that fired as they were armed
  std::unordered_set<std::string> written;
  std::map<std::string, std::optional<std::string>> kept;
};

// ---- price_actor.cpp
/// Does what waits and is due, one commit after the other.
void work(self_ptr self);
void wake_me(self_ptr self, time_point at);

// ---- price_beginning.cpp
void begin(self_ptr self, const begin_monitoring& b);
/// What is asked meanwhile waits in `waiting`, in order.
void take_rows(self_ptr self, loaded_rows& rows);

// ---- price_changes.cpp
void remember_order(price_state& s, watch_row& row, const price_index::change& c);
/// Anything but samples.
void carry_out(price_state& s, step& to, const operation& op);
/// The next slice of a sweep; its last one closes it.
void take_slice(price_state& s, step& to, const std::string& symbol);
/// Few changes go with the commit; of many the cursor, and the first slice.
void take_changes(price_state& s, step& to, std::vector<price_index::change> changes,
                  const sweep_row* cursor);
/// False when a sample has to wait for an earlier one of its symbol.
bool take_samples(price_state& s, step& to, prices_batch& batch);

// ---- price_commit.cpp
/// Has it written; what waits goes on once it is durable, or was undone.
void commit(self_ptr self, std::shared_ptr<step> of);

// ---- price_errands.cpp
/// In place of an earlier one of its kind for that watch.
void put_errand(price_state& s, errand e);
void forget_errands(price_state& s, const std::string& watch);
/// The alert of its last firing.
void compose(price_state& s, const watch_row& row, bool late);
/// The condition has ended: what is still queued is withdrawn, firing by firing, the oldest first.
/// Once the alert was taken, and not before, so that it cannot overtake its own withdrawal.
void retract_ended(price_state& s, const watch_row& row, bool again = false);
/// A row of which nothing comes any more goes.
void forget_finished(price_state& s, const std::string& id);
void run_errands(self_ptr self);
void take_lookup(self_ptr self, const alert_looked_up& l);
/// `taken`: done, or refused for good.
void answered(self_ptr self, interject::ticket ticket, bool taken, bool refused_for_good);

} // namespace interject::monitors::pricing
