#pragma once

#include <chrono>
#include <optional>

#include "hrnet_native/error.h"
#include "hrnet_native/options.h"

namespace hrnet_native {

using Clock = std::chrono::steady_clock;

/// Beyond it the clock could overflow.
constexpr std::chrono::hours kLongestWait(24 * 365);

/// When a call stops waiting, and what it said.
struct Deadline {
  Clock::time_point at;
  std::chrono::microseconds timeout;

  bool IsOver() const { return Clock::now() >= at; }
};

/// That of a call which began at `asked`. Throws Error kInvalidArgument.
std::optional<Deadline> DeadlineOf(const RequestOptions& options, Clock::time_point asked);

/// The error of what was not done in time: "the time-out of 0.5 s passed before `what`".
Error Late(const Deadline& deadline, const char* what);

}  // namespace hrnet_native
