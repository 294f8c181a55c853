// `{name}` in URLs, headers and bodies: plain substitution, no ICU.
#pragma once

#include "actors/dialog/scene.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog {

class substitution {
public:
  enum class encoding : std::uint8_t {
    url,    ///< percent-encoded, except A–Z a–z 0–9 - . _ ~
    header, ///< as it is, line breaks become spaces
    body,   ///< inside JSON quotes: escaped as JSON text
  };

  substitution() = default;
  /// Braces that do not hold a known name are kept as they are when `lenient` (JSON bodies are full
  /// of them), else `unknown` gets the first of them.
  static substitution parse(std::string_view source, encoding how, const name_resolver& names,
                            bool lenient, std::string& unknown);
  std::string fill(const scene& in) const;

private:
  struct part {
    std::string literal; ///< goes before the variable
    bool variable = false;
    std::uint32_t slot = 0;
    std::vector<std::string> path; ///< into the variable's value
  };
  std::vector<part> parts_;
  encoding how_ = encoding::url;
};

} // namespace interject::dialog
