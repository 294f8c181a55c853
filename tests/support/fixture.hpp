// Actors on CAF's deterministic scheduler: nothing runs until `run()`, nothing waits for real time.
// Include after caf_test.hpp. Derive a fixture of your own in an anonymous namespace: two of one
// name would be one.
#pragma once

#include "actors/runtime/messages.hpp"

#ifndef FAIL
#define FAIL CAF_FAIL
#endif
#include <caf/test/dsl.hpp>

#include <memory>
#include <vector>

namespace interject::test {

struct actor_fixture : test_coordinator_fixture<> {
  actor_fixture() { runtime::register_messages(); }

  /// Delivers what is in the mailboxes without letting time pass.
  void deliver() { consume_messages(); }

  /// Keeps every `T` that is sent to it; what else comes is an error of the test's setup.
  template <class... Ts> struct inbox {
    caf::actor address;
    std::shared_ptr<std::tuple<std::vector<Ts>...>> got;
    template <class T> std::vector<T>& of() const { return std::get<std::vector<T>>(*got); }
  };
  template <class... Ts> inbox<Ts...> spawn_inbox() {
    auto got = std::make_shared<std::tuple<std::vector<Ts>...>>();
    auto address = sys.spawn([got](caf::event_based_actor*) -> caf::behavior {
      return {[got](const Ts& x) { std::get<std::vector<Ts>>(*got).push_back(x); }...};
    });
    return {address, got};
  }
};

} // namespace interject::test
