// Decodes any bytes, with options that follow from their number, and resizes what comes out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "hrnet_native/error.h"
#include "image/decode.h"

namespace hrnet_native {
namespace {

constexpr int kMaxPixels = 1 << 20;

DecodeOptions OptionsFor(std::size_t size) {
  DecodeOptions options;
  options.exif = size % 2 == 0 ? ExifOrientation::kApply : ExifOrientation::kIgnore;
  if (size / 2 % 2 == 1) options.background = {1, 2, 3};
  options.allow_truncated = size / 4 % 2 == 1;
  options.min_height = options.min_width = size / 8 % 2 == 1 ? 8 : 0;
  options.limits.max_pixels = kMaxPixels;
  options.limits.max_decode_ms = 1000;
  return options;
}

void Resize(const Image& image, std::size_t seed) {
  PreprocessConfig config;
  config.interpolation = static_cast<Interpolation>(seed % 7);
  config.backend = seed / 7 % 2 == 0 ? ResizeBackend::kCv2 : ResizeBackend::kPil;
  config.resize_short = 0;
  config.resize_height = static_cast<int>(1 + seed % 37);
  config.resize_width = static_cast<int>(1 + seed % 41);
  config.crop_height = 1 + config.resize_height / 2;
  config.crop_width = 1 + config.resize_width / 2;
  std::vector<float> out(3 * static_cast<std::size_t>(config.crop_height) *
                         static_cast<std::size_t>(config.crop_width));
  Preprocess(image.view(), config, out.data());
}

void Fuzz(EncodedBytes encoded) {
  static Image reused;
  try {
    DecodeInto(encoded, OptionsFor(encoded.size), reused);
    if (std::int64_t{reused.height()} * reused.width() > kMaxPixels) std::abort();
    Resize(reused, encoded.size);
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace hrnet_native

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hrnet_native::Fuzz({data, size});
  return 0;
}
