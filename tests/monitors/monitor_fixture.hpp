// A monitor between a store, in memory if no other is given, and a router that answers as the test
// wants.
#pragma once

#include "actors/journal/journal_actor.hpp"
#include "actors/monitors/monitors.hpp"
#include "tests/support/fixture.hpp"

#include <deque>
#include <functional>

namespace interject::test {

inline time_point at(int seconds) {
  return time_point(std::chrono::seconds(1'790'000'000 + seconds));
}
inline std::string offset(time_point t) {
  return std::to_string((t - at(0)) / std::chrono::seconds(1));
}

struct monitor_fixture : actor_fixture {
  /// What the router got, in order, with the clock at that moment: "0 wake c1", "3 notify r-1.1".
  struct line {
    time_point at{};
    std::string text;
    interject::ticket ticket = 0;
    notification what;
    call_answered call;
  };

  explicit monitor_fixture(
      std::shared_ptr<interject::journal::store> rows = interject::journal::make_memory_store())
      : store(std::move(rows)),
        journal(interject::journal::spawn_journal(sys, store, {.detached = false})),
        reader(interject::journal::spawn_reader(sys, store, false)), router(spawn_router()) {}

  ~monitor_fixture() override {
    for (auto& a : started)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    for (auto& a : {journal, reader, router})
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    deliver();
  }

  /// The text of everything since the last call.
  std::string routed() {
    std::string out;
    for (; seen < lines.size(); ++seen)
      out += (out.empty() ? "" : ", ") + offset(lines[seen].at) + " " + lines[seen].text;
    return out;
  }

  void write(interject::journal::commit c) {
    interject::journal::commit_ptr batch[] = {
        std::make_shared<const interject::journal::commit>(std::move(c))};
    result<void> outcomes[1];
    CAF_REQUIRE(store->write(batch, outcomes).has_value());
    CAF_REQUIRE(outcomes[0].has_value());
  }

  caf::actor keep(caf::actor a) {
    started.push_back(a);
    deliver();
    return a;
  }

  /// "done" or the refusal's code.
  std::string begin(const caf::actor& monitor) {
    caf::send_as(begun.address, monitor, monitors::begin_monitoring{1, router});
    deliver();
    if (!begun.of<refused>().empty())
      return to_string(begun.of<refused>().back().code);
    return begun.of<done>().empty() ? "" : "done";
  }

  /// What the router does with a message: null answers `done` or `decided`, a code refuses,
  /// `silent` says nothing.
  static constexpr int silent = -1;
  std::function<std::optional<int>(const line&)> reply = [](const line&) { return std::nullopt; };
  /// Runs before the router answers: what a conversation sends while it is served.
  std::function<void(const line&)> meanwhile = [](const line&) {};

  std::shared_ptr<interject::journal::store> store;
  std::shared_ptr<runtime::test_clock> clock = std::make_shared<runtime::test_clock>(at(0));
  std::vector<line> lines;
  std::size_t seen = 0;
  std::vector<caf::actor> started;
  caf::actor journal, reader, router;
  inbox<done, refused> begun = spawn_inbox<done, refused>();

private:
  template <class Answer> caf::message respond(line l, Answer answer) {
    l.at = clock->now();
    lines.push_back(l);
    meanwhile(l);
    auto how = reply(l);
    if (!how)
      return caf::make_message(std::move(answer));
    if (*how == silent)
      return caf::make_message();
    return caf::make_message(refused{l.ticket, static_cast<errc>(*how), "the test says so"});
  }

  caf::actor spawn_router() {
    return sys.spawn([this](caf::event_based_actor* self_) -> caf::behavior {
      auto give = [self_](caf::message m) {
        if (!m.empty())
          self_->send(caf::actor_cast<caf::actor>(self_->current_sender()), std::move(m));
      };
      return {
          [this, give](const wake& w) {
            give(respond({{}, "wake " + w.conversation, w.ticket, {}, {}}, done{w.ticket}));
          },
          [this, give](const notify& n) {
            give(respond({{}, "notify " + n.what.id, n.ticket, n.what, {}},
                         decided{n.ticket, n.what.id, n.conversation, {}}));
          },
          [this, give](const withdraw& w) {
            give(respond({{}, "withdraw " + w.id, w.ticket, {}, {}},
                         decided{w.ticket, w.id, w.conversation, {}}));
          },
          [this, give](const cancel_watch& c) {
            give(respond({{}, "cancel " + c.id, c.ticket, {}, {}}, done{c.ticket}));
          },
          [this, give](const create_watch& c) {
            give(respond({{},
                          "create " + c.row.id + " " + to_string(c.row.state) + " " +
                              std::to_string(c.row.retracted),
                          c.ticket,
                          {},
                          {}},
                         done{c.ticket}));
          },
          [this, give](const delivery_failed& f) {
            give(respond({{}, "failed " + f.activity, f.ticket, {}, {}}, done{f.ticket}));
          },
          [this, give](const call_answered& c) {
            give(respond({{}, "answered " + c.call + " " + to_string(c.outcome), c.ticket, {}, c},
                         done{c.ticket}));
          },
      };
    });
  }
};

} // namespace interject::test
