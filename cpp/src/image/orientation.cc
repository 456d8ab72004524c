#include "image/orientation.h"

#include <cstring>
#include <utility>

namespace hrnet_native {
namespace {

constexpr int kUpright = 1;
constexpr std::size_t kHeaderSize = 6;  // "Exif", 0, 0
constexpr std::size_t kEntrySize = 12;  // of an image file directory
constexpr unsigned kOrientationTag = 0x0112;
constexpr unsigned kShortType = 3;

/// The TIFF structure inside the marker; reads beyond its end give zero.
class Tiff {
 public:
  Tiff(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  bool Open() {
    if (size_ < 8) return false;
    if (std::memcmp(data_, "II*\0", 4) == 0) return true;
    big_endian_ = std::memcmp(data_, "MM\0*", 4) == 0;
    return big_endian_;
  }

  std::size_t U16(std::size_t offset) const { return Number(offset, 2); }
  std::size_t U32(std::size_t offset) const { return Number(offset, 4); }

 private:
  std::size_t Number(std::size_t offset, std::size_t bytes) const {
    if (offset > size_ || size_ - offset < bytes) return 0;
    std::size_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      const std::size_t byte = data_[offset + i];
      value = big_endian_ ? value << 8 | byte : value | byte << (8 * i);
    }
    return value;
  }

  const std::uint8_t* data_;
  std::size_t size_;
  bool big_endian_ = false;
};

}  // namespace

int ExifOrientation(const std::uint8_t* payload, std::size_t size) {
  if (size < kHeaderSize || std::memcmp(payload, "Exif\0\0", kHeaderSize) != 0) return kUpright;
  Tiff tiff(payload + kHeaderSize, size - kHeaderSize);
  if (!tiff.Open()) return kUpright;
  const std::size_t directory = tiff.U32(4);
  const std::size_t count = tiff.U16(directory);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * kEntrySize;
    if (tiff.U16(entry) != kOrientationTag) continue;
    const std::size_t value = tiff.U16(entry + 8);
    const bool valid = tiff.U16(entry + 2) == kShortType && value >= 1 && value <= 8;
    return valid ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

Image ApplyOrientation(Image image, int orientation) {
  if (orientation == kUpright) return image;
  // The eight orientations are a transposition (5 to 8) after which columns, rows or both are mirrored.
  const bool transpose = orientation >= 5;
  const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Image upright(transpose ? image.width() : image.height(), transpose ? image.height() : image.width());
  for (int y = 0; y < upright.height(); ++y) {
    std::uint8_t* out = upright.row(y);
    const int from_y = mirror_y ? upright.height() - 1 - y : y;
    for (int x = 0; x < upright.width(); ++x, out += 3) {
      const int from_x = mirror_x ? upright.width() - 1 - x : x;
      const std::uint8_t* pixel =
          transpose ? image.row(from_x) + std::ptrdiff_t{3} * from_y : image.row(from_y) + std::ptrdiff_t{3} * from_x;
      std::memcpy(out, pixel, 3);
    }
  }
  return upright;
}

}  // namespace hrnet_native
