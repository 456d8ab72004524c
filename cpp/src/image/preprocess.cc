#include "image/preprocess.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

struct Size {
  int height;
  int width;
};

constexpr int kMaxSide = 1 << 29;

/// Python's round(): half to even, in double, as PaddleClas computes the size. Very long sides are cut: only the
/// central crop of them is computed, and their aspect ratio is nonsense anyway.
int RoundHalfEven(double value) { return static_cast<int>(std::nearbyint(std::min<double>(value, kMaxSide))); }

Size ResizedSize(const PreprocessConfig& config, const ImageView& image) {
  if (config.resize_short == 0) return {config.resize_height, config.resize_width};
  const double ratio = static_cast<double>(config.resize_short) / std::min(image.height, image.width);
  return {RoundHalfEven(image.height * ratio), RoundHalfEven(image.width * ratio)};
}

/// Keeps the two horizontally resized rows that an output row blends; neighbouring outputs often share them.
class RowCache {
 public:
  RowCache(const ImageView& image, const ResizeAxis& columns, const RowKernels& kernels)
      : image_(image),
        columns_(columns),
        kernels_(kernels),
        stride_(columns.size()),
        values_(std::size_t{2} * 3 * static_cast<std::size_t>(columns.size())) {}

  /// The planes of source row `y`; `keep` is the row that must stay valid beside it.
  const std::int16_t* Row(int y, int keep) {
    for (const Slot& slot : slots_) {
      if (slot.y == y) return Values(slot);
    }
    Slot& slot = slots_[0].y == keep ? slots_[1] : slots_[0];
    slot.y = y;
    kernels_.resize(image_.data + y * image_.row_stride, columns_, {Values(slot), stride_});
    return Values(slot);
  }

  std::ptrdiff_t stride() const { return stride_; }

 private:
  struct Slot {
    int y;
    std::ptrdiff_t index;
  };

  std::int16_t* Values(const Slot& slot) { return values_.data() + slot.index * 3 * stride_; }

  const ImageView& image_;
  const ResizeAxis& columns_;
  const RowKernels& kernels_;
  std::ptrdiff_t stride_;
  std::vector<std::int16_t> values_;
  Slot slots_[2] = {{-1, 0}, {-1, 1}};
};

}  // namespace

Preprocessor::Preprocessor(const PreprocessConfig& config) : config_(config), kernels_(&RowKernelsFor(SelectedIsa())) {}

void Preprocessor::Run(const ImageView& image, float* out) const {
  if (image.data == nullptr || image.height <= 0 || image.width <= 0) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("an image must have pixels, not height ", image.height, " and width ", image.width));
  }
  const Size resized = ResizedSize(config_, image);
  const int top = (resized.height - config_.crop_height) / 2;
  const int left = (resized.width - config_.crop_width) / 2;
  if (resized.height < config_.crop_height || resized.width < config_.crop_width) {
    throw Error(ErrorCode::kInvalidImage,
                StrCat("a ", image.width, "x", image.height, " image becomes ", resized.width, "x", resized.height,
                       ", smaller than the crop of ", config_.crop_width, "x", config_.crop_height));
  }
  const ResizeAxis columns = MakeResizeAxis(image.width, resized.width, left, config_.crop_width, true);
  const ResizeAxis rows = MakeResizeAxis(image.height, resized.height, top, config_.crop_height, false);
  const bool swap_channels = image.color != config_.color;
  RowCache cache(image, columns, *kernels_);
  for (int y = 0; y < rows.size(); ++y) {
    const auto i = static_cast<std::size_t>(y);
    const std::int16_t* upper = cache.Row(rows.first[i], rows.second[i]);
    const std::int16_t* lower = cache.Row(rows.second[i], rows.first[i]);
    for (int c = 0; c < 3; ++c) {
      const auto channel = static_cast<std::size_t>(c);
      const std::ptrdiff_t plane = (swap_channels ? 2 - c : c) * cache.stride();
      float* out_row = out + (static_cast<std::ptrdiff_t>(c) * rows.size() + y) * columns.size();
      kernels_->blend(upper + plane, lower + plane, &rows.weights[2 * i],
                      {config_.scale, config_.mean[channel], config_.std[channel]}, columns.size(), out_row);
    }
  }
}

void Preprocess(const ImageView& image, const PreprocessConfig& config, float* out) {
  Preprocessor(config).Run(image, out);
}

}  // namespace hrnet_native
