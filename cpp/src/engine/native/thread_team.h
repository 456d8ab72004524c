#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace hrnet_native::native {

/// A number that threads wait on: they spin for a bounded time, as the next step of a network is microseconds away, and
/// then sleep, so that they do not keep a processor from whoever they wait for.
class WaitableCounter {
 public:
  std::uint32_t value() const { return value_.load(std::memory_order_acquire); }
  void Increment();
  /// Returns once the number is another than `old`.
  void WaitWhile(std::uint32_t old);

 private:
  std::atomic<std::uint32_t> value_{0};
  std::atomic<int> sleepers_{0};
};

/// Threads that run one function together, the calling one among them.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what members share has cache lines of its own.
class ThreadTeam {
 public:
  explicit ThreadTeam(int size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }

  /// Calls `body(member)` on every member, 0 on the calling thread, and returns when all have ended. It must not throw.
  void Run(const std::function<void(int)>& body);

  /// Within Run: returns when every member has come here.
  void Barrier();

 private:
  void Loop(int member);
  void End();

  int size_;
  const std::function<void(int)>* body_ = nullptr;  // null: end
  WaitableCounter runs_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) WaitableCounter barriers_;
  std::vector<std::thread> threads_;
};

}  // namespace hrnet_native::native
