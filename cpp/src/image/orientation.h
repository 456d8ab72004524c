#pragma once

#include <cstddef>
#include <cstdint>

#include "hrnet_native/image.h"

namespace hrnet_native {

/// Reads the orientation (1 to 8) from Exif data, which begin with TIFF's header; 1, upright, where there is no valid
/// one. Format: CIPA DC-008 (Exif 2.32), sections 4.5 and 4.6, and TIFF 6.0, section 2.
int OrientationInExif(const std::uint8_t* exif, std::size_t size);

/// Whether the upright picture's height is the stored one's width.
bool SwapsSides(int orientation);

/// Turns the image upright: `orientation` says where its first row and column belong.
void ApplyOrientation(Image& image, int orientation);

}  // namespace hrnet_native
