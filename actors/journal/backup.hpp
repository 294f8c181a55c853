// A copy of the database while a server writes to it.
#pragma once

#include "protocols/result.hpp"

#include <cstdint>
#include <filesystem>

namespace interject::journal {

struct backed_up {
  std::uintmax_t bytes = 0;
  std::uint64_t conversations = 0;
};

/// Copies `folder/interject.db` as it stands at one instant: all that was acknowledged before the
/// call is in it. The copy is written beside `target` as `target.part`, checked, put on disk and
/// only then renamed, so that `target` is always a whole backup or what it was before. Writers are
/// not held up; the database's log grows while it runs. `not_found`: no database there;
/// `bad_input`: no place for a copy; `conflict`: it is damaged, or of a newer release.
result<backed_up> back_up(const std::filesystem::path& folder, const std::filesystem::path& target);

} // namespace interject::journal
