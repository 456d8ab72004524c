#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "hrnet_native/error.h"
#include "image/decode.h"
#include "support/encoders.h"
#include "support/expect_error.h"

namespace hrnet_native {
namespace {

Image DecodeBytes(const std::string& bytes) { return Decode(bytes.data(), bytes.size()); }

TEST(Decode, JpegIsCloseToItsSource) {
  const std::vector<std::uint8_t> pixels = Gradient();
  const Image image = DecodeBytes(EncodeJpeg(pixels));
  ASSERT_EQ(image.height(), kSide);
  double total = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) total += std::abs(image.row(0)[i] - pixels[i]);
  EXPECT_LT(total / static_cast<double>(pixels.size()), 8);  // the loss of quality 75
}

TEST(Decode, AScanForEachComponentOfAJpegGivesTheSamePixels) {
  const std::vector<jpeg_scan_info> scans = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  const std::string separate = EncodeJpeg(Gradient(), false, kSide, scans);
  const std::string together = EncodeJpeg(Gradient());
  ASSERT_NE(separate, together);
  const Image image = DecodeBytes(separate);
  EXPECT_EQ(std::memcmp(image.row(0), DecodeBytes(together).row(0), image.size_bytes()), 0);
}

TEST(Decode, AThreadUsesItsPicturesMemoryAgain) {
  const std::string jpeg = EncodeJpeg(Gradient());
  const EncodedBytes encoded{reinterpret_cast<const std::uint8_t*>(jpeg.data()), jpeg.size()};
  const std::uint8_t* first = ReusedImage(encoded, {})->row(0);
  EXPECT_EQ(ReusedImage(encoded, {})->row(0), first);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep freed memory
std::int64_t ResidentBytes() {
  std::ifstream pages("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  pages >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(Decode, AThreadKeepsNoLargePicture) {
  constexpr std::int64_t kMiB = std::int64_t{1} << 20;
  constexpr unsigned kLargeSide = 5000;  // 72 MiB
  const std::string bmp = EncodeBmp(std::vector<std::uint8_t>(std::size_t{3} * kLargeSide * kLargeSide), kLargeSide);
  const auto* data = reinterpret_cast<const std::uint8_t*>(bmp.data());
  DecodeOptions options;
  options.limits.max_encoded_bytes = static_cast<std::int64_t>(bmp.size());
  const std::int64_t before = ResidentBytes();
  {
    const ReusedImage whole({data, bmp.size()}, options);
    EXPECT_GT(ResidentBytes() - before, 64 * kMiB);
  }
  EXPECT_LT(ResidentBytes() - before, 16 * kMiB);
  // Nor one whose last row is missing.
  EXPECT_THROW(ReusedImage({data, bmp.size() - 1}, options), Error);
  EXPECT_LT(ResidentBytes() - before, 16 * kMiB);
}
#endif

std::string LittleEndian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

TEST(Decode, ABitmapsHeaderHasOneOfTheSizesThatThereAre) {
  for (const std::uint32_t size : {0U, 16U, 39U, 41U, 66U, 101U, 123U, 125U, 0xFFFFFFFFU}) {
    std::string bmp = EncodeBmp(Gradient());
    bmp.replace(14, 4, LittleEndian(size));
    ExpectError(ErrorCode::kInvalidImage, "a header of " + std::to_string(size) + " bytes", [&] { DecodeBytes(bmp); });
  }
  for (const std::uint32_t size : {40U, 52U, 56U, 64U, 108U, 124U}) {
    std::string bmp = EncodeBmp(Gradient());
    bmp.replace(10, 8, LittleEndian(14 + size) + LittleEndian(size)).insert(54, size - 40, '\0');
    EXPECT_EQ(DecodeBytes(bmp).row(0)[2], Gradient()[2]) << size;
  }
}

TEST(Decode, ARunLengthBitmapThatEndsEarlyIsTruncated) {
  const auto rows = [](int count, const std::string& end) {
    std::string bmp = EncodeBmp(Gradient()).substr(0, 54);
    bmp.replace(26, 8, LittleEndian(1U | 8U << 16) + LittleEndian(1)).replace(10, 4, LittleEndian(54 + 1024));
    bmp += std::string(1024, '\x07');
    for (int y = 0; y < count; ++y) bmp += std::string("\x20\x01", 2) + (y + 1 < count ? std::string(2, '\0') : end);
    return bmp;
  };
  const std::string end_of_bitmap("\0\x01", 2);
  const std::string end_of_row(2, '\0');
  EXPECT_FALSE(DecodeBytes(rows(kSide, end_of_bitmap)).truncated());
  EXPECT_FALSE(DecodeBytes(rows(kSide, end_of_row + end_of_bitmap)).truncated());
  DecodeOptions truncated;
  truncated.allow_truncated = true;
  for (const std::string& end : {end_of_bitmap, end_of_row + end_of_bitmap}) {
    const std::string bmp = rows(10, end);
    ExpectError(ErrorCode::kInvalidImage, "the data end after 10 of 32 rows", [&] { DecodeBytes(bmp); });
    const Image image = Decode(bmp.data(), bmp.size(), truncated);
    EXPECT_TRUE(image.truncated());
    EXPECT_EQ(image.row(0)[0], 128);
    EXPECT_EQ(image.row(kSide - 1)[0], 7);
  }
}

TEST(Decode, LosslessFormatsKeepEveryPixel) {
  const std::vector<std::uint8_t> pixels = Gradient();
  for (const std::string& encoded : {EncodePng(pixels), EncodeWebp(pixels, true), EncodeBmp(pixels)}) {
    const Image image = DecodeBytes(encoded);
    ASSERT_EQ(image.size_bytes(), pixels.size());
    EXPECT_EQ(std::memcmp(image.row(0), pixels.data(), pixels.size()), 0);
  }
}

/// A reused decoder's memory still holds the picture of another caller: it must never show.
void DecodeEveryPrefixOfBlueAfterRed() {
  const std::vector<std::string> reds = EveryKind(Plain({255, 0, 0}));
  const std::vector<std::string> blues = EveryKind(Plain({0, 0, 255}));
  DecodeOptions truncated;
  truncated.allow_truncated = true;
  Image reused;
  for (std::size_t kind = 0; kind < blues.size(); ++kind) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(blues[kind].data());
    for (std::size_t size = 0; size < blues[kind].size(); ++size) {
      DecodeInto({reinterpret_cast<const std::uint8_t*>(reds[kind].data()), reds[kind].size()}, {}, reused);
      EXPECT_THROW(DecodeInto({data, size}, {}, reused), Error)
          << "kind " << kind << ", the first " << size << " of " << blues[kind].size() << " bytes";
      DecodeInto({reinterpret_cast<const std::uint8_t*>(reds[kind].data()), reds[kind].size()}, {}, reused);
      try {
        DecodeInto({data, size}, truncated, reused);
      } catch (const Error&) {
        continue;  // not even the header is there
      }
      EXPECT_TRUE(reused.truncated());
      for (std::size_t i = 0; i < reused.size_bytes(); i += 3) {
        ASSERT_LT(reused.row(0)[i], 140) << "kind " << kind << ", size " << size << ": red shows";  // grey is 128
      }
    }
    DecodeInto({data, blues[kind].size()}, truncated, reused);
    EXPECT_FALSE(reused.truncated());
  }
}

TEST(Decode, NoPrefixShowsAnEarlierPictureOnAnyThread) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(DecodeEveryPrefixOfBlueAfterRed);
  for (std::thread& thread : threads) thread.join();
}

TEST(Decode, ATruncatedPictureKeepsWhatItHas) {
  const std::vector<std::uint8_t> pixels = Gradient();
  DecodeOptions options;
  options.allow_truncated = true;
  const std::string bmp = EncodeBmp(pixels);  // bottom up
  const Image image = Decode(bmp.data(), bmp.size() - 40, options);
  EXPECT_TRUE(image.truncated());
  EXPECT_EQ(std::memcmp(image.row(1), &pixels[image.row_bytes()], (kSide - 1) * image.row_bytes()), 0);
  EXPECT_EQ(image.row(0)[0], 128);
  for (const std::string& whole : {EncodeJpeg(pixels), EncodePng(pixels), EncodeWebp(pixels, false)}) {
    const Image cut = Decode(whole.data(), whole.size() - 20, options);
    EXPECT_TRUE(cut.truncated());
    EXPECT_EQ(cut.row(kSide - 1)[3 * (kSide - 1)], 128);
  }
}

TEST(Decode, AJpegIsReducedOnlyWhileItStaysLargeEnough) {
  const std::string bytes = EncodeJpeg(Gradient());
  const auto side = [&bytes](int least) {
    DecodeOptions options;
    options.min_height = options.min_width = least;
    return Decode(bytes.data(), bytes.size(), options).height();
  };
  EXPECT_EQ(side(0), 32);
  EXPECT_EQ(side(17), 32);
  EXPECT_EQ(side(16), 16);
  EXPECT_EQ(side(9), 16);
  EXPECT_EQ(side(4), 4);
  EXPECT_EQ(side(1), 4);
}

}  // namespace
}  // namespace hrnet_native
