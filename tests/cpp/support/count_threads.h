#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <thread>

#include "support/standstill.h"

namespace hrnet_native {

/// Threads of this process. One that was joined may still be counted for a moment.
inline std::size_t CountThreads() noexcept {
  std::error_code error;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task", error), {}));
}

/// Waits until there are at most so many. Returns whether that came within a minute.
inline bool AwaitThreads(std::size_t most) {
  return Await([most] { return CountThreads() <= most; });
}

/// Threads at the begin of a test, when those that earlier ones joined have gone.
inline std::size_t ThreadsBefore() {
  std::thread([] {}).join();  // with the first, a sanitizer starts one of its own
  EXPECT_TRUE(AwaitStandstill());
  return CountThreads();
}

}  // namespace hrnet_native
