// The management API under /api/v1, for programs, operators and `interject notify`.
#pragma once

#include "actors/dialog/conversation.hpp"
#include "gateway/json.hpp"
#include "gateway/problem.hpp"
#include "gateway/services.hpp"
#include "gateway/write.hpp"

namespace interject::gateway::management {

void post_notifications(exchange_ptr x);
void get_notification(exchange_ptr x);
void withdraw_notification(exchange_ptr x);
void list_conversations(exchange_ptr x);
void get_conversation(exchange_ptr x);
void list_activities(exchange_ptr x);
void reset_conversation(exchange_ptr x);
void post_prices(exchange_ptr x);
void post_events(exchange_ptr x);
void post_watch(exchange_ptr x);
void list_watches(exchange_ptr x);
void get_watch(exchange_ptr x);
void delete_watch(exchange_ptr x);
void post_reminder(exchange_ptr x);
void list_reminders(exchange_ptr x);
void get_reminder(exchange_ptr x);
void delete_reminder(exchange_ptr x);
void list_dead_letters(exchange_ptr x);
void resend_dead_letter(exchange_ptr x);
void put_consent(exchange_ptr x);
void put_attributes(exchange_ptr x);
void get_user(exchange_ptr x);
void delete_user(exchange_ptr x);
void delete_conversation(exchange_ptr x);
void post_broadcast(exchange_ptr x);
void get_broadcast(exchange_ptr x);
void cancel_broadcast(exchange_ptr x);
void list_dialogs(exchange_ptr x);
void reload(exchange_ptr x);
void advance_clock(exchange_ptr x);
void openapi(exchange_ptr x);
void healthz(exchange_ptr x);
void readyz(exchange_ptr x);
void metrics_text(exchange_ptr x);

// ---- what the handlers share

/// The body as a value, or nothing when it was no JSON and the request has been answered.
/// `serial`: see parse_json.
std::optional<value> read_body(const exchange_ptr& x, std::string_view serial = {});

/// Answers 422 and is true when there are faults.
bool refuse_fields(const exchange_ptr& x, const field_faults& faults);

struct list_wish {
  std::size_t limit = 50; ///< 1–500
  std::string cursor;
  conversation_id conversation; ///< `?conversation=`, only where it is `allowed`
};
/// Nothing when it was wrong, and the request has been answered. Unknown parameters are wrong.
std::optional<list_wish> read_list_wish(const exchange_ptr& x, bool by_conversation = false);

/// `{"items": […], "next": …}`
template <class Row, class Write>
response list_response(const std::vector<Row>& items, const std::string& next, Write write) {
  std::string body;
  object_writer out(body);
  append_list(out.raw("items"), items, write);
  if (next.empty())
    out.raw("next") += "null";
  else
    out.text("next", next);
  out.end();
  return json_response(200, std::move(body));
}

/// `done` runs `then`; anything else answers with a problem.
std::function<void(answer)> when_done(exchange_ptr x, std::function<void()> then);

/// The one that the stack refers to, else the current one.
dialog::bot_ptr bot_of(services& with, const journal::conversation_row& row);
void append_frame(std::string& out, const dialog::frame_view& f);
void append_watch(std::string& out, const watch_row& row);
void append_reminder(std::string& out, const reminder_row& row);

} // namespace interject::gateway::management
