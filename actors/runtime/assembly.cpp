#include "actors/runtime/assembly.hpp"

#include "actors/conversation/conversation_actor.hpp"
#include "actors/dialog/bot_sections.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/monitors/feeds.hpp"
#include "actors/monitors/integration.hpp"
#include "actors/monitors/recogniser.hpp"
#include "actors/monitors/webhook.hpp"
#include "actors/person/broadcast_actor.hpp"
#include "actors/person/person_actor.hpp"
#include "actors/runtime/messages.hpp"

namespace interject::runtime {
namespace {

/// As the bot that is current now says: an address that was mended is used for what waits, too.
std::optional<monitors::webhook_channel> webhook_of(const shelf& bots, const std::string& name) {
  auto bot = bots.current()->bot;
  auto* channel = dialog::find_channel(dialog::sections(*bot), name);
  if (!channel || channel->url.empty())
    return {};
  return monitors::webhook_channel{channel->url, channel->secret};
}

} // namespace

namespace {

monitors::feed_settings settings_of(const dialog::price_feed& f) {
  monitors::feed_settings s;
  s.name = f.name;
  s.url = f.url;
  s.every = f.every;
  s.items = f.items;
  s.symbol = f.symbol;
  s.price = f.price;
  s.time = f.time;
  s.seq = f.seq;
  s.headers = f.headers;
  s.stale_after = f.stale_after;
  s.stale_text = f.stale_text;
  return s;
}

} // namespace

/// They share a client: one I/O thread, and none where there is no feed.
std::vector<caf::actor> spawn_feeds(caf::actor_system& sys, const dialog::bot& of,
                                    const node_options& how, const assembly& to) {
  std::vector<caf::actor> made;
  auto& feeds = dialog::sections(of).feeds;
  if (feeds.empty())
    return made;
  monitors::http_options options;
  options.hosts = dialog::hosts(of);
  options.max_body = how.calls.max_body;
  auto http = how.http ? how.http : monitors::make_http_client(std::move(options));
  for (auto& f : feeds)
    made.push_back(monitors::spawn_feed(sys, settings_of(f), http, how.clock, to.timers, to.prices,
                                        {to.journal, to.reader}));
  return made;
}

assembly assemble(caf::actor_system& sys, const node_options& how) {
  assembly a;
  a.counts = std::make_shared<counters>();
  a.bots = std::make_shared<shelf>(how.bot, how.store, how.bot_from_source);
  journal::journal_options to_write;
  auto in_flight = std::make_shared<journal::budget>(how.journal_bytes);
  to_write.in_flight = in_flight;
  auto detached = how.detached && how.store->blocks();
  to_write.detached = detached;
  to_write.counts = a.counts;
  to_write.decisions_kept = how.decisions_kept;
  a.journal = journal::spawn_journal(sys, how.store, to_write);
  a.reader = journal::spawn_reader(sys, how.store, detached);
  a.timers = monitors::spawn_timer(sys, how.clock, a.reader, {how.manual, a.journal});
  a.prices = monitors::spawn_price(sys, how.clock, a.journal, a.reader, a.timers, how.price_slice);
  auto calls = how.calls;
  calls.hosts = dialog::hosts(*how.bot);
  auto http = how.http ? how.http : monitors::http_client_for(calls);
  a.calls = monitors::spawn_integration_over(sys, http, how.clock, a.timers, a.reader, calls);
  a.webhooks = monitors::spawn_webhooks(
      sys, http, how.clock, a.timers, a.journal, a.reader,
      [bots = a.bots](const std::string& name) { return webhook_of(*bots, name); });
  a.recogniser = monitors::spawn_recogniser(sys, http, how.clock);
  a.feeds = spawn_feeds(sys, *how.bot, how, a);
  auto known = std::make_shared<person::people_surroundings>();
  known->clock = how.clock;
  known->journal = a.journal;
  known->reader = a.reader;
  known->timers = a.timers;
  known->idle_after = how.idle_after;
  auto forgotten = known->forgotten;
  a.people = person::spawn_people(sys, known);
  a.broadcasts = person::spawn_broadcaster(sys, std::move(known), how.broadcasts);
  auto with = std::make_shared<conversation::surroundings>();
  with->forgotten = forgotten;
  with->people = a.people;
  with->bots = a.bots;
  with->clock = how.clock;
  with->out = how.out;
  with->counts = a.counts;
  with->journal = a.journal;
  with->reader = a.reader;
  with->timers = a.timers;
  with->prices = a.prices;
  with->calls = a.calls;
  with->webhooks = a.webhooks;
  with->recogniser = a.recogniser;
  with->idle_after = how.idle_after;
  with->in_flight = in_flight;
  with->max_waiting = how.max_waiting;
  with->max_live = how.max_live;
  a.router = conversation::spawn_router(sys, std::move(with));
  runtime::anon_send(a.people, person::conversations_are{a.router});
  return a;
}

} // namespace interject::runtime
