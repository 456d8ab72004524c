#pragma once

#include <cstddef>
#include <cstdint>

#include "hrnet_native/image.h"

namespace hrnet_native {

/// Reads the orientation (1 to 8) from the payload of a JPEG APP1 marker; 1, upright, where there is no valid one.
/// Format: CIPA DC-008 (Exif 2.32), sections 4.5 and 4.6, and TIFF 6.0, section 2.
int ExifOrientation(const std::uint8_t* payload, std::size_t size);

/// Returns the image turned upright: `orientation` says where its first row and column belong.
Image ApplyOrientation(Image image, int orientation);

}  // namespace hrnet_native
