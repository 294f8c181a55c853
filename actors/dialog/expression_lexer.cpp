#include "actors/dialog/expression_lexer.hpp"

namespace interject::dialog::detail {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool in_name(char c) {
  return begins_name(c) || is_digit(c);
}

void append_utf8(std::string& out, std::uint32_t c) {
  auto byte = [&](std::uint32_t b) { out += static_cast<char>(b); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | (c >> 6));
    byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3f));
    byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3f));
    byte(0x80 | ((c >> 6) & 0x3f));
    byte(0x80 | (c & 0x3f));
  }
}

int digit_value(char c) {
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return 99;
}

} // namespace

bool lexer::fail(std::size_t at, std::string why) {
  offset = at;
  what = std::move(why);
  return false;
}

bool lexer::next(token& out) {
  while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
    ++at_;
  out.offset = at_;
  out.text.clear();
  char c = peek();
  if (at_ == source_.size()) {
    out.kind = token_kind::end;
    out.spelled = {};
    return true;
  }
  if (is_digit(c))
    return number(out);
  if (c == '"' || c == '\'')
    return string(out, false);
  if ((c == 'r' || c == 'R') && (peek(1) == '"' || peek(1) == '\'')) {
    ++at_;
    return string(out, true);
  }
  auto take = [&](token_kind kind, std::size_t length) {
    out.kind = kind;
    out.spelled = source_.substr(out.offset, length);
    at_ = out.offset + length;
    return true;
  };
  if (begins_name(c)) {
    std::size_t length = 1;
    while (in_name(peek(length)))
      ++length;
    return take(token_kind::name, length);
  }
  for (std::string_view two : {"==", "!=", "<=", ">=", "&&", "||"})
    if (source_.substr(at_, 2) == two)
      return take(token_kind::sign, 2);
  if (std::string_view("+-*/%<>!?:.,()[]").find(c) != std::string_view::npos)
    return take(token_kind::sign, 1);
  switch (c) {
  case '=':
    return fail(at_, "`=` alone compares nothing; use `==`");
  case '&':
    return fail(at_, "use `&&` for \"and\"");
  case '|':
    return fail(at_, "use `||` for \"or\"");
  case '{':
    return fail(at_, "an expression names a variable without braces");
  default:
    return fail(at_, "this character has no meaning here");
  }
}

bool lexer::number(token& out) {
  std::size_t length = 0;
  while (is_digit(peek(length)))
    ++length;
  if (peek(length) == '.' && is_digit(peek(length + 1)))
    for (++length; is_digit(peek(length));)
      ++length;
  if (peek(length) == 'e' || peek(length) == 'E') {
    ++length;
    if (peek(length) == '+' || peek(length) == '-')
      ++length;
    while (is_digit(peek(length)))
      ++length;
  }
  if (in_name(peek(length)))
    return fail(at_ + length, "a number ends in something that is no digit");
  out.kind = token_kind::number;
  out.spelled = source_.substr(at_, length);
  auto read = decimal::parse(out.spelled);
  if (!read)
    return fail(at_,
                "this number is malformed, has more than eight decimals, or exceeds 92 billion");
  out.number = *read;
  at_ += length;
  return true;
}

bool lexer::string(token& out, bool raw) {
  char quote = peek();
  for (++at_; peek() != quote;) {
    if (at_ >= source_.size() || peek() == '\n')
      return fail(out.offset, "this text is not closed");
    if (peek() == '\\' && !raw) {
      if (!escape(out.text))
        return false;
    } else {
      out.text += source_[at_++];
    }
  }
  ++at_;
  out.kind = token_kind::text;
  out.spelled = source_.substr(out.offset, at_ - out.offset);
  return true;
}

bool lexer::escape(std::string& text) {
  auto start = at_++;
  char c = peek();
  ++at_;
  switch (c) {
  case 'a':
    text += '\a';
    return true;
  case 'b':
    text += '\b';
    return true;
  case 'f':
    text += '\f';
    return true;
  case 'n':
    text += '\n';
    return true;
  case 'r':
    text += '\r';
    return true;
  case 't':
    text += '\t';
    return true;
  case 'v':
    text += '\v';
    return true;
  case '\\':
  case '?':
  case '"':
  case '\'':
  case '`':
    text += c;
    return true;
  case 'x':
  case 'X':
    return code_point(text, 2, 16) || fail(start, "`\\x` takes two hexadecimal digits");
  case 'u':
    return code_point(text, 4, 16) ||
           fail(start, "`\\u` takes four hexadecimal digits of a character");
  case 'U':
    return code_point(text, 8, 16) ||
           fail(start, "`\\U` takes eight hexadecimal digits of a character");
  case '0':
  case '1':
  case '2':
  case '3':
    --at_;
    return code_point(text, 3, 8) || fail(start, "an octal escape takes three digits up to 377");
  default:
    return fail(start,
                "this escape is unknown; write `\\\\` for a backslash, or r\"…\" for a pattern");
  }
}

bool lexer::code_point(std::string& text, int digits, unsigned base) {
  std::uint32_t c = 0;
  for (; digits > 0; --digits, ++at_) {
    auto digit = static_cast<unsigned>(digit_value(peek()));
    if (digit >= base || c > 0x10ffff)
      return false;
    c = c * base + digit;
  }
  if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
    return false;
  append_utf8(text, c);
  return true;
}

} // namespace interject::dialog::detail
