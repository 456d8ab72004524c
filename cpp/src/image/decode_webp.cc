#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "image/orientation.h"

namespace hrnet_native {
namespace {

constexpr std::size_t kStep = 16384;  // bytes between two looks at the clock, at the beginning

[[noreturn]] void Fail(const char* message) {
  throw Error(ErrorCode::kInvalidImage, StrCat("not a whole WebP image: ", message));
}

struct Deleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
};

/// The file's structure: its canvas, its first picture, its metadata. Borrows the bytes.
class WebpFile {
 public:
  WebpFile(EncodedBytes encoded, bool allow_truncated) {
    const WebPData data{encoded.data, encoded.size};
    WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
    demuxer_.reset(allow_truncated ? WebPDemuxPartial(&data, &state) : WebPDemux(&data));
    if (!demuxer_) Fail("its parts do not add up, or it ends too early");
  }
  ~WebpFile() { WebPDemuxReleaseIterator(&frame_); }
  WebpFile(const WebpFile&) = delete;
  WebpFile& operator=(const WebpFile&) = delete;

  int height() const { return static_cast<int>(WebPDemuxGetI(demuxer_.get(), WEBP_FF_CANVAS_HEIGHT)); }
  int width() const { return static_cast<int>(WebPDemuxGetI(demuxer_.get(), WEBP_FF_CANVAS_WIDTH)); }

  const WebPIterator& FirstFrame() {
    if (WebPDemuxGetFrame(demuxer_.get(), 1, &frame_) == 0) Fail("it has no picture");
    const bool inside = frame_.x_offset >= 0 && frame_.y_offset >= 0 && frame_.width > 0 && frame_.height > 0 &&
                        frame_.width <= width() - frame_.x_offset && frame_.height <= height() - frame_.y_offset;
    if (!inside) Fail("its picture lies outside its canvas");
    return frame_;
  }

  int orientation() const {
    WebPChunkIterator chunk{};
    int orientation = 1;
    if (WebPDemuxGetChunk(demuxer_.get(), "EXIF", 1, &chunk) != 0) {
      orientation = OrientationInExif(chunk.chunk.bytes, chunk.chunk.size);
    }
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
  }

 private:
  std::unique_ptr<WebPDemuxer, Deleter> demuxer_;
  WebPIterator frame_{};
};

/// Where the pixels of the frame go.
struct Target {
  std::uint8_t* pixels;
  std::size_t stride;
  std::size_t size;
  bool with_alpha;
};

/// Decodes step by step, so that the clock can be looked at. Returns the number of rows that are complete: fewer than
/// the frame has only if the data end early.
int DecodeFrame(const WebPIterator& frame, const DecodeBudget& budget, const Target& target) {
  WebPBitstreamFeatures features;
  const VP8StatusCode header = WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features);
  if (header == VP8_STATUS_NOT_ENOUGH_DATA) return 0;
  // What the file says of its picture has been checked; the picture's own header decides what libwebp allocates.
  if (header != VP8_STATUS_OK || features.width != frame.width || features.height != frame.height) {
    Fail("its picture has another size than it says");
  }
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) throw Error(ErrorCode::kInternal, "libwebp has another version");
  config.output.colorspace = target.with_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {target.pixels, static_cast<int>(target.stride), target.size};
  const std::unique_ptr<WebPIDecoder, Deleter> decoder(WebPIDecode(nullptr, 0, &config));
  if (!decoder) throw std::bad_alloc();
  // Of a lossless picture libwebp reads the code tables anew with every step until they are whole, and they may be most
  // of the file: so few steps that this costs no more than a few readings.
  const bool lossless = features.format == 2;
  VP8StatusCode status = VP8_STATUS_SUSPENDED;
  for (std::size_t given = 0; status == VP8_STATUS_SUSPENDED && given < frame.fragment.size;) {
    const std::size_t step = lossless ? std::max(kStep, given) : kStep;
    given += std::min(step, frame.fragment.size - given);
    status = WebPIUpdate(decoder.get(), frame.fragment.bytes, given);
    budget.CheckTime();
  }
  if (status == VP8_STATUS_OK) return frame.height;
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status != VP8_STATUS_SUSPENDED) Fail("its data are damaged");
  int rows = 0;
  WebPIDecGetRGB(decoder.get(), &rows, nullptr, nullptr, nullptr);
  return std::clamp(rows, 0, frame.height);
}

}  // namespace

DecodedFacts DecodeWebp(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image) {
  WebpFile file(encoded, options.allow_truncated);
  budget.CheckSize(file.height(), file.width());
  const WebPIterator& frame = file.FirstFrame();
  ShapeImage(file.height(), file.width(), image);
  const bool with_alpha = options.background.has_value();
  const std::size_t channels = with_alpha ? 4 : 3;
  const std::size_t stride = static_cast<std::size_t>(image.width()) * channels;
  std::vector<std::uint8_t> rgba(with_alpha ? stride * static_cast<std::size_t>(image.height()) : 0);
  const bool covers = frame.width == image.width() && frame.height == image.height();
  if (!covers && !with_alpha) std::memset(image.row(0), 0, image.size_bytes());  // an animation's canvas starts black
  std::uint8_t* canvas = with_alpha ? rgba.data() : image.row(0);
  const std::size_t offset =
      static_cast<std::size_t>(frame.y_offset) * stride + static_cast<std::size_t>(frame.x_offset) * channels;
  const std::size_t size = stride * static_cast<std::size_t>(image.height()) - offset;
  const int rows = DecodeFrame(frame, budget, {canvas + offset, stride, size, with_alpha});
  const bool truncated = rows < frame.height || frame.complete == 0;
  if (truncated && !options.allow_truncated) Fail("its data end too early");
  if (with_alpha) {
    for (int y = 0; y < image.height(); ++y) {
      BlendOverBackground(canvas + static_cast<std::size_t>(y) * stride, image.width(), *options.background,
                          image.row(y));
    }
  }
  if (rows < frame.height) FillMissingRows(image, frame.y_offset + rows, image.height());
  return {file.orientation(), truncated};
}

}  // namespace hrnet_native
