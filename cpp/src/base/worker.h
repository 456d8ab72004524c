#pragma once

#include <cstdint>
#include <functional>
#include <thread>

#include "base/waitable_counter.h"

namespace hrnet_native {

/// What the members of a run do together: `member` is from 0 to `members` - 1.
using TeamBody = std::function<void(int member, int members)>;

/// A thread that waits for its part of a run, does it, and waits for the next. One thread at a time has it.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what the thread writes has a cache line of its own.
class Worker {
 public:
  /// Throws Error kResourceExhausted.
  Worker();
  ~Worker();  ///< Joins the thread, which must not be at work.
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Has it call `body`, which must not throw and must outlive `Await`.
  void Begin(const TeamBody& body, int member, int members);

  /// Returns when the call has ended, and the thread uses nothing of it any more. Once after each `Begin`.
  void Await();

 private:
  void Loop();

  const TeamBody* body_ = nullptr;  // null: end
  int member_ = 0;
  int members_ = 0;
  WaitableCounter begun_;
  alignas(64) WaitableCounter ended_;
  std::thread thread_;
};

}  // namespace hrnet_native
