#pragma once

#include <cstddef>

#include "hrnet_native/imaging.h"

namespace hrnet_native {

/// Largest number of pixels that is decoded; a header that claims more is refused before memory is taken.
constexpr std::size_t kMaxPixels = std::size_t{1} << 28;

/// Throws Error kInvalidImage unless the sides are positive and the area is within kMaxPixels.
void CheckDimensions(std::size_t height, std::size_t width);

// One per format; Decode chooses.
Image DecodeJpeg(const void* data, std::size_t size);
Image DecodePng(const void* data, std::size_t size);

}  // namespace hrnet_native
