#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <new>

#include <jpeglib.h>

#include <jerror.h>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "image/jpeg_markers.h"
#include "image/orientation.h"

namespace hrnet_native {
namespace {

/// Owns libjpeg's decompressor. libjpeg reports errors by a call that must not return: each step below runs under
/// setjmp in a frame without destructors, and turns the jump into an Error.
class JpegDecompressor {
 public:
  JpegDecompressor(EncodedBytes encoded, const DecodeBudget& budget, bool allow_truncated)
      : JpegDecompressor(budget, allow_truncated) {
    Guarded([&] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_mem_src(&info_, encoded.data, static_cast<unsigned long>(encoded.size));
      jpeg_read_header(&info_, TRUE);
    });
  }
  ~JpegDecompressor() { jpeg_destroy_decompress(&info_); }
  JpegDecompressor(const JpegDecompressor&) = delete;
  JpegDecompressor& operator=(const JpegDecompressor&) = delete;

  int height() const { return static_cast<int>(info_.image_height); }
  int width() const { return static_cast<int>(info_.image_width); }
  bool truncated() const { return truncated_; }
  int first_missing_row() const { return first_missing_row_; }

  /// An image of several scans is kept whole, as coefficients; a Huffman code has at least one bit, and the first scan
  /// has one for every block, so a file with fewer bits is not worth that memory.
  bool IsTooShortForItsBlocks(std::size_t size) {
    if (jpeg_has_multiple_scans(&info_) == 0 || info_.arith_code != 0) return false;
    const std::size_t blocks = (std::size_t{info_.image_height} / 8) * (std::size_t{info_.image_width} / 8);
    return size < blocks / 8;
  }

  /// Halves the output as often as it stays at least this large, three times at most.
  void Reduce(int min_height, int min_width) {
    const auto larger = [&](unsigned factor) {
      return height() / static_cast<int>(factor) >= min_height && width() / static_cast<int>(factor) >= min_width;
    };
    while (info_.scale_denom < 8 && larger(info_.scale_denom * 2)) info_.scale_denom *= 2;
  }

  /// Shapes the image and fills it.
  void Read(Image& image) {
    const bool cmyk = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_calc_output_dimensions(&info_);
    ShapeImage(info_.output_height, info_.output_width, image);
    Guarded([&] {
      jpeg_start_decompress(&info_);
      if (cmyk) {
        ReadCmykRows(image);
      } else {
        ReadRgbRows(image);
      }
      jpeg_finish_decompress(&info_);
    });
  }

 private:
  // The public constructor delegates to this one, so that the destructor runs when it throws.
  JpegDecompressor(const DecodeBudget& budget, bool allow_truncated)
      : budget_(budget), allow_truncated_(allow_truncated) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { std::longjmp(Self(info)->jump_, 1); };
    errors_.emit_message = OnMessage;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = OnProgress;
    info_.client_data = this;
  }

  static JpegDecompressor* Self(j_common_ptr info) { return static_cast<JpegDecompressor*>(info->client_data); }

  /// Level -1 is libjpeg's word for "the data is corrupt but I can go on": going on would invent pixels.
  static void OnMessage(j_common_ptr info, int level) {
    if (level >= 0) return;
    JpegDecompressor* self = Self(info);
    switch (info->err->msg_code) {
      case JWRN_EXTRANEOUS_DATA:  // padding between segments, which many cameras write
      case JWRN_ADOBE_XFORM:
      case JWRN_JFIF_MAJOR:
        return;
      case JWRN_JPEG_EOF:
        if (self->allow_truncated_ && !self->truncated_) self->NoteEnd();
        break;
      default:
        break;
    }
    if (!self->truncated_) info->err->error_exit(info);
  }

  /// libjpeg calls this for every row of blocks, of every scan.
  static void OnProgress(j_common_ptr info) {
    JpegDecompressor* self = Self(info);
    self->too_many_scans_ = self->info_.input_scan_number > self->budget_.limits().max_scans;
    self->out_of_time_ = self->budget_.TimeIsUp();
    if (self->too_many_scans_ || self->out_of_time_) std::longjmp(self->jump_, 1);
  }

  /// The data are at their end. Rows that have been given out are good; of several scans none has, but they are all
  /// told, coarsely, once the first scan of every component is whole.
  void NoteEnd() {
    truncated_ = true;
    bool coarse = info_.progressive_mode != 0 && info_.coef_bits != nullptr && (info_.Ss != 0 || info_.Ah != 0);
    for (int c = 0; coarse && c < info_.num_components; ++c) coarse = info_.coef_bits[c][0] >= 0;
    first_missing_row_ = static_cast<int>(coarse ? info_.output_height : info_.output_scanline);
  }

  void ReadRgbRows(Image& image) {
    constexpr JDIMENSION kRows = 4;  // libjpeg makes two or four at a time
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW rows[kRows];
      const JDIMENSION count = std::min(kRows, info_.output_height - info_.output_scanline);
      for (JDIMENSION i = 0; i < count; ++i) rows[i] = image.row(static_cast<int>(info_.output_scanline + i));
      jpeg_read_scanlines(&info_, rows, count);
    }
  }

  void ReadCmykRows(Image& image) {
    JSAMPARRAY buffer =
        (*info_.mem->alloc_sarray)(reinterpret_cast<j_common_ptr>(&info_), JPOOL_IMAGE, info_.output_width * 4, 1);
    while (info_.output_scanline < info_.output_height) {
      std::uint8_t* out = image.row(static_cast<int>(info_.output_scanline));
      jpeg_read_scanlines(&info_, buffer, 1);
      const auto convert = info_.saw_Adobe_marker != 0 ? InkAsOpenCv : InkAsPillow;
      const std::uint8_t* cmyk = buffer[0];
      for (JDIMENSION x = 0; x < info_.output_width; ++x, cmyk += 4, out += 3) {
        for (int c = 0; c < 3; ++c) out[c] = convert(cmyk[c], cmyk[3]);
      }
    }
  }

  // Inks are inverted, 255 is none: so Adobe writes them, and Pillow takes files without Adobe's marker alike. The two
  // libraries multiply with different rounding.
  static std::uint8_t InkAsOpenCv(int ink, int black) {
    return static_cast<std::uint8_t>(black - ((255 - ink) * black >> 8));
  }
  static std::uint8_t InkAsPillow(int ink, int black) {
    const int product = (255 - ink) * black + 128;
    return static_cast<std::uint8_t>(std::max(black - ((product >> 8) + product) / 256, 0));
  }

  template <typename Step>
  void Guarded(Step step) {
    if (setjmp(jump_) == 0) {
      step();
      return;
    }
    if (too_many_scans_) budget_.CheckScans(info_.input_scan_number);
    if (out_of_time_) budget_.CheckTime();
    if (errors_.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
    char message[JMSG_LENGTH_MAX];
    (*errors_.format_message)(reinterpret_cast<j_common_ptr>(&info_), message);
    throw Error(ErrorCode::kInvalidImage, StrCat("not a whole JPEG image: ", message));
  }

  const DecodeBudget& budget_;
  bool allow_truncated_;
  bool truncated_ = false;
  int first_missing_row_ = 0;
  bool too_many_scans_ = false;
  bool out_of_time_ = false;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
};

}  // namespace

DecodedFacts DecodeJpeg(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image) {
  const JpegMarkers markers = ReadJpegMarkers(encoded, budget.limits().max_scans);
  budget.CheckScans(markers.scans);
  JpegDecompressor jpeg(encoded, budget, options.allow_truncated);
  budget.CheckSize(jpeg.height(), jpeg.width());
  if (jpeg.IsTooShortForItsBlocks(encoded.size)) {
    throw Error(ErrorCode::kInvalidImage, StrCat("not a whole JPEG image: ", encoded.size, " bytes cannot hold ",
                                                 jpeg.width(), "x", jpeg.height(), " pixels"));
  }
  const int orientation = OrientationInExif(markers.exif.data, markers.exif.size);
  if (options.min_height > 0 && options.min_width > 0) {
    const bool turned = options.exif == ExifOrientation::kApply && SwapsSides(orientation);
    jpeg.Reduce(turned ? options.min_width : options.min_height, turned ? options.min_height : options.min_width);
  }
  jpeg.Read(image);
  if (jpeg.truncated()) FillMissingRows(image, jpeg.first_missing_row(), image.height());
  return {orientation, jpeg.truncated()};
}

}  // namespace hrnet_native
