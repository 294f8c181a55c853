// POST, GET and DELETE of notifications.
#include "gateway/management.hpp"
#include "gateway/notification_json.hpp"
#include "gateway/outcomes.hpp"

namespace interject::gateway::management {

namespace {

constexpr std::size_t max_items = 1000;

interject::notify read_item(const exchange& x, const value& item, const std::string& pointer,
                            field_faults& faults) {
  interject::notify out;
  object_reader in(item, pointer, faults);
  if (!item.as_object())
    return out;
  auto id = in.text("id", 128);
  if (id && !is_notification_id(*id))
    in.fault("id", "1 to 128 characters of A–Z a–z 0–9 . _ : - are expected");
  out.what.id = id ? *id : in.take("id") ? "" : new_id("n-");
  in.require("to");
  if (auto to = in.take("to")) {
    object_reader whom(*to, in.at("to"), faults);
    out.conversation = whom.text("conversation", 256).value_or("");
    out.user = whom.text("user", 256).value_or("");
    whom.finish();
    if (to->as_object() && out.conversation.empty() == out.user.empty())
      in.fault("to", "either {\"conversation\": …} or {\"user\": …} is expected");
  }
  read_notification(in, *x.with.bot, {}, faults, out.what);
  in.finish();
  out.what.created = x.with.clock->now();
  return out;
}

void post_one(const exchange_ptr& x, const value& body) {
  field_faults faults;
  auto n = read_item(*x, body, "", faults);
  if (refuse_fields(x, faults))
    return;
  auto id = n.what.id;
  auto conversation = n.conversation;
  x->via.ask(x->with.router, std::move(n), x->with.how.decision_timeout,
             [x, id, conversation](answer a) {
               if (auto no = real_refusal(a))
                 return x->answer(problem({no->code, no->what}));
               std::string out;
               append_outcome(out, {id, conversation, a}, x->with.clock->now());
               x->answer(json_response(202, std::move(out)));
             });
}

void post_many(const exchange_ptr& x, const value& body) {
  field_faults faults;
  object_reader in(body, "", faults);
  auto items = in.take("items");
  in.finish();
  if (!items->as_list() || items->as_list()->empty() || items->as_list()->size() > max_items)
    in.fault("items", "a list of 1 to 1,000 notifications is expected");
  if (refuse_fields(x, faults))
    return;
  std::vector<interject::notify> good;
  std::vector<std::string> answers; ///< what is left empty is that of the next good one
  for (auto& item : *items->as_list()) {
    field_faults wrong;
    auto n = read_item(*x, item, "/items/" + std::to_string(answers.size()), wrong);
    answers.emplace_back();
    if (wrong.empty())
      good.push_back(std::move(n));
    else
      append_refused_item(answers.back(), n.what.id, 422, "fields are wrong", wrong);
  }
  tell_all(x, std::move(good), [x, answers = std::move(answers)](std::vector<told> all) mutable {
    auto next = all.begin();
    for (auto& each : answers)
      if (each.empty())
        append_told(each, *next++, x->with.clock->now());
    std::string list;
    object_writer out(list);
    append_list(out.raw("items"), answers, [](auto& to, auto& text) { to += text; });
    out.end();
    x->answer(json_response(202, std::move(list)));
  });
}

using found_notification = result<std::optional<journal::stored_notification>>;

found_notification as_sent(journal::reader& rows, const notification_id& id) {
  return rows.find_notification(id);
}

/// Another channel may have taken it: then under the id that it has there.
found_notification where_it_waits(journal::reader& rows, const notification_id& id) {
  auto found = rows.find_notification(id);
  if (!found || !*found || (*found)->trail.empty() || (*found)->trail.back().rule != "A10-other")
    return found;
  auto inputs = parse_json((*found)->trail.back().inputs);
  auto* there = inputs ? inputs->find("handed_as") : nullptr;
  auto* name = there ? there->as_text() : nullptr;
  auto moved = name ? rows.find_notification(*name) : found_notification(std::nullopt);
  return !moved || *moved ? moved : found; // else it is on its way
}

void find(const exchange_ptr& x,
          found_notification (*look)(journal::reader& rows, const notification_id& id),
          std::function<void(journal::stored_notification)> then) {
  x->via.read(
      x->with.reader,
      [id = x->captures.front(), look](journal::reader& rows) { return look(rows, id); },
      [x, then = std::move(then)](found_notification row) {
        if (!row)
          return x->answer(problem(row.error()));
        if (!*row)
          return x->answer(
              problem(404, "there is no such notification, or it is older than 7 days"));
        then(std::move(**row));
      });
}

} // namespace

void post_notifications(exchange_ptr x) {
  auto body = read_body(x);
  if (!body)
    return;
  if (body->find("items"))
    post_many(x, *body);
  else
    post_one(x, *body);
}

void get_notification(exchange_ptr x) {
  find(x, as_sent, [x](journal::stored_notification n) {
    std::string body;
    append_trail(body, n);
    x->answer(json_response(200, std::move(body)));
  });
}

void withdraw_notification(exchange_ptr x) {
  find(x, where_it_waits, [x](journal::stored_notification n) {
    if (n.conversation.empty())
      return x->answer(problem(409, "it reached no conversation: there is nothing to take back"));
    interject::withdraw what;
    what.conversation = n.conversation;
    what.id = n.what.id;
    x->via.ask(x->with.router, std::move(what), x->with.how.answer_timeout,
               [x, id = x->captures.front(), conversation = n.conversation](answer a) {
                 if (auto no = std::get_if<refused>(&a))
                   return x->answer(problem({no->code, no->what}));
                 std::string body;
                 append_outcome(body, {id, conversation, a}, x->with.clock->now());
                 x->answer(json_response(200, std::move(body)));
               });
  });
}

} // namespace interject::gateway::management
