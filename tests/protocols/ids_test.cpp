#define CAF_SUITE ids
#include "tests/support/caf_test.hpp"

#include "protocols/ids.hpp"

#include <set>

using namespace interject;

CAF_TEST(the hash is the published FNV 1a) {
  CAF_CHECK_EQUAL(stable_hash(""), 0xcbf29ce484222325U);
  CAF_CHECK_EQUAL(stable_hash("a"), 0xaf63dc4c8601ec8cU);
  CAF_CHECK_EQUAL(stable_hash("foobar"), 0x85944171f73967e8U);
}

CAF_TEST(a conversation lives in the shard of its person) {
  for (auto user : {"dl_ann", "u", "Zoë", "a-b-c"}) {
    auto id = new_conversation_id(user);
    CAF_MESSAGE(id);
    CAF_CHECK_EQUAL(id.size(), 24u);
    CAF_CHECK_EQUAL(shard_of(id), shard_of_user(user));
    CAF_CHECK_LESS(shard_of(id), shard_count);
  }
}

CAF_TEST(an id of another form is hashed as a whole) {
  for (auto id : {"abc-order-17", "abc", "ABC-aaaaaaaaaaaaaaaaaaaa", "abc-aaaaaaaaaaaaaaaaaaa1",
                  "abc-aaaaaaaaaaaaaaaaaaaaa", ""})
    CAF_CHECK_EQUAL(shard_of(id), shard_of_user(id));
  CAF_CHECK_EQUAL(shard_of("abc-aaaaaaaaaaaaaaaaaaaa"), 0xabcu);
}

CAF_TEST(new ids do not repeat and unknown users spread over the shards) {
  std::set<std::string> ids;
  std::set<shard_id> shards;
  for (int i = 0; i < 1000; ++i) {
    auto id = new_conversation_id("");
    shards.insert(shard_of(id));
    ids.insert(std::move(id));
  }
  CAF_CHECK_EQUAL(ids.size(), 1000u);
  CAF_CHECK_GREATER(shards.size(), 700u);
  auto watch = new_id("w-");
  CAF_CHECK_EQUAL(watch.size(), 22u);
  CAF_CHECK(watch.starts_with("w-"));
}

CAF_TEST(ids of notifications are short and plain) {
  CAF_CHECK(is_notification_id("hotel-lv-8841.1"));
  CAF_CHECK(is_notification_id("A_b:9"));
  CAF_CHECK(is_notification_id(std::string(128, 'x')));
  CAF_CHECK(!is_notification_id(std::string(129, 'x')));
  for (auto bad : {"", "a b", "a/b", "é", "a\n"})
    CAF_CHECK(!is_notification_id(bad));
}

CAF_TEST(an activity id carries its number back) {
  CAF_CHECK_EQUAL(activity_id("abc", 1), "abc|0000001");
  CAF_CHECK_EQUAL(activity_id("abc", 12345678), "abc|12345678");
  for (std::uint64_t seq : {1ul, 9999999ul, 10000000ul, 18446744073709551615ul})
    CAF_CHECK_EQUAL(seq_of("a|b", activity_id("a|b", seq)), seq);
  for (auto bad : {"", "abc", "abc|", "abc|1", "abd|0000001", "abc|000000x", "abc|00000001",
                   "abc|0000001 ", "abc|99999999999999999999999", "abc|-000001"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK_EQUAL(seq_of("abc", bad), 0u);
  }
}
