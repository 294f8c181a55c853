// Asks one feed at its intervals and hands on what it says. A read that fails is no sample.
//   in: begin_monitoring    out: HTTP, take_prices, feed_went_stale → prices, a commit of what its
//   symbols are
#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/feeds.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/runtime/log.hpp"

namespace interject::monitors {
namespace {

constexpr auto written_within = std::chrono::minutes(1); ///< bounds a failure of ours

struct feed_state {
  static inline const char* name = "interject.feed";
  feed_settings how;
  std::shared_ptr<http_client> http;
  runtime::clock_ptr clock;
  caf::actor timer, prices;
  feed_memory memory;
  feed_ages ages;
  std::string etag;
  std::uint32_t failures = 0; ///< in a row
  std::uint64_t round = 0;
  bool asking = false;
  bool asked = false;  ///< and had an answer: from then on, what is silent is stale
  bool noting = false; ///< a commit is under way
  time_point next{};
  alarm_clock alarm;
};
using self_ptr = caf::stateful_actor<feed_state>*;

void ask(self_ptr self) {
  auto& s = runtime::state(self);
  s.asking = true;
  http_request what;
  what.url = s.how.url;
  what.headers = s.how.headers;
  what.headers.emplace_back("Accept", "application/json");
  if (!s.etag.empty())
    what.headers.emplace_back("If-None-Match", s.etag);
  what.timeout = std::min<duration>(std::chrono::seconds(30),
                                    std::max<duration>(s.how.every, std::chrono::seconds(5)));
  s.http->start(std::move(what),
                [me = caf::actor_cast<caf::actor>(self), round = ++s.round](http_answer a) {
                  runtime::anon_send(me, http_done{"feed", round, std::move(a)});
                });
}

std::string key_of(const feed_settings& how, const std::string& symbol) {
  return "feed/" + how.name + "/" + symbol;
}

const std::string told_since = "told since ";

std::optional<time_point> told_in(const std::string& note) {
  return note.starts_with(told_since) ? parse_time(note.substr(told_since.size())) : std::nullopt;
}

/// Writes down which symbols there are and which were told to be stale; what fails, with the next
/// answer.
void take_notes(self_ptr self) {
  auto& s = runtime::state(self);
  if (s.noting || !s.how.stale_after)
    return;
  auto notes = s.ages.take_notes();
  if (notes.empty())
    return;
  auto rows = std::make_shared<journal::commit>();
  rows->at = s.clock->now();
  for (auto& each : notes)
    rows->kept.push_back(
        {key_of(s.how, each.symbol), each.told ? told_since + format_time(*each.told) : "heard"});
  s.noting = true;
  auto end = [self, notes](bool ok) {
    auto& st = runtime::state(self);
    st.noting = false;
    if (!ok)
      st.ages.put_back(notes);
  };
  runtime::request(self, s.memory.journal, written_within, journal::write_commit{rows})
      .then([end](const journal::committed& c) { end(c.ok); },
            [end](const caf::error&) { end(false); });
}

/// What is due now, and when to look again.
void look(self_ptr self) {
  auto& s = runtime::state(self);
  auto now = s.clock->now();
  if (s.how.stale_after && s.asked)
    for (auto& [symbol, since] : s.ages.stale(now, *s.how.stale_after)) {
      runtime::log_warn("feed.stale", "feed={} symbol={}", s.how.name, symbol);
      runtime::send(self, s.prices, feed_went_stale{symbol, since, s.how.stale_text});
    }
  take_notes(self);
  if (!s.asking && s.next <= now)
    return ask(self);
  if (s.asking)
    return;
  auto stale = s.how.stale_after ? s.ages.next(*s.how.stale_after) : std::nullopt;
  s.alarm.ring_at(self, s.timer, std::min(s.next, stale.value_or(s.next)));
}

void read_notes(journal::reader& from, loaded_rows& rows, const std::string& prefix) {
  if (read_pages(rows.kept, rows.failed,
                 [&](const std::string& cursor) { return from.kept(prefix, load_page, cursor); }) &&
      !rows.kept.empty())
    read_whole(rows.symbols, rows.failed, from.symbols());
}

/// The ages are those of the last prices. Without them it goes on, and learns its symbols anew.
void take_rows(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (rows.failed)
    runtime::log_warn("feed.unread", "feed={} why=\"{}\"", s.how.name, rows.failed->what);
  std::map<std::string, time_point> last;
  for (auto& q : rows.symbols)
    last.emplace(q.symbol, q.at);
  auto now = s.clock->now();
  auto prefix = key_of(s.how, "").size();
  for (auto& row : rows.kept) {
    auto symbol = row.key.substr(prefix);
    auto at = last.find(symbol);
    s.ages.knew(symbol, at == last.end() ? now : std::min(now, at->second), told_in(row.body));
  }
  look(self);
}

void fail(self_ptr self, const std::string& why) {
  auto& s = runtime::state(self);
  ++s.failures;
  runtime::log_warn("feed.failed", "feed={} in_a_row={} why=\"{}\"", s.how.name, s.failures, why);
}

void take_body(self_ptr self, const http_answer& a) {
  auto& s = runtime::state(self);
  auto now = s.clock->now();
  auto read = read_feed(s.how, a.body, now);
  if (!read)
    return fail(self, read.error().what);
  s.failures = 0;
  s.etag = a.etag;
  if (read->unusable > 0)
    runtime::log_warn("feed.unusable", "feed={} items={}", s.how.name, read->unusable);
  for (auto& sample : read->samples)
    s.ages.heard(sample.symbol, std::min(now, sample.at.value_or(now)));
  if (!read->samples.empty())
    runtime::send(self, s.prices, take_prices{s.round, std::move(read->samples)});
}

void take_answer(self_ptr self, const http_done& d) {
  auto& s = runtime::state(self);
  if (d.run != s.round)
    return;
  s.asking = false;
  s.asked = true;
  auto& a = d.answer;
  if (a.how == http_answer::kind::answered && a.status == 304) {
    s.failures = 0; // no sample, but the source is alive
    s.ages.confirm(s.clock->now());
  } else if (a.how == http_answer::kind::answered && a.status >= 200 && a.status < 300) {
    take_body(self, a);
  } else {
    fail(self, a.reason.empty() ? "status " + std::to_string(a.status) : a.reason);
  }
  s.next = s.clock->now() + feed_pause(s.how, s.failures, s.round);
  look(self);
}

caf::behavior run_feed(self_ptr self, feed_settings how, std::shared_ptr<http_client> http,
                       runtime::clock_ptr clock, caf::actor timer, caf::actor prices,
                       feed_memory memory) {
  auto& s = runtime::state(self);
  s.how = std::move(how);
  s.http = std::move(http);
  s.clock = std::move(clock);
  s.timer = std::move(timer);
  s.prices = std::move(prices);
  s.memory = std::move(memory);
  return {
      [self](const begin_monitoring& b) {
        auto promise = self->make_response_promise();
        promise.deliver(done{b.ticket});
        auto& st = runtime::state(self);
        if (!st.how.stale_after)
          return look(self);
        load_rows(st.memory.reader, caf::actor_cast<caf::actor>(self),
                  [prefix = key_of(st.how, "")](journal::reader& from, loaded_rows& rows) {
                    read_notes(from, rows, prefix);
                  });
      },
      [self](const rows_loaded& l) { take_rows(self, *l.it); },
      [self](const http_done& d) { take_answer(self, d); },
      [self](const prices_taken&) {},
      // Not durable: the next read brings the newest price, and the unchanged answer must come
      // again.
      [self](const refused&) { runtime::state(self).etag.clear(); },
      [self](alarm_rang a) {
        if (runtime::state(self).alarm.rang(a))
          look(self);
      },
  };
}

} // namespace

caf::actor spawn_feed(caf::actor_system& sys, feed_settings how, std::shared_ptr<http_client> http,
                      runtime::clock_ptr clock, caf::actor timer, caf::actor prices,
                      feed_memory memory) {
  return sys.spawn(run_feed, std::move(how), std::move(http), std::move(clock), std::move(timer),
                   std::move(prices), std::move(memory));
}

} // namespace interject::monitors
