#include "image/resize_axis.h"

#include <algorithm>
#include <cmath>

namespace hrnet_native {
namespace {

std::int16_t FixedPoint(float weight) {
  return static_cast<std::int16_t>(std::lrint(weight * static_cast<float>(ResizeAxis::kOne)));
}

struct Position {
  int index;       ///< Of the first neighbour; it may be outside.
  float fraction;  ///< Weight of the second.
};

Position PositionOf(int output, double ratio, NeighbourRule rule) {
  const double scale = 1.0 / ratio;  // OpenCV inverts the ratio twice; doing the same keeps the rounding
  if (rule == NeighbourRule::kCenters) {
    const auto position = static_cast<float>((output + 0.5) * scale - 0.5);
    const int index = static_cast<int>(std::floor(position));
    return {index, position - static_cast<float>(index)};
  }
  const int index = static_cast<int>(std::floor(output * scale));
  const auto beyond = static_cast<float>((output + 1) - (index + 1) * ratio);
  return {index, beyond <= 0 ? 0 : beyond - std::floor(beyond)};
}

}  // namespace

ResizeAxis MakeResizeAxis(const AxisSpan& span, NeighbourRule rule, bool clamp_weights) {
  const double ratio = static_cast<double>(span.target) / span.source;
  const int last = span.source - 1;
  ResizeAxis axis;
  for (int i = span.begin; i < span.begin + span.count; ++i) {
    Position position = PositionOf(i, ratio, rule);
    if (clamp_weights && (position.index < 0 || position.index >= last)) {
      position = {std::clamp(position.index, 0, last), 0};
    }
    axis.first.push_back(std::clamp(position.index, 0, last));
    axis.second.push_back(std::clamp(position.index + 1, 0, last));
    axis.weights.push_back(FixedPoint(1 - position.fraction));
    axis.weights.push_back(FixedPoint(position.fraction));
  }
  return axis;
}

}  // namespace hrnet_native
