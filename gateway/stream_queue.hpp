// The frames that wait for a stream's client, and how they look on the wire: text, whole, unmasked
// (RFC 6455, 5.2), one activity each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace interject::gateway {

class stream_queue {
public:
  /// Of one activity's payload.
  static std::size_t bytes_of(const std::string& body, std::uint64_t watermark);

  void add(std::shared_ptr<const std::string> body, std::uint64_t watermark);
  bool is_empty() const { return first_ == frames_.size(); }

  /// Payloads that wait, those that were taken and have not gone included.
  std::size_t bytes() const { return waiting_ + taken_; }

  /// Appends frames to `out`: one at least, and more until there are `about` bytes. → how many
  std::size_t take(std::string& out, std::size_t about);
  /// What was taken has gone.
  void gone() { taken_ = 0; }

private:
  struct frame {
    std::shared_ptr<const std::string> body;
    std::uint64_t watermark;
  };
  std::vector<frame> frames_;
  std::size_t first_ = 0; ///< those before it have been taken
  std::size_t waiting_ = 0;
  std::size_t taken_ = 0;
};

} // namespace interject::gateway
