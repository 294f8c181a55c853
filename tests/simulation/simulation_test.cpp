// Seeded runs of a whole node. INTERJECT_SEEDS sets how many (default 1,000), INTERJECT_SEED runs
// just one; with INTERJECT_TALK what was said is printed.
#define CAF_SUITE simulation
#include "tests/support/caf_test.hpp"

#include "actors/conversation/state.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/simulation/seeds.hpp"
#include "tests/simulation/spoiled_store.hpp"
#include "tests/simulation/world.hpp"

#include <cstdio>

using namespace interject;
using namespace interject::simulation;

namespace {

bool found(const plan& how, std::string_view what, std::uint64_t seeds = 60) {
  return simulation::found(how, what, seeds);
}

plan with_store(spoiled_store::spoil how) {
  plan p;
  p.spoil_store = spoiled_by(std::move(how));
  return p;
}

} // namespace

CAF_TEST(nothing is lost or doubled or bound to a wrong question) {
  look_at_seeds<plan>(1000);
}

CAF_TEST(the runs reach what they are about) {
  check_reached<plan>(80, {"calls",
                           "calls cut off",
                           "commits that failed",
                           "deaths",
                           "notices",
                           "offers",
                           "orders",
                           "orders on an older version",
                           "evictions",
                           "passivations",
                           "price alerts",
                           "reloads",
                           "reminders",
                           "resumptions",
                           "repeated alerts",
                           "trailing alerts",
                           "alerts of what held",
                           "alerts of what many watch",
                           "recurring reminders",
                           "recurring reminders that skip",
                           "late reminders",
                           "late alerts",
                           "alerts withdrawn",
                           "prices in slices",
                           "sweeps cut off"});
}

CAF_TEST(a store that acknowledges and forgets is found) {
  auto count = std::make_shared<int>(0);
  CAF_CHECK(found(with_store([count](const journal::commit_ptr& c) {
                    return ++*count % 40 == 0 ? nullptr : c;
                  }),
                  "is lost"));
}

CAF_TEST(a store that loses the record of a notice is found) {
  CAF_CHECK(found(with_store(changed([](journal::commit& c) { c.notifications.clear(); })),
                  "acknowledged notice"));
}

CAF_TEST(a store that forgets reminders is found) {
  CAF_CHECK(
      found(with_store(changed([](journal::commit& c) { c.reminders.clear(); })), "reminder "));
}

CAF_TEST(a stream that repeats an activity is found) {
  plan p;
  p.spoil_stream = [n = 0](const publication& one) mutable {
    return ++n % 50 == 0 ? std::vector{one, one} : std::vector{one};
  };
  CAF_CHECK(found(p, "published again"));
}

CAF_TEST(an answer that is bound to a wrong question is found) {
  plan p;
  p.spoil_post = [](post_activity& post) {
    if (post.activity.text.starts_with("item-"))
      post.activity.text = "yes";
  };
  CAF_CHECK(found(p, "wrong question"));
}

CAF_TEST(a post that comes under another id is found) {
  plan p;
  p.spoil_post = [n = 0](post_activity& post) mutable {
    if (++n % 20 == 0)
      post.activity.client_id += "+";
  };
  CAF_CHECK(found(p, "nobody sent it"));
}

CAF_TEST(a stream that overtakes itself is found) {
  plan p;
  p.spoil_stream = [late = std::vector<publication>()](const publication& one) mutable {
    if (late.empty() && one.seq % 10 == 0) {
      late.push_back(one);
      return std::vector<publication>{};
    }
    auto out = std::vector{one};
    for (auto& l : std::exchange(late, {}))
      out.push_back(l);
    return out;
  };
  CAF_CHECK(found(p, "out of order"));
}

CAF_TEST(a stream that runs ahead of the disk is found) {
  plan p;
  p.spoil_stream = [](const publication& one) {
    auto next = one;
    next.seq += 1000;
    return one.seq % 25 == 0 ? std::vector{one, next} : std::vector{one};
  };
  CAF_CHECK(found(p, "not stored"));
}

CAF_TEST(a notice that comes under two ids is found) {
  plan p;
  p.spoil_notice = [](const notification& n) {
    auto twin = n;
    twin.id += "-twin";
    twin.collapse_key.clear();
    return std::vector{n, twin};
  };
  CAF_CHECK(found(p, "was said 2 times"));
}

CAF_TEST(a store that forgets when to wake a conversation is found) {
  auto p = with_store(changed([](journal::commit& c) { c.wake_at.reset(); }));
  CAF_CHECK(found(p, "still waits", 600));
}

CAF_TEST(a store that forgets watches is found) {
  CAF_CHECK(found(with_store(changed([](journal::commit& c) { c.watches.clear(); })), "watch s"));
}

CAF_TEST(a store that forgets calls is found) {
  CAF_CHECK(found(with_store(changed([](journal::commit& c) { c.calls.clear(); })), "call f"));
}

CAF_TEST(a store that moves a flow to another step is found) {
  auto p = with_store(changed([](journal::commit& c) {
    conversation::state s;
    if (c.state.empty() || !decode_all(c.state, s) || s.talk.stack.size() < 2)
      return;
    auto& below = s.talk.stack.front();
    if (below.waiting == dialog::waiting::answer && below.pc > 0)
      --below.pc;
    c.state.clear();
    encode(c.state, s);
  }));
  CAF_CHECK(found(p, "it resumed at"));
}

CAF_TEST(a shelf that serves the newest version only is found) {
  plan p;
  p.spoil_version = [](const std::string& asked) { return asked == "v1" ? "v2" : "v1"; };
  CAF_CHECK(found(p, "changed its version"));
}

CAF_TEST(an alert that is withdrawn although its price stays down is found) {
  plan p;
  p.withdraws_alerts = true;
  CAF_CHECK(found(p, "was withdrawn while its condition held"));
  CAF_CHECK(found(p, "was said 0 times"));
}

CAF_TEST(a store that forgets how often a watch has fired is found) {
  auto p = with_store(changed([](journal::commit& c) {
    for (auto& w : c.watches)
      w.firings = w.taken = w.ended = w.retracted = 0;
  }));
  CAF_CHECK(found(p, "watch a"));
}

CAF_TEST(a store that forgets running highs is found) {
  auto p = with_store(changed([](journal::commit& c) {
    std::erase_if(c.kept, [](auto& each) { return each.key.starts_with("price/high/"); });
  }));
  CAF_CHECK(found(p, "watch t", 300));
}

CAF_TEST(a store that remembers a wrong beginning of what must hold is found) {
  auto p = with_store(changed([](journal::commit& c) {
    for (auto& w : c.watches)
      if (w.holding_since)
        *w.holding_since -= std::chrono::seconds(20);
  }));
  CAF_CHECK(found(p, "fired too early", 300)); // the process has to die while one holds
}

CAF_TEST(a store that forgets the rest of a price that changes many watches is found) {
  auto p = with_store(changed([](journal::commit& c) {
    std::erase_if(c.kept, [](auto& each) { return each.key.starts_with("price/sweep/"); });
  }));
  CAF_CHECK(found(p, "watch o"));
}

CAF_TEST(a store that forgets the rule of a reminder is found) {
  auto p = with_store(changed([](journal::commit& c) {
    for (auto& r : c.reminders)
      if (r.occurrence > 1)
        r.rrule.clear();
  }));
  CAF_CHECK(found(p, "ended before its last instant"));
}

CAF_TEST(a store that forgets what is to be skipped is found) {
  auto p = with_store(changed([](journal::commit& c) {
    for (auto& r : c.reminders)
      r.misfire = misfire_policy::fire_once;
  }));
  CAF_CHECK(found(p, "when nobody ran"));
}
