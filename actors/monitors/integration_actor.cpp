// Calls of conversations to the outside. Runs each with its retries, and tells the result until it
// is taken. Who goes out when is call_queue's business, whether to try again that of retry.
//   in: begin_call, cancel_call    out: HTTP, call_answered → router
#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/integration.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/retry.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/runtime/log.hpp"
#include "protocols/codec/json_answer.hpp"

#include <unordered_set>

namespace interject::monitors {
namespace {

using steady = std::chrono::steady_clock;

struct call {
  call_row row;
  std::string host;
  enum class phase { waiting, running, resting, answered } at = phase::waiting;
  std::uint32_t tries = 0;
  std::uint64_t run = 0;      ///< of the try under way
  std::uint64_t http = 0;     ///< of the client
  std::uint64_t permit = 0;   ///< of the queue
  time_point begun{};         ///< by the clock, which may be a test's
  steady::time_point since{}; ///< in real time
  call_answered answer;
  std::uint32_t told = 0;
};

struct integration_state {
  static inline const char* name = "interject.integration";
  std::shared_ptr<http_client> http;
  runtime::clock_ptr clock;
  caf::actor timer, reader, router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  std::unordered_set<std::string> cancelled; ///< before the rows were loaded

  std::unordered_map<std::string, call> calls;
  call_queue queue;
  std::uint64_t last_run = 0;
  timer_index again; ///< when a rest or a wait ends, or an answer is to be told again
  std::unordered_map<interject::ticket, std::string> told;
  interject::ticket last_ticket = 0;
  alarm_clock alarm;
};
using self_ptr = caf::stateful_actor<integration_state>*;

void pump(self_ptr self);

// ---- telling the result

void tell(self_ptr self, call& c) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return; // told when the router is known
  s.told.erase(c.answer.ticket);
  c.answer.ticket = ++s.last_ticket;
  s.told.emplace(c.answer.ticket, c.row.id);
  s.again.put(c.row.id, s.clock->now() + backoff(++c.told));
  runtime::send(self, s.router, c.answer);
}

void end(self_ptr self, call& c, call_outcome outcome, int status, std::string reason) {
  c.at = call::phase::answered;
  c.answer.conversation = c.row.conversation;
  c.answer.call = c.row.id;
  c.answer.generation = c.row.generation;
  c.answer.outcome = outcome;
  c.answer.status = status;
  c.answer.reason = std::move(reason);
  c.answer.mode = c.row.mode;
  c.answer.notify = c.row.notify;
  tell(self, c);
}

void forget(integration_state& s, const std::string& id) {
  auto it = s.calls.find(id);
  if (it == s.calls.end())
    return;
  auto& c = it->second;
  if (c.at == call::phase::running) {
    s.http->cancel(c.http);
    s.queue.ended(c.host, c.permit, circuit_breaker::verdict::unknown, s.clock->now());
  } else if (c.at == call::phase::waiting) {
    s.queue.erase(c.host, id);
  }
  s.told.erase(c.answer.ticket);
  s.again.erase(id);
  s.calls.erase(it);
}

void answered(self_ptr self, interject::ticket ticket, bool taken) {
  auto& s = runtime::state(self);
  auto it = s.told.find(ticket);
  if (it == s.told.end())
    return;
  auto id = std::move(it->second);
  s.told.erase(it);
  if (taken)
    forget(s, id);
}

// ---- one try

/// What is left of the time over all tries, by the clock and in real time.
duration left(const integration_state& s, const call& c) {
  auto by_clock = s.clock->now() - c.begun;
  auto real = std::chrono::duration_cast<duration>(steady::now() - c.since);
  return c.row.timeout - std::max(by_clock, real);
}

void wait(self_ptr self, call& c) {
  auto& s = runtime::state(self);
  if (auto* why = s.queue.put(c.host, c.row.id))
    return end(self, c, call_outcome::failed, 0, why);
  c.at = call::phase::waiting;
  s.again.put(c.row.id, s.clock->now() + std::max(left(s, c), duration::zero()));
}

void run(self_ptr self, call& c, std::uint64_t permit) {
  auto& s = runtime::state(self);
  s.again.erase(c.row.id);
  ++c.tries;
  c.at = call::phase::running;
  c.run = ++s.last_run;
  c.permit = permit;
  http_request what;
  what.method = c.row.method;
  what.url = c.row.url;
  what.headers = c.row.headers;
  what.body = c.row.body;
  what.timeout = left(s, c);
  what.redirects = static_cast<int>(c.row.redirects);
  // The same over all tries, and after a restart: what was done once is not done again.
  what.headers.emplace_back("Idempotency-Key", c.row.id + "." + std::to_string(c.row.generation));
  c.http = s.http->start(std::move(what), [me = caf::actor_cast<caf::actor>(self), id = c.row.id,
                                           number = c.run](http_answer a) {
    runtime::anon_send(me, http_done{id, number, std::move(a)});
  });
}

/// What a try says of its host: an answer that blames the call does not blame the host.
circuit_breaker::verdict verdict_of(const http_answer& a) {
  using verdict = circuit_breaker::verdict;
  switch (a.how) {
  case http_answer::kind::answered:
    return a.status >= 500 ? verdict::bad : verdict::good;
  case http_answer::kind::unreachable:
  case http_answer::kind::timed_out:
    return verdict::bad;
  case http_answer::kind::too_large:
    return verdict::good;
  case http_answer::kind::not_allowed:
  case http_answer::kind::bad_request:
    break;
  }
  return verdict::unknown;
}

void rest(self_ptr self, call& c, duration how_long) {
  auto& s = runtime::state(self);
  c.at = call::phase::resting;
  s.again.put(c.row.id, s.clock->now() + how_long);
}

std::string why_failed(const http_answer& a, const std::string& more) {
  auto why = a.reason.empty() ? "status " + std::to_string(a.status) : a.reason;
  return more.empty() ? why : why + "; " + more;
}

/// Its host's circuit is open. That costs a try like any other failure, so that a call does not
/// circle for ever.
void turn_away(self_ptr self, call& c, time_point until) {
  auto& s = runtime::state(self);
  auto pause = until - s.clock->now() + jittered_rest(c.row.id, ++c.tries);
  if (c.tries <= c.row.retries && pause < left(s, c))
    rest(self, c, pause);
  else
    end(self, c, call_outcome::failed, 0,
        "its host has failed too often of late, and is left alone for a while");
}

void succeed(self_ptr self, call& c, const http_answer& a) {
  if (!c.row.read.empty()) {
    auto root = read_json_answer(a.body);
    if (!root)
      return end(self, c, call_outcome::failed, a.status, "the answer is no JSON");
    for (auto& [name, pointer] : c.row.read)
      c.answer.values.emplace_back(name, at_pointer(*root, pointer));
  }
  end(self, c, call_outcome::succeeded, a.status, {});
}

void take_result(self_ptr self, const http_done& d) {
  auto& s = runtime::state(self);
  auto it = s.calls.find(d.call);
  if (it == s.calls.end() || it->second.run != d.run || it->second.at != call::phase::running)
    return; // cancelled meanwhile
  auto& c = it->second;
  auto& a = d.answer;
  s.queue.ended(c.host, c.permit, verdict_of(a), s.clock->now());
  auto again = plan_retry(c.row.id, c.tries, c.row.retries, a, left(s, c), s.clock->now());
  if (a.how == http_answer::kind::answered && a.status >= 200 && a.status < 300) {
    succeed(self, c, a);
  } else if (again.rest) {
    rest(self, c, *again.rest);
  } else if (a.how == http_answer::kind::timed_out) {
    end(self, c, call_outcome::timed_out, 0, a.reason);
  } else {
    end(self, c, call_outcome::failed, a.status, why_failed(a, again.why));
  }
  pump(self);
}

// ---- all of them

void time_out(self_ptr self, call& c) {
  end(self, c, call_outcome::timed_out, 0, "no answer within " + format_duration(c.row.timeout));
}

/// A wish to be woken has come.
void awake(self_ptr self, call& c) {
  auto& s = runtime::state(self);
  if (c.at == call::phase::answered)
    return tell(self, c);
  if (c.at == call::phase::waiting)
    s.queue.erase(c.host, c.row.id);
  if (left(s, c) <= duration::zero())
    time_out(self, c);
  else
    wait(self, c);
}

/// Starts what may run and tells again what was not taken.
void pump(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  while (auto id = s.again.pop(s.clock->now()))
    awake(self, s.calls.at(*id));
  for (;;) {
    auto next = s.queue.next(s.clock->now());
    if (auto* away = std::get_if<call_queue::turned_away>(&next))
      turn_away(self, s.calls.at(away->id), away->until);
    else if (auto* go = std::get_if<call_queue::go>(&next))
      run(self, s.calls.at(go->id), go->permit);
    else
      break;
  }
  if (auto next = s.again.earliest())
    s.alarm.ring_at(self, s.timer, *next);
}

void enter(self_ptr self, const call_row& row) {
  auto& s = runtime::state(self);
  auto& c = s.calls[row.id];
  c.row = row;
  c.host = host_key(row.url);
  c.begun = s.clock->now();
  c.since = steady::now();
  wait(self, c);
}

void take_call(self_ptr self, const call_row& row) {
  auto& s = runtime::state(self);
  if (auto it = s.calls.find(row.id); it != s.calls.end()) {
    if (it->second.row.generation >= row.generation)
      return;
    forget(s, row.id);
  }
  enter(self, row);
  pump(self);
}

// ---- the beginning

void begin(self_ptr self, const begin_monitoring& b) {
  begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) {
    read_whole(rows.calls, rows.failed, from.calls(""));
  });
}

/// A call of an earlier run: made again where that does no harm, else nobody knows how it ended.
void resume(self_ptr self, const call_row& row) {
  auto& s = runtime::state(self);
  if (s.calls.count(row.id) || s.cancelled.count(row.id))
    return;
  if (row.restart == call_restart::repeat)
    return enter(self, row);
  auto& c = s.calls[row.id];
  c.row = row;
  end(self, c, call_outcome::unknown_outcome, 0, to_string(call_outcome::unknown_outcome));
}

void take_rows(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (refused_to_begin(s, rows))
    return;
  say_begun(s);
  for (auto& [id, c] : s.calls)
    if (c.at == call::phase::answered)
      tell(self, c);
  for (auto& row : rows.calls)
    if (row.channel.empty()) // the others are the webhooks'
      resume(self, row);
  s.cancelled.clear();
  pump(self);
}

caf::behavior run_integration(self_ptr self, std::shared_ptr<http_client> http,
                              runtime::clock_ptr clock, caf::actor timer, caf::actor reader,
                              integration_options how) {
  auto& s = runtime::state(self);
  s.http = std::move(http);
  s.clock = std::move(clock);
  s.timer = std::move(timer);
  s.reader = std::move(reader);
  s.queue = call_queue(how.limits, how.breaker);
  return {
      [self](const begin_monitoring& b) { begin(self, b); },
      [self](const rows_loaded& l) { take_rows(self, *l.it); },
      [self](const begin_call& b) { take_call(self, b.row); },
      [self](const cancel_call& c) {
        auto& st = runtime::state(self);
        if (!st.begun)
          st.cancelled.insert(c.id);
        forget(st, c.id);
        pump(self);
      },
      [self](const allow_hosts& a) { runtime::state(self).http->allow(a.hosts); },
      [self](const http_done& d) { take_result(self, d); },
      [self](const done& d) { answered(self, d.ticket, true); },
      [self](const refused& r) {
        if (!worth_retrying(r.code))
          runtime::log_warn("integration.refused", "code={} why=\"{}\"", to_string(r.code), r.what);
        answered(self, r.ticket, !worth_retrying(r.code));
      },
      [self](alarm_rang a) {
        if (runtime::state(self).alarm.rang(a))
          pump(self);
      },
  };
}

} // namespace

caf::actor spawn_integration_over(caf::actor_system& sys, std::shared_ptr<http_client> http,
                                  runtime::clock_ptr clock, caf::actor timer, caf::actor reader,
                                  integration_options how) {
  return sys.spawn(run_integration, std::move(http), std::move(clock), std::move(timer),
                   std::move(reader), std::move(how));
}

std::shared_ptr<http_client> http_client_for(const integration_options& how) {
  http_options outside;
  outside.hosts = how.hosts;
  outside.max_body = how.max_body;
  outside.threads = how.threads;
  return make_http_client(std::move(outside));
}

caf::actor spawn_integration(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor timer,
                             caf::actor reader, integration_options how) {
  auto http = http_client_for(how);
  return spawn_integration_over(sys, std::move(http), std::move(clock), std::move(timer),
                                std::move(reader), std::move(how));
}

} // namespace interject::monitors
