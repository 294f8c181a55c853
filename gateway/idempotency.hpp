// `Idempotency-Key` on writes of the management API, after
// draft-ietf-httpapi-idempotency-key-header: the rule. What has sockets and a store applies it
// (once.cpp).
//
// An answer is on disk before it is given, so whoever heard one never has it done twice, whatever
// happens to the server. A write that was cut off before its answer runs again; a watch or a
// reminder then has the same id, which is made of the key, so that its conversation takes it once.
#pragma once

#include "actors/journal/answers.hpp"
#include "protocols/result.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace interject::gateway {

struct request;

/// Digests (SHA-256): two requests with the same `key` are meant to be one; with the same `print`,
/// they ask the same.
struct write_id {
  std::string
      key; ///< of the API key's name, the method, the path and the header; empty: no such write
  std::string print; ///< of the query, the media type, CloudEvents' headers and the body
};

/// 1 to 255 printable ASCII characters; in quotes (a string of RFC 8941) they mean what stands
/// between them.
result<std::string> read_idempotency_key(std::string_view field);

write_id identify(const request& in, std::string_view caller, std::string_view key);

enum class write_verdict : std::uint8_t {
  run,        ///< nothing is known of it
  replay,     ///< answered before
  under_way,  ///< the first is not answered yet
  other_body, ///< the key belongs to another request
};

/// `running`: the print of the one that is under way; `kept`: of the one that was answered. Null:
/// there is none.
write_verdict judge(std::string_view print, const std::string* running, const std::string* kept);

/// Whether a repeat shall hear it: not where it may go otherwise the next time.
constexpr bool is_final(unsigned status) {
  return status >= 200 && status < 500 && status != 401 && status != 403 && status != 408 &&
         status != 429;
}

/// Those that run now. Any thread. No more than there are connections, as each has one request at a
/// time.
class writes_under_way {
public:
  /// Until `end`, or its own: before the answer is given, so that a repeat of it does not meet the
  /// first.
  class place {
  public:
    place(writes_under_way& in, std::string key) : in_(in), key_(std::move(key)) {}
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() { end(); }
    void end() {
      if (!key_.empty())
        in_.leave(std::exchange(key_, {}));
    }

  private:
    writes_under_way& in_;
    std::string key_;
  };

  /// `run`: it is under way now, until `leave`.
  write_verdict enter(const write_id& id);
  void leave(const std::string& key);

private:
  std::mutex guard_;
  std::unordered_map<std::string, std::string> prints_; ///< by key
};

} // namespace interject::gateway
