#include "image/decode_budget.h"

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

template <typename... Parts>
void Require(bool within, const Parts&... message) {
  if (!within) throw Error(ErrorCode::kInvalidImage, StrCat(message...));
}

}  // namespace

DecodeBudget::DecodeBudget(const ImageLimits& limits)
    : limits_(limits), deadline_(std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.max_decode_ms)) {}

void DecodeBudget::CheckEncodedBytes(std::size_t size) const {
  Require(size <= static_cast<std::uint64_t>(limits_.max_encoded_bytes), "the image has ", size,
          " encoded bytes; max_encoded_bytes allows ", limits_.max_encoded_bytes);
}

void DecodeBudget::CheckSize(std::int64_t height, std::int64_t width) const {
  Require(height > 0 && width > 0, "the image claims ", width, "x", height, " pixels");
  Require(height <= limits_.max_side && width <= limits_.max_side, "the image claims ", width, "x", height,
          " pixels; max_side allows ", limits_.max_side);
  Require(height <= limits_.max_pixels / width, "the image claims ", width, "x", height, " pixels; max_pixels allows ",
          limits_.max_pixels);
}

void DecodeBudget::CheckScans(int scans) const {
  Require(scans <= limits_.max_scans, "the image has ", scans, " or more scans; max_scans allows ", limits_.max_scans);
}

void DecodeBudget::CheckTime() const {
  Require(!TimeIsUp(), "the image was not decoded within max_decode_ms, ", limits_.max_decode_ms);
}

void CheckLimits(const ImageLimits& limits) {
  const auto require = [](std::int64_t value, const char* name) {
    if (value < 1) throw Error(ErrorCode::kInvalidArgument, StrCat(name, " must be at least 1, not ", value));
  };
  require(limits.max_pixels, "max_pixels");
  require(limits.max_side, "max_side");
  require(limits.max_encoded_bytes, "max_encoded_bytes");
  require(limits.max_scans, "max_scans");
  require(limits.max_decode_ms, "max_decode_ms");
}

}  // namespace hrnet_native
