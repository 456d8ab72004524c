#include "image/decode.h"

#include <cstring>
#include <string_view>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

bool StartsWith(std::string_view bytes, std::string_view magic) { return bytes.substr(0, magic.size()) == magic; }

}  // namespace

Image Decode(const void* data, std::size_t size) {
  if (size == 0) throw Error(ErrorCode::kInvalidImage, "the image has zero bytes");
  const std::string_view bytes(static_cast<const char*>(data), size);
  if (StartsWith(bytes, "\xff\xd8\xff")) return DecodeJpeg(data, size);
  if (StartsWith(bytes, "\x89PNG\r\n\x1a\n")) return DecodePng(data, size);
  throw Error(ErrorCode::kInvalidImage, StrCat("not a JPEG or PNG image: ", size, " bytes with another signature"));
}

void CheckDimensions(std::size_t height, std::size_t width) {
  if (height == 0 || width == 0 || height > kMaxPixels / width) {
    throw Error(ErrorCode::kInvalidImage,
                StrCat("the image claims ", width, "x", height, " pixels; at most ", kMaxPixels, " are decoded"));
  }
}

}  // namespace hrnet_native
