#include "image/jpeg_markers.h"

#include <cstring>

namespace hrnet_native {
namespace {

constexpr std::uint8_t kEndOfImage = 0xD9;
constexpr std::uint8_t kStartOfScan = 0xDA;
constexpr std::uint8_t kApp1 = 0xE1;

/// Stuffing, fill bytes, restart markers and those without a length.
bool HasNoSegment(std::uint8_t marker) {
  return marker <= 1 || (marker >= 0xD0 && marker <= kEndOfImage) || marker == 0xFF;
}

/// What follows the name of Exif data in an APP1 marker; size 0 where the marker has another name.
EncodedBytes ExifIn(EncodedBytes payload) {
  constexpr std::size_t kName = 6;
  if (payload.size < kName || std::memcmp(payload.data, "Exif\0\0", kName) != 0) return {};
  return {payload.data + kName, payload.size - kName};
}

}  // namespace

JpegMarkers ReadJpegMarkers(EncodedBytes encoded, int max_scans) {
  JpegMarkers markers;
  std::size_t at = 2;
  while (markers.scans <= max_scans && at + 4 <= encoded.size) {
    const void* found = std::memchr(encoded.data + at, 0xFF, encoded.size - at - 3);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - encoded.data) + 1;
    const std::uint8_t marker = encoded.data[at];
    if (marker == kEndOfImage) break;
    if (HasNoSegment(marker)) continue;
    const std::size_t length = std::size_t{encoded.data[at + 1]} << 8 | encoded.data[at + 2];
    if (marker == kStartOfScan) ++markers.scans;
    if (marker == kApp1 && markers.exif.size == 0 && length > 2 && length <= encoded.size - at - 1) {
      markers.exif = ExifIn({encoded.data + at + 3, length - 2});
    }
    at += 1 + length;
  }
  return markers;
}

}  // namespace hrnet_native
