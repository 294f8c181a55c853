// Asks an external recogniser, at most so many at once, and none that keeps failing (its circuit is
// open then).
//   in: recognise    out: HTTP; recognised, always
#include "actors/monitors/call_queue.hpp"
#include "actors/monitors/recogniser.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "protocols/codec/rasa.hpp"

#include <unordered_map>

namespace interject::monitors {
namespace {

/// A message waits at the head of its conversation meanwhile: who would wait for long is answered
/// at once, with nothing.
call_limits small_limits() {
  call_limits l;
  l.running = l.running_per_host = 64;
  l.waiting = l.waiting_per_host = 64;
  return l;
}

struct question {
  recognise what;
  caf::response_promise promise;
  std::uint64_t permit = 0;
};

struct recogniser_state {
  static inline const char* name = "interject.recogniser";
  std::shared_ptr<http_client> http;
  runtime::clock_ptr clock;
  call_queue queue{small_limits()};
  std::unordered_map<std::string, question> asked;
  std::uint64_t last = 0;
};
using self_ptr = caf::stateful_actor<recogniser_state>*;

void answer(recogniser_state& s, const std::string& id, std::optional<recognition> it,
            const std::string& why) {
  auto found = s.asked.find(id);
  if (found == s.asked.end())
    return;
  if (!it)
    runtime::log_warn("recogniser.failed", "why=\"{}\"", why);
  found->second.promise.deliver(recognised{std::move(it)});
  s.asked.erase(found);
}

void go(self_ptr self, const std::string& id, std::uint64_t permit) {
  auto& s = runtime::state(self);
  auto& q = s.asked.at(id);
  q.permit = permit;
  http_request out;
  out.method = "POST";
  out.url = q.what.url;
  out.body = write_rasa_question(q.what.text, q.what.message_id);
  out.timeout = q.what.timeout;
  out.hosts = {host_key(q.what.url)}; // the bot names it by naming its address
  s.http->start(std::move(out), [me = caf::actor_cast<caf::actor>(self), id](http_answer a) {
    runtime::anon_send(me, http_done{id, 0, std::move(a)});
  });
}

void pump(self_ptr self) {
  auto& s = runtime::state(self);
  for (;;) {
    auto next = s.queue.next(s.clock->now());
    if (auto* away = std::get_if<call_queue::turned_away>(&next))
      answer(s, away->id, {}, "it has failed too often of late, and is left alone for a while");
    else if (auto* out = std::get_if<call_queue::go>(&next))
      go(self, out->id, out->permit);
    else
      return;
  }
}

void take_answer(self_ptr self, const http_done& d) {
  auto& s = runtime::state(self);
  auto found = s.asked.find(d.call);
  if (found == s.asked.end())
    return;
  auto& q = found->second;
  bool good = d.answer.how == http_answer::kind::answered && d.answer.status == 200;
  auto read = good ? read_rasa_answer(d.answer.body, q.what.least)
                   : error{errc::unavailable, d.answer.reason.empty()
                                                  ? "status " + std::to_string(d.answer.status)
                                                  : d.answer.reason};
  s.queue.ended(host_key(q.what.url), q.permit,
                read ? circuit_breaker::verdict::good : circuit_breaker::verdict::bad,
                s.clock->now());
  if (read)
    answer(s, d.call, *std::move(read), {});
  else
    answer(s, d.call, {}, read.error().what);
  pump(self);
}

caf::behavior run_recogniser(self_ptr self, std::shared_ptr<http_client> http,
                             runtime::clock_ptr clock) {
  auto& s = runtime::state(self);
  s.http = std::move(http);
  s.clock = std::move(clock);
  return {
      [self](const recognise& r) {
        auto& st = runtime::state(self);
        auto promise = self->make_response_promise();
        auto id = std::to_string(++st.last);
        st.asked.emplace(id, question{r, promise, 0});
        if (auto* why = st.queue.put(host_key(r.url), id))
          answer(st, id, {}, why);
        pump(self);
        return promise;
      },
      [self](const http_done& d) { take_answer(self, d); },
  };
}

} // namespace

caf::actor spawn_recogniser(caf::actor_system& sys, std::shared_ptr<http_client> http,
                            runtime::clock_ptr clock) {
  return sys.spawn(run_recogniser, std::move(http), std::move(clock));
}

} // namespace interject::monitors
