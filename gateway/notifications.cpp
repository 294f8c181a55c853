// POST, GET and DELETE of notifications.
#include "gateway/management.hpp"
#include "gateway/notification_json.hpp"

namespace interject::gateway::management {

namespace {

constexpr std::size_t max_items = 1000;
/// Of one batch, at once: below what a single conversation keeps waiting, so that a batch for one
/// is not refused.
constexpr std::size_t max_under_way = 16;

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

// `decided`, a refusal, or nothing in time: then it is taken in, and its trail tells the rest.
void append_outcome(std::string& body, const notification_id& id,
                    const conversation_id& conversation, const answer& a, time_point now) {
  object_writer out(body);
  out.text("id", id);
  if (auto yes = std::get_if<decided>(&a)) {
    if (yes->conversation.empty())
      out.raw("conversation") += "null";
    else
      out.text("conversation", yes->conversation);
    append_decision(out.raw("decision"), yes->what, false);
  } else {
    if (conversation.empty())
      out.raw("conversation") += "null";
    else
      out.text("conversation", conversation);
    decision accepted;
    accepted.at = now;
    append_decision(out.raw("decision"), accepted, false);
  }
  out.end();
}

const refused* real_refusal(const answer& a) {
  auto no = std::get_if<refused>(&a);
  return no && no->code != errc::timed_out ? no : nullptr;
}

void append_refused_item(std::string& out, const notification_id& id, unsigned status,
                         std::string_view detail, const field_faults& faults) {
  object_writer o(out);
  if (!id.empty())
    o.text("id", id);
  append_problem(o.raw("error"), status, detail, faults);
  o.end();
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
               append_outcome(out, id, conversation, a, x->with.clock->now());
               x->answer(json_response(202, std::move(out)));
             });
}

struct batch : std::enable_shared_from_this<batch> {
  exchange_ptr x;
  std::vector<std::optional<interject::notify>> items; ///< none: refused already
  std::vector<std::string> answers;
  std::size_t next = 0;
  std::size_t open = 0;

  void go_on() {
    while (next < items.size() && open < max_under_way) {
      auto at = next++;
      if (!items[at])
        continue;
      ++open;
      auto id = items[at]->what.id;
      auto conversation = items[at]->conversation;
      x->via.ask(x->with.router, std::move(*items[at]), x->with.how.decision_timeout,
                 [self = shared_from_this(), at, id, conversation](answer a) {
                   self->answered(at, id, conversation, a);
                 });
    }
    if (next == items.size() && open == 0)
      finish();
  }

  void answered(std::size_t at, const notification_id& id, const conversation_id& conversation,
                const answer& a) {
    if (auto no = real_refusal(a))
      append_refused_item(answers[at], id, gateway::status_of(no->code), no->what, {});
    else
      append_outcome(answers[at], id, conversation, a, x->with.clock->now());
    --open;
    go_on();
  }

  void finish() {
    std::string body;
    object_writer out(body);
    append_list(out.raw("items"), answers, [](auto& to, auto& text) { to += text; });
    out.end();
    x->answer(json_response(202, std::move(body)));
  }
};

void post_many(const exchange_ptr& x, const value& body) {
  field_faults faults;
  object_reader in(body, "", faults);
  auto items = in.take("items");
  in.finish();
  if (!items->as_list() || items->as_list()->empty() || items->as_list()->size() > max_items)
    in.fault("items", "a list of 1 to 1,000 notifications is expected");
  if (refuse_fields(x, faults))
    return;
  auto all = std::make_shared<batch>();
  all->x = x;
  for (auto& item : *items->as_list()) {
    field_faults wrong;
    auto n = read_item(*x, item, "/items/" + std::to_string(all->items.size()), wrong);
    all->answers.emplace_back();
    if (wrong.empty()) {
      all->items.emplace_back(std::move(n));
    } else {
      append_refused_item(all->answers.back(), n.what.id, 422, "fields are wrong", wrong);
      all->items.emplace_back();
    }
  }
  all->go_on();
}

using found_notification = result<std::optional<journal::stored_notification>>;

void find(const exchange_ptr& x, std::function<void(journal::stored_notification)> then) {
  x->via.read(
      x->with.reader,
      [id = x->captures.front()](journal::reader& rows) { return rows.find_notification(id); },
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
  find(x, [x](journal::stored_notification n) {
    std::string body;
    append_trail(body, n);
    x->answer(json_response(200, std::move(body)));
  });
}

void withdraw_notification(exchange_ptr x) {
  find(x, [x](journal::stored_notification n) {
    if (n.conversation.empty())
      return x->answer(problem(409, "it reached no conversation: there is nothing to take back"));
    interject::withdraw what;
    what.conversation = n.conversation;
    what.id = n.what.id;
    x->via.ask(x->with.router, std::move(what), x->with.how.answer_timeout,
               [x, id = n.what.id, conversation = n.conversation](answer a) {
                 if (auto no = std::get_if<refused>(&a))
                   return x->answer(problem({no->code, no->what}));
                 std::string body;
                 append_outcome(body, id, conversation, a, x->with.clock->now());
                 x->answer(json_response(200, std::move(body)));
               });
  });
}

} // namespace interject::gateway::management
