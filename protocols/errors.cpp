#include "protocols/result.hpp"

#include "protocols/names.hpp"

namespace interject {

const char* to_string(errc code) {
  static constexpr auto names =
      std::to_array<const char*>({"bad_input", "unauthorized", "forbidden", "not_found", "conflict",
                                  "too_large", "invalid_fields", "busy", "unavailable", "fenced",
                                  "stale_version", "timed_out", "internal"});
  static_assert(names.size() == static_cast<std::size_t>(errc::internal) + 1);
  return name_in(names, code);
}

const char* describe(errc code) {
  static constexpr std::array sentences{
      "The request is malformed.",
      "A key is required, and this one is missing or wrong.",
      "This key may not do that.",
      "There is no such thing.",
      "It contradicts what is stored.",
      "It is larger than allowed.",
      "Some fields are not acceptable.",
      "Too much is under way; try again later.",
      "It could not be stored now; try again.",
      "The conversation has moved to another node; try again.",
      "Another change came first; try again.",
      "It took too long.",
      "Something went wrong on our side.",
  };
  static_assert(sentences.size() == static_cast<std::size_t>(errc::internal) + 1);
  auto i = static_cast<std::size_t>(code);
  return i < sentences.size() ? sentences[i] : sentences.back();
}

} // namespace interject
