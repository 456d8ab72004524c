#include "image/resize_axis.h"

#include <algorithm>
#include <cmath>

namespace hrnet_native {
namespace {

std::int16_t FixedPoint(float weight) {
  return static_cast<std::int16_t>(std::lrint(weight * static_cast<float>(ResizeAxis::kOne)));
}

}  // namespace

ResizeAxis MakeResizeAxis(int source, int target, int begin, int count, bool clamp_weights) {
  // OpenCV inverts the ratio twice; doing the same keeps the rounding.
  const double scale = 1.0 / (static_cast<double>(target) / source);
  const int last = source - 1;
  ResizeAxis axis;
  for (int i = begin; i < begin + count; ++i) {
    const auto position = static_cast<float>((i + 0.5) * scale - 0.5);
    int index = static_cast<int>(std::floor(position));
    float fraction = position - static_cast<float>(index);
    if (clamp_weights && (index < 0 || index >= last)) {
      index = std::clamp(index, 0, last);
      fraction = 0;
    }
    axis.first.push_back(std::clamp(index, 0, last));
    axis.second.push_back(std::clamp(index + 1, 0, last));
    axis.weights.push_back(FixedPoint(1 - fraction));
    axis.weights.push_back(FixedPoint(fraction));
  }
  return axis;
}

}  // namespace hrnet_native
