#pragma once

#include <chrono>
#include <memory>

#include "hrnet_native/classification.h"
#include "hrnet_native/export.h"

namespace hrnet_native {

/// The answer to an image that was submitted. Copies stand for the same answer; any thread may call any member. It may
/// outlive its predictor. In a forked child, where nobody will answer, waiting for what was not answered before the
/// fork throws Error kForked, and Cancel gives nothing up. One that was moved from can be destroyed and assigned to;
/// its members throw Error kInvalidArgument.
class HRNET_NATIVE_EXPORT Future {
 public:
  class State;
  explicit Future(std::shared_ptr<State> state);

  /// Waits for the answer. Throws Error as Predict does, and kCancelled after Cancel.
  Classification Get() const;

  /// Whether the answer (or the error) is there within `time`, of which a year at most is waited.
  bool WaitFor(std::chrono::microseconds time) const;

  /// Gives the image up if the engine has not begun to run it, and frees its place in the queue. Returns whether.
  bool Cancel() const;

 private:
  State& Use() const;

  std::shared_ptr<State> state_;
};

}  // namespace hrnet_native
