// The state of a conversation's actor, and the parts that its behaviour is made of. Private to the
// live*.cpp and conversation_actor.cpp.
#pragma once

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/load.hpp"
#include "actors/conversation/local_messages.hpp"
#include "actors/conversation/recent_clients.hpp"
#include "actors/monitors/local_messages.hpp"
#include "actors/person/local_messages.hpp"
#include "actors/runtime/caf_compat.hpp"

#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace interject::conversation {

namespace compat = interject::runtime;

struct waiting_input {
  std::shared_ptr<const input> what;
  caf::response_promise promise;
  place held;
};

struct reply {
  answer what;
  caf::response_promise promise;
  place held;
};

/// The commit under way, and who waits for it.
struct writing {
  journal::commit_ptr rows;
  std::vector<reply> replies;
};

/// A notification id that came again, while its first result is looked up.
struct looked_up {
  std::uint64_t number = 0;
  interject::ticket ticket = 0;
  caf::response_promise promise;
  place held;
};
struct lookups {
  std::uint64_t last = 0;
  std::vector<looked_up> under_way;
};

/// Asked for by `erase_conversation`; done when nothing is under way.
struct erasing {
  interject::ticket ticket = 0;
  caf::response_promise promise;
  place held;
};

/// Changes of the person by our commits, each with its number, that the person has not told back.
using own_changes = std::vector<std::pair<std::uint32_t, std::vector<person_change>>>;

/// There is one for each conversation in memory: what is seldom there is a pointer. With CAF's part
/// it fills 2,048 bytes; a little more, and an allocator by size classes takes 2,560.
struct live_state {
  static inline const char* name = "interject.conversation";

  surroundings_ptr with;
  caf::actor router;
  load_ptr load;
  std::shared_ptr<const definitions> bot;
  state now;           ///< its `talk.id` is there from the beginning
  bool loaded = false; ///< the row was read, or there is none
  bool exists = false;
  bool busy = false;         ///< a commit is under way
  bool failed = false;       ///< memory may be ahead of the disk: takes nothing more
  bool asking = false;       ///< what the message at the head means; nothing is taken meanwhile
  bool stopping = false;     ///< ends as soon as nothing is under way
  bool counting = false;     ///< a failed turn is being counted in the row
  bool parking = false;      ///< and it is the last one that is tried
  bool met = false;          ///< the profile of `known` is here; else it was only asked for
  bool erased = false;       ///< and the actor is about to end
  std::uint32_t changes = 0; ///< commits of ours that changed the person
  std::unique_ptr<monitors::recognised>
      heard; ///< what the message at the head was answered to mean
  std::uint64_t version = 0;
  std::uint64_t last_seq = 0;
  std::optional<time_point> wake;      ///< as the timers know it
  user_id known;                       ///< whose profile was asked for, or is here
  std::unique_ptr<own_changes> unseen; ///< null: none is
  std::unique_ptr<erasing> erase;
  recent_clients clients;
  std::vector<waiting_input> inbox;
  writing under_way;
  std::unique_ptr<lookups> looking_up; ///< null: none is

  const conversation_id& id() const { return now.talk.id; }
  ~live_state();
};
using self_ptr = caf::stateful_actor<live_state>*;

// ---- conversation_actor.cpp

/// Takes what waits, as far as it can.
void work(self_ptr self);
void read_row(self_ptr self);

// ---- live_commit.cpp: what waits for the disk, and what follows it

void refuse(caf::response_promise& promise, ticket t, errc code, std::string what);
void refuse_all(std::vector<reply>& replies, errc code, const std::string& what);
/// Answers; a repeated notification id when its first result was found.
void give(self_ptr self, reply&& r);
void first_result_found(self_ptr self, const first_result& m);
void tell_wake(self_ptr self, std::optional<time_point> at);
void write(self_ptr self, journal::commit_ptr rows, std::vector<reply> replies);
void committed(self_ptr self, const journal::committed& c);

// ---- live_end.cpp: failure, erasing and the end

/// What is answered by one that takes nothing more.
void refuse_ended(const live_state& st, caf::response_promise& promise, ticket t);
/// All inputs, and an erasure that waits for what is under way.
void refuse_waiting(live_state& st, errc code, const std::string& what);
/// Memory never runs ahead of the disk: nothing more is taken, and the router starts a successor
/// from the row.
void fail(self_ptr self, errc code, const std::string& what);
void end_if_asked(self_ptr self);
/// A turn failed, which is our bug: the row is untouched, and a successor starts from it. But first
/// the failure is counted there, so that a poisoned input does not fail the conversation forever.
void crash(self_ptr self, const std::string& why);
void record_failure(self_ptr self, const activation& found);
void failure_counted(self_ptr self, const journal::committed& c);
/// Writes that the conversation goes.
void erase(self_ptr self);
/// It is on disk, or it failed: what belongs to the conversation stops, and the actor ends.
void erase_written(self_ptr self, const journal::committed& c, std::vector<reply>& replies);

// ---- live_outside.cpp: the person, and a meaning from outside

/// Asks for the person of the conversation that has just been read, with the profile that was read
/// along.
void join_read_person(self_ptr self, const activation& found);
/// True when the person's profile is here. Else it is asked for, and `work` comes again with it.
bool person_is_here(self_ptr self);
/// The profile came, or has changed.
void meet(self_ptr self, const person::person_is& m);
/// A message whose intent an external recogniser is to find first.
bool is_to_be_asked(const live_state& st, const input& in, time_point now);
void ask_outside(self_ptr self, const incoming_activity& a);

} // namespace interject::conversation
