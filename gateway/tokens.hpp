// Direct Line's secret and tokens. A secret opens every conversation and never expires; a token
// (JWT, HS256) opens one, for 30 minutes by our own clock. The signing key is derived from the
// secret, so tokens outlive a restart.
#pragma once

#include "actors/runtime/clock.hpp"
#include "protocols/ids.hpp"
#include "protocols/result.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace interject::gateway {

/// What a bearer may do on Direct Line.
struct grant {
  bool by_secret = false;
  conversation_id conversation; ///< the only one that a token opens
  user_id user;                 ///< of a token that carries one: replaces `from`
  std::string user_name;
  std::vector<std::string> origins; ///< trusted; empty: every origin
  time_point expires{};
};

inline constexpr std::chrono::seconds token_lifetime{1800};

class token_office {
public:
  /// `most_known`: tokens that are remembered as verified.
  token_office(std::string secret, runtime::clock_ptr clock, std::size_t most_known = 16'384);

  std::string issue(const grant& g) const; ///< `expires` is set here
  /// `authorization` is the header, "Bearer …". → unauthorized (none, wrong) | forbidden (expired)
  result<grant> check_header(std::string_view authorization) const;
  result<grant> check_token(std::string_view token) const; ///< never the secret
  static constexpr std::string_view expired = "the token has expired";

private:
  result<grant> read(std::string_view token) const;
  std::optional<grant> recall(std::string_view token) const;
  void remember(std::string_view token, const grant& g) const;
  result<grant> unless_expired(result<grant> g) const;
  bool signed_by_us(std::string_view token) const;

  std::string secret_;
  std::string key_;    ///< hex
  std::string header_; ///< the first part of every token of ours
  runtime::clock_ptr clock_;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  /// Tokens that were verified on requests, as clients send theirs with every one: what they carry
  /// cannot change, and whether they have expired is asked each time. Those that only open a
  /// stream are not kept, as most clients listen. At the bound the memory begins anew.
  std::size_t most_known_;
  mutable std::mutex known_guard_;
  mutable std::unordered_map<std::string, grant, text_hash, std::equal_to<>> known_;
};

/// Equal bytes, in a time that does not tell where they differ.
bool equal_secrets(std::string_view a, std::string_view b);

/// The credential of "Bearer X"; empty when the header has another form.
std::string_view bearer(std::string_view authorization);

} // namespace interject::gateway
