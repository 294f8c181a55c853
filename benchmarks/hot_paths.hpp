// The hot paths of the core, no actor and no store among them: timed by core.cpp, their
// instructions counted by instructions.cpp.
#pragma once

#include <cstddef>
#include <span>

namespace interject::bench {

struct hot_path {
  const char* name;        ///< its function is `hot_` and this name, by which callgrind finds it
  void (*work)(int times); ///< never inlined
};
std::span<const hot_path> hot_paths();

/// A sum over what they have done, so that no work is optimised away.
std::size_t work_seen();

} // namespace interject::bench
