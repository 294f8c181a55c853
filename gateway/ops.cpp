// Health, metrics, what is loaded, and the test clock.
#include "gateway/management.hpp"

#include "actors/runtime/node.hpp"

#include <algorithm>

namespace interject::gateway::management {

namespace {

using pins = std::vector<std::pair<std::string, std::uint64_t>>;

/// The current version first, then those to which conversations are pinned.
pins in_order(const dialog::bot& b, pins found) {
  auto now = std::string(dialog::version(b));
  auto is_current = [&](auto& each) { return each.first == now; };
  if (std::none_of(found.begin(), found.end(), is_current))
    found.emplace_back(now, 0);
  std::stable_partition(found.begin(), found.end(), is_current);
  return found;
}

std::string dialogs_body(const dialog::bot& b, const pins& found) {
  std::string body;
  object_writer o(body);
  object_writer bot(o.raw("bot"));
  bot.text("id", dialog::id(b)).text("name", dialog::name(b)).text("version", dialog::version(b));
  append_list(bot.raw("locales"), dialog::locales(b),
              [](std::string& to, auto& l) { append_json_string(to, l); });
  bot.end();
  append_list(o.raw("items"), dialog::dialogs(b),
              [](std::string& to, const dialog::dialog_info& d) {
                auto name = [](std::string& out, auto& text) { append_json_string(out, text); };
                object_writer one(to);
                one.text("id", d.id);
                append_list(one.raw("params"), d.params, name);
                append_list(one.raw("intents"), d.intents, name);
                one.number("steps", d.steps).end();
              });
  append_list(o.raw("versions"), in_order(b, found), [&](std::string& to, auto& each) {
    object_writer one(to);
    one.text("version", each.first).flag("current", each.first == dialog::version(b));
    one.number("conversations", each.second).end();
  });
  o.raw("next") += "null";
  o.end();
  return body;
}

} // namespace

void list_dialogs(exchange_ptr x) {
  x->via.read(
      x->with.reader, [](journal::reader& rows) { return rows.pins(); },
      [x](result<pins> found) {
        if (!found)
          return x->answer(problem(found.error()));
        x->answer(json_response(200, dialogs_body(*x->with.bot, *found)));
      });
}

void advance_clock(exchange_ptr x) {
  if (!x->with.manual || !x->in.loopback)
    return x->answer(
        problem(404, "the clock can be moved with `serve --test-clock` only, from this machine"));
  auto body = read_body(x);
  if (!body)
    return;
  field_faults faults;
  object_reader in(*body, "", faults);
  in.require("advance");
  interject::advance_clock move;
  move.by = in.length("advance").value_or(duration::zero());
  in.finish();
  if (refuse_fields(x, faults))
    return;
  x->via.ask(x->with.timers, std::move(move), std::chrono::minutes(1), when_done(x, [x] {
               std::string out;
               object_writer o(out);
               o.time("now", x->with.clock->now()).end();
               x->answer(json_response(200, std::move(out)));
             }));
}

void healthz(exchange_ptr x) {
  x->answer(json_response(200, R"({"alive":true})"));
}

void readyz(exchange_ptr x) {
  if (x->with.leaving || x->with.stopping)
    return x->answer(json_response(503, R"({"ready":false,"why":"stopping"})"));
  x->via.read(
      x->with.reader,
      [store = x->with.store](journal::reader&) -> result<bool> {
        if (auto ok = store->check_writable(); !ok)
          return ok.error();
        return true;
      },
      [x](result<bool> writable) {
        std::string out;
        object_writer o(out);
        auto unread = x->with.node ? x->with.node->unread() : std::vector<runtime::unread>();
        for (auto& each : unread)
          if (writable && !each.why.empty())
            writable = error{errc::unavailable, each.what + " cannot be read: " + each.why};
        o.flag("ready", writable.has_value());
        if (!writable)
          o.text("why", writable.error().what);
        else if (!unread.empty())
          append_list(o.raw("reading"), unread,
                      [](std::string& to, auto& each) { append_json_string(to, each.what); });
        o.text("bot", dialog::id(*x->with.bot)).text("clock", x->with.manual ? "test" : "wall");
        if (x->with.demo_feed)
          o.text("prices", "invented by the demo feed");
        o.end();
        x->answer(json_response(writable ? 200 : 503, std::move(out)));
      });
}

void metrics_text(exchange_ptr x) {
  response r;
  r.content_type = "text/plain; version=0.0.4; charset=utf-8";
  r.body = x->with.counted->text(x->with.node_counts);
  x->answer(std::move(r));
}

} // namespace interject::gateway::management
