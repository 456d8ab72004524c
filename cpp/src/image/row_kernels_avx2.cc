// Compiled for AVX2; called only after a CPU test.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "image/row_kernels.h"

namespace hrnet_native {
namespace {

constexpr int kPixels = 8;  // of a step: one 32-bit load each

/// Four bytes at row + 3 * index, for eight pixels: R, G, B and one byte of the next pixel.
__m256i GatherPixels(const std::uint8_t* row, const std::int32_t* indices) {
  const __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(indices));
  const __m256i offset = _mm256_add_epi32(index, _mm256_slli_epi32(index, 1));
  return _mm256_i32gather_epi32(reinterpret_cast<const int*>(row), offset, 1);
}

/// Outputs whose four-byte loads stay inside the row: the right neighbour is not the row's last pixel.
int SafeCount(const ResizeAxis& columns, int last_pixel) {
  const auto end = std::lower_bound(columns.second.begin(), columns.second.end(), last_pixel);
  return static_cast<int>(end - columns.second.begin());
}

void ResizeRow(const std::uint8_t* row, const ResizeAxis& columns, PlanarRow out) {
  const __m256i byte = _mm256_set1_epi32(0xFF);
  // Right neighbours never decrease, so the last one is the right-most pixel that this row reads.
  const int safe = SafeCount(columns, columns.second.back());
  int x = 0;
  for (; x + kPixels <= safe; x += kPixels) {
    const __m256i left = GatherPixels(row, &columns.first[static_cast<std::size_t>(x)]);
    const __m256i right = GatherPixels(row, &columns.second[static_cast<std::size_t>(x)]);
    const __m256i weights =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(&columns.weights[2 * static_cast<std::size_t>(x)]));
    for (int c = 0; c < 3; ++c) {
      const __m256i l = _mm256_and_si256(_mm256_srli_epi32(left, 8 * c), byte);
      const __m256i r = _mm256_and_si256(_mm256_srli_epi32(right, 8 * c), byte);
      const __m256i pair = _mm256_or_si256(l, _mm256_slli_epi32(r, 16));
      const __m256i sum = _mm256_srai_epi32(_mm256_madd_epi16(pair, weights), 4);
      const __m128i packed = _mm_packs_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out.values + c * out.stride + x), packed);
    }
  }
  ResizeRowScalar(row, columns, x, out);
}

__m256 Normalise(__m128i values, __m256 scale, __m256 mean, __m256 std) {
  const __m256 pixels = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(values));
  return _mm256_div_ps(_mm256_sub_ps(_mm256_mul_ps(pixels, scale), mean), std);
}

void BlendAndNormalise(const std::int16_t* top, const std::int16_t* bottom, const std::int16_t* weights,
                       const Normalisation& normalisation, int count, float* out) {
  const __m256i top_weight = _mm256_set1_epi16(weights[0]);
  const __m256i bottom_weight = _mm256_set1_epi16(weights[1]);
  const __m256i two = _mm256_set1_epi16(2);
  const __m256i white = _mm256_set1_epi16(255);
  const __m256 scale = _mm256_set1_ps(normalisation.scale);
  const __m256 mean = _mm256_set1_ps(normalisation.mean);
  const __m256 std = _mm256_set1_ps(normalisation.std);
  int x = 0;
  for (; x + 16 <= count; x += 16) {
    const __m256i t = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(top + x));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bottom + x));
    const __m256i sum = _mm256_add_epi16(_mm256_mulhi_epi16(t, top_weight), _mm256_mulhi_epi16(b, bottom_weight));
    const __m256i values = _mm256_min_epi16(_mm256_srai_epi16(_mm256_add_epi16(sum, two), 2), white);
    _mm256_storeu_ps(out + x, Normalise(_mm256_castsi256_si128(values), scale, mean, std));
    _mm256_storeu_ps(out + x + 8, Normalise(_mm256_extracti128_si256(values, 1), scale, mean, std));
  }
  BlendAndNormaliseScalar(top, bottom, weights, normalisation, x, count, out);
}

}  // namespace

const RowKernels kAvx2RowKernels = {ResizeRow, BlendAndNormalise};

}  // namespace hrnet_native
