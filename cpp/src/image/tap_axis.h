#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hrnet_native/imaging.h"

namespace hrnet_native {

/// The span of outputs of one axis that is computed: [begin, begin + count) of a resize from `source` to `target`
/// coordinates. All positive but `begin`; begin + count <= target.
struct AxisSpan {
  int source;
  int target;
  int begin;
  int count;
};

/// For each output coordinate of one axis, the neighbours that it is summed up from: `count` of them beginning at
/// `first`, all inside the source. Weights are whole numbers in fixed-point arithmetic, floats otherwise.
template <typename Weight>
struct TapAxis {
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> count;
  std::vector<std::size_t> offset;  ///< Of the output's first weight.
  std::vector<Weight> weights;

  int size() const { return static_cast<int>(first.size()); }
};

// Each repeats the arithmetic of the library that it is named after, so that pixels are the same; see the functions.

/// cv2's INTER_NEAREST and Pillow's NEAREST: one neighbour of weight 1.
TapAxis<std::int32_t> Cv2NearestAxis(const AxisSpan& span);
TapAxis<std::int32_t> PilNearestAxis(const AxisSpan& span);

/// cv2's INTER_CUBIC (4 neighbours) and INTER_LANCZOS4 (8); weights in units of 1/2048.
TapAxis<std::int32_t> Cv2CubicAxis(const AxisSpan& span);
TapAxis<std::int32_t> Cv2LanczosAxis(const AxisSpan& span);

/// cv2's INTER_AREA where source / target is a whole number: all neighbours of weight 1.
TapAxis<std::int32_t> Cv2WholeAreaAxis(const AxisSpan& span);

/// cv2's INTER_AREA where it shrinks.
TapAxis<float> Cv2AreaAxis(const AxisSpan& span);

/// Pillow's filters, widened where it shrinks; weights in units of 1/2^22.
TapAxis<std::int32_t> PilFilterAxis(const AxisSpan& span, Interpolation interpolation);

}  // namespace hrnet_native
