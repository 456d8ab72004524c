#pragma once

#include <cstddef>
#include <cstdint>

#include "base/isa.h"
#include "image/row_kernels.h"
#include "image/tap_axis.h"

namespace hrnet_native {

/// How a sum over rows becomes an 8-bit value.
enum class Rounding {
  kNone,     ///< It is one.
  kShift22,  ///< Units of 1/2^22, half up, clipped.
  kQuarter,  ///< Of four pixels, half up.
  kScaled,   ///< Times a float, half to even, clipped.
};

/// One axis's taps as the kernels read them.
template <typename Weight>
struct Taps {
  const std::int32_t* first;
  const std::int32_t* count;
  const std::size_t* offset;
  const Weight* weights;
  int size;
};

/// Points into the axis.
template <typename Weight>
Taps<Weight> TapsOf(const TapAxis<Weight>& axis) {
  return {axis.first.data(), axis.count.data(), axis.offset.data(), axis.weights.data(), axis.size()};
}

/// A row of three planes, `stride` values apart.
template <typename Value>
struct Planes {
  Value* values;
  std::ptrdiff_t stride;
};

/// The inner loops of resizing by taps, for one instruction set. All sets give the same bits: whole numbers are exact,
/// and floats are multiplied and added in the order of the taps, without fusing.
struct TapKernels {
  /// Sums up the columns' taps of one row of packed 3-channel pixels.
  void (*columns)(const std::uint8_t* row, const Taps<std::int32_t>& taps, Planes<std::int32_t> out);
  void (*columns_float)(const std::uint8_t* row, const Taps<float>& taps, Planes<float> out);

  /// Rounds sums to 8 bits in place (Rounding::kShift22).
  void (*round)(std::int32_t* values, std::ptrdiff_t count);

  /// Sums up rows of bytes, and rounds as above: out[x] = rows[0][x] * weights[0] + ... `sums` is scratch.
  void (*rows_of_bytes)(const std::uint8_t* const* rows, const std::int32_t* weights, int taps, int count,
                        std::int32_t* sums, std::uint8_t* out);

  /// sums[x] = rows[0][x] * weights[0] + rows[1][x] * weights[1] + ...
  void (*rows)(const std::int32_t* const* rows, const std::int32_t* weights, int taps, int count, std::int32_t* sums);
  void (*rows_float)(const float* const* rows, const float* weights, int taps, int count, float* sums);

  /// Rounds to 8 bits and normalises. `factor` is used by Rounding::kScaled only, which is the float form's one.
  void (*finish)(const std::int32_t* sums, Rounding rounding, float factor, const Normalisation& normalisation,
                 int count, float* out);
  void (*finish_float)(const float* sums, const Normalisation& normalisation, int count, float* out);
};

/// The kernels for an instruction set; where none are compiled for it, those for the nearest lesser one.
const TapKernels& TapKernelsFor(Isa isa);

extern const TapKernels kScalarTapKernels;
#if defined(__x86_64__)
extern const TapKernels kAvx2TapKernels;
#endif

}  // namespace hrnet_native
