// Texts: ICU MessageFormat per locale, variants used in turn, dotted names. Compiled at load; a
// text without placeholders, or with plain `{name}` only, never touches ICU at run time.
#pragma once

#include "actors/dialog/expression.hpp"
#include "protocols/notification.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog {

struct text_fault {
  std::string pointer; ///< below the text: "/fr", "/en/1", or empty
  std::string what;
  std::string remedy;
  bool warning = false;
};

/// A compiled text. Immutable; any thread.
class text {
public:
  text() = default;

  /// `spec` is a string, a list of variants, or an object from locale to either. `locales` are the
  /// bot's, the first is the fallback; a locale that is missing is a warning, the fallback missing
  /// a fault. All faults at once: bad ICU syntax with its place, unknown names, an apostrophe that
  /// would swallow a brace.
  static text compile(const value& spec, const std::vector<std::string>& locales,
                      const name_resolver& names, std::vector<text_fault>& faults);

  /// In that locale (one of the bot's, else the fallback), variant `turn` modulo their number. What
  /// a user typed is inserted as it is. Never throws; a variable that is not set gives nothing (a
  /// select its `other`), and a value that does not fit its format is shown as it is. Instants are
  /// shown in UTC. Numbers and instants that stand as text ("158.30", "2026-12-01") are taken for
  /// what they spell where a format asks for one.
  void append(std::string& out, std::string_view locale, std::uint32_t turn,
              const variables& in) const;
  std::string format(std::string_view locale, std::uint32_t turn, const variables& in) const;

  bool empty() const { return it_ == nullptr; }
  const std::vector<std::uint32_t>& reads() const;
  /// The patterns as written, for a notification that is rendered later. The first variant of each
  /// locale.
  localized_text patterns() const;
  /// The names that the patterns use, dotted, each once.
  std::vector<std::string> names() const;

private:
  struct compiled;
  std::shared_ptr<const compiled> it_;
};

/// The names used in a pattern that came from outside ("price", "offer.name"); nothing when ICU
/// refuses it, and then `why` says so.
std::optional<std::vector<std::string>> pattern_names(const std::string& pattern,
                                                      const std::string& locale, std::string& why);

/// The engine's own sentences, in the languages that it ships with (en, fr, de, es, tr),
/// overridable by a bot's `texts`.
enum class engine_text : std::uint8_t {
  cancelled, ///< after a global cancel
  nothing_to_cancel,
  started_over,
  still_working,  ///< said while a foreground call runs
  not_understood, ///< no fallback dialog, nothing matched
  retry,          ///< an answer that does not fit and no `retry` text
  old_prompt,     ///< a tap on a question that is no longer open
  dialog_failed,
  help,         ///< no dialog serves the global help
  prompt_waits, ///< a tap on a question that waits under another one
};
const char* to_string(engine_text which); ///< its key in a bot's `texts`
std::string_view engine_sentence(engine_text which, std::string_view locale);

} // namespace interject::dialog
