#pragma once

#include <sys/resource.h>

namespace hrnet_native {

/// What the system refuses.
enum class Fault {
  kMemory,       ///< malloc and its kin, which operator new and the C libraries call; mmap.
  kThreads,      ///< pthread_create.
  kDescriptors,  ///< Files beyond a number that may be open at the same time.
};

/// Which calls fail.
enum class Extent {
  kOne,   ///< The n-th of the process: others find room again.
  kFrom,  ///< That one and all that follow.
};

/// While it lives, what the process asks of the system fails, on every thread. One at a time.
class Injection {
 public:
  /// `n`: from 1. Of descriptors, n - 1 may be open more than are now, whatever the extent.
  Injection(Fault fault, Extent extent, long n);
  ~Injection();
  Injection(const Injection&) = delete;
  Injection& operator=(const Injection&) = delete;

  /// Whether a call was refused; of descriptors it is not known, and always true.
  bool happened() const;

 private:
  Fault fault_;
  rlimit descriptors_{};
};

}  // namespace hrnet_native
