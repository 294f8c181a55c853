// Texts through ICU. Its formatters are not safe to share between threads, so each thread
// keeps its own.
#include "actors/dialog/text_pattern.hpp"

#include "actors/dialog/recognise_time.hpp"
#include "actors/dialog/shared_icu.hpp"
#include "protocols/codec/json_append.hpp"

#include <unicode/datefmt.h>
#include <unicode/msgfmt.h>
#include <unicode/numsys.h>

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

namespace interject::dialog::detail {

namespace {

constexpr std::size_t most_formatters = 512; ///< per thread and kind; then all are made anew

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

struct formatters {
  std::unordered_map<std::string, std::unique_ptr<icu::Format>, text_hash, std::equal_to<>> leaves;
  std::unordered_map<std::uint64_t, std::unique_ptr<icu::MessageFormat>> blocks;
};

formatters& mine() {
  thread_local formatters kept;
  return kept;
}

std::unique_ptr<icu::Format> make_plain(bool of_time, const icu::Locale& locale,
                                        UErrorCode& status) {
  std::unique_ptr<icu::Format> made;
  if (of_time)
    made.reset(icu::DateFormat::createDateTimeInstance(icu::DateFormat::kShort,
                                                       icu::DateFormat::kShort, locale));
  else
    made.reset(icu::NumberFormat::createInstance(locale, status));
  return made;
}

/// MessageFormat knows how to read a style; what it made of it is then ours.
std::unique_ptr<icu::Format> make_styled(const leaf& l, const icu::Locale& locale,
                                         UErrorCode& status) {
  static constexpr const char* names[] = {"",         "number",  "date",    "time",
                                          "spellout", "ordinal", "duration"};
  std::string source = std::string("{a, ") + names[static_cast<int>(l.format)];
  source += (l.style.empty() ? "" : ",") + l.style + "}";
  UParseError where;
  icu::MessageFormat message(wide(source), locale, where, status);
  std::int32_t count = 0;
  auto* formats = U_SUCCESS(status) ? message.getFormats(count) : nullptr;
  if (count != 1 || !formats[0]) {
    status = U_FAILURE(status) ? status : U_ILLEGAL_ARGUMENT_ERROR;
    return nullptr;
  }
  return std::unique_ptr<icu::Format>(formats[0]->clone());
}

std::unique_ptr<icu::Format> make_leaf(const leaf& l, const std::string& tag, bool of_time,
                                       UErrorCode& status) {
  auto locale = locale_of(tag);
  auto made = l.format == leaf_format::plain ? make_plain(of_time, locale, status)
                                             : make_styled(l, locale, status);
  if (auto* date = dynamic_cast<icu::DateFormat*>(made.get()))
    date->setTimeZone(*icu::TimeZone::getGMT()); // not the zone of the machine
  return U_SUCCESS(status) ? std::move(made) : nullptr;
}

std::unique_ptr<icu::MessageFormat> make_block(const piece& p, const std::string& tag,
                                               UErrorCode& status) {
  UParseError where;
  auto made = std::make_unique<icu::MessageFormat>(wide(p.icu), locale_of(tag), where, status);
  return U_SUCCESS(status) ? std::move(made) : nullptr;
}

/// From the cache; null when there is no such formatter, which `compile` has excluded but for a
/// lack of memory.
icu::Format* formatter(const leaf& l, const pattern& p, bool of_time) {
  auto& kept = mine().leaves;
  bool plain_time = of_time && l.format == leaf_format::plain;
  std::string time_key = plain_time ? l.key + "@" : std::string();
  const auto& key = plain_time ? time_key : l.key;
  if (auto it = kept.find(std::string_view(key)); it != kept.end())
    return it->second.get();
  if (kept.size() >= most_formatters)
    kept.clear();
  UErrorCode status = U_ZERO_ERROR;
  return kept.emplace(key, make_leaf(l, p.locale, of_time, status)).first->second.get();
}

icu::Formattable formattable(decimal number, UErrorCode& status) {
  if (number.is_whole())
    return icu::Formattable(number.whole());
  return icu::Formattable(to_string(number), status);
}

bool put(std::string& out, icu::Format* format, const icu::Formattable& what) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString shown;
  if (!format)
    return false;
  format->format(what, shown, status);
  if (U_SUCCESS(status))
    shown.toUTF8String(out);
  return U_SUCCESS(status);
}

bool put_number(std::string& out, const pattern& p, const leaf& l, decimal number) {
  if (l.format == leaf_format::plain && p.latin_digits && number.is_whole() && number.units >= 0 &&
      number.whole() < 1000) {
    append_json_number(out, number.whole());
    return true;
  }
  UErrorCode status = U_ZERO_ERROR;
  auto what = formattable(number, status);
  return U_SUCCESS(status) && put(out, formatter(l, p, false), what);
}

bool put_time(std::string& out, const pattern& p, const leaf& l, time_point at) {
  auto ms = static_cast<double>(at.time_since_epoch().count());
  return put(out, formatter(l, p, true), icu::Formattable(ms, icu::Formattable::kIsDate));
}

std::optional<decimal> number_in(const value& v) {
  if (auto* number = v.as_number())
    return *number;
  return v.as_text() ? decimal::parse(*v.as_text()) : std::nullopt;
}

std::optional<time_point> time_in(const value& v) {
  if (auto* at = v.as_time())
    return *at;
  if (!v.as_text())
    return std::nullopt;
  auto at = parse_time(*v.as_text());
  return at ? at : parse_time(*v.as_text() + "T00:00:00Z");
}

void put_plain(std::string& out, const pattern& p, const leaf& l, const value& v) {
  if (auto* text = v.as_text()) {
    out += *text;
    return;
  }
  if (auto* items = v.as_list()) {
    bool first = true;
    for (auto& item : *items) {
      if (!first)
        out += ", ";
      first = false;
      if (item.as_list())
        out += display(item);
      else
        put_plain(out, p, l, item);
    }
    return;
  }
  if (v.as_number() && put_number(out, p, l, *v.as_number()))
    return;
  if (v.as_time() && put_time(out, p, l, *v.as_time()))
    return;
  if (!v.is_null())
    out += display(v);
}

/// A value that does not fit its format is shown as a person reads it.
void put_leaf(std::string& out, const pattern& p, const leaf& l, const value& v) {
  switch (l.format) {
  case leaf_format::plain:
    return put_plain(out, p, l, v);
  case leaf_format::date:
  case leaf_format::time:
    if (auto at = time_in(v); at && put_time(out, p, l, *at))
      return;
    break;
  case leaf_format::duration:
    if (auto length = v.as_text() ? parse_duration(*v.as_text()) : std::nullopt) {
      out += length_in_words(*length, p.locale);
      return;
    }
    [[fallthrough]];
  default:
    if (auto number = number_in(v); number && put_number(out, p, l, *number))
      return;
  }
  out += display(v);
}

/// False when the value cannot be an argument of that role.
bool fill(icu::Formattable& slot, const pattern& p, const block_argument& a, const value* v,
          when_missing missing) {
  UErrorCode status = U_ZERO_ERROR;
  bool there = v && !v->is_null();
  if (a.as == block_argument::role::count) {
    auto number = there ? number_in(*v) : std::nullopt;
    if (number)
      slot = formattable(*number, status);
    return number && U_SUCCESS(status);
  }
  std::string shown;
  if (!there)
    shown = missing == when_missing::keep_source ? "{" + p.names[a.what.name] + "}" : "";
  else if (a.as == block_argument::role::choice)
    shown = display(*v);
  else
    put_leaf(shown, p, a.what, *v);
  slot = icu::Formattable(wide(shown));
  return true;
}

icu::MessageFormat* block(const piece& piece, const pattern& p) {
  auto& kept = mine().blocks;
  if (auto it = kept.find(piece.id); it != kept.end())
    return it->second.get();
  if (kept.size() >= most_formatters)
    kept.clear();
  UErrorCode status = U_ZERO_ERROR;
  return kept.emplace(piece.id, make_block(piece, p.locale, status)).first->second.get();
}

bool put_block(std::string& out, const pattern& p, const piece& piece, const pattern_values& in,
               when_missing missing) {
  auto* format = block(piece, p);
  if (!format)
    return false;
  auto count = piece.arguments.size();
  std::vector<icu::UnicodeString> names(count);
  std::vector<icu::Formattable> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto& argument = piece.arguments[i];
    names[i] = wide("a" + std::to_string(i));
    // A count that is none is a fault only where its branch is reached: ICU then refuses the text
    // it finds.
    if (!fill(values[i], p, argument, in.get(argument.what.name), missing))
      values[i] = icu::Formattable(icu::UnicodeString());
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString shown;
  format->format(names.data(), values.data(), static_cast<std::int32_t>(count), shown, status);
  if (U_SUCCESS(status))
    shown.toUTF8String(out);
  return U_SUCCESS(status);
}

std::string explain(UErrorCode status, std::string_view what) {
  std::string said(what);
  switch (status) {
  case U_DEFAULT_KEYWORD_MISSING:
    return said + " lacks a case `other`";
  case U_NUMBER_SKELETON_SYNTAX_ERROR:
    return said + " has a number skeleton that ICU does not know";
  case U_NUMBER_ARG_OUTOFBOUNDS_ERROR:
    return said + " has a stem in its number skeleton that does not fit";
  default:
    return said + " is refused by ICU (" + u_errorName(status) + ")";
  }
}

bool check(const pattern& p, const piece& piece, std::vector<pattern_fault>& faults) {
  auto refuse = [&](UErrorCode status, std::string_view what) {
    faults.push_back({piece.column, explain(status, what), "see ICU MessageFormat"});
    return false;
  };
  auto check_leaf = [&](const leaf& l) {
    UErrorCode status = U_ZERO_ERROR;
    if (l.format != leaf_format::plain && !make_leaf(l, p.locale, false, status))
      return refuse(status, "the style `" + l.style + "`");
    return true;
  };
  bool fine = piece.what != piece::kind::leaf || check_leaf(piece.leaf);
  for (auto& argument : piece.arguments)
    fine = check_leaf(argument.what) && fine;
  UErrorCode status = U_ZERO_ERROR;
  if (fine && piece.what == piece::kind::block && !make_block(piece, p.locale, status))
    return refuse(status, "`" + piece.text + "`");
  return fine;
}

bool has_latin_digits(const std::string& tag) {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::NumberingSystem> system(
      icu::NumberingSystem::createInstance(locale_of(tag), status));
  return U_SUCCESS(status) && std::string_view(system->getName()) == "latn";
}

} // namespace

bool compile(pattern& out, std::string_view source, std::string_view locale,
             std::vector<pattern_fault>& faults) {
  if (!scan(out, source, locale, faults))
    return false;
  bool fine = true;
  for (auto& piece : out.pieces)
    fine = check(out, piece, faults) && fine;
  if (!out.names.empty())
    out.latin_digits = has_latin_digits(out.locale);
  return fine;
}

void append(std::string& out, const pattern& p, const pattern_values& in, when_missing missing) {
  for (auto& piece : p.pieces) {
    if (piece.what == piece::kind::literal) {
      out += piece.text;
      continue;
    }
    bool block = piece.what == piece::kind::block;
    auto* v = in.get(block ? piece.arguments.front().what.name : piece.leaf.name);
    // A select without a value is its `other`; everything else that is not there is nothing.
    bool select = block && piece.arguments.front().as == block_argument::role::choice;
    bool there = v && !v->is_null();
    if (!there && (!select || missing == when_missing::keep_source))
      out +=
          missing == when_missing::keep_source ? std::string_view(piece.text) : std::string_view();
    else if (!block)
      put_leaf(out, p, piece.leaf, *v);
    else if (!put_block(out, p, piece, in, missing) && there)
      out += display(*v);
  }
}

} // namespace interject::dialog::detail
