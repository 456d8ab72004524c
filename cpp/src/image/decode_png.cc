#include <png.h>

#include <cstring>
#include <new>
#include <vector>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"

namespace hrnet_native {
namespace {

/// Owns libpng's reader. As with libjpeg, errors are jumps, so each step runs in a frame without destructors.
class PngReader {
 public:
  PngReader(const void* data, std::size_t size) : PngReader() {
    next_ = static_cast<const std::uint8_t*>(data);
    left_ = size;
    Guarded([&] {
      png_set_read_fn(png_, this, Read);
      png_read_info(png_, info_);
    });
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  std::size_t height() const { return png_get_image_height(png_, info_); }
  std::size_t width() const { return png_get_image_width(png_, info_); }

  /// Fills `rows` (height() pointers to width() RGB pixels) and checks the file to its end.
  void ReadRgb(std::uint8_t** rows) {
    Guarded([&] {
      png_set_strip_16(png_);
      png_set_expand(png_);
      png_set_gray_to_rgb(png_);
      png_set_strip_alpha(png_);
      png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
      if (png_get_rowbytes(png_, info_) != width() * 3) png_error(png_, "unexpected row size");
      png_read_image(png_, rows);
      png_read_end(png_, nullptr);
    });
  }

 private:
  // The public constructor delegates to this one, so that the destructor runs when it throws.
  PngReader() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, OnError, [](png_structp, png_const_charp) {});
    if (png_ == nullptr) throw std::bad_alloc();
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }

  static void OnError(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self->message_, message, sizeof self->message_ - 1);
    png_longjmp(png, 1);
  }

  static void Read(png_structp png, png_bytep out, std::size_t size) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self->left_) png_error(png, "the data ends too early");
    std::memcpy(out, self->next_, size);
    self->next_ += size;
    self->left_ -= size;
  }

  template <typename Step>
  void Guarded(Step step) {
    if (setjmp(png_jmpbuf(png_)) == 0) {
      step();
      return;
    }
    throw Error(ErrorCode::kInvalidImage, StrCat("not a whole PNG image: ", message_));
  }

  const std::uint8_t* next_ = nullptr;
  std::size_t left_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  char message_[128] = {};
};

}  // namespace

Image DecodePng(const void* data, std::size_t size) {
  PngReader png(data, size);
  CheckDimensions(png.height(), png.width());
  Image image(static_cast<int>(png.height()), static_cast<int>(png.width()));
  std::vector<std::uint8_t*> rows(png.height());
  for (int y = 0; y < image.height(); ++y) rows[static_cast<std::size_t>(y)] = image.row(y);
  png.ReadRgb(rows.data());
  return image;
}

}  // namespace hrnet_native
