#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "hrnet_native/future.h"
#include "hrnet_native/predictor.h"

namespace hrnet_native {

/// What a future's copies and its predictor share.
class Future::State {
 public:
  /// Called once, by the predictor.
  void Set(Outcome outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    done_ = true;
    changed_.notify_all();
  }

  const Outcome& Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
    return outcome_;
  }

  bool WaitFor(std::chrono::microseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return done_; });
  }

  std::function<bool()> cancel;  ///< Set before the future is handed out.

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  Outcome outcome_;
};

}  // namespace hrnet_native
