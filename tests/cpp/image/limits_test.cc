#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "hrnet_native/imaging.h"
#include "support/encoders.h"
#include "support/expect_error.h"

namespace hrnet_native {
namespace {

ImageLimits Limits(void (*change)(ImageLimits&)) {
  ImageLimits limits;
  change(limits);
  return limits;
}

void ExpectLimit(const std::string& bytes, const std::string& words, const ImageLimits& limits) {
  DecodeOptions options;
  options.limits = limits;
  ExpectError(ErrorCode::kInvalidImage, words, [&] { Decode(bytes.data(), bytes.size(), options); });
}

TEST(ImageLimits, HoldAtTheNumberAndNotBelow) {
  for (const std::string& bytes : EveryKind(Gradient())) {
    DecodeOptions options;
    options.limits.max_pixels = kSide * kSide;
    options.limits.max_side = kSide;
    options.limits.max_encoded_bytes = static_cast<std::int64_t>(bytes.size());
    EXPECT_NO_THROW(Decode(bytes.data(), bytes.size(), options));
    ExpectLimit(bytes, "max_pixels allows 1023", Limits([](ImageLimits& l) { l.max_pixels = 1023; }));
    ExpectLimit(bytes, "max_side allows 31", Limits([](ImageLimits& l) { l.max_side = 31; }));
    ExpectLimit(bytes, "max_encoded_bytes allows 9", Limits([](ImageLimits& l) { l.max_encoded_bytes = 9; }));
  }
}

TEST(ImageLimits, MustBePositive) {
  DecodeOptions options;
  options.limits.max_scans = 0;
  ExpectError(ErrorCode::kInvalidArgument, "max_scans must be at least 1, not 0", [&] { Decode("x", 1, options); });
}

/// A JPEG whose last scan is written again and again.
std::string WithScans(int scans) {
  const std::string whole = EncodeJpeg(Gradient(), true);
  const std::size_t last = whole.rfind("\xff\xda");
  const std::string scan = whole.substr(last, whole.size() - 2 - last);
  std::string bytes = whole.substr(0, last);
  int count = 0;
  for (std::size_t at = bytes.find("\xff\xda"); at != std::string::npos; at = bytes.find("\xff\xda", at + 1)) ++count;
  for (; count < scans; ++count) bytes += scan;
  return bytes + "\xff\xd9";
}

TEST(ImageLimits, ScansAreCountedBeforeAnythingIsDecoded) {
  for (const int scans : {33, 501, 80000}) ExpectLimit(WithScans(scans), "33 or more scans; max_scans allows 32", {});
  const std::string many = WithScans(30);
  ExpectLimit(many, "max_scans allows 29", Limits([](ImageLimits& l) { l.max_scans = 29; }));
}

TEST(ImageLimits, TheDeadlineEndsADecodingThatRuns) {
  // 4096x4096 pixels take every decoder longer than a millisecond.
  std::vector<std::uint8_t> pixels(std::size_t{3} << 24);
  std::mt19937 random(1);
  for (auto& value : pixels) value = static_cast<std::uint8_t>(random());
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = 4096;
  image.format = PNG_FORMAT_RGB;
  image.flags = PNG_IMAGE_FLAG_FAST;
  png_alloc_size_t size = pixels.size() * 2;
  std::string png(size, '\0');
  ASSERT_NE(png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), 0, nullptr), 0);
  png.resize(size);
  const ImageLimits limits = Limits([](ImageLimits& l) { l.max_decode_ms = 1; });
  ExpectLimit(png, "max_decode_ms, 1", limits);
  for (const bool progressive : {false, true})
    ExpectLimit(EncodeJpeg(pixels, progressive, 4096), "max_decode_ms, 1", limits);
  ExpectLimit(EncodeWebp(pixels, false, 1024), "max_decode_ms, 1", limits);
  ExpectLimit(EncodeBmp(pixels, 4096), "max_decode_ms, 1", limits);
}

}  // namespace
}  // namespace hrnet_native
