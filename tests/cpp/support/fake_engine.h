#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/engine.h"
#include "model/bundle.h"

namespace hrnet_native {

/// An engine for tests of everything above engines: class c of an image scores by its input's element c, and each run
/// calls a hook first. The bundle that goes with it has no preprocessing to speak of: 8x8 pixels, cut from the image.
class FakeModel final : public LoadedModel {
 public:
  static constexpr int kClasses = 4;
  using Hook = std::function<void(const InputView&)>;

  /// `hook` is called on the instances' threads; what it throws is the run's error.
  explicit FakeModel(Hook hook = [](const InputView&) {}) : hook_(std::move(hook)) {}

  std::unique_ptr<Engine> NewContext() const override;
  std::size_t shared_weights_bytes() const override { return 1000; }

  /// What a run makes of one image's input.
  static std::vector<float> Scores(const float* input);

 private:
  Hook hook_;
};

std::shared_ptr<const Bundle> FakeBundle();

/// Holds whoever calls Wait until it is opened.
class Gate {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Waits until `count` calls of Wait have begun.
  void AwaitArrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

}  // namespace hrnet_native
