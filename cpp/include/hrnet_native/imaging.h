#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "hrnet_native/export.h"
#include "hrnet_native/image.h"

namespace hrnet_native {

/// What an encoded image may cost; a header that claims more is refused before memory is taken. Decoding takes up to 3
/// bytes a pixel, 11 for a progressive JPEG (14 in CMYK), 7 for lossless WebP (and 1.3 GB if crafted) or a background.
struct ImageLimits {
  std::int64_t max_pixels = std::int64_t{1} << 27;         ///< Height times width, as encoded.
  int max_side = 65535;                                    ///< Height and width, as encoded.
  std::int64_t max_encoded_bytes = std::int64_t{1} << 26;  ///< Size of the encoded image, or of its file.
  int max_scans = 32;                                      ///< Of a JPEG; progressive ones of encoders have about ten.
  int max_decode_ms = 10000;                               ///< Wall-clock time of decoding.
};

/// What becomes of the orientation that a camera wrote into the file.
enum class ExifOrientation { kApply, kIgnore };

struct DecodeOptions {
  ExifOrientation exif = ExifOrientation::kApply;
  /// R, G, B that transparent pixels are laid over; without it alpha is dropped, as OpenCV does.
  std::optional<std::array<std::uint8_t, 3>> background;
  /// Data that end early give a picture all the same: what is missing is mid-grey, and Image::truncated() says so.
  bool allow_truncated = false;
  /// If positive, a JPEG is decoded at 1/2, 1/4 or 1/8 of its size (in its frequency domain, which is fast), as long as
  /// its upright picture stays at least this high and wide. Other formats are decoded whole.
  int min_height = 0;
  int min_width = 0;
  ImageLimits limits;
};

/// How a predictor decodes what it is given encoded; as in DecodeOptions.
struct ImageOptions {
  ExifOrientation exif = ExifOrientation::kApply;
  std::optional<std::array<std::uint8_t, 3>> background;
  bool allow_truncated = false;
  /// Decode JPEGs at 1/2, 1/4 or 1/8 of their size where twice the size after resizing remains: faster for large
  /// pictures, but the pixels, and so the scores, are a little different.
  bool fast_decode = false;
  ImageLimits limits;
};

/// Decodes a JPEG, PNG, WebP or BMP to RGB; the format is told by content. The pixels are those of OpenCV's imdecode,
/// but for CMYK without Adobe's marker, which follows Pillow. Grey is repeated, 16 bits are cut to 8, of an animation
/// the first picture is taken (of an animated PNG that of IDAT). Throws Error: kInvalidImage for anything that is not
/// one whole image within the limits, kInvalidArgument if an option is out of range.
HRNET_NATIVE_EXPORT Image Decode(const void* data, std::size_t size, const DecodeOptions& options = {});

/// How pixels between the source's are computed, in the words of PaddleClas.
enum class Interpolation { kNearest, kBilinear, kArea, kBicubic, kLanczos, kBox, kHamming };

/// Whose resizing is followed: OpenCV's cv2.resize, which takes fixed neighbours, or Pillow's Image.resize, which
/// widens its filters when it shrinks. kArea is OpenCV's alone, kBox and kHamming are Pillow's.
enum class ResizeBackend { kCv2, kPil };

/// The words of PaddleClas: "nearest", "bilinear", "area", "bicubic", "lanczos", "box", "hamming"; "cv2" and "pil".
HRNET_NATIVE_EXPORT const char* Name(Interpolation interpolation) noexcept;
HRNET_NATIVE_EXPORT const char* Name(ResizeBackend backend) noexcept;

/// What a model wants done to a picture, in this order. The defaults are those of PaddleClas's ImageNet models.
struct PreprocessConfig {
  int resize_short = 256;  ///< Length of the shorter side after resizing; 0 if resize_height and resize_width say it.
  int resize_height = 0;   ///< Size after resizing, whatever the aspect ratio; all three 0: no resizing.
  int resize_width = 0;
  Interpolation interpolation = Interpolation::kBilinear;
  ResizeBackend backend = ResizeBackend::kCv2;
  int crop_height = 224;  ///< Central crop: the network's input size.
  int crop_width = 224;
  float scale = 1.0F / 255.0F;                           ///< Applied to the 8-bit value, before mean and std.
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};  ///< By channel of the network's input.
  std::array<float, 3> std = {0.229F, 0.224F, 0.225F};
  ColorOrder color = ColorOrder::kRgb;  ///< Channel order of the network's input.
  int channel_num = 3;                  ///< 3, or 4: a channel of zeros follows, as PaddleClas pads.
};

/// Throws Error kInvalidArgument unless the sides are 0 or 1 to 65536, and the parts fit together.
HRNET_NATIVE_EXPORT void CheckPreprocessConfig(const PreprocessConfig& config);

/// Resizes, crops and normalises: writes (channel_num, crop_height, crop_width) floats. Throws Error: kInvalidImage if
/// the resized picture is smaller than the crop, kInvalidArgument if the view has no pixels or the configuration
/// contradicts itself.
HRNET_NATIVE_EXPORT void Preprocess(const ImageView& image, const PreprocessConfig& config, float* out);

}  // namespace hrnet_native
