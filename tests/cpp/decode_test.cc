#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <jpeglib.h>
#include <png.h>

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

std::string EncodeJpeg(std::vector<std::uint8_t> pixels) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = info.image_height = kSide;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  for (std::size_t y = 0; y < kSide; ++y) {
    JSAMPROW row = &pixels[y * kSide * 3];
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  std::free(buffer);
  jpeg_destroy_compress(&info);
  return bytes;
}

Image DecodeBytes(const std::string& bytes) { return Decode(bytes.data(), bytes.size()); }

TEST(Decode, PngKeepsEveryPixel) {
  const std::vector<std::uint8_t> pixels = Gradient();
  const Image image = DecodeBytes(EncodePng(pixels));
  ASSERT_EQ(image.height(), kSide);
  ASSERT_EQ(image.width(), kSide);
  EXPECT_EQ(std::memcmp(image.row(0), pixels.data(), pixels.size()), 0);
}

TEST(Decode, JpegIsCloseToItsSource) {
  const std::vector<std::uint8_t> pixels = Gradient();
  const Image image = DecodeBytes(EncodeJpeg(pixels));
  ASSERT_EQ(image.height(), kSide);
  double total = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) total += std::abs(image.row(0)[i] - pixels[i]);
  EXPECT_LT(total / static_cast<double>(pixels.size()), 8);  // the loss of quality 75
}

TEST(Decode, EveryPrefixIsAnError) {
  for (const std::string& whole : {EncodeJpeg(Gradient()), EncodePng(Gradient())}) {
    for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
      EXPECT_THROW(Decode(whole.data(), size), Error) << "the first " << size << " of " << whole.size() << " bytes";
    }
  }
}

TEST(Decode, OtherBytesAreNamedAsSuch) {
  ExpectError(ErrorCode::kInvalidImage, "zero bytes", [] { DecodeBytes(""); });
  ExpectError(ErrorCode::kInvalidImage, "not a JPEG or PNG", [] { DecodeBytes("This is a text file."); });
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
