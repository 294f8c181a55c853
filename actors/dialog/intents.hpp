// What a user says to begin a dialog, and the global phrases.
#pragma once

#include "actors/dialog/recognise.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace re2 {
class RE2;
}

namespace interject::dialog {

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view t) const { return std::hash<std::string_view>{}(t); }
};
template <class T> using text_map = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;

struct intent_match {
  std::uint16_t dialog = 0;
  named_values found; ///< named groups of a pattern
};

class intent_table {
public:
  intent_table();
  ~intent_table();
  intent_table(intent_table&&) noexcept;
  intent_table& operator=(intent_table&&) noexcept;

  /// The dialog that has the phrase already, if any; then nothing is added.
  std::optional<std::uint16_t> add_phrase(std::string_view phrase, std::uint16_t dialog);
  /// Why RE2 refuses it; empty when it was added. `groups` gets the names of its groups.
  std::string add_pattern(const std::string& pattern, std::uint16_t dialog,
                          std::vector<std::string>& groups);

  /// Phrases are compared as whole messages; patterns are searched, without regard to case, in the
  /// order in which they were added, and phrases go first.
  std::optional<intent_match> match(const heard& h) const;

private:
  struct pattern {
    std::unique_ptr<re2::RE2> it;
    std::uint16_t dialog;
    std::vector<std::string> groups; ///< by number from 1, empty when unnamed
  };
  text_map<std::uint16_t> phrases_;
  std::vector<pattern> patterns_;
};

enum class global : std::uint8_t { cancel, help, start_over };

class global_table {
public:
  void add(std::string_view phrase, global meaning);
  std::optional<global> match(const heard& h) const;

private:
  text_map<global> phrases_;
};

/// The engine's phrases for it in a language ("en"), not folded; empty when it has none.
std::vector<std::string_view> default_phrases(global meaning, std::string_view language);

} // namespace interject::dialog
