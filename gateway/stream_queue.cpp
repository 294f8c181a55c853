#include "gateway/stream_queue.hpp"

#include "gateway/directline.hpp"

namespace interject::gateway {

namespace {

void append_head(std::string& out, std::size_t length) {
  constexpr char whole_text = static_cast<char>(0x81);
  out += whole_text;
  auto append = [&](int bytes) {
    while (bytes-- > 0)
      out += static_cast<char>(static_cast<std::uint64_t>(length) >> (8 * bytes) & 0xff);
  };
  if (length < 126)
    return append(1);
  out += length <= 0xffff ? static_cast<char>(126) : static_cast<char>(127);
  append(length <= 0xffff ? 2 : 8);
}

} // namespace

std::size_t stream_queue::bytes_of(const std::string& body, std::uint64_t watermark) {
  return directline::frame_head.size() + body.size() + directline::frame_tail(watermark).size();
}

void stream_queue::add(std::shared_ptr<const std::string> body, std::uint64_t watermark) {
  waiting_ += bytes_of(*body, watermark);
  frames_.push_back({std::move(body), watermark});
}

std::size_t stream_queue::take(std::string& out, std::size_t about) {
  std::size_t count = 0;
  for (auto before = out.size(); !is_empty() && out.size() - before < about; ++count) {
    auto f = std::move(frames_[first_++]);
    auto tail = directline::frame_tail(f.watermark);
    auto length = directline::frame_head.size() + f.body->size() + tail.size();
    append_head(out, length);
    out.append(directline::frame_head).append(*f.body).append(tail);
    waiting_ -= length;
    taken_ += length;
  }
  if (is_empty()) {
    std::vector<frame>().swap(frames_); // idle streams are many
    first_ = 0;
  }
  return count;
}

} // namespace interject::gateway
