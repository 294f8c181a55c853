// Conversations as operators see them.
#include "gateway/management.hpp"

#include "actors/runtime/node.hpp"

#include <charconv>

namespace interject::gateway::management {

namespace {

// All that the view needs, read in one go.
struct rows_of {
  dialog::bot_ptr bot; ///< that the stack refers to, else the current one
  journal::conversation_row row;
  std::vector<watch_row> watches;
  std::vector<reminder_row> reminders;
  std::vector<call_row> calls;
};

result<rows_of> read_rows(services& with, journal::reader& rows, const conversation_id& id) {
  auto row = rows.load(id);
  if (!row)
    return row.error();
  if (!*row)
    return error{errc::not_found, "there is no such conversation"};
  rows_of out;
  out.row = std::move(**row);
  out.bot = bot_of(with, out.row);
  auto watches = rows.watches(id, 500, "");
  auto reminders = rows.reminders(id, 500, "");
  auto calls = rows.calls(id);
  if (!watches)
    return watches.error();
  if (!reminders)
    return reminders.error();
  if (!calls)
    return calls.error();
  out.watches = std::move(watches->items);
  out.reminders = std::move(reminders->items);
  std::erase_if(*calls,
                [](auto& c) { return !c.channel.empty(); }); // activities on their way to a webhook
  out.calls = std::move(*calls);
  return out;
}

void append_call(std::string& out, const call_row& c) {
  object_writer o(out);
  o.text("id", c.id).text("name", c.name).text("method", c.method);
  o.text("mode", c.mode == call_mode::background ? "background" : "foreground");
  o.length("timeout", c.timeout).number("retries", c.retries).number("generation", c.generation);
  o.time("created", c.created).end();
}

void append_queued(std::string& out, const runtime::queued_view& q) {
  object_writer o(out);
  o.text("id", q.id).text("code", q.code);
  if (!q.topic.empty())
    o.text("topic", q.topic);
  o.time("since", q.since).time("latest", q.latest).time("expires", q.expires).end();
}

void append_row(object_writer& o, const journal::conversation_row& row) {
  o.text("id", row.id);
  if (row.user.empty())
    o.raw("user") += "null";
  else
    o.text("user", row.user);
  o.number("activities", row.last_seq).number("version", row.version);
  o.time("created", row.created).time("updated", row.updated).time("wake_at", row.wake_at);
}

} // namespace

dialog::bot_ptr bot_of(services& with, const journal::conversation_row& row) {
  auto bot = with.bot.get();
  if (with.node)
    if (auto seen = runtime::view(*bot, row); seen && seen->bot_version != dialog::version(*bot))
      if (auto older = with.node->bot(seen->bot_version))
        return older;
  return bot;
}

void append_frame(std::string& out, const dialog::frame_view& f) {
  object_writer o(out);
  o.text("dialog", f.dialog).text("step", f.step).text("kind", f.kind).text("waiting", f.waiting);
  o.text("began", f.began);
  if (!f.question.empty())
    o.text("question", f.question);
  o.values("variables", f.variables).end();
}

void list_conversations(exchange_ptr x) {
  auto wish = read_list_wish(x);
  if (!wish)
    return;
  using page = journal::page<journal::conversation_row>;
  x->via.read(
      x->with.reader,
      [wish = *wish](journal::reader& rows) { return rows.conversations(wish.limit, wish.cursor); },
      [x](result<page> found) {
        if (!found)
          return x->answer(problem(found.error()));
        x->answer(list_response(found->items, found->next, [](std::string& out, auto& row) {
          object_writer o(out);
          append_row(o, row);
          o.end();
        }));
      });
}

void get_conversation(exchange_ptr x) {
  x->via.read(
      x->with.reader,
      [id = x->captures.front(), &with = x->with](journal::reader& rows) {
        return read_rows(with, rows, id);
      },
      [x](result<rows_of> found) {
        if (!found)
          return x->answer(problem(found.error()));
        std::string body;
        object_writer o(body);
        append_row(o, found->row);
        if (auto seen = runtime::view(*found->bot, found->row)) {
          o.text("locale", seen->locale).text("channel", seen->channel);
          o.flag("interacted", seen->interacted).text("bot_version", seen->bot_version);
          o.flag("parked", seen->parked.has_value()).time("parked_since", seen->parked);
          append_list(o.raw("stack"), seen->stack, append_frame);
          append_list(o.raw("queue"), seen->queue, append_queued);
        } else {
          o.raw("stack") += "null";
          o.text("unreadable", seen.error().what);
        }
        append_list(o.raw("watches"), found->watches, append_watch);
        append_list(o.raw("reminders"), found->reminders, append_reminder);
        append_list(o.raw("calls"), found->calls, append_call);
        o.number("streams", x->with.streams->open(found->row.id));
        o.end();
        x->answer(json_response(200, std::move(body)));
      });
}

void list_activities(exchange_ptr x) {
  auto wish = read_list_wish(x);
  if (!wish)
    return;
  std::uint64_t after = 0;
  auto& cursor = wish->cursor;
  auto [end, ec] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), after);
  if (!cursor.empty() && (ec != std::errc() || end != cursor.data() + cursor.size()))
    return x->answer(problem(400, "cursor must be the `next` of an earlier answer"));
  using rows_t = std::vector<journal::activity_row>;
  x->via.read(
      x->with.reader,
      [id = x->captures.front(), after,
       limit = wish->limit](journal::reader& rows) -> result<rows_t> {
        auto row = rows.load(id);
        if (!row)
          return row.error();
        if (!*row)
          return error{errc::not_found, "there is no such conversation"};
        return rows.history(id, after, limit);
      },
      [x, limit = wish->limit](result<rows_t> found) {
        if (!found)
          return x->answer(problem(found.error()));
        auto next = found->size() == limit ? std::to_string(found->back().seq) : "";
        x->answer(
            list_response(*found, next, [](std::string& out, auto& row) { out += *row.body; }));
      });
}

void reset_conversation(exchange_ptr x) {
  interject::reset_conversation what;
  what.conversation = x->captures.front();
  x->via.ask(x->with.router, std::move(what), x->with.how.answer_timeout, when_done(x, [x] {
               response r;
               r.status = 204;
               r.content_type.clear();
               x->answer(std::move(r));
             }));
}

} // namespace interject::gateway::management
