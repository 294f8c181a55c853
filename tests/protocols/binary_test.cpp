#define CAF_SUITE binary
#include "tests/support/caf_test.hpp"

#include "actors/dialog/conversation.hpp"
#include "protocols/activity.hpp"
#include "protocols/codec/binary.hpp"
#include "protocols/monitoring.hpp"

#include <random>

using namespace interject;

namespace {

enum class colour : std::uint8_t { red, green };

struct inner {
  std::uint32_t n = 7;
  std::optional<std::string> note;
  INTERJECT_FIELDS(inner, n, note)
};

struct row_v1 {
  std::string id;
  std::int64_t balance = 0;
  INTERJECT_FIELDS(row_v1, id, balance)
};

struct row_v2 {
  std::string id;
  std::int64_t balance = 0;
  bool open = true;
  colour hue = colour::green;
  std::vector<inner> items;
  std::pair<std::string, value> named{"n", 5};
  duration wait = std::chrono::seconds(30);
  time_point at{};
  decimal price{};
  std::shared_ptr<const std::string> body;
  std::int16_t small = 0;
  INTERJECT_FIELDS(row_v2, id, balance, open, hue, items, named, wait, at, price, body, small)
};

row_v2 full_row() {
  row_v2 r;
  r.id = "c-1";
  r.balance = std::numeric_limits<std::int64_t>::min();
  r.open = false;
  r.hue = colour::red;
  r.items = {{1, std::nullopt}, {4000000000u, "x"}};
  r.named = {"list", value::list{value(), true, *decimal::parse("-0.5"), "text",
                                 time_point(duration(-1)), value::object{{"k", value::list{}}}}};
  r.wait = std::chrono::hours(24);
  r.at = time_point::max();
  r.price = *decimal::parse("158.3");
  r.body = std::make_shared<const std::string>("{}");
  r.small = -300;
  return r;
}

value nested(int depth) {
  value v(1);
  for (int i = 0; i < depth; ++i)
    v = value(value::list{v});
  return v;
}

} // namespace

CAF_TEST(every kind of field comes back as it went) {
  auto row = full_row();
  row_v2 back;
  CAF_REQUIRE(decode_all(encode(row), back));
  CAF_CHECK_EQUAL(back.id, row.id);
  CAF_CHECK_EQUAL(back.balance, row.balance);
  CAF_CHECK_EQUAL(back.open, false);
  CAF_CHECK(back.hue == colour::red);
  CAF_REQUIRE_EQUAL(back.items.size(), 2u);
  CAF_CHECK(!back.items[0].note);
  CAF_CHECK_EQUAL(back.items[1].n, 4000000000u);
  CAF_CHECK_EQUAL(back.items[1].note.value_or(""), "x");
  CAF_CHECK_EQUAL(back.named.first, "list");
  CAF_CHECK(back.named.second == row.named.second);
  CAF_CHECK(back.wait == row.wait);
  CAF_CHECK(back.at == row.at);
  CAF_CHECK(back.price == row.price);
  CAF_REQUIRE(back.body);
  CAF_CHECK_EQUAL(*back.body, "{}");
  CAF_CHECK_EQUAL(back.small, -300);
  CAF_CHECK_EQUAL(encode(back), encode(row));
}

CAF_TEST(a row of an older version loads with defaults and a newer one is refused) {
  row_v2 newer = full_row();
  CAF_REQUIRE(decode_all(encode(row_v1{"old", -5}), newer));
  CAF_CHECK_EQUAL(newer.id, "old");
  CAF_CHECK_EQUAL(newer.balance, -5);
  CAF_CHECK_EQUAL(newer.open, true);
  CAF_CHECK(newer.items.empty());
  CAF_CHECK(newer.wait == std::chrono::seconds(30));
  row_v1 older;
  CAF_CHECK(!decode_all(encode(row_v2{}), older));
}

CAF_TEST(every prefix of a row is refused) {
  auto bytes = encode(full_row());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    row_v2 back;
    CAF_CHECK(!decode_all(std::string_view(bytes).substr(0, n), back));
  }
  row_v2 back;
  CAF_CHECK(!decode_all(bytes + "x", back));
}

CAF_TEST(decode takes one thing off the front) {
  std::string bytes;
  encode(bytes, std::string("one"));
  encode(bytes, std::uint32_t{300});
  std::string_view in = bytes;
  std::string text;
  std::uint32_t number = 0;
  CAF_CHECK(decode(in, text));
  CAF_CHECK(decode(in, number));
  CAF_CHECK_EQUAL(text, "one");
  CAF_CHECK_EQUAL(number, 300u);
  CAF_CHECK(in.empty());
}

CAF_TEST(numbers that do not fit are refused) {
  std::uint8_t byte = 0;
  CAF_CHECK(decode_all(encode(std::uint32_t{255}), byte));
  CAF_CHECK(!decode_all(encode(std::uint32_t{256}), byte));
  std::int16_t small = 0;
  CAF_CHECK(!decode_all(encode(std::int32_t{40000}), small));
  colour hue{};
  CAF_CHECK(decode_all(encode(std::uint32_t{1}), hue));
  CAF_CHECK(!decode_all(encode(std::uint32_t{2}), hue));
  bool flag = false;
  CAF_CHECK(!decode_all("\x02", flag));
  std::uint64_t wide = 0;
  CAF_CHECK(decode_all(std::string(9, '\xff') + "\x01", wide));
  CAF_CHECK_EQUAL(wide, std::numeric_limits<std::uint64_t>::max());
  CAF_CHECK(!decode_all(std::string(9, '\xff') + "\x02", wide));
  CAF_CHECK(!decode_all(std::string(11, '\xff'), wide));
}

CAF_TEST(lengths beyond the bytes at hand are refused before memory is taken) {
  std::string huge = encode(std::uint64_t{1} << 60);
  std::string text;
  std::vector<std::string> list;
  value v;
  CAF_CHECK(!decode_all(huge + "abc", text));
  CAF_CHECK(!decode_all(huge + "abc", list));
  for (auto tag : {"\x05", "\x06", "\x07"})
    CAF_CHECK(!decode_all(tag + huge + "abc", v));
  CAF_CHECK(!decode_all("\x08", v));
}

CAF_TEST(values nest to their bound and no further) {
  value back;
  CAF_CHECK(decode_all(encode(nested(max_value_depth)), back));
  CAF_CHECK(back == nested(max_value_depth));
  bool refused = false;
  try {
    encode(nested(max_value_depth + 1));
  } catch (const broken_invariant&) {
    refused = true;
  }
  CAF_CHECK(refused);
  std::string bytes;
  for (int i = 0; i < 100'000; ++i)
    bytes += "\x06\x01";
  CAF_CHECK(!decode_all(bytes + '\0', back));
}

CAF_TEST(a fresh conversation takes few bytes) {
  CAF_CHECK_LESS(encode(dialog::conversation{}).size(), 24u);
  dialog::conversation c;
  c.stack.emplace_back();
  CAF_CHECK_LESS(encode(c).size(), 40u);
}

CAF_TEST(the vocabulary comes back as it went) {
  watch_row watch;
  watch.id = "w-1";
  watch.notify.text = {{"en", "down"}, {"fr", "en baisse"}};
  watch.notify.dialog_params = {{"price", 158}};
  watch.baseline = decimal::of(200);
  watch_row back;
  CAF_REQUIRE(decode_all(encode(watch), back));
  CAF_CHECK_EQUAL(encode(back), encode(watch));
  CAF_CHECK(back.notify.text == watch.notify.text);
  CAF_CHECK(back.baseline == watch.baseline);
  CAF_CHECK(!back.fired_at);
}

CAF_TEST(damaged bytes never do harm) {
  std::mt19937_64 random(20261122);
  auto good = encode(full_row());
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = good;
    for (int i = 0; i < 3; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    row_v2 back;
    if (decode_all(bytes, back)) {
      ++taken;
      row_v2 again;
      CAF_REQUIRE(decode_all(encode(back), again));
    }
  }
  CAF_CHECK_GREATER(taken, 0);
  CAF_CHECK_LESS(taken, 20'000);
}
