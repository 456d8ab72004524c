#include "image/preprocess.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/resize.h"

namespace hrnet_native {
namespace {

struct Size {
  int height;
  int width;
};

// Of a source or a resized picture: products of a side and a few bytes fit an int.
constexpr int kLongestSide = 1 << 29;
constexpr int kMaxSum = std::numeric_limits<std::int32_t>::max();

/// Python's round(): half to even, in double, as PaddleClas computes the size. Very long sides are cut: only the
/// central crop of them is computed, and their aspect ratio is nonsense anyway.
int RoundHalfEven(double value) { return static_cast<int>(std::nearbyint(std::min<double>(value, kLongestSide))); }

Size ResizedSize(const PreprocessConfig& config, const ImageView& image) {
  if (config.resize_height != 0) return {config.resize_height, config.resize_width};
  if (config.resize_short == 0) return {image.height, image.width};
  const double ratio = static_cast<double>(config.resize_short) / std::min(image.height, image.width);
  return {RoundHalfEven(image.height * ratio), RoundHalfEven(image.width * ratio)};
}

/// One picture's resize: the spans of both axes, and all that does the work.
struct Job {
  const ImageView& image;
  AxisSpan columns;
  AxisSpan rows;
  const RowKernels& row_kernels;
  const TapKernels& tap_kernels;
  const TensorTarget& target;
};

void Bilinear(const Job& job, NeighbourRule rule) {
  ResizeBilinear(job.image, MakeResizeAxis(job.columns, rule, true), MakeResizeAxis(job.rows, rule, false),
                 job.row_kernels, job.target);
}

void FixedPoint(const Job& job, TapAxis<std::int32_t> (*axis)(const AxisSpan&), const TapRounding& rounding) {
  ResizeByTaps(job.image, axis(job.columns), axis(job.rows), job.tap_kernels, rounding, job.target);
}

/// cv2's INTER_AREA averages where it shrinks in both directions, and otherwise is a kind of bilinear.
void Area(const Job& job) {
  if (job.columns.target > job.columns.source || job.rows.target > job.rows.source) {
    Bilinear(job, NeighbourRule::kCells);
    return;
  }
  const int columns = job.columns.source / job.columns.target;
  const int rows = job.rows.source / job.rows.target;
  const bool whole = columns * job.columns.target == job.columns.source && rows * job.rows.target == job.rows.source;
  if (whole && columns <= kMaxSum / 255 / rows) {
    const bool quarter = columns == 2 && rows == 2;
    const float factor = 1.0F / (static_cast<float>(columns) * static_cast<float>(rows));
    FixedPoint(job, Cv2WholeAreaAxis, {false, quarter ? Rounding::kQuarter : Rounding::kScaled, factor});
    return;
  }
  ResizeByTaps(job.image, Cv2AreaAxis(job.columns), Cv2AreaAxis(job.rows), job.tap_kernels, job.target);
}

void ResizeAsCv2(const Job& job, Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kNearest:
      FixedPoint(job, Cv2NearestAxis, {false, Rounding::kNone, 0});
      break;
    case Interpolation::kArea:
      Area(job);
      break;
    case Interpolation::kBicubic:
      FixedPoint(job, Cv2CubicAxis, {false, Rounding::kShift22, 0});
      break;
    case Interpolation::kLanczos:
      FixedPoint(job, Cv2LanczosAxis, {false, Rounding::kShift22, 0});
      break;
    default:
      Bilinear(job, NeighbourRule::kCenters);
      break;
  }
}

void ResizeAsPil(const Job& job, Interpolation interpolation) {
  if (interpolation == Interpolation::kNearest) {
    FixedPoint(job, PilNearestAxis, {false, Rounding::kNone, 0});
    return;
  }
  const TapAxis<std::int32_t> columns = PilFilterAxis(job.columns, interpolation);
  const TapAxis<std::int32_t> rows = PilFilterAxis(job.rows, interpolation);
  // Pillow begins with the rows where it loses many more of them than of the columns; older versions never do.
  const std::int64_t lost_rows = std::int64_t{job.rows.source} - job.rows.target;
  const std::int64_t lost_columns = std::int64_t{job.columns.source} - job.columns.target;
  if (lost_rows > 0 && lost_rows > 2 * lost_columns) {
    ResizeRowsFirst(job.image, columns, rows, job.tap_kernels, job.target);
  } else {
    ResizeByTaps(job.image, columns, rows, job.tap_kernels, {true, Rounding::kShift22, 0}, job.target);
  }
}

/// The view with its stride in bytes.
ImageView Checked(ImageView image) {
  if (image.data == nullptr || image.height <= 0 || image.width <= 0) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("an image must have pixels, not height ", image.height, " and width ", image.width));
  }
  if (image.height > kLongestSide || image.width > kLongestSide) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("an image's sides must be at most ", kLongestSide, ", not height ",
                                                    image.height, " and width ", image.width));
  }
  if (image.row_stride == ImageView::kPacked) image.row_stride = std::ptrdiff_t{3} * image.width;
  return image;
}

TensorTarget TargetOf(const PreprocessConfig& config, const ImageView& image, float* out) {
  const auto channel = [&config](std::size_t c) { return Normalisation{config.scale, config.mean[c], config.std[c]}; };
  return {out, {channel(0), channel(1), channel(2)}, image.color != config.color};
}

}  // namespace

Preprocessor::Preprocessor(const PreprocessConfig& config)
    : config_(config), row_kernels_(&RowKernelsFor(SelectedIsa())), tap_kernels_(&TapKernelsFor(SelectedIsa())) {
  CheckPreprocessConfig(config);
}

void Preprocessor::Run(const ImageView& view, float* out) const {
  const ImageView image = Checked(view);
  const Size resized = ResizedSize(config_, image);
  if (resized.height < config_.crop_height || resized.width < config_.crop_width) {
    throw Error(ErrorCode::kInvalidImage,
                StrCat("a ", image.width, "x", image.height, " image becomes ", resized.width, "x", resized.height,
                       ", smaller than the crop of ", config_.crop_width, "x", config_.crop_height));
  }
  const AxisSpan columns{image.width, resized.width, (resized.width - config_.crop_width) / 2, config_.crop_width};
  const AxisSpan rows{image.height, resized.height, (resized.height - config_.crop_height) / 2, config_.crop_height};
  const TensorTarget target = TargetOf(config_, image, out);
  const Job job{image, columns, rows, *row_kernels_, *tap_kernels_, target};
  const bool same_size = columns.source == columns.target && rows.source == rows.target;
  if (same_size) {
    FixedPoint(job, Cv2NearestAxis, {false, Rounding::kNone, 0});
  } else if (config_.backend == ResizeBackend::kCv2) {
    ResizeAsCv2(job, config_.interpolation);
  } else {
    ResizeAsPil(job, config_.interpolation);
  }
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(config_.crop_height) * config_.crop_width;
  std::fill(out + 3 * plane, out + config_.channel_num * plane, 0.0F);
}

void Preprocess(const ImageView& image, const PreprocessConfig& config, float* out) {
  Preprocessor(config).Run(image, out);
}

}  // namespace hrnet_native
