// Which activity a stream sends next. Pure: the session asks it, and does what it says.
#pragma once

#include <cstdint>

namespace interject::gateway {

/// A stream begins by reading what is committed after its watermark; from then on a publication is
/// sent when it is the next one, and anything else makes the stream read again. So a client sees
/// each activity once, in order, whatever the order in which publications and reads meet.
class stream_cursor {
public:
  enum class verdict : std::uint8_t {
    send,   ///< and it counts as sent
    ignore, ///< sent already, or to be read
    read,   ///< a gap: read committed rows after `sent()`
  };

  explicit stream_cursor(std::uint64_t watermark) : sent_(watermark), newest_(watermark) {}

  std::uint64_t sent() const { return sent_; }
  bool reading() const { return reading_; }

  void begin_read() { reading_ = true; }

  /// A live publication; `seq` 0 is volatile, and only said when the stream is up to date.
  verdict offer(std::uint64_t seq) {
    if (seq == 0)
      return reading_ ? verdict::ignore : verdict::send;
    if (seq > newest_)
      newest_ = seq;
    if (reading_ || seq <= sent_)
      return verdict::ignore;
    if (seq != sent_ + 1)
      return verdict::read;
    sent_ = seq;
    return verdict::send;
  }

  /// A row of a read: true when it is to be sent.
  bool take_row(std::uint64_t seq) {
    if (seq != sent_ + 1)
      return false;
    sent_ = seq;
    if (seq > newest_)
      newest_ = seq;
    return true;
  }

  /// After the rows of a read: true when there is more to read.
  bool end_read(bool page_was_full) {
    reading_ = false;
    return page_was_full || newest_ > sent_;
  }

private:
  std::uint64_t sent_;
  std::uint64_t newest_; ///< newest seen published
  bool reading_ = false;
};

} // namespace interject::gateway
