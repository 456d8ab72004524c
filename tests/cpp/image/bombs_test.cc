// Small files that claim to be large. Each is refused, and takes no memory to speak of.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include "hrnet_native/imaging.h"
#include "support/encoders.h"
#include "support/expect_error.h"

namespace hrnet_native {
namespace {

/// A line of what the system knows of this process, in bytes: VmHWM, the most memory that was in use, or VmPeak, the
/// most that was asked for.
std::int64_t ProcessBytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != name + ":") {
  }
  std::int64_t kilobytes = 0;
  status >> kilobytes;
  EXPECT_GT(kilobytes, 0) << name;
  return kilobytes * 1024;
}

/// Expects that this much is neither used nor asked for while it lives.
class ExpectMemoryBelow {
 public:
  ExpectMemoryBelow(std::int64_t used, std::int64_t asked) : used_(used), asked_(asked) {}
  ~ExpectMemoryBelow() {
    EXPECT_LT(ProcessBytes("VmHWM") - used_before_, used_);
    EXPECT_LT(ProcessBytes("VmPeak") - asked_before_, asked_);
  }
  ExpectMemoryBelow(const ExpectMemoryBelow&) = delete;
  ExpectMemoryBelow& operator=(const ExpectMemoryBelow&) = delete;

 private:
  std::int64_t used_;
  std::int64_t asked_;
  std::int64_t used_before_ = ProcessBytes("VmHWM");
  std::int64_t asked_before_ = ProcessBytes("VmPeak");
};

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

void ExpectRefused(const std::string& bytes, const std::string& words, bool allow_truncated = false) {
  DecodeOptions options;
  options.allow_truncated = allow_truncated;
  ExpectError(ErrorCode::kInvalidImage, words, [&] { Decode(bytes.data(), bytes.size(), options); });
}

std::string BigEndian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string LittleEndian(std::uint32_t value) {
  const std::string bytes = BigEndian(value);
  return {bytes.rbegin(), bytes.rend()};
}

std::string PngChunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return BigEndian(static_cast<std::uint32_t>(data.size())) + body + BigEndian(static_cast<std::uint32_t>(checksum));
}

constexpr std::size_t kAfterPngHeader = 33;

/// The gradient's PNG with these bytes behind its header.
std::string PngWith(const std::string& bytes) { return EncodePng(Gradient()).insert(kAfterPngHeader, bytes); }

TEST(ImageBombs, AJpegOfManyPixels) {
  const auto claim = [](int height, int width, bool progressive) {
    std::string bytes = EncodeJpeg(Gradient(), progressive);
    const std::size_t frame = bytes.find(progressive ? "\xff\xc2" : "\xff\xc0");
    bytes[frame + 5] = static_cast<char>(height >> 8);
    bytes[frame + 6] = static_cast<char>(height);
    bytes[frame + 7] = static_cast<char>(width >> 8);
    bytes[frame + 8] = static_cast<char>(width);
    return bytes;
  };
  {
    const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
    ExpectRefused(claim(65500, 65500, false), "max_pixels");
    ExpectRefused(claim(65500, 65500, true), "max_pixels");
    // Within the limits, but 100 million pixels cannot be in so few bytes.
    ExpectRefused(claim(10000, 10000, true), "cannot hold 10000x10000");
  }
  const ExpectMemoryBelow picture(64 * kMiB, 512 * kMiB);  // asked for, but not written to
  ExpectRefused(claim(10000, 10000, false), "not a whole JPEG");
}

TEST(ImageBombs, APngOfManyPixels) {
  const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
  std::string png = EncodePng(Gradient());
  const std::string header = BigEndian(65536) + BigEndian(65536) + png.substr(24, 5);
  ExpectRefused(png.substr(0, 8) + PngChunk("IHDR", header) + png.substr(kAfterPngHeader), "65536x65536");
}

TEST(ImageBombs, APngsChunkThatClaimsMoreBytesThanThereAre) {
  const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
  for (const char* type : {"eXIf", "iCCP", "iTXt", "sPLT", "tEXt", "zTXt", "hIST", "quIz"}) {
    SCOPED_TRACE(type);
    const std::string claim = BigEndian(800'000'000) + type + "Exif data";
    ExpectRefused(PngWith(claim), "not a whole PNG image: the data ends too early");
    ExpectRefused(PngWith(claim), "not a whole PNG image: the data ends too early", true);
    // Behind the pixels it is all that is missing.
    std::string png = EncodePng(Gradient());
    png.insert(png.size() - 12, claim);
    ExpectRefused(png, "not a whole PNG image: the data ends too early");
    DecodeOptions options;
    options.allow_truncated = true;
    EXPECT_TRUE(Decode(png.data(), png.size(), options).truncated());
  }
}

TEST(ImageBombs, APngsTextsThatUnpackToMuchMore) {
  const std::string text(1'000'000, 'a');  // libpng keeps up to a thousand of them
  uLongf size = compressBound(text.size());
  std::string packed(size, '\0');
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                     text.size()),
            Z_OK);
  const std::string chunk = PngChunk("zTXt", std::string("key\0\0", 5) + packed.substr(0, size));
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += chunk;
  const std::string png = PngWith(chunks);
  const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
  EXPECT_EQ(Decode(png.data(), png.size()).height(), kSide);
}

TEST(ImageBombs, AWebpsPartThatClaimsMoreBytesThanThereAre) {
  const std::string whole = EncodeWebp(Gradient(), true);
  const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
  const std::string canvas = LittleEndian(8) + std::string("\x1f\0\0\x1f\0\0", 6);  // has Exif; 32x32
  for (const char* part : {"EXIF", "ICCP", "VP8L", "ANMF", "quIz"}) {
    SCOPED_TRACE(part);
    const std::string parts = "VP8X" + LittleEndian(10) + canvas + part + LittleEndian(800'000'000) + whole.substr(12);
    for (const std::uint32_t total : {static_cast<std::uint32_t>(parts.size() + 4), 900'000'000U}) {
      ExpectRefused("RIFF" + LittleEndian(total) + "WEBP" + parts, "not a whole WebP image");
    }
  }
}

TEST(ImageBombs, AWebpsPictureLargerThanItsCanvas) {
  const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
  std::string webp = EncodeWebp(Gradient(), true);
  const std::string sides = LittleEndian(16382U | 16382U << 14);  // 16383x16383, behind the signature 0x2f
  webp.replace(21, 4, sides);
  ExpectRefused(webp, "16383x16383 pixels; max_pixels allows");
}

TEST(ImageBombs, ABmpOfMorePixelsThanItHas) {
  const auto claim = [](std::uint32_t height, std::uint32_t width, std::uint32_t compression) {
    std::string bmp = EncodeBmp(Gradient());
    bmp.replace(18, 8, LittleEndian(width) + LittleEndian(height));
    if (compression != 0) bmp.replace(26, 8, LittleEndian(1U | 8U << 16) + LittleEndian(compression));
    return bmp;
  };
  {
    const ExpectMemoryBelow small(32 * kMiB, 64 * kMiB);
    ExpectRefused(claim(65535, 65535, 0), "max_pixels");
    ExpectRefused(claim(0x80000000U, 1, 0), "1x2147483648 pixels");
    std::string palette = claim(32, 32, 1);
    palette.replace(46, 4, LittleEndian(800'000'000));
    ExpectRefused(palette, "a palette of 800000000 colours");
    ExpectRefused(claim(10000, 10000, 1), "cannot hold 10000x10000 pixels");
  }
  const ExpectMemoryBelow picture(64 * kMiB, 512 * kMiB);  // asked for, but not written to
  ExpectRefused(claim(10000, 10000, 0), "the data end after 0 of 10000 rows");
}

}  // namespace
}  // namespace hrnet_native
