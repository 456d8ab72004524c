#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>

namespace hrnet_native {

/// Lets one thread wait until others have ended a number of requests.
class Completion {
 public:
  explicit Completion(int count = 1) : left_(count) {}

  /// Ends one. Only the first error is kept.
  void End(const std::exception_ptr& error) {
    const std::lock_guard lock(mutex_);  // held while notifying: the waiter destroys this as soon as it may
    if (!error_) error_ = error;
    if (--left_ == 0) finished_.notify_one();
  }

  /// Waits for all and returns the error, if any.
  std::exception_ptr Wait() {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return left_ == 0; });
    return error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable finished_;
  int left_;
  std::exception_ptr error_;
};

}  // namespace hrnet_native
