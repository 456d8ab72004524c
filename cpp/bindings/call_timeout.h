#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "bindings.h"

namespace hrnet_native::bindings {

/// The `timeout` of a call in Python, in seconds, where the call may be made by several of the core's.
class CallTimeout {
 public:
  /// None: no limit. Throws Error kInvalidArgument, and raises InvalidTypeError.
  explicit CallTimeout(const py::handle& timeout);

  /// For the core's next call: all of it the first time, then what is left.
  std::optional<std::chrono::microseconds> Next();

  /// An error of that call, with the whole time-out in its message rather than what was left of it. The GIL need not be
  /// held.
  std::exception_ptr Whole(const std::exception_ptr& error) const;

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<double> seconds_;
  std::string text_;
  std::optional<Clock::time_point> begun_;
  bool is_split_ = false;  // Next was called more than once
};

}  // namespace hrnet_native::bindings
