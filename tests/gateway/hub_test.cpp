#define CAF_SUITE hub
#include "tests/support/caf_test.hpp"

#include "gateway/hub.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

struct listener final : subscriber {
  std::vector<std::uint64_t> got;
  void deliver(std::span<const publication> what) override {
    for (auto& one : what)
      got.push_back(one.seq);
  }
};

publication said(const conversation_id& in, std::uint64_t seq) {
  return {in, seq, std::make_shared<const std::string>("{}")};
}

} // namespace

CAF_TEST(every stream of a conversation hears it and no other conversation does) {
  hub h;
  auto one = std::make_shared<listener>();
  auto two = std::make_shared<listener>();
  auto other = std::make_shared<listener>();
  h.add("a", one);
  h.add("a", two);
  h.add("b", other);
  h.publish(said("a", 1));
  h.publish(said("a", 2));
  h.publish(said("c", 9));
  CAF_CHECK_EQUAL(one->got, (std::vector<std::uint64_t>{1, 2}));
  CAF_CHECK_EQUAL(two->got, one->got);
  CAF_CHECK(other->got.empty());
  CAF_CHECK_EQUAL(h.open("a"), 2u);
}

CAF_TEST(a stream that has gone hears nothing and is forgotten) {
  hub h;
  auto one = std::make_shared<listener>();
  auto two = std::make_shared<listener>();
  h.add("a", one);
  h.add("a", two);
  h.remove("a", one.get());
  h.publish(said("a", 1));
  CAF_CHECK(one->got.empty());
  CAF_CHECK_EQUAL(two->got.size(), 1u);
  auto raw = two.get();
  two.reset();
  h.publish(said("a", 2));
  h.remove("a", raw);
  CAF_CHECK_EQUAL(h.open("a"), 0u);
}
