#pragma once

// Small pictures and encoded files of every format.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

namespace hrnet_native {

constexpr int kSide = 32;

inline std::vector<std::uint8_t> Gradient() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < kSide * kSide; ++i) {
    pixels.insert(pixels.end(),
                  {static_cast<std::uint8_t>(i % kSide * 8), static_cast<std::uint8_t>(i / kSide * 8), 128});
  }
  return pixels;
}

inline std::vector<std::uint8_t> Plain(const std::array<std::uint8_t, 3>& color) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < kSide * kSide; ++i) pixels.insert(pixels.end(), color.begin(), color.end());
  return pixels;
}

inline std::string EncodePng(const std::vector<std::uint8_t>& pixels) {
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

inline std::string EncodeWebp(const std::vector<std::uint8_t>& pixels, bool lossless, int side = kSide) {
  std::uint8_t* buffer = nullptr;
  const std::size_t size = lossless ? WebPEncodeLosslessRGB(pixels.data(), side, side, side * 3, &buffer)
                                    : WebPEncodeRGB(pixels.data(), side, side, side * 3, 80, &buffer);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  WebPFree(buffer);
  return bytes;
}

inline std::string EncodeBmp(const std::vector<std::uint8_t>& pixels, unsigned side = kSide) {
  std::string bytes(54, '\0');
  const auto put = [&bytes](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  };
  bytes[0] = 'B';
  bytes[1] = 'M';
  put(10, 54);
  put(14, 40);
  put(18, side);
  put(22, side);
  put(26, 1 | 24 << 16);
  for (std::size_t y = side; y-- > 0;) {
    for (std::size_t x = 0; x < side; ++x) {
      for (std::size_t c = 3; c-- > 0;) bytes += static_cast<char>(pixels[(y * side + x) * 3 + c]);
    }
  }
  return bytes;
}

inline std::string EncodeJpeg(std::vector<std::uint8_t> pixels, bool progressive = false, unsigned side = kSide,
                              const std::vector<jpeg_scan_info>& scans = {}) {
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
  if (!scans.empty()) {
    info.scan_info = scans.data();
    info.num_scans = static_cast<int>(scans.size());
  }
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

inline std::vector<std::string> EveryKind(const std::vector<std::uint8_t>& pixels) {
  return {EncodeJpeg(pixels),       EncodeJpeg(pixels, true),  EncodePng(pixels),
          EncodeWebp(pixels, true), EncodeWebp(pixels, false), EncodeBmp(pixels)};
}

}  // namespace hrnet_native
