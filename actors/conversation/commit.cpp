#include "actors/conversation/commit.hpp"

#include "actors/dialog/bot_sections.hpp"
#include "actors/monitors/webhook.hpp"
#include "protocols/codec/activity_json.hpp"
#include "protocols/codec/binary.hpp"
#include "protocols/codec/webhook_json.hpp"

namespace interject::conversation {

namespace {

journal::activity_row serialise(const definitions& by, const state& s, const spoken& what,
                                time_point now) {
  journal::activity_row row;
  row.seq = what.seq;
  if (auto* in = std::get_if<incoming_activity>(&what.what)) {
    row.client_id = in->client_id;
    row.body = write_user_activity(*in, s.talk.id, what.seq, now);
  } else {
    auto& u = std::get<utterance>(what.what);
    auto reply = what.replies_to == 0 ? std::string() : activity_id(s.talk.id, what.replies_to);
    row.body = write_bot_activity(u, s.talk.id, what.seq, now,
                                  {dialog::id(*by.bot), dialog::name(*by.bot)}, reply);
  }
  return row;
}

/// What the bot says on a webhook leaves with the commit that says it.
void add_deliveries(const definitions& by, const state& s, time_point now, const outcome& out,
                    std::vector<call_row>& to) {
  auto* channel = dialog::find_channel(dialog::sections(*by.bot), s.channel);
  if (!channel || channel->url.empty())
    return;
  webhook_place where{s.channel, s.talk.id, s.talk.user, dialog::id(*by.bot)};
  for (auto& what : out.said)
    if (auto* u = std::get_if<utterance>(&what.what); u && u->type != activity_type::typing) {
      auto reply = what.replies_to == 0 ? std::string() : activity_id(s.talk.id, what.replies_to);
      auto body = write_webhook_activity(*u, where, what.seq, now, reply);
      to.push_back(monitors::delivery_of(s.talk.id, what.seq, s.channel, std::move(body), now));
    }
}

} // namespace

journal::commit_ptr prepare_commit(const definitions& by, const state& s, std::uint64_t version,
                                   std::optional<time_point> wake_at, time_point now,
                                   outcome&& out) {
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of(s.talk.id), 1};
  rows->conversation = s.talk.id;
  rows->expected_version = version;
  rows->state = encode(s);
  rows->user = s.talk.user;
  rows->pinned = s.talk.stack.empty() ? std::string() : s.bot_version;
  rows->wake_at = wake_at;
  rows->at = now;
  rows->activities.reserve(out.said.size());
  for (auto& what : out.said)
    rows->activities.push_back(serialise(by, s, what, now));
  rows->files = std::move(out.files);
  rows->notifications = std::move(out.trail);
  rows->persons = std::move(out.persons);
  for (auto& c : out.person)
    rows->person_values.push_back({s.talk.user, c.key, c.to});
  rows->watches = std::move(out.watches);
  rows->watches_gone = std::move(out.watches_gone);
  rows->reminders = std::move(out.reminders);
  rows->reminders_gone = std::move(out.reminders_gone);
  add_deliveries(by, s, now, out, rows->calls);
  rows->calls.insert(rows->calls.end(), std::make_move_iterator(out.calls.begin()),
                     std::make_move_iterator(out.calls.end()));
  rows->calls_gone = std::move(out.calls_gone);
  return rows;
}

journal::commit_ptr failure_commit(const state& kept, const journal::conversation_row& row,
                                   std::optional<time_point> wake_at, time_point now,
                                   outcome&& out) {
  auto rows = std::make_shared<journal::commit>();
  rows->fence = {shard_of(row.id), 1};
  rows->conversation = row.id;
  rows->expected_version = row.version;
  rows->state = encode(kept);
  rows->user = row.user;
  rows->pinned = kept.talk.stack.empty() ? std::string() : kept.bot_version;
  rows->wake_at = wake_at;
  rows->at = now;
  rows->notifications = std::move(out.trail);
  return rows;
}

} // namespace interject::conversation
