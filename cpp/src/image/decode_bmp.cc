#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <vector>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode.h"

namespace hrnet_native {
namespace {

// Layout: [MS-WMF] 2.2.2.3, DeviceIndependentBitmap, after a BITMAPFILEHEADER of 14 bytes.
constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kCoreHeader = 12;
constexpr std::size_t kInfoHeader = 40;
constexpr std::size_t kHeaderWithMasks = 56;
constexpr std::size_t kLargerHeaders[] = {kInfoHeader, 52, kHeaderWithMasks, 64, 108, 124};  // 64: OS/2; 108, 124: 4, 5
constexpr std::uint32_t kMaxPixelsPerByte = 512;  // twice what the longest runs reach

enum Compression : std::uint32_t { kRgb = 0, kRle8 = 1, kRle4 = 2, kBitfields = 3 };

template <typename... Parts>
[[noreturn]] void Fail(const Parts&... message) {
  throw Error(ErrorCode::kInvalidImage, StrCat("not a whole BMP image: ", message...));
}

/// Little-endian numbers at checked places.
class Bytes {
 public:
  explicit Bytes(EncodedBytes encoded) : encoded_(encoded) {}

  const std::uint8_t* At(std::size_t offset, std::size_t size) const {
    if (offset > encoded_.size || encoded_.size - offset < size) Fail("the data end too early");
    return encoded_.data + offset;
  }
  std::uint32_t U8(std::size_t offset) const { return *At(offset, 1); }
  std::uint32_t U16(std::size_t offset) const { return U8(offset) | U8(offset + 1) << 8; }
  std::uint32_t U32(std::size_t offset) const { return U16(offset) | U16(offset + 2) << 16; }
  std::size_t size() const { return encoded_.size; }

 private:
  EncodedBytes encoded_;
};

/// The bits of a pixel that hold one channel, widened or narrowed to eight.
struct Channel {
  std::uint32_t mask = 0;
  int shift = 0;
  float factor = 0;

  explicit Channel(std::uint32_t bits) : mask(bits) {
    if (mask == 0) return;
    while ((mask >> shift & 1U) == 0) ++shift;
    factor = 255.0F / static_cast<float>(mask >> shift);
  }
  std::uint8_t Of(std::uint32_t pixel) const {
    return static_cast<std::uint8_t>(static_cast<float>((pixel & mask) >> shift) * factor);
  }
};

using Rgb = std::array<std::uint8_t, 3>;

struct Header {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool top_down = false;
  std::uint32_t bits = 0;
  std::uint32_t compression = kRgb;
  std::size_t pixels = 0;  ///< Where they begin.
  std::array<Rgb, 256> palette{};
  std::array<std::uint32_t, 4> masks{};  ///< R, G, B, alpha; all zero where the layout is the usual one.
};

void ReadPalette(const Bytes& bytes, std::size_t offset, std::size_t count, std::size_t entry, Header& header) {
  if (count > header.palette.size()) Fail("a palette of ", count, " colours");
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* bgr = bytes.At(offset + i * entry, 3);
    header.palette[i] = {bgr[2], bgr[1], bgr[0]};
  }
}

void CheckLayout(const Header& header) {
  const std::uint32_t bits = header.bits;
  switch (header.compression) {
    case kRgb:
      if (bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32) return;
      break;
    case kRle8:
      if (bits == 8) return;
      break;
    case kRle4:
      if (bits == 4) return;
      break;
    case kBitfields:
      if (bits == 16 || bits == 32) return;
      break;
    default:
      break;
  }
  Fail("compression ", header.compression, " with ", bits, " bits a pixel is not supported");
}

Header ReadHeader(const Bytes& bytes) {
  Header header;
  header.pixels = bytes.U32(10);
  const std::size_t size = bytes.U32(kFileHeader);
  if (size == kCoreHeader) {
    header.width = bytes.U16(18);
    header.height = bytes.U16(20);
    header.bits = bytes.U16(24);
    CheckLayout(header);
    if (header.bits <= 8) ReadPalette(bytes, kFileHeader + size, std::size_t{1} << header.bits, 3, header);
    return header;
  }
  if (std::count(std::begin(kLargerHeaders), std::end(kLargerHeaders), size) == 0) Fail("a header of ", size, " bytes");
  bytes.At(kFileHeader, size);
  header.width = static_cast<std::int32_t>(bytes.U32(18));
  header.height = static_cast<std::int32_t>(bytes.U32(22));
  header.top_down = header.height < 0;
  header.height = std::abs(header.height);
  header.bits = bytes.U16(28);
  header.compression = bytes.U32(30);
  CheckLayout(header);
  if (header.bits <= 8) {
    const std::size_t used = bytes.U32(46);
    ReadPalette(bytes, kFileHeader + size, used == 0 ? std::size_t{1} << header.bits : used, 4, header);
  }
  // OpenCV takes 32-bit pixels as B, G, R, X unless the masks are inside the header, as newer versions have them.
  if (header.compression == kBitfields && (header.bits == 16 || size >= kHeaderWithMasks)) {
    const std::size_t masks = size >= kHeaderWithMasks ? 4 : 3;
    for (std::size_t i = 0; i < masks; ++i) header.masks[i] = bytes.U32(kFileHeader + kInfoHeader + 4 * i);
  }
  return header;
}

/// Writes the RGB of one uncompressed row. All bits of `source` are within the file.
using RowReader = void (*)(const Header& header, const std::uint8_t* source, int width, std::uint8_t* rgb);

void ReadIndices(const Header& header, const std::uint8_t* source, int width, std::uint8_t* rgb) {
  const std::uint32_t per_byte = 8 / header.bits;
  const std::uint32_t mask = (1U << header.bits) - 1;
  for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(width); ++x, rgb += 3) {
    const std::uint32_t shift = 8 - header.bits * (x % per_byte + 1);
    const Rgb& color = header.palette[std::uint32_t{source[x / per_byte]} >> shift & mask];
    std::copy(color.begin(), color.end(), rgb);
  }
}

/// Five bits, or six of green, are shifted up, not spread, as OpenCV does.
void ReadPacked16(const Header& header, const std::uint8_t* source, int width, std::uint8_t* rgb) {
  const bool six_greens = header.masks[1] == 0x7E0;
  for (int x = 0; x < width; ++x, source += 2, rgb += 3) {
    const std::uint32_t pixel = source[0] | std::uint32_t{source[1]} << 8;
    rgb[0] = static_cast<std::uint8_t>(six_greens ? pixel >> 8 & 0xF8 : pixel >> 7 & 0xF8);
    rgb[1] = static_cast<std::uint8_t>(six_greens ? pixel >> 3 & 0xFC : pixel >> 2 & 0xF8);
    rgb[2] = static_cast<std::uint8_t>(pixel << 3);
  }
}

void ReadBgr(const Header& header, const std::uint8_t* source, int width, std::uint8_t* rgb) {
  const std::size_t step = header.bits / 8;
  for (int x = 0; x < width; ++x, source += step, rgb += 3) {
    rgb[0] = source[2];
    rgb[1] = source[1];
    rgb[2] = source[0];
  }
}

std::uint32_t Pixel32(const std::uint8_t* source) {
  return source[0] | std::uint32_t{source[1]} << 8 | std::uint32_t{source[2]} << 16 | std::uint32_t{source[3]} << 24;
}

void ReadMasked32(const Header& header, const std::uint8_t* source, int width, std::uint8_t* rgb) {
  const Channel channels[] = {Channel(header.masks[0]), Channel(header.masks[1]), Channel(header.masks[2])};
  for (int x = 0; x < width; ++x, source += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) rgb[c] = channels[c].Of(Pixel32(source));
  }
}

RowReader ChooseReader(const Header& header) {
  if (header.bits <= 8) return ReadIndices;
  if (header.compression != kBitfields) return header.bits == 16 ? ReadPacked16 : ReadBgr;
  const std::array<std::uint32_t, 3> masks = {header.masks[0], header.masks[1], header.masks[2]};
  if (header.bits == 16) {
    const bool known = masks == std::array<std::uint32_t, 3>{0xF800, 0x7E0, 0x1F} ||
                       masks == std::array<std::uint32_t, 3>{0x7C00, 0x3E0, 0x1F};
    if (!known) Fail("16-bit pixels must have 5-6-5 or 5-5-5 bits");
    return ReadPacked16;
  }
  return masks == std::array<std::uint32_t, 3>{} ? ReadBgr : ReadMasked32;
}

/// Lays one row over the background by the alpha that the header's mask tells of.
void LayOver(const Header& header, const std::uint8_t* source, int width, const Rgb& background, std::uint8_t* rgb) {
  const Channel alpha(header.masks[3]);
  for (int x = 0; x < width; ++x, source += 4, rgb += 3) {
    const std::uint8_t rgba[] = {rgb[0], rgb[1], rgb[2], alpha.Of(Pixel32(source))};
    BlendOverBackground(rgba, 1, background, rgb);
  }
}

/// Uncompressed rows, in the file's order. Returns how many there are before the data end.
int ReadRows(const Header& header, EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget,
             Image& image) {
  const RowReader read = ChooseReader(header);
  const std::size_t pitch = (static_cast<std::size_t>(image.width()) * header.bits + 31) / 32 * 4;
  const bool has_alpha = options.background.has_value() && header.masks[3] != 0 && header.bits == 32;
  std::size_t offset = std::min(header.pixels, encoded.size);
  for (int i = 0; i < image.height(); ++i, offset += pitch) {
    if (encoded.size - offset < pitch) return i;
    budget.CheckTime();
    std::uint8_t* rgb = image.row(header.top_down ? i : image.height() - 1 - i);
    read(header, encoded.data + offset, image.width(), rgb);
    if (has_alpha) LayOver(header, encoded.data + offset, image.width(), *options.background, rgb);
  }
  return image.height();
}

/// Run-length code, in the file's order of rows; what the code skips has the palette's first colour. Returns how many
/// rows there are before the data or the code end.
class RunLengthReader {
 public:
  RunLengthReader(const Header& header, EncodedBytes encoded, const DecodeBudget& budget, Image& image)
      : header_(header),
        budget_(budget),
        image_(image),
        next_(encoded.data + std::min(header.pixels, encoded.size)),
        end_(encoded.data + encoded.size) {}

  int Read() {
    for (int y = 0; y < image_.height(); ++y) Paint(y, 0, image_.width(), {0, 0});
    while (y_ < image_.height() && !ended_) {
      if (end_ - next_ < 2) return x_ == image_.width() ? y_ + 1 : y_;
      const int count = *next_++;
      const int code = *next_++;
      if (count > 0) {
        const std::uint8_t high = static_cast<std::uint8_t>(Is4Bit() ? code >> 4 : code);
        const std::uint8_t low = static_cast<std::uint8_t>(Is4Bit() ? code & 15 : code);
        Advance(count);
        Paint(y_, x_ - count, x_, {high, low});
      } else if (!Escape(code)) {
        return y_;
      }
    }
    return ended_ ? y_ + (x_ > 0 ? 1 : 0) : image_.height();  // an encoder may skip the end of a row, but no whole rows
  }

 private:
  bool Is4Bit() const { return header_.bits == 4; }

  void Advance(int count) {
    if (count > image_.width() - x_) Fail("a run leaves its row");
    x_ += count;
  }

  /// Alternates between two indices, as a 4-bit run does.
  void Paint(int y, int begin, int end, std::array<std::uint8_t, 2> indices) {
    std::uint8_t* rgb = image_.row(header_.top_down ? y : image_.height() - 1 - y);
    for (int x = begin; x < end; ++x) {
      const Rgb& color = header_.palette[indices[static_cast<std::size_t>((x - begin) % 2)]];
      std::copy(color.begin(), color.end(), rgb + std::ptrdiff_t{3} * x);
    }
  }

  void NextRow() {
    budget_.CheckTime();
    x_ = 0;
    ++y_;
  }

  /// Returns false where the data end inside the escape.
  bool Escape(int code) {
    if (code == 0) {
      NextRow();
    } else if (code == 1) {
      ended_ = true;
    } else if (code == 2) {
      if (end_ - next_ < 2) return false;
      Advance(next_[0]);
      y_ += next_[1];
      next_ += 2;
    } else {
      const int bytes = Is4Bit() ? (code + 1) / 2 : code;
      if (end_ - next_ < bytes) return false;
      Advance(code);
      for (int i = 0; i < code; ++i) {
        const int pair = next_[Is4Bit() ? i / 2 : i];
        const int index = !Is4Bit() ? pair : i % 2 == 0 ? pair >> 4 : pair & 15;
        Paint(y_, x_ - code + i, x_ - code + i + 1, {static_cast<std::uint8_t>(index), 0});
      }
      next_ += std::min<std::ptrdiff_t>(bytes + bytes % 2, end_ - next_);
    }
    return true;
  }

  const Header& header_;
  const DecodeBudget& budget_;
  Image& image_;
  const std::uint8_t* next_;
  const std::uint8_t* end_;
  int x_ = 0;
  int y_ = 0;
  bool ended_ = false;
};

}  // namespace

DecodedFacts DecodeBmp(EncodedBytes encoded, const DecodeOptions& options, const DecodeBudget& budget, Image& image) {
  const Header header = ReadHeader(Bytes(encoded));
  budget.CheckSize(header.height, header.width);
  const bool run_length = header.compression == kRle8 || header.compression == kRle4;
  if (run_length && static_cast<std::size_t>(header.height * header.width) / kMaxPixelsPerByte > encoded.size) {
    Fail(encoded.size, " bytes cannot hold ", header.width, "x", header.height, " pixels");
  }
  ShapeImage(header.height, header.width, image);
  const int rows = run_length ? RunLengthReader(header, encoded, budget, image).Read()
                              : ReadRows(header, encoded, options, budget, image);
  const bool truncated = rows < image.height();
  if (truncated && !options.allow_truncated) Fail("the data end after ", rows, " of ", image.height(), " rows");
  FillMissingRows(image, header.top_down ? rows : 0, header.top_down ? image.height() : image.height() - rows);
  return {1, truncated};
}

}  // namespace hrnet_native
