// A conversation as operators see it.
#include "actors/conversation/state.hpp"
#include "actors/runtime/node.hpp"
#include "protocols/codec/binary.hpp"

namespace interject::runtime {

result<conversation_view> view(const dialog::bot& b, const journal::conversation_row& row) {
  conversation::state s;
  if (!decode_all(row.state, s))
    return error{errc::internal, "the stored conversation cannot be read"};
  conversation_view v;
  v.id = row.id;
  v.user = s.talk.user;
  v.locale = s.talk.locale;
  v.channel = s.channel;
  v.interacted = s.interacted;
  v.bot_version = s.bot_version;
  v.parked = s.parked;
  v.variables = s.talk.conversation_values;
  if (s.bot_version == dialog::version(b))
    v.stack = dialog::view(b, s.talk);
  for (auto& q : s.queue.items)
    v.queue.push_back(
        {q.what.id, to_string(q.code), q.what.topic, q.queued_since, q.latest, q.what.expires()});
  v.activities = row.last_seq;
  v.version = row.version;
  v.created = row.created;
  v.updated = row.updated;
  v.wake_at = row.wake_at;
  return v;
}

} // namespace interject::runtime
