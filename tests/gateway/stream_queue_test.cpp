#define CAF_SUITE stream_queue
#include "tests/support/caf_test.hpp"

#include "gateway/directline.hpp"
#include "gateway/stream_queue.hpp"

using namespace interject::gateway;

namespace {

/// The payloads of whole text frames, as a client reads them.
std::vector<std::string> read_frames(std::string_view wire) {
  std::vector<std::string> out;
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(wire.at(i)); };
  while (!wire.empty()) {
    CAF_REQUIRE_EQUAL(int(byte(0)), 0x81);
    std::size_t head = 2, length = byte(1);
    std::size_t wide = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (wide)
      for (length = 0; head < 2 + wide; ++head)
        length = length << 8 | byte(head);
    CAF_REQUIRE(wide == 0 || length >= (wide == 2 ? 126u : 65536u));
    CAF_REQUIRE(head + length <= wire.size());
    out.emplace_back(wire.substr(head, length));
    wire.remove_prefix(head + length);
  }
  return out;
}

std::shared_ptr<const std::string> text(std::size_t bytes) {
  return std::make_shared<const std::string>(bytes, 'x');
}

std::string payload(const std::string& body, std::uint64_t watermark) {
  return std::string(directline::frame_head) + body + directline::frame_tail(watermark);
}

} // namespace

CAF_TEST(frames of every length are read as they were added) {
  auto around = stream_queue::bytes_of("", 1);
  for (std::size_t length : {around, std::size_t(125), std::size_t(126), std::size_t(65535),
                             std::size_t(65536), std::size_t(70000)}) {
    stream_queue q;
    q.add(text(length - around), 1);
    CAF_CHECK_EQUAL(q.bytes(), length);
    std::string wire;
    CAF_CHECK_EQUAL(q.take(wire, 1), 1u);
    auto got = read_frames(wire);
    CAF_REQUIRE_EQUAL(got.size(), 1u);
    CAF_CHECK_EQUAL(got[0], payload(*text(length - around), 1));
  }
}

CAF_TEST(what is taken at once is bounded and counts until it has gone) {
  stream_queue q;
  for (std::uint64_t i = 1; i <= 5; ++i)
    q.add(text(100), i);
  auto one = stream_queue::bytes_of(*text(100), 1);
  std::string wire;
  CAF_CHECK_EQUAL(q.take(wire, 2 * one), 2u); // the heads count too
  CAF_CHECK_EQUAL(q.bytes(), 5 * one);
  q.gone();
  CAF_CHECK_EQUAL(q.bytes(), 3 * one);
  CAF_CHECK_EQUAL(q.take(wire, 1), 1u); // one at least
  q.add(text(100), 6);
  CAF_CHECK_EQUAL(q.take(wire, 1 << 20), 3u);
  CAF_CHECK(q.is_empty());
  q.gone();
  CAF_CHECK_EQUAL(q.bytes(), 0u);
  auto got = read_frames(wire);
  CAF_REQUIRE_EQUAL(got.size(), 6u);
  for (std::uint64_t i = 1; i <= 6; ++i)
    CAF_CHECK_EQUAL(got[i - 1], payload(*text(100), i));
}
