#pragma once

#include <cstddef>

namespace hrnet_native::native {

constexpr std::size_t kLineFloats = 16;  ///< Floats of a cache line.

/// So many floats, and those that fill the last cache line.
constexpr std::size_t WholeLines(std::size_t floats) { return (floats + kLineFloats - 1) / kLineFloats * kLineFloats; }

}  // namespace hrnet_native::native
