// Where codecs write: a turn's activities and state are a few hundred bytes each, so the bytes
// gather on the stack and leave as one string of exactly their size.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace interject {

/// Appends like a string. Asks for memory beyond 2 KB only.
class sink {
public:
  sink() = default;
  sink(const sink&) = delete;
  sink& operator=(const sink&) = delete;

  sink& operator+=(char c) {
    if (at_ == end_)
      grow(1);
    *at_++ = c;
    return *this;
  }
  sink& operator+=(std::string_view text) { return append(text.data(), text.size()); }
  sink& append(const char* bytes, std::size_t count) {
    if (static_cast<std::size_t>(end_ - at_) < count)
      grow(count);
    if (count != 0)
      std::memcpy(at_, bytes, count);
    at_ += count;
    return *this;
  }
  sink& append(std::string_view text, std::size_t from, std::size_t count) {
    return append(text.data() + from, count);
  }

  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }
  std::string_view view() const { return {begin_, size()}; }
  std::string str() const { return std::string(view()); }

private:
  [[gnu::noinline]] void grow(std::size_t by) {
    auto used = size();
    auto room = 2 * (used + by);
    std::unique_ptr<char[]> more(new char[room]);
    std::memcpy(more.get(), begin_, used);
    heap_ = std::move(more);
    begin_ = heap_.get();
    at_ = begin_ + used;
    end_ = begin_ + room;
  }

  char inside_[2048];
  char* begin_ = inside_;
  char* at_ = inside_;
  char* end_ = inside_ + sizeof inside_;
  std::unique_ptr<char[]> heap_;
};

} // namespace interject
