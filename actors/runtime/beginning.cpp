#include "actors/runtime/beginning.hpp"

#include "actors/monitors/monitors.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <algorithm>

namespace interject::runtime {
namespace {

constexpr auto again_after = std::chrono::seconds(1);

struct begin_state {
  static inline const char* name = "interject.beginner";
  std::vector<named_monitor> monitors; ///< a ticket is a place here, from 1 on
  std::vector<caf::actor> feeds;
  caf::actor router;
  std::shared_ptr<unread_list> list;
};
using self_ptr = caf::stateful_actor<begin_state>*;

void begin(self_ptr self, interject::ticket which) {
  auto& s = state(self);
  send(self, s.monitors.at(which - 1).actor, monitors::begin_monitoring{which, s.router});
}

void has_begun(self_ptr self, interject::ticket which) {
  auto& s = state(self);
  if (which == 0)
    return; // a feed
  s.list->done(s.monitors.at(which - 1).what);
  if (!s.list->left().empty())
    return;
  for (auto& feed : s.feeds)
    send(self, feed, monitors::begin_monitoring{0, s.router});
  self->quit();
}

caf::behavior run_beginner(self_ptr self, begin_state with) {
  state(self) = std::move(with);
  for (std::size_t i = 0; i < state(self).monitors.size(); ++i)
    begin(self, i + 1);
  return {
      [=](const done& d) { has_begun(self, d.ticket); },
      [=](const refused& r) {
        auto& s = state(self);
        auto& what = s.monitors.at(r.ticket - 1).what;
        log_error("node.cannot_begin", "{} cannot be read, and are tried again: {}", what, r.what);
        s.list->failed(what, r.what);
        delayed_send(self, self, again_after, monitors::begin_monitoring{r.ticket, {}});
      },
      [=](const monitors::begin_monitoring& again) { begin(self, again.ticket); },
  };
}

} // namespace

void unread_list::failed(const std::string& what, const std::string& why) {
  std::lock_guard hold(mutex_);
  for (auto& each : left_)
    if (each.what == what)
      each.why = why;
}

void unread_list::done(const std::string& what) {
  std::lock_guard hold(mutex_);
  std::erase_if(left_, [&](auto& each) { return each.what == what; });
}

caf::actor spawn_beginner(caf::actor_system& sys, std::vector<named_monitor> monitors,
                          std::vector<caf::actor> feeds, caf::actor router,
                          std::shared_ptr<unread_list> list) {
  return sys.spawn(run_beginner, begin_state{std::move(monitors), std::move(feeds),
                                             std::move(router), std::move(list)});
}

} // namespace interject::runtime
