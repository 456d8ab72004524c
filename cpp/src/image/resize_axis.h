#pragma once

#include <cstdint>
#include <vector>

#include "image/tap_axis.h"

namespace hrnet_native {

/// Where each output coordinate of one axis takes its two neighbours, and in what proportion.
///
/// The arithmetic is OpenCV's for INTER_LINEAR on 8-bit images, so that results are the same to the last bit: pixel
/// centres at half coordinates, weights rounded (half to even) to multiples of 1/2048, edges replicated.
struct ResizeAxis {
  static constexpr int kOne = 2048;

  std::vector<std::int32_t> first;    ///< Index of the first neighbour.
  std::vector<std::int32_t> second;   ///< Index of the second: first + 1, or first at the far edge.
  std::vector<std::int16_t> weights;  ///< Pairs: weight of the first and of the second.

  int size() const { return static_cast<int>(first.size()); }
};

/// Which neighbours an output has, in OpenCV's words INTER_LINEAR, and INTER_AREA where it enlarges.
enum class NeighbourRule {
  kCenters,  ///< Those whose centres are nearest to the output's.
  kCells,    ///< Those that the output's cell touches.
};

/// Maps the outputs of a span. With `clamp_weights` a neighbour beyond the edge gets no weight (OpenCV's columns);
/// without, the edge is taken twice (its rows): the sums may differ in the last bit.
ResizeAxis MakeResizeAxis(const AxisSpan& span, NeighbourRule rule, bool clamp_weights);

}  // namespace hrnet_native
