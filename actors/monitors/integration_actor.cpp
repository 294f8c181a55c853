// Calls of conversations to the outside. Runs each with its retries, and tells the result until it is taken.
//   in: begin_call, cancel_call    out: HTTP, call_answered → router
#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/integration.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/runtime/log.hpp"
#include "protocols/codec/json_answer.hpp"

#include <deque>
#include <unordered_set>

namespace interject::monitors {
namespace {

using steady = std::chrono::steady_clock;
constexpr duration first_wait = std::chrono::milliseconds(500);
constexpr duration longest_wait = std::chrono::seconds(30);

struct call {
  call_row row;
  enum class phase { waiting, running, resting, answered } at = phase::waiting;
  std::uint32_t tries = 0;
  std::uint64_t run = 0;  ///< of the try under way
  std::uint64_t http = 0; ///< of the client
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
  integration_options how;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  std::unordered_set<std::string> cancelled; ///< before the rows were loaded

  std::unordered_map<std::string, call> calls;
  std::deque<std::string> waiting;
  std::size_t running = 0;
  std::uint64_t last_run = 0;
  timer_index again; ///< calls that rest before a try, or whose answer is to be told again
  std::unordered_map<interject::ticket, std::string> told;
  interject::ticket last_ticket = 0;
  alarm_clock alarm;
};
using self_ptr = caf::stateful_actor<integration_state>*;

void pump(self_ptr self);

// ---- telling the result --------------------------------------------------------------------------------------

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
    --s.running;
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

// ---- one try ---------------------------------------------------------------------------------------------------

/// What is left of the time over all tries, by the clock and in real time.
duration left(const integration_state& s, const call& c) {
  auto by_clock = s.clock->now() - c.begun;
  auto real = std::chrono::duration_cast<duration>(steady::now() - c.since);
  return c.row.timeout - std::max(by_clock, real);
}

void run(self_ptr self, call& c) {
  auto& s = runtime::state(self);
  if (c.tries++ == 0) {
    c.begun = s.clock->now();
    c.since = steady::now();
  }
  c.at = call::phase::running;
  c.run = ++s.last_run;
  ++s.running;
  http_request what{c.row.method, c.row.url, c.row.headers, c.row.body, left(s, c)};
  what.headers.emplace_back("Idempotency-Key", c.row.id + "." + std::to_string(c.row.generation));
  c.http = s.http->start(std::move(what), [me = caf::actor_cast<caf::actor>(self), id = c.row.id,
                                           number = c.run](http_answer a) {
    runtime::anon_send(me, http_done{id, number, std::move(a)});
  });
}

bool may_try_again(const http_answer& a) {
  if (a.how == http_answer::kind::answered)
    return a.status == 429 || a.status >= 500;
  return a.how == http_answer::kind::unreachable;
}

/// Half of it fixed, half by the call's own hash: calls that failed together do not come back together.
duration rest_of(const call& c) {
  auto doublings = std::min<std::uint32_t>(c.tries - 1, 10);
  auto longest = std::min<duration>(first_wait * (1 << doublings), longest_wait);
  auto jitter = stable_hash(c.row.id + "#" + std::to_string(c.tries)) % 1000;
  return longest / 2 + longest * static_cast<std::int64_t>(jitter) / 2000;
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
  --s.running;
  auto& a = d.answer;
  if (a.how == http_answer::kind::answered && a.status >= 200 && a.status < 300) {
    succeed(self, c, a);
  } else if (auto rest = rest_of(c); may_try_again(a) && c.tries <= c.row.retries && rest < left(s, c)) {
    c.at = call::phase::resting;
    s.again.put(d.call, s.clock->now() + rest);
  } else if (a.how == http_answer::kind::timed_out) {
    end(self, c, call_outcome::timed_out, 0, a.reason);
  } else {
    end(self, c, call_outcome::failed, a.status, a.reason.empty() ? "status " + std::to_string(a.status) : a.reason);
  }
  pump(self);
}

// ---- all of them -------------------------------------------------------------------------------------------------

/// Starts what may run and tells again what was not taken.
void pump(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  while (auto id = s.again.pop(s.clock->now())) {
    auto& c = s.calls.at(*id);
    if (c.at == call::phase::answered) {
      tell(self, c);
    } else {
      c.at = call::phase::waiting;
      s.waiting.push_back(*id);
    }
  }
  while (s.running < s.how.max_calls && !s.waiting.empty()) {
    auto it = s.calls.find(s.waiting.front());
    s.waiting.pop_front();
    if (it == s.calls.end() || it->second.at != call::phase::waiting)
      continue;
    if (it->second.tries > 0 && left(s, it->second) <= duration::zero())
      end(self, it->second, call_outcome::timed_out, 0, "no answer within " + format_duration(it->second.row.timeout));
    else
      run(self, it->second);
  }
  if (auto next = s.again.earliest())
    s.alarm.ring_at(self, s.timer, *next);
}

void take_call(self_ptr self, const call_row& row) {
  auto& s = runtime::state(self);
  if (auto it = s.calls.find(row.id); it != s.calls.end()) {
    if (it->second.row.generation >= row.generation)
      return;
    forget(s, row.id);
  }
  auto& c = s.calls[row.id];
  c.row = row;
  if (s.waiting.size() >= s.how.max_waiting)
    end(self, c, call_outcome::failed, 0, "too many calls wait");
  else
    s.waiting.push_back(row.id);
  pump(self);
}

// ---- the beginning -------------------------------------------------------------------------------------------------

void begin(self_ptr self, const begin_monitoring& b) {
  begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) { read_whole(rows.calls, rows.failed, from.calls("")); });
}

/// A call of an earlier run: made again where that does no harm, else nobody knows how it ended.
void resume(self_ptr self, const call_row& row) {
  auto& s = runtime::state(self);
  if (s.calls.count(row.id) || s.cancelled.count(row.id))
    return;
  auto& c = s.calls[row.id];
  c.row = row;
  if (row.restart == call_restart::repeat)
    s.waiting.push_back(row.id);
  else
    end(self, c, call_outcome::unknown_outcome, 0, "the server was restarted during the call");
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
    resume(self, row);
  s.cancelled.clear();
  pump(self);
}

caf::behavior run_integration(self_ptr self, std::shared_ptr<http_client> http, runtime::clock_ptr clock,
                              caf::actor timer, caf::actor reader, integration_options how) {
  auto& s = runtime::state(self);
  s.http = std::move(http);
  s.clock = std::move(clock);
  s.timer = std::move(timer);
  s.reader = std::move(reader);
  s.how = std::move(how);
  s.how.max_calls = std::max<std::size_t>(s.how.max_calls, 1);
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

caf::actor spawn_integration_over(caf::actor_system& sys, std::shared_ptr<http_client> http, runtime::clock_ptr clock,
                                  caf::actor timer, caf::actor reader, integration_options how) {
  return sys.spawn(run_integration, std::move(http), std::move(clock), std::move(timer), std::move(reader),
                   std::move(how));
}

caf::actor spawn_integration(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor timer, caf::actor reader,
                             integration_options how) {
  auto http = make_http_client({how.hosts, how.max_body, how.threads});
  return spawn_integration_over(sys, std::move(http), std::move(clock), std::move(timer), std::move(reader),
                                std::move(how));
}

} // namespace interject::monitors
