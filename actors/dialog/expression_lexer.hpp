// Cuts an expression into tokens. Private to expression*.cpp.
#pragma once

#include "protocols/decimal.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace interject::dialog::detail {

enum class token_kind : std::uint8_t { end, number, text, name, sign };

struct token {
  token_kind kind = token_kind::end;
  std::size_t offset = 0;
  std::string_view spelled; ///< as in the source
  std::string text;         ///< of a string literal, unescaped
  decimal number{};
};

class lexer {
public:
  explicit lexer(std::string_view source) : source_(source) {}

  /// False when what comes is no token: `what` says why, `offset` where.
  bool next(token& out);

  std::size_t offset = 0;
  std::string what;

private:
  bool number(token& out);
  bool string(token& out, bool raw);
  bool escape(std::string& text);
  bool code_point(std::string& text, int digits, unsigned base);
  bool fail(std::size_t at, std::string why);
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  std::string_view source_;
  std::size_t at_ = 0;
};

} // namespace interject::dialog::detail
