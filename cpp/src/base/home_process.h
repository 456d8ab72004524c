#pragma once

#include "base/os/process.h"

namespace hrnet_native {

/// Remembers the process that made it. A fork copies neither threads nor sane locks, so whatever owns some must be left
/// alone in the child: not called, not joined, not even destroyed.
class HomeProcess {
 public:
  bool IsHere() const { return id_ == os::ProcessId(); }

 private:
  int id_ = os::ProcessId();
};

}  // namespace hrnet_native
