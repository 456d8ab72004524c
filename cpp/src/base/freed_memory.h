#pragma once

#include <cstddef>  // says whether the C library is glibc

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace hrnet_native {

/// Declared as a class's first member, it is destroyed after all others, and then has malloc_trim give back to the
/// system what they freed. glibc would keep it in an arena for each of the threads that allocated it: where predictors
/// come and go, a model's memory several times.
class FreedMemory {
 public:
  FreedMemory() = default;
  FreedMemory(const FreedMemory&) = delete;
  FreedMemory& operator=(const FreedMemory&) = delete;
  ~FreedMemory() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
  }
};

}  // namespace hrnet_native
