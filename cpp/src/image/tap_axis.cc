#include "image/tap_axis.h"

#include <algorithm>
#include <cmath>

namespace hrnet_native {
namespace {

constexpr double kPi = 3.14159265358979323846;

template <typename Weight>
void Append(TapAxis<Weight>& axis, int first, const std::vector<Weight>& weights) {
  axis.first.push_back(first);
  axis.count.push_back(static_cast<std::int32_t>(weights.size()));
  axis.offset.push_back(axis.weights.size());
  axis.weights.insert(axis.weights.end(), weights.begin(), weights.end());
}

/// OpenCV inverts the ratio twice; doing the same keeps the rounding.
double Cv2Scale(const AxisSpan& span) { return 1.0 / (static_cast<double>(span.target) / span.source); }

/// Appends fixed-point taps that begin at `first`, which may lie outside: the edge pixel takes their weights.
void AppendClamped(TapAxis<std::int32_t>& axis, int source, int first, const std::vector<double>& weights) {
  const int begin = std::clamp(first, 0, source - 1);
  const int end = std::clamp(first + static_cast<int>(weights.size()), begin + 1, source);
  std::vector<std::int32_t> merged(static_cast<std::size_t>(end - begin));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const int index = std::clamp(first + static_cast<int>(i), begin, end - 1);
    merged[static_cast<std::size_t>(index - begin)] += static_cast<std::int32_t>(std::lrint(weights[i] * 2048));
  }
  Append(axis, begin, merged);
}

/// Keys' cubic with a = -0.75, in float as OpenCV computes it.
std::vector<double> CubicWeights(float x) {
  constexpr float kA = -0.75F;
  const auto near = [](float t) { return ((kA + 2) * t - (kA + 3)) * t * t + 1; };
  const float far = ((kA * (x + 1) - 5 * kA) * (x + 1) + 8 * kA) * (x + 1) - 4 * kA;
  return {far, near(x), near(1 - x), 1 - far - near(x) - near(1 - x)};
}

/// sinc(t) * sinc(t / 4), made to sum to one. The sine of sinc(t) is the same for all taps but for its sign.
std::vector<double> LanczosWeights(float x) {
  std::vector<double> weights(8);
  double sum = 0;
  for (int i = 0; i < 8; ++i) {
    const double t = static_cast<double>(x) + 3 - i;
    if (std::abs(t) < 1e-6) {  // on a pixel: it alone counts
      weights.assign(8, 0);
      weights[static_cast<std::size_t>(i)] = 1;
      return weights;
    }
    weights[static_cast<std::size_t>(i)] = (i % 2 == 0 ? 1 : -1) * std::sin(t * kPi / 4) / (t * t);
    sum += weights[static_cast<std::size_t>(i)];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

template <typename Weights>
TapAxis<std::int32_t> Cv2FixedAxis(const AxisSpan& span, int before, Weights weights) {
  TapAxis<std::int32_t> axis;
  const double scale = Cv2Scale(span);
  for (int i = span.begin; i < span.begin + span.count; ++i) {
    const auto position = static_cast<float>((i + 0.5) * scale - 0.5);
    const int index = static_cast<int>(std::floor(position));
    AppendClamped(axis, span.source, index - before, weights(position - static_cast<float>(index)));
  }
  return axis;
}

double Sinc(double x) { return x == 0 ? 1 : std::sin(x * kPi) / (x * kPi); }

/// A filter of Pillow: its half width, and its value at a distance.
struct PilFilter {
  double support;
  double (*value)(double);
};

PilFilter PilFilterOf(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kBox:
      return {0.5, [](double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }};
    case Interpolation::kHamming:
      return {1, [](double x) {
                x = std::abs(x);
                return x >= 1 ? 0.0 : Sinc(x) * (0.54F + 0.46F * std::cos(x * kPi));
              }};
    case Interpolation::kBicubic:
      return {2, [](double x) {
                constexpr double kA = -0.5;
                x = std::abs(x);
                if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
                return x < 2 ? (((x - 5) * x + 8) * x - 4) * kA : 0.0;
              }};
    case Interpolation::kLanczos:
      return {3, [](double x) { return x >= -3 && x < 3 ? Sinc(x) * Sinc(x / 3) : 0.0; }};
    default:
      return {1, [](double x) { return std::max(1 - std::abs(x), 0.0); }};
  }
}

}  // namespace

TapAxis<std::int32_t> Cv2NearestAxis(const AxisSpan& span) {
  TapAxis<std::int32_t> axis;
  const double scale = Cv2Scale(span);
  for (int i = span.begin; i < span.begin + span.count; ++i) {
    Append(axis, std::min(static_cast<int>(std::floor(i * scale)), span.source - 1), {1});
  }
  return axis;
}

TapAxis<std::int32_t> PilNearestAxis(const AxisSpan& span) {
  TapAxis<std::int32_t> axis;
  const double scale = static_cast<double>(span.source) / span.target;
  double position = scale * 0.5;  // Pillow adds the steps up, and so does its rounding
  for (int i = 0; i < span.begin + span.count; ++i, position += scale) {
    if (i >= span.begin) Append(axis, std::min(static_cast<int>(position), span.source - 1), {1});
  }
  return axis;
}

TapAxis<std::int32_t> Cv2CubicAxis(const AxisSpan& span) { return Cv2FixedAxis(span, 1, CubicWeights); }

TapAxis<std::int32_t> Cv2LanczosAxis(const AxisSpan& span) { return Cv2FixedAxis(span, 3, LanczosWeights); }

TapAxis<std::int32_t> Cv2WholeAreaAxis(const AxisSpan& span) {
  TapAxis<std::int32_t> axis;
  const int ratio = span.source / span.target;
  const std::vector<std::int32_t> ones(static_cast<std::size_t>(ratio), 1);
  for (int i = span.begin; i < span.begin + span.count; ++i) Append(axis, i * ratio, ones);
  return axis;
}

TapAxis<float> Cv2AreaAxis(const AxisSpan& span) {
  constexpr double kNegligible = 1e-3;  // a smaller share of a pixel is left out
  TapAxis<float> axis;
  const double scale = Cv2Scale(span);
  for (int i = span.begin; i < span.begin + span.count; ++i) {
    const double left = i * scale;
    const double right = left + scale;
    const double width = std::min(scale, span.source - left);
    const int last = std::min(static_cast<int>(std::floor(right)), span.source - 1);
    const int first = std::min(static_cast<int>(std::ceil(left)), last);
    const bool shares_left = first - left > kNegligible;
    std::vector<float> weights;
    if (shares_left) weights.push_back(static_cast<float>((first - left) / width));
    weights.insert(weights.end(), static_cast<std::size_t>(last - first), static_cast<float>(1.0 / width));
    if (right - last > kNegligible) {
      weights.push_back(static_cast<float>(std::min(std::min(right - last, 1.0), width) / width));
    }
    Append(axis, shares_left ? first - 1 : first, weights);
  }
  return axis;
}

TapAxis<std::int32_t> PilFilterAxis(const AxisSpan& span, Interpolation interpolation) {
  constexpr double kOne = 1 << 22;
  const PilFilter filter = PilFilterOf(interpolation);
  const double scale = static_cast<double>(span.source) / span.target;
  const double widening = std::max(scale, 1.0);
  const double support = filter.support * widening;
  TapAxis<std::int32_t> axis;
  for (int i = span.begin; i < span.begin + span.count; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(std::floor(center - support + 0.5)), 0);
    const int end = std::min(static_cast<int>(std::floor(center + support + 0.5)), span.source);
    std::vector<double> values;
    double sum = 0;
    for (int x = first; x < end; ++x) {
      values.push_back(filter.value((x - center + 0.5) * (1.0 / widening)));
      sum += values.back();
    }
    std::vector<std::int32_t> weights;
    for (const double value : values) {
      const double share = sum != 0 ? value / sum : value;
      weights.push_back(static_cast<std::int32_t>(share * kOne + (share < 0 ? -0.5 : 0.5)));
    }
    Append(axis, first, weights);
  }
  return axis;
}

}  // namespace hrnet_native
