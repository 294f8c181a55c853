// Persons: consent and attributes, all that is stored of one, and its erasure.
#include "gateway/management.hpp"
#include "gateway/notification_json.hpp"

#include "actors/person/profile.hpp"
#include "actors/person/quiet.hpp"
#include "actors/runtime/node.hpp"
#include "protocols/secret_reference.hpp"

#include <openssl/evp.h>

namespace interject::gateway::management {

namespace {

constexpr std::size_t name_limit = 128;         ///< bytes of a topic or an attribute
constexpr std::size_t exported_at_once = 1000;  ///< conversations of an export, and files of one
constexpr std::size_t exported_lines = 100'000; ///< activities and notifications of one
constexpr std::size_t exported_bytes =
    64 * 1024 * 1024; ///< of all files; the others come without theirs

void read_topics(const value& topics, field_faults& faults, std::vector<person_change>& out) {
  if (!topics.as_object())
    return faults.push_back({"/topics", R"(an object is expected: {"offers": "muted"})"});
  const object_reader in(topics, "/topics", faults);
  for (auto& [name, v] : *topics.as_object()) {
    auto at = in.at(name);
    if (name.empty() || name.size() > name_limit)
      faults.push_back({at, "1 to 128 bytes are expected"});
    if (!v.is_null() && (!v.as_text() || (*v.as_text() != "on" && *v.as_text() != "muted")))
      faults.push_back({at, "\"on\", \"muted\", or null to forget it"});
    else
      out.push_back({"topic." + name, v});
  }
}

void read_hours(const value& hours, field_faults& faults, std::vector<person_change>& out) {
  if (hours.is_null()) {
    out.push_back({"quiet", {}});
    return;
  }
  if (!hours.as_object())
    return faults.push_back({"/quiet_hours", "an object is expected, or null for none"});
  const auto before = faults.size();
  object_reader in(hours, "/quiet_hours", faults);
  for (auto* end : {"from", "to"}) {
    in.require(end);
    auto at = in.text(end, 5);
    if (at && !parse_day_minutes(*at))
      in.fault(end, "a time of day is expected, such as \"22:00\"");
  }
  in.require("zone");
  if (auto zone = in.text("zone", 64); zone && !person::is_zone(*zone))
    in.fault("zone", "\"" + *zone + "\" is no time zone; \"Europe/Paris\" would be one");
  in.boolean("break_through");
  in.finish();
  if (faults.size() != before)
    return;
  if (auto q = read_quiet(hours))
    out.push_back({"quiet", to_value(*q)});
  else
    faults.push_back({"/quiet_hours/to", "the quiet hours would begin and end at the same time"});
}

bool is_user(const exchange_ptr& x) {
  if (x->captures.front().size() <= 256)
    return true;
  x->answer(problem(400, "a user's id has at most 256 bytes"));
  return false;
}

void change(const exchange_ptr& x, std::vector<person_change> changes) {
  set_person what;
  what.user = x->captures.front();
  what.changes = std::move(changes);
  x->via.ask(x->with.people, std::move(what), x->with.how.answer_timeout, when_done(x, [x] {
               x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
             }));
}

struct export_rows {
  std::optional<journal::person_row> row;
  person::profile who;
  std::vector<reminder_row> reminders; ///< in no conversation
  struct talk {
    journal::conversation_row row;
    dialog::bot_ptr bot;
    std::vector<attached_file> files;
    std::vector<journal::activity_row> activities;
    std::vector<journal::stored_notification> notifications;
    std::vector<watch_row> watches;
    std::vector<reminder_row> reminders;
    std::vector<call_row> calls;
  };
  std::vector<talk> talks;
};

/// One read after the other; the first that fails ends it.
template <class T> bool into(T& to, result<T> from, std::optional<error>& failed) {
  if (!from)
    failed = from.error();
  else
    to = std::move(*from);
  return !failed;
}

/// Their bytes, too, as long as `left` lasts.
result<std::vector<attached_file>> read_files(journal::reader& rows, const conversation_id& of,
                                              std::size_t& left) {
  auto files = rows.files_of(of, exported_at_once);
  if (!files)
    return files;
  for (auto& f : *files) {
    auto whole = left > 0 ? rows.file(f.id) : result<std::optional<attached_file>>(std::nullopt);
    if (!whole)
      return whole.error();
    if (!*whole || (*whole)->body.size() > left)
      continue;
    left -= (*whole)->body.size();
    f.body = std::move((*whole)->body);
  }
  return files;
}

/// Page by page, up to the end.
template <class Row, class Page>
bool all_into(std::vector<Row>& to, Page page, std::optional<error>& failed) {
  std::string cursor;
  do {
    journal::page<Row> next;
    if (!into(next, page(cursor), failed))
      return false;
    to.insert(to.end(), std::make_move_iterator(next.items.begin()),
              std::make_move_iterator(next.items.end()));
    cursor = std::move(next.next);
  } while (!cursor.empty());
  return true;
}

result<export_rows> read_all(services& with, journal::reader& rows, const user_id& user) {
  export_rows out;
  auto left = exported_bytes;
  std::optional<error> failed;
  std::vector<journal::conversation_row> talks;
  if (!into(out.row, rows.person(user), failed) ||
      !into(out.who.values, rows.person_values(user), failed) ||
      !into(out.reminders, rows.reminders_for(user), failed) ||
      !into(talks, rows.conversations_of(user, exported_at_once), failed))
    return *failed;
  if (!out.row && out.who.values.empty() && out.reminders.empty() && talks.empty())
    return error{errc::not_found, "nothing is known of this user"};
  for (auto& row : talks) {
    auto& t = out.talks.emplace_back();
    if (!into(t.activities, rows.history(row.id, 0, exported_lines), failed) ||
        !into(t.notifications, rows.notifications_of(row.id, exported_lines), failed) ||
        !all_into(
            t.watches, [&](auto& from) { return rows.watches(row.id, 500, from); }, failed) ||
        !all_into(
            t.reminders, [&](auto& from) { return rows.reminders(row.id, 500, from); }, failed) ||
        !into(t.calls, rows.calls(row.id), failed) ||
        !into(t.files, read_files(rows, row.id, left), failed))
      return *failed;
    t.bot = bot_of(with, row);
    t.row = std::move(row);
  }
  return out;
}

void append_consent(std::string& out, const person::profile& who) {
  object_writer o(out);
  if (auto contact = person::contact(who))
    o.flag("contact", *contact);
  else
    o.raw("contact") += "null";
  o.values("topics", person::under(who, "topic."));
  if (auto hours = person::quiet(who))
    append_json(o.raw("quiet_hours"), to_value(*hours));
  else
    o.raw("quiet_hours") += "null";
  o.end();
}

/// `bytes` is null for a file that is left out for the size of all.
void append_file(std::string& out, const attached_file& f) {
  object_writer o(out);
  o.text("id", f.id).text("name", f.name).text("content_type", f.content_type);
  if (f.body.empty()) {
    o.raw("bytes") += "null";
  } else {
    std::string encoded(4 * ((f.body.size() + 2) / 3) + 1, '\0');
    auto n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                             reinterpret_cast<const unsigned char*>(f.body.data()),
                             static_cast<int>(f.body.size()));
    encoded.resize(static_cast<std::size_t>(n));
    o.text("bytes", encoded);
  }
  o.end();
}

/// What an integration or a webhook still has to send; secrets stand in it as references.
void append_call(std::string& out, const call_row& c) {
  object_writer o(out);
  o.text("id", c.id).text("name", c.name).text("channel", c.channel).text("method", c.method);
  o.text("url", show_references(c.url))
      .text("body", show_references(c.body))
      .time("created", c.created)
      .end();
}

void append_talk(std::string& out, const export_rows::talk& t) {
  object_writer o(out);
  o.text("id", t.row.id).time("created", t.row.created).time("updated", t.row.updated);
  if (auto seen = runtime::view(*t.bot, t.row)) {
    o.text("locale", seen->locale)
        .text("channel", seen->channel)
        .values("variables", seen->variables);
    append_list(o.raw("stack"), seen->stack, append_frame);
  }
  append_list(o.raw("activities"), t.activities, [](auto& to, auto& a) { to += *a.body; });
  append_list(o.raw("notifications"), t.notifications, append_trail);
  append_list(o.raw("watches"), t.watches, append_watch);
  append_list(o.raw("reminders"), t.reminders, append_reminder);
  append_list(o.raw("calls"), t.calls, append_call);
  append_list(o.raw("files"), t.files, append_file);
  o.end();
}

} // namespace

void put_consent(exchange_ptr x) {
  auto body = is_user(x) ? read_body(x) : std::nullopt;
  if (!body)
    return;
  field_faults faults;
  std::vector<person_change> changes;
  object_reader in(*body, "", faults);
  if (auto* contact = in.take("contact")) {
    if (contact->is_null() || contact->as_bool())
      changes.push_back({"contact", *contact});
    else
      in.fault("contact", "true, false, or null to forget it");
  }
  if (auto* topics = in.take("topics"))
    read_topics(*topics, faults, changes);
  if (auto* hours = in.take("quiet_hours"))
    read_hours(*hours, faults, changes);
  in.finish();
  if (changes.empty() && faults.empty())
    faults.push_back({"", "nothing would change: contact, topics or quiet_hours is expected"});
  if (!refuse_fields(x, faults))
    change(x, std::move(changes));
}

void put_attributes(exchange_ptr x) {
  auto body = is_user(x) ? read_body(x) : std::nullopt;
  if (!body)
    return;
  field_faults faults;
  std::vector<person_change> changes;
  if (!body->as_object() || body->as_object()->empty())
    faults.push_back(
        {"", R"(an object is expected: {"plan": "gold"}; null takes an attribute away)"});
  else
    for (const object_reader in(*body, "", faults); auto& [name, v] : *body->as_object()) {
      if (name.empty() || name.size() > name_limit)
        faults.push_back({in.at(name), "1 to 128 bytes are expected"});
      else if (v.as_object())
        faults.push_back({in.at(name), "a text, number, boolean, list or null is expected"});
      changes.push_back({"attr." + name, v});
    }
  if (!refuse_fields(x, faults))
    change(x, std::move(changes));
}

void get_user(exchange_ptr x) {
  if (!is_user(x))
    return;
  x->via.read(
      x->with.reader,
      [user = x->captures.front(), &with = x->with](journal::reader& rows) {
        return read_all(with, rows, user);
      },
      [x](result<export_rows> found) {
        if (!found)
          return x->answer(problem(found.error()));
        std::string body;
        object_writer o(body);
        o.text("id", x->captures.front());
        o.flag("interacted", found->row && found->row->interacted);
        append_consent(o.raw("consent"), found->who);
        o.values("attributes", person::under(found->who, "attr."));
        o.values("variables", person::under(found->who, "var."));
        o.values("told", person::under(found->who, "said."));
        o.values("met_in", person::under(found->who, "chat."));
        append_list(o.raw("reminders"), found->reminders, append_reminder);
        append_list(o.raw("conversations"), found->talks, append_talk);
        o.end();
        x->answer(json_response(200, std::move(body)));
      });
}

void delete_user(exchange_ptr x) {
  if (!is_user(x))
    return;
  erase_person what;
  what.user = x->captures.front();
  x->via.ask(x->with.people, std::move(what), x->with.how.answer_timeout, when_done(x, [x] {
               x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
             }));
}

void delete_conversation(exchange_ptr x) {
  erase_conversation what;
  what.conversation = x->captures.front();
  x->via.ask(x->with.router, std::move(what), x->with.how.answer_timeout, when_done(x, [x] {
               x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
             }));
}

} // namespace interject::gateway::management
