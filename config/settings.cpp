#include "config/settings.hpp"

#include <algorithm>
#include <cctype>
#include <thread>

namespace interject::config {

namespace {

constexpr std::int64_t mib = 1024 * 1024;
constexpr std::int64_t hour = 3'600'000;

constexpr setting table[] = {
    {.name = "bot",
     .where = &settings::bot,
     .help = "folder of the bot (with its bot.json)",
     .required = true},
    {.name = "data",
     .where = &settings::data,
     .help = "folder for the database and the secrets",
     .required = true},
    {.name = "listen",
     .where = &settings::listen,
     .help = "address and port; port 0 takes a free one"},
    {.name = "secrets",
     .where = &settings::secrets,
     .help = "file with INTERJECT_API_KEY=… and INTERJECT_DIRECTLINE_SECRET=…; the environment "
             "goes first"},
    {.name = "demo",
     .where = &settings::demo,
     .help = "start a slow HTTP service and an invented price feed beside the server"},
    {.name = "demo-listen",
     .where = &settings::demo_listen,
     .help = "where the demo's slow service listens"},
    {.name = "test-clock",
     .where = &settings::test_clock,
     .help = "time moves by POST /api/v1/test/clock only; refused off loopback"},
    {.name = "log-format",
     .where = &settings::log_format,
     .help = "form of the log on standard error",
     .one_of = "text|json"},
    {.name = "log-level",
     .where = &settings::log_level,
     .help = "least level that is logged",
     .one_of = "debug|info|warn|error"},
    {.name = "threads",
     .where = &settings::threads,
     .help = "network threads; 0: half as many as there are cores, one at least",
     .least = 0,
     .most = 256},
    {.name = "actor-threads",
     .where = &settings::actor_threads,
     .help = "actor threads; 0: half as many as there are cores, one at least",
     .least = 0,
     .most = 1024},
    {.name = "max-connections",
     .where = &settings::max_connections,
     .help = "open sockets; more are answered 503",
     .least = 1,
     .most = 1'000'000},
    {.name = "max-header",
     .where = &settings::max_header,
     .help = "bytes of a request's header; more: 431",
     .least = 1024,
     .most = mib},
    {.name = "max-body",
     .where = &settings::max_body,
     .help = "bytes of a request's body; more: 413",
     .least = 1024,
     .most = 256 * mib},
    {.name = "upload-file",
     .where = &settings::upload_file,
     .help = "bytes of one uploaded file; more: 413",
     .least = 1,
     .most = 64 * mib},
    {.name = "upload-files",
     .where = &settings::upload_files,
     .help = "files of one upload; more: 413",
     .least = 1,
     .most = 100},
    {.name = "upload-body",
     .where = &settings::upload_body,
     .help = "bytes of an upload as a whole; more: 413",
     .least = 1024,
     .most = 64 * mib},
    {.name = "streams",
     .where = &settings::streams,
     .help = "open streams of one conversation; one more is answered 429 and the others stay",
     .least = 1,
     .most = 1000},
    {.name = "max-stream-queue",
     .where = &settings::max_stream_queue,
     .help = "bytes that wait for a stream's client; more: closed, and the client resumes",
     .least = 4096,
     .most = 256 * mib},
    {.name = "max-calls",
     .where = &settings::max_calls,
     .help =
         "calls to other services under way; more wait, 10,000 of them, and more than these fail",
     .least = 1,
     .most = 10'000},
    {.name = "max-calls-per-host",
     .where = &settings::max_calls_per_host,
     .help = "of these to one host; more wait, 2,000 of them, and more than these fail",
     .least = 1,
     .most = 10'000},
    {.name = "max-call-body",
     .where = &settings::max_call_body,
     .help = "bytes that a call sends or gets; more: it fails",
     .least = 1024,
     .most = 256 * mib},
    {.name = "max-requests",
     .where = &settings::max_requests,
     .help = "requests that wait for a conversation or the database, each network thread its part "
             "of them; more: 503",
     .least = 1,
     .most = 1'000'000},
    {.name = "max-wait",
     .where = &settings::max_wait,
     .help = "how long what people say may stand and wait; while it is longer, a part of it is "
             "refused at once: 503",
     .least = 10,
     .most = 60'000},
    {.name = "max-inputs",
     .where = &settings::max_inputs,
     .help = "messages, notifications and firings under way for one conversation; more: 429",
     .least = 1,
     .most = 10'000},
    {.name = "max-journal-queue",
     .where = &settings::max_journal_queue,
     .help = "bytes that wait for the disk; more: 503",
     .least = mib,
     .most = 4096 * mib},
    {.name = "max-live",
     .where = &settings::max_live,
     .help = "conversations in memory; the least recently used leaves it for one more",
     .least = 16,
     .most = 10'000'000},
    {.name = "max-idempotency-keys",
     .where = &settings::max_idempotency_keys,
     .help =
         "answers kept for a repeat with the same Idempotency-Key; the oldest leaves for one more",
     .least = 1,
     .most = 10'000'000},
    {.name = "read-timeout",
     .where = &settings::read_timeout,
     .help = "time for a request to arrive as a whole; then the connection is closed",
     .least = 100,
     .most = hour},
    {.name = "idle-timeout",
     .where = &settings::idle_timeout,
     .help = "time for the next request on an open connection; then it is closed",
     .least = 100,
     .most = hour},
    {.name = "stream-idle",
     .where = &settings::stream_idle,
     .help = "a stream that is silent for half of it is pinged, for all of it closed",
     .least = 1000,
     .most = 24 * hour},
    {.name = "answer-timeout",
     .where = &settings::answer_timeout,
     .help = "time for a conversation's answer; then 503",
     .least = 100,
     .most = hour},
    {.name = "decision-timeout",
     .where = &settings::decision_timeout,
     .help = "time for a notification's decision; then it is answered \"accepted\"",
     .least = 10,
     .most = hour},
    {.name = "stop-grace",
     .where = &settings::stop_grace,
     .help = "time after SIGTERM in which only /readyz says 503, so that a load balancer turns "
             "away; a second signal ends it",
     .least = 0,
     .most = hour},
    {.name = "stop-timeout",
     .where = &settings::stop_timeout,
     .help = "time for turns to finish after that",
     .least = 100,
     .most = hour},
    {.name = "broadcast-rate",
     .where = &settings::broadcast_rate,
     .help = "notifications a second that broadcasts may send",
     .least = 1,
     .most = 100'000},
    {.name = "decisions-kept",
     .where = &settings::decisions_kept,
     .help = "notifications with their decisions go so long after they were said or dropped; a "
             "repeated id is told from a new one for 7 days in any case",
     .least = hour,
     .most = 366 * 24 * hour},
    {.name = "passivate-after",
     .where = &settings::passivate_after,
     .help = "a conversation leaves memory when nothing came for so long",
     .least = 1000,
     .most = 24 * hour},
};

} // namespace

std::span<const setting> all_settings() {
  return table;
}

std::int64_t threads_of(std::int64_t wish) {
  return wish > 0 ? wish : std::max<std::int64_t>(1, std::thread::hardware_concurrency() / 2);
}

std::string environment_name(const setting& s) {
  std::string out = "INTERJECT_";
  for (const char* c = s.name; *c; ++c)
    out += *c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
  return out;
}

std::string default_text(const setting& s) {
  static const settings defaults;
  if (auto text = std::get_if<std::string settings::*>(&s.where))
    return defaults.**text;
  if (auto number = std::get_if<std::int64_t settings::*>(&s.where))
    return std::to_string(defaults.**number);
  if (auto length = std::get_if<duration settings::*>(&s.where))
    return format_duration(defaults.**length);
  return {};
}

} // namespace interject::config
