#pragma once

#include <cstddef>
#include <cstdint>

#include "hrnet_native/imaging.h"
#include "image/decode_budget.h"

namespace hrnet_native {

/// Borrowed encoded bytes.
struct EncodedBytes {
  const std::uint8_t* data;
  std::size_t size;
};

/// What a decoder learnt beside the pixels.
struct DecodedFacts {
  int orientation = 1;     ///< Exif's, 1 to 8, not yet applied.
  bool truncated = false;  ///< Only with DecodeOptions::allow_truncated.
};

/// As Decode in imaging.h, into an image whose memory is used again.
void DecodeInto(EncodedBytes encoded, const DecodeOptions& options, Image& image);

/// A picture in memory that the calling thread keeps for its next one, if it is at most 64 MiB. A thread has one at a
/// time.
class ReusedImage {
 public:
  /// As DecodeInto.
  ReusedImage(EncodedBytes encoded, const DecodeOptions& options);
  ~ReusedImage();
  ReusedImage(const ReusedImage&) = delete;
  ReusedImage& operator=(const ReusedImage&) = delete;

  const Image& operator*() const { return image_; }
  const Image* operator->() const { return &image_; }

 private:
  ReusedImage();

  Image& image_;
};

/// What a predictor with this preprocessing asks of the decoder.
DecodeOptions DecodeOptionsFor(const ImageOptions& options, const PreprocessConfig& config);

// One per format; DecodeInto chooses. Each checks the header's size against the budget before it shapes the image, and
// the clock while it decodes.
DecodedFacts DecodeBmp(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image);
DecodedFacts DecodeJpeg(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image);
DecodedFacts DecodePng(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image);
DecodedFacts DecodeWebp(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image);

/// Gives the image this size, which has been checked, and what memory it lacks.
void ShapeImage(std::int64_t height, std::int64_t width, Image& image);

/// Paints the rows [first, end) with the constant that stands for missing data.
void FillMissingRows(Image& image, int first, int end);

/// Lays `width` RGBA pixels over a background: (colour * alpha + background * (255 - alpha)) / 255, rounded.
void BlendOverBackground(const std::uint8_t* rgba, int width, const std::array<std::uint8_t, 3>& background,
                         std::uint8_t* rgb);

}  // namespace hrnet_native
