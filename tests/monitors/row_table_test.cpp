#define CAF_SUITE row_table
#include "tests/support/caf_test.hpp"

#include "actors/monitors/row_table.hpp"
#include "protocols/codec/binary.hpp"

using namespace interject;
using namespace interject::monitors;

namespace {

watch_row quiet_row(const std::string& id) {
  watch_row row;
  row.id = id;
  row.conversation = "c-" + id;
  row.symbol = "ACME";
  row.when = {watch_kind::falls_to, decimal::of(100)};
  row.notify.text = {{"", "{symbol} is at {price}."}};
  row.state = watch_state::armed;
  row.baseline = decimal::of(120);
  row.order = 7;
  return row;
}

std::string bytes_of(const watch_row& row) {
  return encode(row);
}

std::uint64_t order_in(const row_table& rows) {
  return rows.copy("w-1").value().order;
}

} // namespace

CAF_TEST(a packed row comes out as it went in) {
  row_table rows;
  auto row = quiet_row("w-1");
  CAF_CHECK(rows.put_packed("w-1", encode(row)));
  CAF_CHECK(rows.has("w-1"));
  CAF_CHECK_EQUAL(bytes_of(rows.copy("w-1").value()), bytes_of(row));
  auto* found = rows.find("w-1");
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(bytes_of(*found), bytes_of(row));
  CAF_CHECK_EQUAL(rows.size(), 1u);
}

CAF_TEST(a change stays also when the row is packed again) {
  row_table rows;
  CAF_CHECK(rows.put_packed("w-1", encode(quiet_row("w-1"))));
  rows.find("w-1")->order = 9;
  CAF_CHECK_EQUAL(order_in(rows), 9u);
  rows.pack("w-1");
  CAF_CHECK_EQUAL(order_in(rows), 9u);
  CAF_CHECK_EQUAL(rows.find("w-1")->order, 9u);
  CAF_CHECK_EQUAL(rows.size(), 1u);
}

CAF_TEST(a row is replaced packed as well as open) {
  row_table rows;
  CAF_CHECK(rows.put_packed("w-1", encode(quiet_row("w-1"))));
  for (std::uint64_t order : {9, 10}) {
    auto row = quiet_row("w-1");
    row.order = order;
    rows.replace("w-1", std::move(row));
    CAF_CHECK_EQUAL(order_in(rows), order);
    CAF_CHECK_EQUAL(rows.size(), 1u);
  }
}

CAF_TEST(one that is known is not packed over) {
  row_table rows;
  auto changed = quiet_row("w-1");
  changed.order = 9;
  rows.put(changed);
  CAF_CHECK(!rows.put_packed("w-1", encode(quiet_row("w-1"))));
  CAF_CHECK_EQUAL(order_in(rows), 9u);
  rows.pack("w-1");
  CAF_CHECK(!rows.put_packed("w-1", encode(quiet_row("w-1"))));
  CAF_CHECK_EQUAL(order_in(rows), 9u);
}

CAF_TEST(a new row replaces a packed one and erasing leaves nothing) {
  row_table rows;
  CAF_CHECK(rows.put_packed("w-1", encode(quiet_row("w-1"))));
  auto row = quiet_row("w-1");
  row.order = 9;
  rows.put(row);
  CAF_CHECK_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(order_in(rows), 9u);
  CAF_CHECK(rows.erase("w-1"));
  CAF_CHECK(!rows.has("w-1"));
  CAF_CHECK(!rows.find("w-1"));
  CAF_CHECK(!rows.copy("w-1"));
  rows.replace("w-1", quiet_row("w-1"));
  CAF_CHECK(!rows.has("w-1"));
  CAF_CHECK(!rows.erase("w-1"));
  CAF_CHECK(rows.put_packed("w-1", encode(quiet_row("w-1"))));
  CAF_CHECK(rows.erase("w-1"));
  CAF_CHECK_EQUAL(rows.size(), 0u);
}

CAF_TEST(a row of which something is to be told is not quiet) {
  auto with = [](auto change) {
    auto row = quiet_row("w-1");
    change(row);
    return is_quiet(row);
  };
  CAF_CHECK(with([](auto&) {}));
  CAF_CHECK(with([](auto& row) { row.state = watch_state::pending; }));
  CAF_CHECK(with([](auto& row) { row.state = watch_state::rearming; }));
  CAF_CHECK(with([](auto& row) { row.firings = row.taken = 2, row.ended = row.retracted = 1; }));
  CAF_CHECK(!with([](auto& row) { row.state = watch_state::waiting; }));
  CAF_CHECK(!with([](auto& row) { row.state = watch_state::fired; }));
  CAF_CHECK(!with([](auto& row) { row.state = watch_state::done; }));
  CAF_CHECK(!with([](auto& row) { row.order = 0; }));
  CAF_CHECK(!with([](auto& row) { row.baseline.reset(); }));
  CAF_CHECK(!with([](auto& row) { row.firings = 2, row.taken = 1; }));
  CAF_CHECK(!with([](auto& row) { row.firings = row.taken = 2, row.ended = 1; }));
}
