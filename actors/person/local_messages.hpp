// Messages between persons and their conversations. They never leave the process.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/person/broadcast.hpp"
#include "protocols/messages.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace interject::person {

/// How often keepers have forgotten persons. Who reads a profile beside its keeper notes it before:
/// as long as it is the same, a keeper that does not know the person has not known, and changed,
/// them since.
using forgettings = std::atomic<std::uint64_t>;

/// From a conversation, which is told the profile now and at every change until it ends. →
/// person_is
struct join_person {
  user_id user;
  conversation_id conversation;
  /// As it was read with the conversation, which spares the keeper a read of its own. Null: it was
  /// not.
  std::shared_ptr<const profile> read = nullptr;
  std::uint64_t forgotten = 0; ///< the count of `forgettings` before it was read
};

/// The profile, with the changes of this conversation up to `seen`. What the conversation has
/// changed since then it applies on top. Null: the keeper has ended, and another one is to be
/// asked.
struct person_is {
  user_id user;
  std::uint64_t seen = 0;
  std::shared_ptr<const profile> who;
};

/// From a conversation whose commit has changed its person.
struct person_committed {
  user_id user;
  std::uint64_t number = 0; ///< of this conversation's changes
  std::uint64_t place = 0;  ///< of the commit in the journal's order
  std::vector<person_change> changes;
};

/// Where conversations are erased.
struct conversations_are {
  caf::actor router;
};

/// Reader to keeper.
struct person_loaded {
  user_id user;
  std::shared_ptr<const profile> who;
  std::optional<error> failed;
};
struct conversations_found {
  user_id user;
  std::vector<conversation_id> ids;
  std::optional<error> failed;
};

/// What is stored of a person, empty when there is nothing.
result<std::shared_ptr<const profile>> read_profile(journal::reader& rows, const user_id& user);

/// To a keeper: a conversation that had joined has ended.
struct member_left {
  user_id user;
  caf::actor_addr who;
};

// ---- broadcasts

/// → done, when it is durable and will be carried out | refused
struct begin_broadcast {
  interject::ticket ticket = 0;
  broadcast what;
};
/// Stops it after what is under way. → done | refused
struct cancel_broadcast {
  interject::ticket ticket = 0;
  std::string id;
};

/// Reader to broadcaster; null: it could not be read.
struct slice_found {
  std::string id;
  std::shared_ptr<const std::vector<journal::person_entry>> people;
};
struct broadcasts_loaded {
  std::vector<journal::broadcast_row> rows;
  std::optional<error> failed;
};

} // namespace interject::person
