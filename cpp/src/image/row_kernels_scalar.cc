#include <algorithm>

#include "image/row_kernels.h"

namespace hrnet_native {

void ResizeRowScalar(const std::uint8_t* row, const ResizeAxis& columns, int begin, PlanarRow out) {
  for (int x = begin; x < columns.size(); ++x) {
    const auto i = static_cast<std::size_t>(x);
    const std::uint8_t* left = row + std::ptrdiff_t{3} * columns.first[i];
    const std::uint8_t* right = row + std::ptrdiff_t{3} * columns.second[i];
    const std::int16_t* weights = &columns.weights[2 * i];
    for (int c = 0; c < 3; ++c) {
      out.values[c * out.stride + x] = static_cast<std::int16_t>((left[c] * weights[0] + right[c] * weights[1]) >> 4);
    }
  }
}

void BlendAndNormaliseScalar(const std::int16_t* top, const std::int16_t* bottom, const std::int16_t* weights,
                             const Normalisation& normalisation, int begin, int count, float* out) {
  for (int x = begin; x < count; ++x) {
    const int sum = ((top[x] * weights[0]) >> 16) + ((bottom[x] * weights[1]) >> 16);
    const auto value = static_cast<float>(std::min((sum + 2) >> 2, 255));
    out[x] = (value * normalisation.scale - normalisation.mean) / normalisation.std;
  }
}

namespace {

void ResizeRow(const std::uint8_t* row, const ResizeAxis& columns, PlanarRow out) {
  ResizeRowScalar(row, columns, 0, out);
}

void BlendAndNormalise(const std::int16_t* top, const std::int16_t* bottom, const std::int16_t* weights,
                       const Normalisation& normalisation, int count, float* out) {
  BlendAndNormaliseScalar(top, bottom, weights, normalisation, 0, count, out);
}

}  // namespace

const RowKernels kScalarRowKernels = {ResizeRow, BlendAndNormalise};

const RowKernels& RowKernelsFor(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx2 || isa == Isa::kAvx512) return kAvx2RowKernels;
#endif
  static_cast<void>(isa);
  return kScalarRowKernels;
}

}  // namespace hrnet_native
