// Texts: compiled with their faults, or refused; what compiles formats whatever its variables hold.
#include "tests/fuzz/fuzz.hpp"

#include "actors/dialog/text.hpp"

#include <array>

using namespace interject;
using namespace interject::dialog;

namespace {

struct things final : variables {
  explicit things(unsigned turn) : turn_(turn) {}
  const value* get(std::uint32_t slot) const override {
    static const std::array<value, 7> all{value(),
                                          value(3),
                                          value(decimal::parse("-158.3").value()),
                                          value(std::string("{it's} 2026-12-01")),
                                          value(true),
                                          value(value::list{value(1), value(std::string("two"))}),
                                          value(std::string("2026-12-01T10:00:00Z"))};
    return &all[(slot + turn_) % all.size()];
  }
  unsigned turn_;
};

std::optional<resolved_name> resolve(std::span<const std::string_view> path) {
  if (path.empty() || path[0].empty() || path[0].size() > 3)
    return {};
  return resolved_name{static_cast<std::uint32_t>(static_cast<unsigned char>(path[0][0])),
                       path.size()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> locales{"en", "fr", "ar"};
  if (size > 2000)
    return 0;
  std::string source(fuzz::text_of(data, size));
  std::vector<text_fault> faults;
  auto compiled = text::compile(value(source), locales, resolve, faults);
  for (auto& f : faults)
    fuzz::must(!f.what.empty(), "a fault says what is wrong");
  for (unsigned turn = 0; turn < 7; ++turn)
    for (auto& locale : locales)
      (void)compiled.format(locale, turn, things(turn));
  std::string why;
  if (!pattern_names(source, "en", why))
    fuzz::must(!why.empty(), "a refusal says why");
  return 0;
}
