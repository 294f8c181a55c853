// A node in virtual time that dies and begins again over one store, its messages delivered in a
// seeded random order: what the simulations share. Include after caf_test.hpp.
#pragma once

#include "actors/monitors/local_messages.hpp"
#include "actors/runtime/assembly.hpp"
#include "tests/simulation/frail_store.hpp"
#include "tests/simulation/shuffled.hpp"

#include <memory>
#include <utility>

namespace interject::simulation {

/// Hears of the node's publications; the derived class says what they mean, and calls `finish` as
/// it is destroyed.
class simulated_node : protected shuffled, protected runtime::outlet {
protected:
  simulated_node(std::uint64_t seed, std::shared_ptr<journal::store> kept)
      : shuffled(seed), store_(std::make_shared<frail_store>(std::move(kept))) {}

  /// A memory store, within what plants a fault in it, if anything does.
  template <class Spoil> static std::shared_ptr<journal::store> kept_by(const Spoil& spoil) {
    auto kept = journal::make_memory_store();
    return spoil ? spoil(kept) : kept;
  }

  template <class T> void send(const caf::actor& to, T what) {
    caf::send_as(answers_.address, to, std::move(what));
  }

  /// Over what is stored, with nothing in memory. `broadcasts` answers with that ticket once it has
  /// begun.
  void begin(runtime::node_options o, ticket begun_as = 0) {
    o.store = store_;
    o.clock = clock_;
    o.manual = clock_;
    o.out = std::shared_ptr<runtime::outlet>(std::shared_ptr<void>(), this);
    o.detached = false;
    node_ = runtime::assemble(sys, o);
    for (auto& monitor : node_.monitors())
      send(monitor,
           monitors::begin_monitoring{monitor == node_.broadcasts ? begun_as : 0, node_.router});
    for (auto& feed : node_.feeds)
      send(feed, monitors::begin_monitoring{0, node_.router});
  }
  /// As a kill does: at once, wherever it stands.
  void end() {
    caf::anon_send_exit(node_.router, caf::exit_reason::kill);
    for (auto& a : node_.feeds)
      caf::anon_send_exit(a, caf::exit_reason::kill);
    for (auto& a : node_.others())
      caf::anon_send_exit(a, caf::exit_reason::kill);
    node_ = {};
    run();
  }
  /// Its successor may begin after a while only.
  void rest(int longest_ms) {
    if (chance(40))
      clock_->advance_to(clock_->now() + std::chrono::milliseconds(pick(longest_ms)));
  }
  void finish() {
    end();
    caf::anon_send_exit(answers_.address, caf::exit_reason::kill);
    run();
  }

  std::shared_ptr<runtime::test_clock> clock_ = std::make_shared<runtime::test_clock>(
      time_point(std::chrono::sys_days{std::chrono::March / 1 / 2026}));
  std::shared_ptr<frail_store> store_;
  runtime::assembly node_;
  inbox<opened, posted, decided, done, refused, prices_taken> answers_ =
      spawn_inbox<opened, posted, decided, done, refused, prices_taken>();
};

} // namespace interject::simulation
