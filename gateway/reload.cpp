#include "gateway/reload.hpp"

#include "actors/journal/journal_actor.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/node.hpp"
#include "gateway/management.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace interject::gateway {

namespace {

void tell(const reloaded& r) {
  if (r.failed)
    return spdlog::error("bot.reload_failed why=\"{}\"", r.failed->what);
  for (auto& fault : r.faults)
    if (!fault.warning)
      spdlog::error("bot.reload_refused fault=\"{}\"", config::describe(fault));
  if (!r.refused)
    spdlog::info("bot.reloaded version={} was={}", r.version.substr(0, 12), r.was.substr(0, 12));
}

reloaded load(services& with) {
  auto was = with.bot.get();
  reloaded out;
  out.was = out.version = dialog::version(*was);
  auto loaded = config::load_bot(with.how.bot);
  out.faults = std::move(loaded.faults);
  if (loaded.bot && dialog::id(*loaded.bot) != dialog::id(*was)) {
    out.faults.push_back({"bot.json", 1, "/id",
                          "this is the bot \"" + std::string(dialog::id(*loaded.bot)) +
                              "\", the server runs \"" + std::string(dialog::id(*was)) + "\"",
                          "another bot has a server and a data folder of its own", false});
    loaded.bot = nullptr;
  }
  out.refused = !loaded.bot;
  if (out.refused || dialog::version(*loaded.bot) == out.was)
    return out;
  if (auto ok = with.node->replace_bot(loaded.bot, loaded.source); !ok) {
    out.failed = ok.error();
    return out;
  }
  out.version = dialog::version(*loaded.bot);
  with.bot.set(std::move(loaded.bot));
  return out;
}

} // namespace

reloaded reload_bot(services& with) {
  std::lock_guard one_at_a_time(with.reloading);
  auto out = load(with);
  tell(out);
  return out;
}

void reload_later(services& with) {
  journal::read(with.slow_reader, [&with](journal::reader&) { reload_bot(with); });
}

namespace management {

namespace {

response refusal(const reloaded& r) {
  field_faults faults;
  for (auto& f : r.faults)
    if (!f.warning)
      faults.push_back(
          {f.file + ":" + std::to_string(f.line) + (f.pointer.empty() ? "" : "#" + f.pointer),
           f.what + (f.remedy.empty() ? "" : "; " + f.remedy)});
  return problem(
      422, "the bot has faults, so nothing was loaded; the server goes on with the one it has",
      faults);
}

response outcome(const reloaded& r) {
  std::string body;
  object_writer o(body);
  o.text("version", r.version).text("was", r.was).flag("changed", r.version != r.was);
  append_list(o.raw("warnings"), r.faults,
              [](std::string& to, auto& f) { append_json_string(to, config::describe(f)); });
  o.end();
  return json_response(200, std::move(body));
}

} // namespace

void reload(exchange_ptr x) {
  if (!x->with.node)
    return x->answer(problem(503, "this server has no bot to load again"));
  x->via.read(
      x->with.slow_reader,
      [&with = x->with](journal::reader&) -> result<reloaded> {
        auto r = reload_bot(with);
        if (r.failed)
          return *r.failed;
        return r;
      },
      [x](result<reloaded> r) {
        if (!r)
          return x->answer(problem(r.error()));
        x->answer(r->refused ? refusal(*r) : outcome(*r));
      });
}

} // namespace management

} // namespace interject::gateway
