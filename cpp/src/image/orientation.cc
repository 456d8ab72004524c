#include "image/orientation.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hrnet_native {
namespace {

constexpr int kUpright = 1;
constexpr int kTile = 32;               // pixels
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

bool SwapsSides(int orientation) { return orientation >= 5; }

int OrientationInExif(const std::uint8_t* exif, std::size_t size) {
  Tiff tiff(exif, size);
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

void ApplyOrientation(Image& image, int orientation) {
  if (orientation == kUpright) return;
  // The eight orientations are a transposition (5 to 8) after which columns, rows or both are mirrored.
  const bool transpose = SwapsSides(orientation);
  const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Image upright(transpose ? image.width() : image.height(), transpose ? image.height() : image.width());
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(image.row_bytes());
  const std::ptrdiff_t step_x = (mirror_x ? -1 : 1) * (transpose ? row : 3);
  // Tiles keep both pictures' lines in the cache when rows become columns.
  for (int top = 0; top < upright.height(); top += kTile) {
    const int bottom = std::min(top + kTile, upright.height());
    for (int left = 0; left < upright.width(); left += kTile) {
      const int right = std::min(left + kTile, upright.width());
      const int from_x = mirror_x ? upright.width() - 1 - left : left;
      for (int y = top; y < bottom; ++y) {
        const int from_y = mirror_y ? upright.height() - 1 - y : y;
        const std::uint8_t* in =
            transpose ? image.row(from_x) + std::ptrdiff_t{3} * from_y : image.row(from_y) + std::ptrdiff_t{3} * from_x;
        std::uint8_t* out = upright.row(y) + std::ptrdiff_t{3} * left;
        for (int x = left; x < right; ++x, in += step_x, out += 3) std::memcpy(out, in, 3);
      }
    }
  }
  image = std::move(upright);
}

}  // namespace hrnet_native
