#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "bindings.h"
#include "gil.h"

namespace hrnet_native::bindings {

/// How often a long call looks for signals: Ctrl-C seems to act at once.
constexpr std::chrono::milliseconds kSignalInterval{100};

/// Calls the handlers of signals that came, on the main thread. Throws what they raise. The GIL is held.
inline void CheckSignals() {
  if (WithoutUnwinding(PyErr_CheckSignals) != 0) throw py::error_already_set();
}

/// Does `count` steps by calls of `run(begin, size)`, without the GIL, and looks for signals between them. Each call
/// but the last does a multiple of `unit` steps: one unit at first, then as many as take kSignalInterval. The GIL is
/// held.
template <typename Run>
void RunInterruptibly(std::int64_t count, std::int64_t unit, const Run& run) {
  std::int64_t units = 1;
  for (std::int64_t begin = 0; begin < count;) {
    if (begin > 0) CheckSignals();
    const std::int64_t size = std::min(units * unit, count - begin);
    const auto asked = std::chrono::steady_clock::now();
    {
      const GilReleased no_gil;
      run(begin, size);
    }
    const auto taken = std::chrono::steady_clock::now() - asked;
    if (taken < kSignalInterval / 2) units *= 2;
    if (taken > kSignalInterval && units > 1) units /= 2;
    begin += size;
  }
}

}  // namespace hrnet_native::bindings
