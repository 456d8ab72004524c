#pragma once

#include <cstddef>

namespace hrnet_native::native {

constexpr std::size_t kLineBytes = 64;  ///< Of a cache line.
constexpr std::size_t kLineFloats = kLineBytes / sizeof(float);

/// So many bytes, and those that fill the last cache line.
constexpr std::size_t WholeLines(std::size_t bytes) { return (bytes + kLineBytes - 1) / kLineBytes * kLineBytes; }

}  // namespace hrnet_native::native
