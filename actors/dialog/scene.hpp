// The values that expressions and texts see while a frame is on the stage, and how names map to
// slots.
#pragma once

#include "actors/dialog/conversation.hpp"
#include "actors/dialog/expression.hpp"

#include <array>

namespace interject::dialog {

enum class interruptible : std::uint8_t { anywhere, boundary, never };

/// A slot's upper bits say where the value lives; the rest is an index there.
namespace slots {
inline constexpr std::uint32_t local = 0;
inline constexpr std::uint32_t user = 1U << 16;         ///< bot::user_names
inline constexpr std::uint32_t conversation = 2U << 16; ///< bot::conversation_names
inline constexpr std::uint32_t special = 3U << 16;
inline constexpr std::uint32_t fact = 4U << 16; ///< known only when a notice is taken
inline constexpr std::uint32_t kind_mask = ~0xFFFFU;
inline constexpr std::uint32_t index_mask = 0xFFFFU;

inline constexpr std::uint32_t user_name = special | 0;
inline constexpr std::uint32_t user_id = special | 1;
inline constexpr std::uint32_t conversation_id = special | 2;
inline constexpr std::uint32_t conversation_locale = special | 3;
inline constexpr std::uint32_t checked = special | 4; ///< `value` in a `check`
inline constexpr std::uint32_t now = special | 5;
} // namespace slots

class scene final : public variables {
public:
  scene(const bot& b, const conversation& c, const frame* f, time_point now)
      : b_(b), c_(c), f_(f), now_(now) {}

  const value* get(std::uint32_t slot) const override;

  const bot& of() const { return b_; }
  const std::string& locale() const { return c_.locale; }
  std::uint32_t turn() const { return c_.turns; }
  const value* checked = nullptr;

private:
  const bot& b_;
  const conversation& c_;
  const frame* f_; ///< null: no dialog is on the stack
  time_point now_;
  mutable std::array<value, 5>
      special_; ///< the pointers that `get` returns must outlive one evaluation
};

} // namespace interject::dialog
