#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "base/home_process.h"
#include "hrnet_native/error.h"
#include "hrnet_native/future.h"
#include "hrnet_native/predictor.h"
#include "predictor/deadline.h"

namespace hrnet_native {

/// What a future's copies and its predictor share.
class Future::State {
 public:
  /// Called once, by the predictor. Returns the outcome, as it stays.
  const Outcome& Set(Outcome outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    done_ = true;
    changed_.notify_all();
    return outcome_;
  }

  /// Throws Error kForked where nobody will ever set it; so does WaitFor.
  const Outcome& Wait() {
    if (done_) return outcome_;
    CheckHome();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_.load(); });
    return outcome_;
  }

  bool WaitFor(std::chrono::microseconds time) {
    if (done_) return true;
    CheckHome();
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::clamp<std::chrono::microseconds>(time, {}, kLongestWait),
                             [this] { return done_.load(); });
  }

  bool Cancel() const { return home_.IsHere() && cancel(); }

  std::function<bool()> cancel;  ///< Set before the future is handed out.

 private:
  void CheckHome() const {
    if (home_.IsHere()) return;
    throw Error(ErrorCode::kForked,
                "this future belongs to the process that this one was forked from, and is answered only there");
  }

  const HomeProcess home_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> done_ = false;  // after the outcome, which is never written again
  Outcome outcome_;
};

}  // namespace hrnet_native
