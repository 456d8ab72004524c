#pragma once

#include <cstddef>
#include <cstdint>

#include "base/isa.h"
#include "image/resize_axis.h"

namespace hrnet_native {

/// A resized row before it is blended with its neighbour: three planes of `stride` values in units of 1/128.
/// This is OpenCV's intermediate (units of 1/2048 in 32 bits), already shifted as its vertical pass does first.
struct PlanarRow {
  std::int16_t* values;
  std::ptrdiff_t stride;
};

/// How an 8-bit value becomes the network's input: (value * scale - mean) / std, in this order, each step rounded to
/// float32 as NumPy does.
struct Normalisation {
  float scale;
  float mean;
  float std;
};

/// The two inner loops of preprocessing, for one instruction set. All sets give the same bits.
struct RowKernels {
  /// Resizes one row of packed 3-channel pixels horizontally.
  void (*resize)(const std::uint8_t* row, const ResizeAxis& columns, PlanarRow out);

  /// Blends two values of one channel vertically with weights in units of 1/2048, rounds to 8 bits, and normalises.
  void (*blend)(const std::int16_t* top, const std::int16_t* bottom, const std::int16_t* weights,
                const Normalisation& normalisation, int count, float* out);
};

/// The kernels for an instruction set; where none are written for it, those for the nearest lesser one.
const RowKernels& RowKernelsFor(Isa isa);

extern const RowKernels kScalarRowKernels;
#if defined(__x86_64__)
extern const RowKernels kAvx2RowKernels;
#endif

// The scalar form from output `begin` on; vector kernels finish their rows with it.
void ResizeRowScalar(const std::uint8_t* row, const ResizeAxis& columns, int begin, PlanarRow out);
void BlendAndNormaliseScalar(const std::int16_t* top, const std::int16_t* bottom, const std::int16_t* weights,
                             const Normalisation& normalisation, int begin, int count, float* out);

}  // namespace hrnet_native
