#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/waitable_counter.h"
#include "base/workers.h"

namespace hrnet_native::native {

/// Threads that run one function together, the calling one among them: as many as there are CPUs free, but at least one
/// and at most `size`. One run at a time.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what members share has cache lines of its own.
class ThreadTeam {
 public:
  /// Without `workers` it has threads and CPUs of its own. Throws Error kResourceExhausted.
  explicit ThreadTeam(int size, std::shared_ptr<Workers> workers = nullptr);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }

  /// Calls `body(member, members)` on every member, 0 on the calling thread, and returns when all have ended. Waits for
  /// CPUs while others have them all. It must not throw.
  void Run(const TeamBody& body);

  /// Within Run: returns when every member has come here.
  void Barrier();

 private:
  const int size_;
  const std::shared_ptr<Workers> workers_;
  std::vector<Worker*> lent_;  // while it runs
  int members_ = 1;            // likewise
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) WaitableCounter barriers_;
};

}  // namespace hrnet_native::native
