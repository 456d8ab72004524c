#include <png.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "image/orientation.h"

namespace hrnet_native {
namespace {

constexpr std::size_t kStateBytes = std::size_t{1} << 20;  // more than any part of libpng's and zlib's own state
constexpr std::size_t kMaxPixelBytes = 8;                  // in libpng's buffers of one row

/// Owns libpng's reader. As with libjpeg, errors are jumps, so each step runs in a frame without destructors.
class PngReader {
 public:
  explicit PngReader(EncodedBytes encoded) : PngReader() {
    left_ = encoded;
    max_allocation_ = kStateBytes + encoded.size;
    Guarded([&] {
      png_set_read_fn(png_, this, Read);
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours are checked next
      // Texts and profiles, which a compressed chunk can make of next to nothing, are passed over; only Exif is wanted.
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_AS_DEFAULT, reinterpret_cast<png_const_bytep>("eXIf"), 1);
      png_read_info(png_, info_);
    });
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  std::int64_t height() const { return png_get_image_height(png_, info_); }
  std::int64_t width() const { return png_get_image_width(png_, info_); }
  bool truncated() const { return ended_; }
  int complete_rows() const { return complete_rows_; }

  /// Fills `rows`, height() pointers to width() pixels of RGB or RGBA, and checks the file to its end. With
  /// `allow_truncated` data that end early are no error: truncated() and complete_rows() tell.
  void ReadRows(std::uint8_t** rows, bool with_alpha, const DecodeBudget& budget, bool allow_truncated) {
    allow_truncated_ = allow_truncated;
    max_allocation_ += static_cast<std::size_t>(width()) * kMaxPixelBytes;
    Guarded([&] {
      png_set_strip_16(png_);
      png_set_expand(png_);
      png_set_gray_to_rgb(png_);
      if (with_alpha) {
        png_set_add_alpha(png_, 0xFF, PNG_FILLER_AFTER);
      } else {
        png_set_strip_alpha(png_);
      }
      const int passes = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
      const std::int64_t row_bytes = width() * (with_alpha ? 4 : 3);
      if (static_cast<std::int64_t>(png_get_rowbytes(png_, info_)) != row_bytes) png_error(png_, "unexpected row size");
      for (int pass = 0; pass < passes; ++pass) {
        for (int y = 0; y < height(); ++y) {
          png_read_row(png_, rows[y], nullptr);
          budget.CheckTime();
          if (pass == passes - 1) complete_rows_ = y + 1;
        }
      }
      png_read_end(png_, info_);
    });
  }

  int orientation() const {
    png_uint_32 size = 0;
    png_bytep exif = nullptr;
    if (png_get_eXIf_1(png_, info_, &size, &exif) == 0) return 1;
    return OrientationInExif(exif, size);
  }

 private:
  // The public constructor delegates to this one, so that the destructor runs when it throws.
  PngReader() {
    png_ = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, this, OnError, [](png_structp, png_const_charp) {}, this, Allocate, nullptr);
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

  /// libpng takes as much memory as a chunk says it has bytes, before it looks for them, and only warns of its own
  /// limit.
  static png_voidp Allocate(png_structp png, png_alloc_size_t size) {
    auto* self = static_cast<PngReader*>(png_get_mem_ptr(png));
    if (size > self->max_allocation_) return nullptr;
    void* memory = std::malloc(size);
    self->out_of_memory_ = self->out_of_memory_ || memory == nullptr;
    return memory;
  }

  static void Read(png_structp png, png_bytep out, std::size_t size) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self->left_.size) {
      self->ended_ = true;
      png_error(png, "the data ends too early");
    }
    std::memcpy(out, self->left_.data, size);
    self->left_.data += size;
    self->left_.size -= size;
  }

  template <typename Step>
  void Guarded(Step step) {
    if (setjmp(png_jmpbuf(png_)) == 0) {
      step();
      if (!out_of_memory_) return;  // else libpng may have gone on without the orientation
    }
    if (out_of_memory_) throw std::bad_alloc();
    if (ended_ && allow_truncated_) return;
    throw Error(ErrorCode::kInvalidImage, StrCat("not a whole PNG image: ", message_));
  }

  EncodedBytes left_{};
  std::size_t max_allocation_ = kStateBytes;
  bool out_of_memory_ = false;
  bool ended_ = false;
  bool allow_truncated_ = false;
  int complete_rows_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  char message_[128] = {};
};

}  // namespace

DecodedFacts DecodePng(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image) {
  PngReader png(encoded);
  budget.CheckSize(png.height(), png.width());
  ShapeImage(png.height(), png.width(), image);
  const bool with_alpha = options.background.has_value();
  const std::size_t rgba_row = with_alpha ? static_cast<std::size_t>(image.width()) * 4 : 0;
  std::vector<std::uint8_t> rgba(rgba_row * static_cast<std::size_t>(image.height()));
  std::vector<std::uint8_t*> rows(static_cast<std::size_t>(image.height()));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    rows[y] = with_alpha ? rgba.data() + y * rgba_row : image.row(static_cast<int>(y));
  }
  png.ReadRows(rows.data(), with_alpha, budget, options.allow_truncated);
  if (with_alpha) {
    for (int y = 0; y < png.complete_rows(); ++y) {
      BlendOverBackground(rows[static_cast<std::size_t>(y)], image.width(), *options.background, image.row(y));
    }
  }
  FillMissingRows(image, png.complete_rows(), image.height());
  return {png.orientation(), png.truncated()};
}

}  // namespace hrnet_native
