#pragma once

#include <cstddef>  // says whether the C library is glibc

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace hrnet_native {

/// As the first member, and so destroyed after all others: gives what they freed back to the system. glibc keeps it in
/// one arena for each of the threads that allocated it; where predictors come and go, a model's memory several times.
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
