#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <optional>

#include "hrnet_native/error.h"
#include "hrnet_native/predictor.h"

namespace hrnet_native {

/// One submitted image, of which the answer may come once and never twice.
class Submitted {
 public:
  /// Throws what `predictor`, or a pipeline, throws.
  template <typename Asked>
  void By(Asked& predictor, const ImageSource& image, const RequestOptions& options) {
    future_ = predictor.Submit(image, options, std::move(owner_), [this](const Outcome& outcome) { Note(outcome); });
  }

  const Future& future() const { return *future_; }

  /// Waits for the answer.
  void Await() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return answers_ > 0; });
  }

  bool is_served() const { return future_ && !error_; }

  /// To be called when the predictor has ended.
  void ExpectSettled() {
    owner_.reset();
    EXPECT_TRUE(held_.expired()) << "the owner is never released";
    EXPECT_EQ(answers_, future_ ? 1 : 0);
    if (!future_) return;
    try {
      future_->Get();
      EXPECT_FALSE(error_);
    } catch (const Error&) {
      EXPECT_TRUE(error_);
    } catch (const std::bad_alloc&) {
      EXPECT_TRUE(error_);
    }
  }

 private:
  void Note(const Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    ++answers_;
    error_ = outcome.error;
    changed_.notify_all();
  }

  std::shared_ptr<int> owner_ = std::make_shared<int>();
  std::weak_ptr<int> held_ = owner_;
  std::optional<Future> future_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int answers_ = 0;
  std::exception_ptr error_;
};

}  // namespace hrnet_native
