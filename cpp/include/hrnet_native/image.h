#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

namespace hrnet_native {

/// Order of the channels of a pixel in memory.
enum class ColorOrder { kRgb, kBgr };

/// Borrowed pixels: height rows of width pixels of three bytes each. The memory must outlive the call that gets the
/// view.
struct ImageView {
  /// As row_stride: each row begins where the one before it ends.
  static constexpr std::ptrdiff_t kPacked = std::numeric_limits<std::ptrdiff_t>::min();

  const std::uint8_t* data = nullptr;
  int height = 0;
  int width = 0;
  std::ptrdiff_t row_stride = kPacked;  ///< Bytes from one row to the next: negative for an image stored bottom up.
  ColorOrder color = ColorOrder::kRgb;
};

/// Owned RGB pixels, rows without gaps. The memory starts uninitialised: whoever makes an image writes every byte. One
/// that was moved from has no pixels, as one that was made without a size.
class Image {
 public:
  Image() = default;
  Image(int height, int width) { Reshape(height, width); }
  Image(Image&& other) noexcept { *this = std::move(other); }
  Image& operator=(Image&& other) noexcept {
    height_ = std::exchange(other.height_, 0);
    width_ = std::exchange(other.width_, 0);
    truncated_ = std::exchange(other.truncated_, false);
    capacity_ = std::exchange(other.capacity_, 0);
    pixels_ = std::move(other.pixels_);
    return *this;
  }

  int height() const { return height_; }
  int width() const { return width_; }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width_) * 3; }
  std::size_t size_bytes() const { return static_cast<std::size_t>(height_) * row_bytes(); }
  std::uint8_t* row(int y) { return pixels_.get() + static_cast<std::size_t>(y) * row_bytes(); }
  const std::uint8_t* row(int y) const { return pixels_.get() + static_cast<std::size_t>(y) * row_bytes(); }

  /// The encoded data ended early, and the missing part is a constant (DecodeOptions::allow_truncated).
  bool truncated() const { return truncated_; }
  void set_truncated(bool truncated) { truncated_ = truncated; }

  ImageView view() const {
    return {pixels_.get(), height_, width_, static_cast<std::ptrdiff_t>(row_bytes()), ColorOrder::kRgb};
  }

  /// Takes another size; the pixels are uninitialised again. Keeps the memory if it is large enough.
  void Reshape(int height, int width) {
    height_ = height;
    width_ = width;
    truncated_ = false;
    if (size_bytes() <= capacity_) return;
    capacity_ = 0;
    pixels_.reset();  // before the new memory is taken: both may be large
    pixels_.reset(new std::uint8_t[size_bytes()]);
    capacity_ = size_bytes();
  }

 private:
  int height_ = 0;
  int width_ = 0;
  bool truncated_ = false;
  std::size_t capacity_ = 0;
  std::unique_ptr<std::uint8_t[]> pixels_;
};

}  // namespace hrnet_native
