#define CAF_SUITE shelf
#include "tests/support/caf_test.hpp"

#include "actors/runtime/shelf.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/forwarding_store.hpp"

using namespace interject;
using runtime::shelf;

namespace {

/// Calls `stored` right after a bot was stored; `failing` stores none.
struct watched_store final : test::forwarding_store {
  watched_store() : forwarding_store(journal::make_memory_store()) {}
  result<void> keep_bot(const std::string& version, const std::string& source) override {
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    auto ok = inner->keep_bot(version, source);
    if (stored)
      stored();
    return ok;
  }
  std::function<void()> stored;
  bool failing = false;
};

/// Begins on "v1"; a source is the name of its version.
struct fixture {
  static dialog::bot_ptr bot(const std::string& version) {
    return test::bot_of(test::travel_bot(), version);
  }
  bool is_stored(const std::string& version) const {
    return store->open_reader()->bot_source(version)->has_value();
  }
  /// What stays: the versions in use, in their order.
  std::string sweep() {
    CAF_CHECK(store->sweep_bots([this] { return bots.in_use(); }).has_value());
    std::string out;
    for (auto* version : {"v1", "v2", "v3"})
      if (is_stored(version))
        out += std::string(out.empty() ? "" : " ") + version;
    return out;
  }
  result<void> change_to(const std::string& version) {
    auto kept = bots.keep(bot(version), version);
    if (!kept)
      return kept.error();
    bots.replace(*kept);
    return {};
  }

  std::shared_ptr<watched_store> store = std::make_shared<watched_store>();
  int compiled = 0;
  std::function<void()> compiling;
  shelf bots{bot("v1"), store, [this](const std::string& source) {
               ++compiled;
               if (compiling)
                 compiling();
               return bot(source);
             }};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(shelf_tests, fixture)

CAF_TEST(a sweep between storing a bot and making it current drops nothing of it) {
  store->stored = [this] { CAF_CHECK_EQUAL(sweep(), "v2"); };
  CAF_CHECK(change_to("v2").has_value());
  store->stored = nullptr;
  CAF_CHECK_EQUAL(sweep(), "v2");
}

CAF_TEST(a version stays while somebody holds it and no longer) {
  CAF_REQUIRE(store->keep_bot("v1", "v1").has_value());
  auto held = bots.current();
  CAF_REQUIRE(change_to("v2").has_value());
  CAF_REQUIRE(change_to("v3").has_value());
  CAF_CHECK_EQUAL(sweep(), "v1 v3");
  CAF_CHECK(bots.find("v1") == held);
  CAF_CHECK_EQUAL(compiled, 0);
  held = nullptr;
  CAF_CHECK_EQUAL(sweep(), "v3");
}

CAF_TEST(a bot that cannot be stored changes nothing) {
  CAF_REQUIRE(store->keep_bot("v1", "v1").has_value());
  auto held = bots.current();
  CAF_REQUIRE(change_to("v2").has_value());
  store->failing = true;
  CAF_CHECK(!change_to("v1").has_value()); // back to one that a conversation is on
  CAF_CHECK(!change_to("v3").has_value());
  CAF_CHECK_EQUAL(dialog::version(*bots.current()->bot), "v2");
  CAF_CHECK(bots.find("v1") == held);
  CAF_CHECK_EQUAL(sweep(), "v1 v2");
}

CAF_TEST(an older version is compiled once and a sweep meanwhile does not wait for it) {
  CAF_REQUIRE(store->keep_bot("v3", "v3").has_value());
  std::string during;
  compiling = [&] {
    for (auto& version : bots.in_use())
      during += version;
  };
  auto found = bots.find("v3");
  CAF_REQUIRE(found != nullptr);
  CAF_CHECK_EQUAL(during, "v1");
  CAF_CHECK(bots.find("v3") == found);
  CAF_CHECK(bots.find("v2") == nullptr);
  CAF_CHECK_EQUAL(compiled, 1);
  CAF_CHECK_EQUAL(sweep(), "v3");
}

CAF_TEST_FIXTURE_SCOPE_END()
