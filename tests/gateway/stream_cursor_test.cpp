#define CAF_SUITE stream_cursor
#include "tests/support/caf_test.hpp"

#include "gateway/stream_cursor.hpp"

#include <random>

using namespace interject::gateway;
using verdict = stream_cursor::verdict;

CAF_TEST(the next publication is sent and no repeat is) {
  stream_cursor c(4);
  CAF_CHECK(c.offer(5) == verdict::send);
  CAF_CHECK(c.offer(5) == verdict::ignore);
  CAF_CHECK(c.offer(3) == verdict::ignore);
  CAF_CHECK(c.offer(6) == verdict::send);
  CAF_CHECK_EQUAL(c.sent(), 6u);
}

CAF_TEST(a gap asks for a read and the read closes it) {
  stream_cursor c(0);
  CAF_CHECK(c.offer(3) == verdict::read);
  c.begin_read();
  CAF_CHECK(c.offer(4) == verdict::ignore);
  for (auto seq : {1u, 2u, 3u})
    CAF_CHECK(c.take_row(seq));
  CAF_CHECK(c.end_read(false)); // 4 was published meanwhile
  c.begin_read();
  CAF_CHECK(c.take_row(4));
  CAF_CHECK(!c.end_read(false));
  CAF_CHECK(c.offer(5) == verdict::send);
}

CAF_TEST(what is volatile is said only when the stream is up to date) {
  stream_cursor c(0);
  CAF_CHECK(c.offer(0) == verdict::send);
  c.begin_read();
  CAF_CHECK(c.offer(0) == verdict::ignore);
  CAF_CHECK_EQUAL(c.sent(), 0u);
}

// A writer commits and then publishes; publications and reads meet the stream in any interleaving,
// some publications are lost on the way, and in the end the stream has sent everything once and in
// order.
CAF_TEST(any interleaving of publications and reads sends each activity once and in order) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    std::mt19937 dice(seed);
    std::uint64_t committed = dice() % 5;
    std::uint64_t published = 0;
    const std::uint64_t total = committed + 1 + dice() % 12;
    const std::uint64_t page = 1 + dice() % 4;
    stream_cursor c(dice() % 2 ? 0 : std::min<std::uint64_t>(committed, dice() % 3));
    std::vector<std::uint64_t> sent;
    auto expected = c.sent() + 1;
    bool reading = true;
    c.begin_read();
    auto read_until_done = [&] {
      auto seen = committed; // the rows that this read finds
      std::uint64_t rows = 0;
      for (auto seq = c.sent() + 1; seq <= seen && rows < page; ++seq, ++rows)
        if (c.take_row(seq))
          sent.push_back(seq);
      reading = c.end_read(rows == page);
      if (reading)
        c.begin_read();
    };
    published = committed;
    for (int guard = 0; (committed < total || published < committed || reading) && guard < 1000;
         ++guard) {
      switch (dice() % 3) {
      case 0:
        committed += committed < total;
        break;
      case 1:
        if (published < committed) {
          ++published;
          bool lost = published != total && dice() % 8 == 0;
          if (lost)
            break;
          auto v = c.offer(published);
          if (v == verdict::send)
            sent.push_back(published);
          else if (v == verdict::read) {
            reading = true;
            c.begin_read();
          }
        }
        break;
      default:
        if (reading)
          read_until_done();
      }
    }
    for (auto seq : sent)
      if (seq != expected++)
        CAF_FAIL("seed " << seed << " sent " << seq << " out of order");
    if (expected != total + 1)
      CAF_FAIL("seed " << seed << " stopped at " << expected - 1 << " of " << total);
  }
  CAF_CHECK(true);
}
