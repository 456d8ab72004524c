#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "expect_error.h"
#include "image/decode.h"

namespace hrnet_native {
namespace {

constexpr int kSide = 32;

std::vector<std::uint8_t> Gradient() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < kSide * kSide; ++i) {
    pixels.insert(pixels.end(),
                  {static_cast<std::uint8_t>(i % kSide * 8), static_cast<std::uint8_t>(i / kSide * 8), 128});
  }
  return pixels;
}

std::vector<std::uint8_t> Plain(const std::array<std::uint8_t, 3>& color) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < kSide * kSide; ++i) pixels.insert(pixels.end(), color.begin(), color.end());
  return pixels;
}

std::string EncodePng(const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = kSide;
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, pixels.data(), 0, nullptr);
  std::string bytes(size, '\0');
  png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr);
  return bytes;
}

std::string EncodeWebp(const std::vector<std::uint8_t>& pixels, bool lossless) {
  std::uint8_t* buffer = nullptr;
  const std::size_t size = lossless ? WebPEncodeLosslessRGB(pixels.data(), kSide, kSide, kSide * 3, &buffer)
                                    : WebPEncodeRGB(pixels.data(), kSide, kSide, kSide * 3, 80, &buffer);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  WebPFree(buffer);
  return bytes;
}

std::string EncodeBmp(const std::vector<std::uint8_t>& pixels) {
  std::string bytes(54, '\0');
  const auto put = [&bytes](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  };
  bytes[0] = 'B';
  bytes[1] = 'M';
  put(10, 54);
  put(14, 40);
  put(18, kSide);
  put(22, kSide);
  put(26, 1 | 24 << 16);
  for (std::size_t y = kSide; y-- > 0;) {
    for (std::size_t x = 0; x < kSide; ++x) {
      for (std::size_t c = 3; c-- > 0;) bytes += static_cast<char>(pixels[(y * kSide + x) * 3 + c]);
    }
  }
  return bytes;
}

std::string EncodeJpeg(std::vector<std::uint8_t> pixels, bool progressive = false, unsigned side = kSide) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = info.image_height = side;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  for (std::size_t y = 0; y < side; ++y) {
    JSAMPROW row = &pixels[y * side * 3];
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  std::free(buffer);
  jpeg_destroy_compress(&info);
  return bytes;
}

Image DecodeBytes(const std::string& bytes) { return Decode(bytes.data(), bytes.size()); }

TEST(Decode, JpegIsCloseToItsSource) {
  const std::vector<std::uint8_t> pixels = Gradient();
  const Image image = DecodeBytes(EncodeJpeg(pixels));
  ASSERT_EQ(image.height(), kSide);
  double total = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) total += std::abs(image.row(0)[i] - pixels[i]);
  EXPECT_LT(total / static_cast<double>(pixels.size()), 8);  // the loss of quality 75
}

TEST(Decode, LosslessFormatsKeepEveryPixel) {
  const std::vector<std::uint8_t> pixels = Gradient();
  for (const std::string& encoded : {EncodePng(pixels), EncodeWebp(pixels, true), EncodeBmp(pixels)}) {
    const Image image = DecodeBytes(encoded);
    ASSERT_EQ(image.size_bytes(), pixels.size());
    EXPECT_EQ(std::memcmp(image.row(0), pixels.data(), pixels.size()), 0);
  }
}

std::vector<std::string> EveryKind(const std::vector<std::uint8_t>& pixels) {
  return {EncodeJpeg(pixels),       EncodeJpeg(pixels, true),  EncodePng(pixels),
          EncodeWebp(pixels, true), EncodeWebp(pixels, false), EncodeBmp(pixels)};
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
  for (const int scans : {101, 501, 80000})
    ExpectLimit(WithScans(scans), "101 or more scans; max_scans allows 100", {});
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
}

/// A header with these sides and next to nothing behind it.
std::string JpegClaim(int height, int width, bool progressive) {
  std::string bytes = EncodeJpeg(Gradient(), progressive);
  const std::size_t frame = bytes.find(progressive ? "\xff\xc2" : "\xff\xc0");
  bytes[frame + 5] = static_cast<char>(height >> 8);
  bytes[frame + 6] = static_cast<char>(height);
  bytes[frame + 7] = static_cast<char>(width >> 8);
  bytes[frame + 8] = static_cast<char>(width);
  return bytes;
}

/// The most memory that this process has held, in bytes.
std::int64_t PeakMemory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

TEST(ImageLimits, ABombTakesNoMemory) {
  const std::int64_t before = PeakMemory();
  ExpectLimit(JpegClaim(65500, 65500, false), "max_pixels", {});
  ExpectLimit(JpegClaim(65500, 65500, true), "max_pixels", {});
  // Within the limits, but 100 million pixels cannot be in so few bytes.
  ExpectLimit(JpegClaim(10000, 10000, true), "cannot hold 10000x10000", {});
  ExpectLimit(JpegClaim(10000, 10000, false), "not a whole JPEG", {});
  EXPECT_LT(PeakMemory() - before, std::int64_t{64} << 20);
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

TEST(Decode, HugeClaimIsRefusedFromTheHeader) {
  std::string png = EncodePng(Gradient());
  // IHDR: width and height at 16; its checksum at 29 is made right again.
  std::memcpy(&png[16], "\x00\x01\x00\x00\x00\x01\x00\x00", 8);
  const auto crc = [&png] {
    std::uint32_t value = 0xFFFFFFFFU;
    for (std::size_t i = 12; i < 29; ++i) {
      value ^= static_cast<std::uint8_t>(png[i]);
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (0xEDB88320U & (0U - (value & 1U)));
    }
    return ~value;
  }();
  for (std::size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  ExpectError(ErrorCode::kInvalidImage, "65536x65536", [&png] { DecodeBytes(png); });
}

}  // namespace
}  // namespace hrnet_native
