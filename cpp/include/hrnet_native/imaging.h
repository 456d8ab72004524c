#pragma once

#include <array>
#include <cstddef>

#include "hrnet_native/export.h"
#include "hrnet_native/image.h"

namespace hrnet_native {

/// What a model wants done to a picture, in this order. The defaults are those of PaddleClas's ImageNet models.
struct PreprocessConfig {
  int resize_short = 256;  ///< Length of the shorter side after resizing; 0 if resize_height and resize_width say it.
  int resize_height = 0;   ///< Size after resizing, whatever the aspect ratio; 0 with resize_short.
  int resize_width = 0;
  int crop_height = 224;  ///< Central crop: the network's input size.
  int crop_width = 224;
  float scale = 1.0F / 255.0F;                           ///< Applied to the 8-bit value, before mean and std.
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};  ///< By channel of the network's input.
  std::array<float, 3> std = {0.229F, 0.224F, 0.225F};
  ColorOrder color = ColorOrder::kRgb;  ///< Channel order of the network's input.
};

/// Decodes a JPEG or PNG to RGB, with the pixels of OpenCV's imdecode: EXIF orientation of a JPEG applied, alpha
/// dropped, grey repeated, 16 bits cut to 8. The format is told by content. Throws Error kInvalidImage for anything
/// that is not one whole image.
HRNET_NATIVE_EXPORT Image Decode(const void* data, std::size_t size);

/// Resizes (OpenCV's INTER_LINEAR), crops and normalises: writes (3, crop_height, crop_width) floats. Throws Error:
/// kInvalidImage if the resized picture is smaller than the crop, kInvalidArgument if the view has no pixels.
HRNET_NATIVE_EXPORT void Preprocess(const ImageView& image, const PreprocessConfig& config, float* out);

}  // namespace hrnet_native
