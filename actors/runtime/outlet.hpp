// Where committed activities go.
#pragma once

#include "protocols/activity.hpp"

namespace interject::runtime {

/// Called on actor threads with activities that are on disk, in order within a conversation. Must not block.
class outlet {
public:
  virtual ~outlet() = default;
  virtual void publish(const publication& what) = 0;
  /// Somebody is there to read it now. Any thread.
  virtual bool listening(const conversation_id& of) const {
    (void)of;
    return true;
  }
};

} // namespace interject::runtime
