// Takes a MessageFormat pattern apart by ICU's own rules for braces and apostrophes, and gives
// arguments names that ICU can take: it knows no dots. What is inside a style is left to ICU.
#include "actors/dialog/text_pattern.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

namespace interject::dialog::detail {

namespace {

constexpr std::string_view spaces = " \t\r\n";

enum class container { none, plural, select };

struct refused {}; ///< ends a scan; the fault has been noted

std::uint64_t next_block_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

class scanner {
public:
  scanner(pattern& out, std::vector<pattern_fault>& faults)
      : out_(out), src_(out.source), faults_(faults) {}

  void whole() {
    std::string literal;
    auto flush = [&] {
      if (!literal.empty())
        out_.pieces.emplace_back().text = std::move(literal);
      literal.clear();
    };
    while (at_ < src_.size()) {
      if (src_[at_] == '\'') {
        apostrophe(container::none, &literal);
      } else if (src_[at_] == '{') {
        flush();
        top_argument();
      } else {
        literal += src_[at_++];
      }
    }
    flush();
  }

private:
  [[noreturn]] void refuse(std::size_t offset, std::string what, std::string remedy = {}) {
    faults_.push_back({column(offset), std::move(what), std::move(remedy)});
    throw refused{};
  }
  std::size_t column(std::size_t offset) const {
    auto before = src_.substr(0, offset);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(),
                                                      [](char c) { return (c & 0xc0) != 0x80; }));
  }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < src_.size() ? src_[at_ + ahead] : '\0';
  }
  void skip_spaces() {
    while (at_ < src_.size() && spaces.find(src_[at_]) != std::string_view::npos)
      ++at_;
  }

  /// At an apostrophe: doubled it is one, before a brace it quotes up to the next, elsewhere it is
  /// itself.
  void apostrophe(container in, std::string* literal) {
    auto put = [&](char c) {
      if (literal)
        *literal += c;
    };
    char next = peek(1);
    if (next == '\'') {
      put('\'');
      at_ += 2;
      return;
    }
    bool brace = next == '{' || next == '}';
    if (!brace && !(in == container::plural && next == '#')) {
      put('\'');
      ++at_;
      return;
    }
    if (brace)
      faults_.push_back({column(at_),
                         "the apostrophe before `" + std::string(1, next) +
                             "` quotes it, so that it is printed as it is",
                         "double it, or use ’", true});
    for (++at_; at_ < src_.size(); ++at_) {
      if (src_[at_] != '\'') {
        put(src_[at_]);
      } else if (peek(1) == '\'') {
        put('\'');
        ++at_;
      } else {
        ++at_;
        return;
      }
    }
  }

  /// An argument outside plurals and selects: a piece of its own.
  void top_argument() {
    auto start = at_;
    block_ = {};
    auto first = argument(1, start);
    auto source = std::string(src_.substr(start, at_ - start));
    if (first) {
      block_.what = piece::kind::leaf;
      block_.leaf = std::move(*first);
    } else {
      block_.what = piece::kind::block;
      block_.icu.append(src_.substr(copied_, at_ - copied_));
      block_.id = next_block_id();
    }
    block_.column = column(start);
    block_.text = std::move(source);
    out_.pieces.push_back(std::move(block_));
  }

  /// At `{`. A format is returned, its text skipped; a plural or select is copied into `block_`, up
  /// to `copied_`.
  std::optional<leaf> argument(int depth, std::size_t start) {
    if (depth > max_pattern_nesting)
      refuse(at_, "this nests deeper than 16");
    ++at_;
    skip_spaces();
    leaf what;
    auto name_start = at_;
    what.name = name();
    auto name_end = at_;
    skip_spaces();
    if (peek() == '}') {
      ++at_;
      return what;
    }
    if (peek() != ',')
      refuse(at_,
             at_ == src_.size() ? "a `{` is not closed" : "`,` or `}` is missing after the name",
             "to print a brace, write '{'");
    ++at_;
    skip_spaces();
    auto type_start = at_;
    auto type = word();
    skip_spaces();
    if (type == "plural" || type == "selectordinal" || type == "select") {
      if (depth == 1)
        copied_ = start;
      copy_up_to(name_start, name_end,
                 {type == "select" ? block_argument::role::choice : block_argument::role::count,
                  std::move(what)});
      selectors(type == "select" ? container::select : container::plural, depth);
      return std::nullopt;
    }
    what.format = format(type, type_start);
    style(what);
    return what;
  }

  /// Writes the source up to a name, and in the name's place one that ICU takes.
  void copy_up_to(std::size_t from, std::size_t to, block_argument argument) {
    auto same = std::find_if(
        block_.arguments.begin(), block_.arguments.end(), [&](const block_argument& a) {
          return a.as == argument.as && a.what.name == argument.what.name &&
                 a.what.format == argument.what.format && a.what.style == argument.what.style;
        });
    auto number = static_cast<std::size_t>(same - block_.arguments.begin());
    if (number == max_arguments)
      refuse(from, "a plural or select takes at most 64 different values");
    if (same == block_.arguments.end())
      block_.arguments.push_back(std::move(argument));
    block_.icu.append(src_.substr(copied_, from - copied_));
    block_.icu += 'a' + std::to_string(number);
    copied_ = to;
  }

  /// A dotted name; its index in `names`.
  std::uint32_t name() {
    auto start = at_;
    auto part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '-' || c == '.' || (c & 0x80) != 0;
    };
    while (at_ < src_.size() && part(src_[at_]))
      ++at_;
    auto spelled = src_.substr(start, at_ - start);
    if (spelled.empty() && at_ < src_.size())
      refuse(start, "a name is missing after `{`", "to print a brace, write '{'");
    if (spelled.empty())
      refuse(start, "a `{` is not closed");
    if (spelled.front() == '.' || spelled.back() == '.' ||
        spelled.find("..") != std::string_view::npos)
      refuse(start,
             "`" + std::string(spelled) + "` is no name: a part between the dots is missing");
    auto known = std::find(out_.names.begin(), out_.names.end(), spelled);
    auto index = static_cast<std::uint32_t>(known - out_.names.begin());
    if (known == out_.names.end())
      out_.names.emplace_back(spelled);
    return index;
  }

  std::string word() {
    std::string type;
    for (; (peek() >= 'a' && peek() <= 'z') || (peek() >= 'A' && peek() <= 'Z'); ++at_)
      type += static_cast<char>(src_[at_] | 0x20);
    return type;
  }

  leaf_format format(const std::string& type, std::size_t offset) {
    static constexpr std::pair<std::string_view, leaf_format> formats[] = {
        {"number", leaf_format::number},   {"date", leaf_format::date},
        {"time", leaf_format::time},       {"spellout", leaf_format::spellout},
        {"ordinal", leaf_format::ordinal}, {"duration", leaf_format::duration}};
    for (auto& [name, format] : formats)
      if (type == name)
        return format;
    refuse(offset, "`" + type + "` is no format",
           "there are number, date, time, spellout, ordinal, duration, plural, select and "
           "selectordinal");
  }

  /// What follows a format: nothing, or a style up to the brace that closes.
  void style(leaf& what) {
    auto open = at_;
    if (peek() == ',') {
      auto start = ++at_;
      for (int braces = 0; at_ < src_.size() && (src_[at_] != '}' || braces > 0); ++at_) {
        braces += src_[at_] == '{' ? 1 : src_[at_] == '}' ? -1 : 0;
        if (src_[at_] == '\'')
          at_ = std::min(src_.find('\'', at_ + 1), src_.size() - 1);
      }
      auto text = src_.substr(start, at_ - start);
      auto first = text.find_first_not_of(spaces), last = text.find_last_not_of(spaces);
      if (first == std::string_view::npos)
        refuse(start, "a style is missing after the comma");
      what.style = text.substr(first, last - first + 1);
    }
    if (peek() != '}')
      refuse(open,
             at_ == src_.size() ? "a `{` is not closed" : "`,` or `}` is missing after the format");
    ++at_;
  }

  /// After `plural` or `select`: selectors, each with a message in braces.
  void selectors(container kind, int depth) {
    if (peek() != ',')
      refuse(at_, "`plural` and `select` take their cases after a comma",
             "as in {n, plural, one {# night} other {# nights}}");
    for (++at_; peek() != '}';) {
      if (at_ >= src_.size())
        refuse(at_, "a `{` is not closed");
      if (src_[at_++] == '{')
        message(kind, depth);
    }
    ++at_;
  }

  void message(container kind, int depth) {
    while (peek() != '}') {
      if (at_ >= src_.size())
        refuse(at_, "a `{` is not closed");
      if (src_[at_] == '\'') {
        apostrophe(kind, nullptr);
      } else if (src_[at_] == '{') {
        auto start = at_;
        if (auto what = argument(depth + 1, start)) {
          copy_up_to(start + 1, at_ - 1, {block_argument::role::shown, std::move(*what)});
        }
      } else {
        ++at_;
      }
    }
    ++at_;
  }

  pattern& out_;
  std::string_view src_;
  std::vector<pattern_fault>& faults_;
  piece block_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0; ///< how far `block_.icu` has the source
};

} // namespace

bool scan(pattern& out, std::string_view source, std::string_view locale,
          std::vector<pattern_fault>& faults) {
  out = {};
  out.locale = locale;
  if (source.size() > max_pattern_text) {
    faults.push_back({0, "the text is longer than 16 KiB", ""});
    return false;
  }
  out.source = source;
  try {
    scanner(out, faults).whole();
    auto set_key = [&](leaf& l) {
      l.key = out.locale + '\n' + static_cast<char>('a' + static_cast<int>(l.format)) + l.style;
    };
    for (auto& piece : out.pieces) {
      set_key(piece.leaf);
      for (auto& argument : piece.arguments)
        set_key(argument.what);
    }
    return true;
  } catch (const refused&) {
    return false;
  }
}

} // namespace interject::dialog::detail
