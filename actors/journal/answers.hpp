// Answers that are kept, so that a request that is sent again hears them again.
#pragma once

#include "protocols/result.hpp"
#include "protocols/time.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace interject::journal {

class store;

inline constexpr auto answers_kept = std::chrono::hours(24);

struct kept_answer {
  std::string key;   ///< a digest of who asked what under which key
  std::string print; ///< a digest of what was sent
  time_point at{};
  unsigned status = 0; ///< of HTTP
  std::string content_type;
  std::string location; ///< empty: none
  std::string body;
};

/// A part of a store. Any thread; blocks for the disk.
class answers {
public:
  virtual ~answers() = default;
  /// Nothing when there is none, or when it is older than 24 hours at `now`.
  virtual result<std::optional<kept_answer>> find_answer(const std::string& key,
                                                         time_point now) = 0;
  /// Durable once this returns; takes the place of an earlier one of its key. Of more than `most`
  /// the oldest go.
  virtual result<void> keep_answer(const kept_answer& what, std::size_t most) = 0;
  /// Removes those that are older than 24 hours at `now`.
  virtual result<void> sweep_answers(time_point now) = 0;
};

/// Those of a store of this library; null for another.
std::shared_ptr<answers> answers_of(const std::shared_ptr<store>& of);

} // namespace interject::journal
