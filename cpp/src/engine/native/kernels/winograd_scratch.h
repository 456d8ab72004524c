#pragma once

#include <cstddef>

namespace hrnet_native::native {

/// Floats between positions in the scratch memory: an odd number of cache lines, so that the positions of one tile,
/// which are written and read together, do not fall on one set of the cache.
constexpr std::size_t PositionStride(int blocks, int tiles, int lanes) {
  const std::size_t floats = static_cast<std::size_t>(blocks) * static_cast<std::size_t>(tiles * lanes);
  return (((floats + 15) / 16) | 1) * 16;
}

}  // namespace hrnet_native::native
