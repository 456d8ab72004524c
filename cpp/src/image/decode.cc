#include "image/decode.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/os/memory.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/orientation.h"

namespace hrnet_native {
namespace {

constexpr int kMissing = 128;  // the grey of pixels that truncated data do not tell

bool StartsWith(std::string_view bytes, std::string_view magic) { return bytes.substr(0, magic.size()) == magic; }

DecodedFacts DecodeByContent(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget,
                             Image& image) {
  const std::string_view bytes(reinterpret_cast<const char*>(encoded.data), encoded.size);
  if (StartsWith(bytes, "\xff\xd8\xff")) return DecodeJpeg(encoded, options, budget, image);
  if (StartsWith(bytes, "\x89PNG\r\n\x1a\n")) return DecodePng(encoded, options, budget, image);
  if (StartsWith(bytes, "BM")) return DecodeBmp(encoded, options, budget, image);
  if (StartsWith(bytes, "RIFF") && bytes.size() >= 12 && StartsWith(bytes.substr(8), "WEBP")) {
    return DecodeWebp(encoded, options, budget, image);
  }
  throw Error(ErrorCode::kInvalidImage,
              StrCat("not a JPEG, PNG, WebP or BMP image: ", encoded.size, " bytes with another signature"));
}

Image& ImageOfThisThread() {
  thread_local Image image;
  return image;
}

}  // namespace

void DecodeInto(EncodedBytes encoded, const DecodeOptions& options, Image& image) {
  CheckLimits(options.limits);
  if (encoded.size == 0) throw Error(ErrorCode::kInvalidImage, "the image has zero bytes");
  const DecodeBudget budget(options.limits);
  budget.CheckEncodedBytes(encoded.size);
  const DecodedFacts facts = DecodeByContent(encoded, options, budget, image);
  if (options.exif == ExifOrientation::kApply) ApplyOrientation(image, facts.orientation);
  image.set_truncated(facts.truncated);
}

ReusedImage::ReusedImage() : image_(ImageOfThisThread()) {}

// By way of the other constructor, so that the destructor is also called where decoding throws.
ReusedImage::ReusedImage(EncodedBytes encoded, const DecodeOptions& options) : ReusedImage() {
  DecodeInto(encoded, options, image_);
}

ReusedImage::~ReusedImage() {
  constexpr std::size_t kKept = std::size_t{1} << 26;
  if (image_.size_bytes() > kKept) image_ = Image();
}

DecodeOptions DecodeOptionsFor(const ImageOptions& options, const PreprocessConfig& config) {
  DecodeOptions decode;
  decode.exif = options.exif;
  decode.background = options.background;
  decode.allow_truncated = options.allow_truncated;
  decode.limits = options.limits;
  if (options.fast_decode) {
    decode.min_height = 2 * std::max(config.resize_short, config.resize_height);
    decode.min_width = 2 * std::max(config.resize_short, config.resize_width);
  }
  return decode;
}

Image Decode(const void* data, std::size_t size, const DecodeOptions& options) {
  Image image;
  DecodeInto({static_cast<const std::uint8_t*>(data), size}, options, image);
  return image;
}

void ShapeImage(std::int64_t height, std::int64_t width, Image& image) {
  image.Reshape(static_cast<int>(height), static_cast<int>(width));
  // The system maps fresh memory as it is written to: in small pages, a third of the time that a large picture takes.
  os::AdviseHugePages(image.row(0), image.size_bytes());
}

void FillMissingRows(Image& image, int first, int end) {
  if (first < end) std::memset(image.row(first), kMissing, static_cast<std::size_t>(end - first) * image.row_bytes());
}

void BlendOverBackground(const std::uint8_t* rgba, int width, const std::array<std::uint8_t, 3>& background,
                         std::uint8_t* rgb) {
  for (int x = 0; x < width; ++x, rgba += 4, rgb += 3) {
    const int alpha = rgba[3];
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + background[c] * (255 - alpha) + 127) / 255);
    }
  }
}

}  // namespace hrnet_native
