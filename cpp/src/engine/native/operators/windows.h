#pragma once

#include <array>

#include "engine/native/layer_fields.h"
#include "engine/native/map_layout.h"

namespace hrnet_native::native {

/// Where a convolution or a pool looks: windows of a size, so many pixels apart, on a map with padding.
struct Windows {
  std::array<int, 2> kernel{1, 1};  ///< Height and width.
  std::array<int, 2> stride{1, 1};
  std::array<int, 4> padding{};  ///< Top, left, bottom, right.

  int taps() const { return kernel[0] * kernel[1]; }

  /// The map with a pixel for each window. Throws Error kModelLoad if there is none, or a side is too large.
  MapShape OutputShape(const MapShape& input, int channels) const;
};

/// `stride` and `padding` of a layer, and the kernel that it has otherwise.
Windows ReadWindows(const LayerFields& fields, std::array<int, 2> kernel);

}  // namespace hrnet_native::native
