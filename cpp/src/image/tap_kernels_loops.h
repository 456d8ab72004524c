#pragma once

// The loops of TapKernels. Each instruction set's file includes them once and is compiled for it: the compiler makes
// vectors of them. Nothing here may call a function that other files share, or the linker could pick the copy that
// an older CPU lacks; so no templates of the standard library.
#include <cmath>

#include "image/tap_kernels.h"

namespace hrnet_native {
namespace {

template <typename Value>
void SumColumns(const std::uint8_t* row, const Taps<Value>& taps, Planes<Value> out) {
  for (int x = 0; x < taps.size; ++x) {
    const std::uint8_t* pixel = row + std::ptrdiff_t{3} * taps.first[x];
    const Value* weights = taps.weights + taps.offset[x];
    Value sums[3] = {0, 0, 0};
    for (int i = 0; i < taps.count[x]; ++i, pixel += 3) {
      for (int c = 0; c < 3; ++c) sums[c] += static_cast<Value>(pixel[c]) * weights[i];
    }
    for (int c = 0; c < 3; ++c) out.values[c * out.stride + x] = sums[c];
  }
}

template <typename Value, typename Weight>
void SumRows(const Value* const* rows, const Weight* weights, int taps, int count, Weight* sums) {
  for (int x = 0; x < count; ++x) sums[x] = static_cast<Weight>(rows[0][x]) * weights[0];
  for (int i = 1; i < taps; ++i) {
    const Value* row = rows[i];
    const Weight weight = weights[i];
    for (int x = 0; x < count; ++x) sums[x] += static_cast<Weight>(row[x]) * weight;
  }
}

inline std::int32_t Shifted(std::int32_t value) {
  const std::int32_t rounded = (value + (1 << 21)) >> 22;
  const std::int32_t positive = rounded < 0 ? 0 : rounded;
  return positive > 255 ? 255 : positive;
}

inline float Nearest(float value) {
  const float rounded = __builtin_rintf(value);
  const float positive = rounded < 0 ? 0 : rounded;
  return positive > 255 ? 255 : positive;
}

inline float Normalised(float value, const Normalisation& n) { return (value * n.scale - n.mean) / n.std; }

void RoundInPlace(std::int32_t* values, std::ptrdiff_t count) {
  for (std::ptrdiff_t x = 0; x < count; ++x) values[x] = Shifted(values[x]);
}

void SumRowsOfBytes(const std::uint8_t* const* rows, const std::int32_t* weights, int taps, int count,
                    std::int32_t* sums, std::uint8_t* out) {
  SumRows(rows, weights, taps, count, sums);
  for (int x = 0; x < count; ++x) out[x] = static_cast<std::uint8_t>(Shifted(sums[x]));
}

void Finish(const std::int32_t* sums, Rounding rounding, float factor, const Normalisation& normalisation, int count,
            float* out) {
  switch (rounding) {
    case Rounding::kNone:
      for (int x = 0; x < count; ++x) out[x] = Normalised(static_cast<float>(sums[x]), normalisation);
      break;
    case Rounding::kShift22:
      for (int x = 0; x < count; ++x) out[x] = Normalised(static_cast<float>(Shifted(sums[x])), normalisation);
      break;
    case Rounding::kQuarter:
      for (int x = 0; x < count; ++x) out[x] = Normalised(static_cast<float>((sums[x] + 2) >> 2), normalisation);
      break;
    case Rounding::kScaled:
      for (int x = 0; x < count; ++x) {
        out[x] = Normalised(Nearest(static_cast<float>(sums[x]) * factor), normalisation);
      }
      break;
  }
}

void FinishFloat(const float* sums, const Normalisation& normalisation, int count, float* out) {
  for (int x = 0; x < count; ++x) out[x] = Normalised(Nearest(sums[x]), normalisation);
}

constexpr TapKernels kLoops = {SumColumns<std::int32_t>, SumColumns<float>, RoundInPlace, SumRowsOfBytes,
                               SumRows<std::int32_t>,    SumRows<float>,    Finish,       FinishFloat};

}  // namespace
}  // namespace hrnet_native
