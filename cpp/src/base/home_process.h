#pragma once

#if defined(_WIN32)
#include <process.h>
#else
#include <unistd.h>
#endif

namespace hrnet_native {

/// Remembers the process that made it. A fork copies neither threads nor sane locks, so whatever owns some must be left
/// alone in the child: not called, not joined, not even destroyed.
class HomeProcess {
 public:
  bool IsHere() const { return id_ == CurrentId(); }

 private:
  static int CurrentId() {
#if defined(_WIN32)
    return _getpid();
#else
    return getpid();
#endif
  }

  int id_ = CurrentId();
};

}  // namespace hrnet_native
