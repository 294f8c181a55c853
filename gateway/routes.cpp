// The table of routes. A row says once what a request takes and gives: the OpenAPI document, the
// checks of it and the reference derive from here.
#include "gateway/routes.hpp"

#include "gateway/directline.hpp"
#include "gateway/management.hpp"
#include "gateway/upload.hpp"
#include "gateway/webhooks.hpp"

#include <algorithm>

namespace interject::gateway {

namespace {

// The Direct Line rows first: they are the hot ones.
// Two lines a row: who may ask, and what it takes and gives.
// clang-format off
constexpr route table[] = {
    {"POST", "/v3/directline/conversations/{id}/activities", scope::directline, directline::post_activity,
     "say something; answered with the activity's id once it is on disk", "posted_activity", {200, "resource"}},
    {"GET", "/v3/directline/conversations/{id}/activities", scope::directline, directline::get_activities,
     "what was said after a watermark", "", {200, "activity_set"}, "watermark"},
    {"POST", "/v3/directline/conversations", scope::directline, directline::start_conversation,
     "begin the conversation of a token, or a new one with the secret", "beginning", {201, "begun"}, "", {200, "begun"}},
    {"GET", "/v3/directline/conversations/{id}", scope::directline, directline::get_conversation,
     "come back to a conversation: a fresh token and stream address", "", {200, "begun"}, "watermark"},
    {"GET", "/v3/directline/conversations/{id}/stream", scope::open, directline::stream_needs_upgrade,
     "the stream of activities, over WebSocket", "", {101, ""}, "watermark t"},
    {"POST", "/v3/directline/conversations/{id}/upload", scope::directline, directline::upload,
     "say something with files", "multipart/form-data", {200, "resource"}, "userId"},
    {"GET", "/v3/directline/files/{id}/{name}", scope::open, directline::get_file,
     "a file that was uploaded; its address is in the activity's attachment", "", {200, "application/octet-stream"}},
    {"POST", "/v3/directline/tokens/generate", scope::directline, directline::generate_token,
     "a token for one conversation, for a client that must not hold the secret", "beginning", {200, "token"}},
    {"POST", "/v3/directline/tokens/refresh", scope::directline, directline::refresh_token,
     "a fresh token for one that has not expired", "", {200, "token"}},
    {"GET", "/v3/directline/session/getsessionid", scope::open, directline::get_session_id,
     "an id for the browser's session", "", {200, "session"}},

    {"POST", "/api/v1/notifications", scope::notify, management::post_notifications,
     "tell somebody something; one, or {items: […]}", "new_notifications", {202, "outcomes"}},
    {"GET", "/api/v1/notifications/{id}", scope::read, management::get_notification,
     "what became of it, and why", "", {200, "trail"}},
    {"DELETE", "/api/v1/notifications/{id}", scope::notify, management::withdraw_notification,
     "take it back if it has not been said", "", {200, "outcome"}},
    {"GET", "/api/v1/conversations", scope::read, management::list_conversations,
     "all conversations", "", {200, "conversations"}, "limit cursor"},
    {"GET", "/api/v1/conversations/{id}", scope::read, management::get_conversation,
     "its stack, queue, watches, reminders and calls", "", {200, "conversation"}},
    {"GET", "/api/v1/conversations/{id}/activities", scope::read, management::list_activities,
     "its history", "", {200, "activities"}, "limit cursor"},
    {"POST", "/api/v1/conversations/{id}/reset", scope::manage, management::reset_conversation,
     "clear its stack", "", {204, ""}},
    {"DELETE", "/api/v1/conversations/{id}", scope::manage, management::delete_conversation,
     "erase it with all that belongs to it", "", {204, ""}},
    {"PUT", "/api/v1/users/{id}/consent", scope::manage, management::put_consent,
     "what the person agrees to be told, and when", "consent_change", {204, ""}},
    {"PUT", "/api/v1/users/{id}/attributes", scope::manage, management::put_attributes,
     "facts about the person, for filters; null takes one away", "values", {204, ""}},
    {"GET", "/api/v1/users/{id}", scope::manage, management::get_user,
     "all that is stored of the person", "", {200, "user"}},
    {"DELETE", "/api/v1/users/{id}", scope::manage, management::delete_user,
     "erase the person and all of their conversations", "", {204, ""}},
    {"POST", "/api/v1/broadcasts", scope::notify, management::post_broadcast,
     "tell many people something", "new_broadcast", {202, "broadcast"}},
    {"GET", "/api/v1/broadcasts/{id}", scope::read, management::get_broadcast,
     "how far it has come, and its decisions by code", "", {200, "broadcast"}},
    {"DELETE", "/api/v1/broadcasts/{id}", scope::notify, management::cancel_broadcast,
     "stop it; who was told stays told", "", {204, ""}},
    {"POST", "/api/v1/prices", scope::ingest, management::post_prices,
     "price samples", "new_prices", {200, "prices_taken"}},
    {"POST", "/api/v1/watches", scope::manage, management::post_watch,
     "watch a price for a conversation", "new_watch", {201, "watch"}},
    {"GET", "/api/v1/watches", scope::read, management::list_watches,
     "price watches", "", {200, "watches"}, "limit cursor conversation"},
    {"GET", "/api/v1/watches/{id}", scope::read, management::get_watch,
     "one watch with its state", "", {200, "watch"}},
    {"DELETE", "/api/v1/watches/{id}", scope::manage, management::delete_watch,
     "end a watch", "", {204, ""}},
    {"POST", "/api/v1/reminders", scope::manage, management::post_reminder,
     "remind a conversation", "new_reminder", {201, "reminder"}},
    {"GET", "/api/v1/reminders", scope::read, management::list_reminders,
     "reminders", "", {200, "reminders"}, "limit cursor conversation"},
    {"GET", "/api/v1/reminders/{id}", scope::read, management::get_reminder,
     "one reminder", "", {200, "reminder"}},
    {"DELETE", "/api/v1/reminders/{id}", scope::manage, management::delete_reminder,
     "end a reminder", "", {204, ""}},
    {"GET", "/api/v1/dialogs", scope::read, management::list_dialogs,
     "the bot that is loaded", "", {200, "dialogs"}},
    {"POST", "/api/v1/reload", scope::manage, management::reload,
     "load the bot again; refused as a whole when it has faults", "", {200, "reloaded"}},
    {"POST", "/api/v1/test/clock", scope::manage, management::advance_clock,
     "move time on; only with --test-clock", "clock_move", {200, "clock"}},
    {"POST", "/api/v1/events", scope::ingest, management::post_events,
     "CloudEvents 1.0, one or a batch; the bot's `events` make notices of them", "new_events", {202, "events_taken"}},
    {"GET", "/api/v1/webhooks/dead", scope::read, management::list_dead_letters,
     "what webhooks have not taken, oldest first", "", {200, "dead_letters"}, "limit cursor"},
    {"POST", "/api/v1/webhooks/dead/{id}/resend", scope::manage, management::resend_dead_letter,
     "send one again", "", {204, ""}},
    {"POST", "/channels/webhook/{channel}/activities", scope::open, webhook::post_activity,
     "what a person says on a webhook channel, signed by Interject-Signature", "webhook_activity", {200, "webhook_posted"}},
    {"GET", "/api/v1/openapi.json", scope::open, management::openapi,
     "this description", "", {200, "openapi"}},

    {"GET", "/healthz", scope::open, management::healthz,
     "the process is alive", "", {200, "alive"}},
    {"GET", "/readyz", scope::open, management::readyz,
     "the journal can be written", "", {200, "readiness"}, "", {503, "readiness"}},
    {"GET", "/metrics", scope::open, management::metrics_text,
     "Prometheus text", "", {200, "text/plain"}},
};
// clang-format on

} // namespace

std::span<const route> routes() {
  return table;
}

bool fits(std::string_view pattern, const std::vector<std::string>& segments,
          std::vector<std::string>& captures) {
  std::size_t i = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1); // the slash
    auto end = std::min(pattern.find('/'), pattern.size());
    auto want = pattern.substr(0, end);
    pattern.remove_prefix(end);
    if (i == segments.size())
      return false;
    if (want.front() == '{' && !segments[i].empty())
      captures.push_back(segments[i]);
    else if (want != segments[i])
      return false;
    ++i;
  }
  return i == segments.size();
}

} // namespace interject::gateway
