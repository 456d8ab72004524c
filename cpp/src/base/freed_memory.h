#pragma once

#include "base/os/memory.h"

namespace hrnet_native {

/// Declared as a class's first member, it is destroyed after all others, and then has malloc give back to the system
/// what they freed. glibc would keep it in an arena for each of the threads that allocated it: where predictors come
/// and go, a model's memory several times.
class FreedMemory {
 public:
  FreedMemory() = default;
  FreedMemory(const FreedMemory&) = delete;
  FreedMemory& operator=(const FreedMemory&) = delete;
  ~FreedMemory() { os::ReleaseFreedMemory(); }
};

}  // namespace hrnet_native
