// Seeded runs of people, webhooks and broadcasts. INTERJECT_SEEDS and INTERJECT_SEED as in
// simulation_test.cpp.
#define CAF_SUITE crowd
#include "tests/support/caf_test.hpp"

#include "actors/conversation/state.hpp"
#include "actors/person/broadcast.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/simulation/crowd.hpp"
#include "tests/simulation/seeds.hpp"
#include "tests/simulation/spoiled_store.hpp"

using namespace interject;
using namespace interject::simulation;

namespace {

bool found(const crowd_plan& how, std::string_view what, std::uint64_t seeds = 100) {
  return simulation::found(how, what, seeds);
}

crowd_plan with_store(std::function<void(journal::commit&)> change) {
  crowd_plan p;
  p.spoil_store = spoiled_by(changed(std::move(change)));
  return p;
}

} // namespace

CAF_TEST(people are told what they allow and no more) {
  look_at_seeds<crowd_plan>(1000);
}

CAF_TEST(the runs reach what they are about) {
  check_reached<crowd_plan>(120, {"deaths",
                                  "settings",
                                  "parked",
                                  "persons erased",
                                  "conversations erased",
                                  "broadcasts done",
                                  "broadcasts cancelled",
                                  "broadcasts cut off",
                                  "deliveries",
                                  "deliveries again",
                                  "deliveries cut off",
                                  "dead letters",
                                  "handed over",
                                  "handed over and told",
                                  "handed over and dropped",
                                  "handed over by an erased one",
                                  "hand-overs cut off",
                                  "code no_optin",
                                  "code muted",
                                  "code freq_cap",
                                  "code quiet",
                                  "code parked",
                                  "code expired_unseen",
                                  "code idle",
                                  "code adhoc"});
}

CAF_TEST(a store that forgets what people asked for is found) {
  auto p = with_store([](journal::commit& c) { c.person_values.clear(); });
  CAF_CHECK(found(p, "who has muted its topic"));
  CAF_CHECK(found(p, "not to be contacted"));
  CAF_CHECK(found(p, "in quiet hours"));
}

CAF_TEST(a store that forgets what was said to a person is found) {
  auto p = with_store([](journal::commit& c) {
    std::erase_if(c.person_values, [](auto& v) { return v.key.starts_with("said."); });
  });
  CAF_CHECK(found(p, "than the cap allows"));
}

CAF_TEST(a store that forgets that a broadcast was cancelled is found) {
  auto p = with_store([](journal::commit& c) {
    std::erase_if(c.broadcasts, [](auto& row) {
      person::broadcast b;
      return decode_all(row.body, b) && b.state == person::broadcast_state::cancelled;
    });
  });
  CAF_CHECK(found(p, "after its cancellation"));
  CAF_CHECK(found(p, "was cancelled and is not"));
}

CAF_TEST(a store that remembers a broadcast as further than it was is found) {
  auto p = with_store([](journal::commit& c) {
    for (auto& row : c.broadcasts) {
      person::broadcast b;
      if (!decode_all(row.body, b) || b.state != person::broadcast_state::running)
        continue;
      b.cursor += 1;
      row.body.clear();
      encode(row.body, b);
    }
  });
  CAF_CHECK(found(p, " forgot "));
}

CAF_TEST(a store that keeps what was erased is found) {
  auto p = with_store([](journal::commit& c) { c.erase_conversation = false; });
  CAF_CHECK(found(p, "was erased and is there"));
}

CAF_TEST(a store that forgets deliveries is found) {
  auto p = with_store([](journal::commit& c) { c.calls.clear(); });
  CAF_CHECK(found(p, "was never posted"));
}

CAF_TEST(a webhook that loses what it has taken is found) {
  crowd_plan p;
  p.spoil_receiver = [](std::uint64_t seq) { return seq % 5 != 0; };
  CAF_CHECK(found(p, "was never posted"));
}

CAF_TEST(a store that forgets that a conversation is parked is found) {
  auto p = with_store([](journal::commit& c) {
    conversation::state s;
    if (c.state.empty() || !decode_all(c.state, s) || !s.parked)
      return;
    s.parked.reset();
    c.state.clear();
    encode(c.state, s);
  });
  CAF_CHECK(found(p, "nobody reset it"));
}

CAF_TEST(a store that forgets what one channel has handed to another is found) {
  auto p = with_store([](journal::commit& c) { c.reminders.clear(); });
  CAF_CHECK(found(p, "was handed over and lost"));
}

CAF_TEST(a store that lengthens the life of what is handed over is found) {
  auto p = with_store([](journal::commit& c) {
    for (auto& row : c.reminders)
      row.notify.lifetime += std::chrono::hours(1);
  });
  CAF_CHECK(found(p, "was handed over and told after its expiry", 300));
}

CAF_TEST(a store that forgets by which name a notice was handed over is found) {
  auto p = with_store([](journal::commit& c) {
    conversation::state s;
    if (c.state.empty() || !decode_all(c.state, s) || s.other_names.empty())
      return;
    s.other_names.clear();
    c.state.clear();
    encode(c.state, s);
  });
  CAF_CHECK(found(p, "was handed over and said 2 times", 300));
}

CAF_TEST(a store that hands a notice over twice is found) {
  auto p = with_store([](journal::commit& c) {
    for (std::size_t i = 0, given = c.reminders.size(); i < given; ++i) {
      auto again = c.reminders[i];
      again.id.insert(again.id.size() - 2, "-again");
      again.notify.first_id.clear(); // else they are known as one
      c.reminders.push_back(again);
    }
  });
  CAF_CHECK(found(p, "was handed over and said 2 times", 300));
}
