#pragma once

#include <atomic>
#include <cstdint>

namespace hrnet_native {

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

}  // namespace hrnet_native
