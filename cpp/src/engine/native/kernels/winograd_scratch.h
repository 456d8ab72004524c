#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/native/cache_line.h"
#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// Floats between positions in the scratch memory: an odd number of cache lines, so that the positions of one tile,
/// which are written and read together, do not fall on one set of the cache. `rows` are tiles, or channels of weights.
constexpr std::size_t PositionStride(int blocks, int rows, int lanes) {
  const std::size_t floats = static_cast<std::size_t>(blocks) * static_cast<std::size_t>(rows * lanes);
  return WholeLines(floats * sizeof(float)) / sizeof(float) | kLineFloats;
}

/// A tile with its image's place in the batch: where its input begins, and its output from each block's origin.
struct PlacedTile {
  const float* source;
  std::size_t destination;
  std::int16_t height;
  std::int16_t width;
};

/// Floats of scratch memory for so many placed tiles, in whole cache lines.
constexpr std::size_t PlacedTilesFloats(int tiles) {
  return WholeLines(static_cast<std::size_t>(tiles) * sizeof(PlacedTile)) / sizeof(float);
}

/// Blocks of input channels whose weights are transformed at once where that is done in each run: they take a part of
/// the second-level cache, and the tiles' inputs and sums the rest. `weights`: transformed ones of a channel pair.
constexpr int BlocksPerPass(int weights, int lanes) {
  constexpr int kFloats = 256 << 8;
  const int blocks = kFloats / (weights * kMaxGroup * lanes * lanes);
  return blocks > 1 ? blocks : 1;
}

}  // namespace hrnet_native::native
