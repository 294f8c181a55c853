// Posts activities to webhooks. A row leaves the disk when its receiver has taken it; a dead letter
// stays there.
//   in: begin_call, cancel_call, resend_delivery    out: HTTP; delivery_failed → router; commits of
//   its own
#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/call_queue.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/retry.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/monitors/webhook.hpp"
#include "actors/monitors/webhook_lanes.hpp"
#include "actors/runtime/log.hpp"

#include <algorithm>
#include <ranges>

namespace interject::monitors {
namespace {

constexpr auto journal_within = std::chrono::minutes(1);
constexpr duration journal_again = std::chrono::seconds(5);
constexpr std::uint32_t max_tries = std::size(webhook_rests) + 1;

struct webhook_state {
  static inline const char* name = "interject.webhooks";
  std::shared_ptr<http_client> http;
  runtime::clock_ptr clock;
  caf::actor timer, journal, reader, router;
  find_webhook channels;
  webhook_options how;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;

  webhook_lanes lanes;
  call_queue queue;
  timer_index again; ///< rests, and what the journal has refused or no conversation has taken
  std::unordered_map<interject::ticket, std::string> told;
  interject::ticket last_ticket = 0;
  std::map<std::string, call_row> dead;
  std::deque<std::string> dead_order; ///< oldest first; may name some that are gone
  std::uint64_t last_run = 0;
  alarm_clock alarm;
};
using self_ptr = caf::stateful_actor<webhook_state>*;

void begin_lane(self_ptr self, const conversation_id& of);
void pump(self_ptr self);

// ---- the disk
// ----------------------------------------------------------------------------------------------------

/// Writes; `then` runs with whether it is on disk.
template <class Then>
void write(self_ptr self, journal::commit c, const conversation_id& of, Then then) {
  c.fence = {shard_of(of), 1};
  c.at = runtime::state(self).clock->now();
  runtime::request(self, runtime::state(self).journal, journal_within,
                   journal::write_commit{std::make_shared<const journal::commit>(std::move(c))})
      .then([then](const journal::committed& done) mutable { then(done.ok); },
            [then](const caf::error&) mutable { then(false); });
}

/// Its lane goes on when the disk knows that it has left; until then a restart would send it again.
void leave(self_ptr self, delivery& d) {
  d.at = delivery::phase::leaving;
  journal::commit c;
  if (d.row.dead_at)
    c.calls = {d.row};
  else
    c.calls_gone = {d.row.id};
  write(self, std::move(c), d.row.conversation, [self, id = d.row.id](bool ok) {
    auto& s = runtime::state(self);
    auto* it = s.lanes.find(id);
    if (!it)
      return pump(self);
    if (!ok) { // asked again; the receiver knows the repeat by its id
      s.again.put(id, s.clock->now() + journal_again);
      return pump(self);
    }
    auto of = it->row.conversation;
    s.lanes.erase(id);
    begin_lane(self, of);
    pump(self);
  });
}

/// What is too old to keep goes, so that a receiver that is gone for good fills no disk.
void trim_dead(self_ptr self) {
  auto& s = runtime::state(self);
  journal::commit c;
  conversation_id of;
  while (s.dead.size() > s.how.max_dead && !s.dead_order.empty()) {
    auto oldest = s.dead.find(s.dead_order.front());
    s.dead_order.pop_front();
    if (oldest == s.dead.end())
      continue;
    of = oldest->second.conversation;
    runtime::log_warn("webhook.dead_letter_dropped", "id={} channel={}", oldest->first,
                      oldest->second.channel);
    c.calls_gone.push_back(oldest->first);
    s.dead.erase(oldest);
  }
  if (!c.calls_gone.empty())
    write(self, std::move(c), of, [](bool) {});
}

void keep_dead(webhook_state& s, const call_row& row) {
  s.dead[row.id] = row;
  s.dead_order.push_back(row.id);
}

/// A notice that it said ends as failed, and costs no token. It is dead on disk only when its
/// conversation knows.
void tell(self_ptr self, delivery& d) {
  auto& s = runtime::state(self);
  d.at = delivery::phase::telling;
  s.again.put(d.row.id, s.clock->now() + (s.begun ? backoff(++d.told) : duration::zero()));
  if (!s.begun)
    return; // when the router is known
  s.told.emplace(++s.last_ticket, d.row.id);
  runtime::send(self, s.router,
                delivery_failed{s.last_ticket, d.row.conversation,
                                activity_id(d.row.conversation, d.row.generation), d.row.why});
}

/// `settled`: it need not be told again.
void answered(self_ptr self, interject::ticket ticket, bool settled) {
  auto& s = runtime::state(self);
  auto it = s.told.find(ticket);
  if (it == s.told.end())
    return;
  auto* d = s.lanes.find(it->second);
  s.told.erase(it);
  if (!settled || !d || d->at != delivery::phase::telling)
    return;
  s.again.erase(d->row.id);
  leave(self, *d);
}

void die(self_ptr self, delivery& d, std::string why) {
  auto& s = runtime::state(self);
  d.row.dead_at = s.clock->now();
  d.row.why = std::move(why);
  d.row.tries = d.tries;
  runtime::log_warn("webhook.dead_letter", "id={} channel={} tries={} why=\"{}\"", d.row.id,
                    d.row.channel, d.tries, d.row.why);
  keep_dead(s, d.row);
  tell(self, d);
  trim_dead(self);
}

// ---- one try
// -------------------------------------------------------------------------------------------------------

void rest(self_ptr self, delivery& d, duration how_long) {
  auto& s = runtime::state(self);
  d.at = delivery::phase::resting;
  s.again.put(d.row.id, s.clock->now() + how_long);
}

void has_failed(self_ptr self, delivery& d) {
  if (!d.failing)
    d.failing = runtime::state(self).clock->now();
}

/// Takes its place among those for its host. A channel that is not set any more is a failure like
/// another: it may be set again. That many wait for the host is none: it is slow, and takes them in
/// time.
void enter(self_ptr self, delivery& d) {
  auto& s = runtime::state(self);
  auto channel = s.channels(d.row.channel);
  d.host = channel ? host_key(channel->url) : std::string();
  if (channel && s.queue.put(d.host, d.row.id))
    return rest(self, d,
                webhook_full_rest +
                    jittered_rest(d.row.id, 1, webhook_full_rest, webhook_full_rest));
  if (channel) {
    d.at = delivery::phase::waiting;
    return;
  }
  has_failed(self, d);
  if (++d.tries >= max_tries)
    return die(self, d, "there is no such channel with a url");
  rest(self, d, webhook_rest(d.row.id, d.tries));
}

/// Its host's circuit is open: that costs no try, or a short outage would spend them all.
void turn_away(self_ptr self, delivery& d, time_point until) {
  auto& s = runtime::state(self);
  has_failed(self, d);
  if (s.clock->now() - *d.failing >= webhook_patience)
    return die(self, d, "its host has failed too often of late");
  rest(self, d, until - s.clock->now() + jittered_rest(d.row.id, d.tries + 1));
}

void post(self_ptr self, delivery& d, std::uint64_t permit) {
  auto& s = runtime::state(self);
  auto channel = s.channels(d.row.channel).value_or(webhook_channel{});
  d.at = delivery::phase::running;
  d.permit = permit;
  d.run = ++s.last_run;
  ++d.tries;
  http_request out;
  out.method = "POST";
  out.url = channel.url;
  out.hosts = {host_key(channel.url)}; // named by the channel itself
  out.body = d.row.body;
  out.headers = {{"Idempotency-Key", d.row.id}};
  out.timeout = s.how.timeout;
  out.sign_by = channel.secret;
  out.signed_at = s.clock->now();
  d.http = s.http->start(std::move(out), [me = caf::actor_cast<caf::actor>(self), id = d.row.id,
                                          run = d.run](http_answer a) {
    runtime::anon_send(me, http_done{id, run, std::move(a)});
  });
}

void posted(self_ptr self, const http_done& done) {
  auto& s = runtime::state(self);
  auto* d = s.lanes.find(done.call);
  if (!d || d->run != done.run || d->at != delivery::phase::running)
    return; // erased meanwhile
  auto& a = done.answer;
  bool answered = a.how == http_answer::kind::answered;
  bool taken = answered && a.status >= 200 && a.status < 300;
  auto blame =
      answered && a.status < 500 ? circuit_breaker::verdict::good : circuit_breaker::verdict::bad;
  s.queue.ended(d->host, d->permit, blame, s.clock->now());
  if (!taken)
    has_failed(self, *d);
  if (taken) {
    leave(self, *d);
  } else if (d->tries >= max_tries) {
    die(self, *d, a.reason.empty() ? "status " + std::to_string(a.status) : a.reason);
  } else {
    auto pause = webhook_rest(d->row.id, d->tries);
    if (auto least = parse_retry_after(a.retry_after, s.clock->now()))
      pause = std::max(pause, std::min<duration>(*least, *std::rbegin(webhook_rests)));
    rest(self, *d, pause);
  }
  pump(self);
}

// ---- all of them
// ---------------------------------------------------------------------------------------------------

void begin_lane(self_ptr self, const conversation_id& of) {
  auto& s = runtime::state(self);
  if (auto* first = s.lanes.head(of); first && first->at == delivery::phase::behind && s.begun)
    enter(self, *first);
}

void pump(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  while (auto id = s.again.pop(s.clock->now())) {
    auto* d = s.lanes.find(*id);
    if (d && d->at == delivery::phase::telling)
      tell(self, *d);
    else if (d && d->at == delivery::phase::leaving)
      leave(self, *d);
    else if (d)
      enter(self, *d);
  }
  for (;;) {
    auto next = s.queue.next(s.clock->now());
    if (auto* away = std::get_if<call_queue::turned_away>(&next)) {
      turn_away(self, *s.lanes.find(away->id), away->until);
    } else if (auto* go = std::get_if<call_queue::go>(&next)) {
      post(self, *s.lanes.find(go->id), go->permit);
    } else {
      break;
    }
  }
  if (auto next = s.again.earliest())
    s.alarm.ring_at(self, s.timer, *next);
}

void take(self_ptr self, const call_row& row) {
  auto& s = runtime::state(self);
  if (row.channel.empty())
    return;
  bool full = s.lanes.waiting(row.conversation) >= s.how.max_waiting;
  if (!s.lanes.add(row))
    return;
  if (full) {
    auto& d = *s.lanes.find(row.id);
    die(self, d, "too many activities wait for this conversation");
  }
  begin_lane(self, row.conversation);
  pump(self);
}

/// Its conversation was erased.
void forget(self_ptr self, const std::string& id) {
  auto& s = runtime::state(self);
  s.dead.erase(id);
  auto* d = s.lanes.find(id);
  if (!d)
    return;
  if (d->at == delivery::phase::running) {
    s.http->cancel(d->http);
    s.queue.ended(d->host, d->permit, circuit_breaker::verdict::unknown, s.clock->now());
  } else if (d->at == delivery::phase::waiting) {
    s.queue.erase(d->host, id);
  }
  auto of = d->row.conversation;
  s.again.erase(id);
  s.lanes.erase(id);
  begin_lane(self, of);
  pump(self);
}

void forget_all(self_ptr self, const conversation_id& of) {
  auto& s = runtime::state(self);
  std::erase_if(s.dead, [&](auto& each) { return each.second.conversation == of; });
  auto all = s.lanes.all_of(of);
  for (auto& id : std::views::reverse(all)) // the last first, so that none of them begins
    forget(self, id);
}

/// Behind what its conversation has under way, with all its tries anew.
caf::response_promise resend(self_ptr self, const resend_delivery& r) {
  auto& s = runtime::state(self);
  auto promise = self->make_response_promise();
  auto it = s.dead.find(r.id);
  if (it == s.dead.end() || s.lanes.find(r.id)) {
    promise.deliver(refused{r.ticket, errc::not_found, "there is no such dead letter"});
    return promise;
  }
  auto row = it->second;
  row.dead_at.reset();
  row.why.clear();
  row.tries = 0;
  journal::commit c;
  c.calls = {row};
  write(self, std::move(c), row.conversation,
        [self, promise, row, ticket = r.ticket](bool ok) mutable {
          auto& st = runtime::state(self);
          if (!ok)
            return promise.deliver(
                refused{ticket, errc::unavailable, "it could not be made durable; try again"});
          if (st.dead.erase(row.id) > 0)
            take(self, row);
          promise.deliver(done{ticket});
        });
  return promise;
}

void take_rows(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (refused_to_begin(s, rows))
    return;
  auto calls = rows.calls;
  std::erase_if(calls, [](auto& row) { return row.channel.empty(); });
  std::stable_sort(calls.begin(), calls.end(),
                   [](auto& a, auto& b) { return a.dead_at < b.dead_at; });
  for (auto& row : calls) {
    if (row.dead_at)
      keep_dead(s, row); // oldest first
    else
      s.lanes.add(row);
  }
  s.lanes.sort(); // what came meanwhile stands behind
  say_begun(s);
  for (auto& of :
       s.lanes.conversations()) // also those whose first came when the rows had been read
    begin_lane(self, of);
  trim_dead(self);
  pump(self);
}

caf::behavior run_webhooks(self_ptr self) {
  return {
      [self](const begin_monitoring& b) {
        begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) {
          read_whole(rows.calls, rows.failed, from.calls(""));
        });
      },
      [self](const rows_loaded& l) { take_rows(self, *l.it); },
      [self](const begin_call& b) { take(self, b.row); },
      [self](const cancel_call& c) { forget(self, c.id); },
      [self](const cancel_deliveries& c) { forget_all(self, c.conversation); },
      [self](const resend_delivery& r) { return resend(self, r); },
      [self](const http_done& d) { posted(self, d); },
      [self](const done& d) { answered(self, d.ticket, true); },
      [self](const refused& r) { answered(self, r.ticket, !worth_retrying(r.code)); },
      [self](alarm_rang a) {
        if (runtime::state(self).alarm.rang(a))
          pump(self);
      },
  };
}

} // namespace

duration webhook_rest(std::string_view name, std::uint32_t tries) {
  auto rest = webhook_rests[std::clamp<std::size_t>(tries, 1, std::size(webhook_rests)) - 1];
  return rest * 4 / 5 + jittered_rest(name, tries, rest * 2 / 5, rest * 2 / 5);
}

call_row delivery_of(const conversation_id& conversation, std::uint64_t seq,
                     const std::string& channel, std::string body, time_point now) {
  call_row row;
  row.id = "d-" + conversation + "-" + std::to_string(seq);
  row.conversation = conversation;
  row.channel = channel;
  row.generation = seq; // their order
  row.method = "POST";
  row.body = std::move(body);
  row.created = now;
  return row;
}

caf::actor spawn_webhooks(caf::actor_system& sys, std::shared_ptr<http_client> http,
                          runtime::clock_ptr clock, caf::actor timer, caf::actor journal,
                          caf::actor reader, find_webhook channels, webhook_options how) {
  return sys.spawn([=](self_ptr self) {
    auto& s = runtime::state(self);
    s.http = http;
    s.clock = clock;
    s.timer = timer;
    s.journal = journal;
    s.reader = reader;
    s.channels = channels;
    s.how = how;
    s.queue = call_queue(how.limits, how.breaker);
    return run_webhooks(self);
  });
}

} // namespace interject::monitors
