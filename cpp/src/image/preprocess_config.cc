#include <cmath>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "hrnet_native/imaging.h"

namespace hrnet_native {
namespace {

constexpr int kMaxTargetSide = 1 << 16;

template <typename... Parts>
void Require(bool valid, const Parts&... message) {
  if (!valid) throw Error(ErrorCode::kInvalidArgument, StrCat(message...));
}

void CheckSide(int value, const char* name, int least) {
  Require(value >= least && value <= kMaxTargetSide, name, " must be ", least, " to ", kMaxTargetSide, ", not ", value);
}

}  // namespace

const char* Name(Interpolation interpolation) noexcept {
  switch (interpolation) {
    case Interpolation::kNearest:
      return "nearest";
    case Interpolation::kBilinear:
      return "bilinear";
    case Interpolation::kArea:
      return "area";
    case Interpolation::kBicubic:
      return "bicubic";
    case Interpolation::kLanczos:
      return "lanczos";
    case Interpolation::kBox:
      return "box";
    case Interpolation::kHamming:
      break;
  }
  return "hamming";
}

const char* Name(ResizeBackend backend) noexcept { return backend == ResizeBackend::kCv2 ? "cv2" : "pil"; }

void CheckPreprocessConfig(const PreprocessConfig& config) {
  CheckSide(config.resize_short, "resize_short", 0);
  CheckSide(config.resize_height, "resize_height", 0);
  CheckSide(config.resize_width, "resize_width", 0);
  CheckSide(config.crop_height, "crop_height", 1);
  CheckSide(config.crop_width, "crop_width", 1);
  Require((config.resize_height == 0) == (config.resize_width == 0),
          "resize_height and resize_width belong together, not ", config.resize_height, " and ", config.resize_width);
  Require(config.resize_short == 0 || config.resize_height == 0, "resize_short ", config.resize_short,
          " and a size of ", config.resize_width, "x", config.resize_height, " contradict each other");
  const bool only_pil = config.interpolation == Interpolation::kBox || config.interpolation == Interpolation::kHamming;
  const bool only_cv2 = config.interpolation == Interpolation::kArea;
  Require(!(only_pil && config.backend == ResizeBackend::kCv2) && !(only_cv2 && config.backend == ResizeBackend::kPil),
          "backend ", Name(config.backend), " has no interpolation ", Name(config.interpolation));
  Require(config.channel_num == 3 || config.channel_num == 4, "channel_num must be 3 or 4, not ", config.channel_num);
  Require(std::isfinite(config.scale), "scale must be finite, not ", config.scale);
  for (const float mean : config.mean) Require(std::isfinite(mean), "mean must be finite, not ", mean);
  for (const float std : config.std) Require(std::isfinite(std) && std > 0, "std must be positive, not ", std);
}

}  // namespace hrnet_native
