#pragma once

#include <cstddef>

#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// Floats between positions in the scratch memory: an odd number of cache lines, so that the positions of one tile,
/// which are written and read together, do not fall on one set of the cache. `rows` are tiles, or channels of weights.
constexpr std::size_t PositionStride(int blocks, int rows, int lanes) {
  const std::size_t floats = static_cast<std::size_t>(blocks) * static_cast<std::size_t>(rows * lanes);
  return (((floats + 15) / 16) | 1) * 16;
}

/// Blocks of input channels whose weights are transformed at once where that is done in each run: they take a part of
/// the second-level cache, and the tiles' inputs and sums the rest.
constexpr int BlocksPerPass(int positions, int lanes) {
  constexpr int kFloats = 192 << 8;
  const int blocks = kFloats / (positions * kMaxGroup * lanes * lanes);
  return blocks > 1 ? blocks : 1;
}

}  // namespace hrnet_native::native
