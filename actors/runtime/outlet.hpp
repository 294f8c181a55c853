// Where committed activities go.
#pragma once

#include "protocols/activity.hpp"

#include <span>

namespace interject::runtime {

/// Called on actor threads with activities that are on disk, in order within a conversation. Must
/// not block.
class outlet {
public:
  virtual ~outlet() = default;
  virtual void publish(const publication& what) = 0;
  /// What one commit says, of one conversation: an outlet that writes can write it at once.
  virtual void publish_all(std::span<const publication> what) {
    for (auto& one : what)
      publish(one);
  }
  /// Somebody is there to read it now. Any thread.
  virtual bool listening(const conversation_id& of) const {
    (void)of;
    return true;
  }
};

} // namespace interject::runtime
