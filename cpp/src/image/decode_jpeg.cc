#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <utility>

#include <jpeglib.h>

#include <jerror.h>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "image/orientation.h"

namespace hrnet_native {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr unsigned kMaxMarkerBytes = 0xFFFF;

/// Owns libjpeg's decompressor. libjpeg reports errors by a call that must not return: each step below runs under
/// setjmp in a frame without destructors, and turns the jump into an Error.
class JpegDecompressor {
 public:
  JpegDecompressor(const void* data, std::size_t size) : JpegDecompressor() {
    Guarded([&] {
      jpeg_create_decompress(&info_);
      jpeg_mem_src(&info_, static_cast<const unsigned char*>(data), static_cast<unsigned long>(size));
      jpeg_save_markers(&info_, kExifMarker, kMaxMarkerBytes);
      jpeg_read_header(&info_, TRUE);
    });
  }
  ~JpegDecompressor() { jpeg_destroy_decompress(&info_); }
  JpegDecompressor(const JpegDecompressor&) = delete;
  JpegDecompressor& operator=(const JpegDecompressor&) = delete;

  std::size_t height() const { return info_.image_height; }
  std::size_t width() const { return info_.image_width; }
  bool is_cmyk() const { return info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK; }

  int orientation() const {
    for (jpeg_saved_marker_ptr m = info_.marker_list; m != nullptr; m = m->next) {
      if (m->marker == kExifMarker) return ExifOrientation(m->data, m->data_length);
    }
    return 1;
  }

  void ReadRgb(Image& image) {
    Guarded([&] {
      info_.out_color_space = JCS_RGB;
      jpeg_start_decompress(&info_);
      while (info_.output_scanline < info_.output_height) {
        JSAMPROW row = image.row(static_cast<int>(info_.output_scanline));
        jpeg_read_scanlines(&info_, &row, 1);
      }
      jpeg_finish_decompress(&info_);
    });
  }

  void ReadCmyk(Image& image) {
    Guarded([&] {
      info_.out_color_space = JCS_CMYK;
      jpeg_start_decompress(&info_);
      JSAMPARRAY buffer =
          (*info_.mem->alloc_sarray)(reinterpret_cast<j_common_ptr>(&info_), JPOOL_IMAGE, info_.output_width * 4, 1);
      while (info_.output_scanline < info_.output_height) {
        std::uint8_t* out = image.row(static_cast<int>(info_.output_scanline));
        jpeg_read_scanlines(&info_, buffer, 1);
        const std::uint8_t* cmyk = buffer[0];
        for (JDIMENSION x = 0; x < info_.output_width; ++x, cmyk += 4, out += 3) {
          const int k = cmyk[3];  // Adobe's files hold inverted inks: 255 is none
          for (int c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(k - ((255 - cmyk[c]) * k >> 8));
        }
      }
      jpeg_finish_decompress(&info_);
    });
  }

 private:
  // The public constructor delegates to this one, so that the destructor runs when it throws.
  JpegDecompressor() {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { std::longjmp(Self(info)->jump_, 1); };
    errors_.emit_message = OnMessage;
    errors_.output_message = [](j_common_ptr) {};
    info_.client_data = this;
  }

  static JpegDecompressor* Self(j_common_ptr info) { return static_cast<JpegDecompressor*>(info->client_data); }

  /// Level -1 is libjpeg's word for "the data is corrupt but I can go on": going on would invent pixels.
  static void OnMessage(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
      case JWRN_EXTRANEOUS_DATA:  // padding between segments, which many cameras write
      case JWRN_ADOBE_XFORM:
      case JWRN_JFIF_MAJOR:
        return;
      default:
        info->err->error_exit(info);
    }
  }

  template <typename Step>
  void Guarded(Step step) {
    if (setjmp(jump_) == 0) {
      step();
      return;
    }
    char message[JMSG_LENGTH_MAX];
    (*errors_.format_message)(reinterpret_cast<j_common_ptr>(&info_), message);
    throw Error(ErrorCode::kInvalidImage, StrCat("not a whole JPEG image: ", message));
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf jump_{};
};

}  // namespace

Image DecodeJpeg(const void* data, std::size_t size) {
  JpegDecompressor jpeg(data, size);
  CheckDimensions(jpeg.height(), jpeg.width());
  const int orientation = jpeg.orientation();  // libjpeg forgets the markers when it has read the pixels
  Image image(static_cast<int>(jpeg.height()), static_cast<int>(jpeg.width()));
  if (jpeg.is_cmyk()) {
    jpeg.ReadCmyk(image);
  } else {
    jpeg.ReadRgb(image);
  }
  return ApplyOrientation(std::move(image), orientation);
}

}  // namespace hrnet_native
