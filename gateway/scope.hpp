// What a caller may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace interject::gateway {

/// `directline` is for a secret or a token, the last four for API keys.
enum class scope : std::uint8_t { open, directline, read, notify, ingest, manage };

inline constexpr const char* scope_names[] = {"open",   "directline", "read",
                                              "notify", "ingest",     "manage"};

constexpr const char* to_string(scope s) {
  return scope_names[static_cast<int>(s)];
}

/// Some of the scopes of API keys.
class scope_set {
public:
  static constexpr scope_set all() {
    scope_set out;
    for (auto s : {scope::read, scope::notify, scope::ingest, scope::manage})
      out.add(s);
    return out;
  }
  constexpr void add(scope s) { bits_ |= 1u << static_cast<int>(s); }
  constexpr bool has(scope s) const { return bits_ & 1u << static_cast<int>(s); }
  /// "read,notify"; nothing for an empty list and for what is no scope of API keys.
  static constexpr std::optional<scope_set> parse(std::string_view text) {
    scope_set out;
    for (;;) {
      auto end = text.find(',');
      bool known = false;
      for (auto s : {scope::read, scope::notify, scope::ingest, scope::manage})
        if (text.substr(0, end) == to_string(s)) {
          out.add(s);
          known = true;
        }
      if (!known)
        return std::nullopt;
      if (end == text.npos)
        return out;
      text.remove_prefix(end + 1);
    }
  }

private:
  unsigned bits_ = 0;
};

} // namespace interject::gateway
