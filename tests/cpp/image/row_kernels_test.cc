#include "image/row_kernels.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

/// The kernels of this CPU other than the scalar ones; none on a CPU that runs only those.
std::vector<const RowKernels*> VectorKernels() {
  const RowKernels& best = RowKernelsFor(SelectedIsa());
  if (&best == &kScalarRowKernels) return {};
  return {&best};
}

TEST(RowKernels, VectorResizeEqualsScalar) {
  std::mt19937 random(1);
  for (const RowKernels* kernels : VectorKernels()) {
    for (int round = 0; round < 500; ++round) {
      const int source = std::uniform_int_distribution(1, 700)(random);
      const int target = std::uniform_int_distribution(1, 400)(random);
      const int begin = std::uniform_int_distribution(0, target - 1)(random);
      const ResizeAxis axis = MakeResizeAxis({source, target, begin, target - begin}, NeighbourRule::kCenters, true);
      // Exactly as long as the row: an address sanitizer sees a read past its end.
      std::vector<std::uint8_t> row(static_cast<std::size_t>(source) * 3);
      for (auto& value : row) value = static_cast<std::uint8_t>(random());
      const auto values = static_cast<std::size_t>(axis.size()) * 3;
      std::vector<std::int16_t> expected(values);
      std::vector<std::int16_t> actual(values);
      kScalarRowKernels.resize(row.data(), axis, {expected.data(), axis.size()});
      kernels->resize(row.data(), axis, {actual.data(), axis.size()});
      ASSERT_EQ(actual, expected) << source << " -> " << target << " from " << begin;
    }
  }
}

TEST(RowKernels, VectorBlendEqualsScalar) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int> pixel(0, 255 * 128);
  const Normalisation normalisation{1.0F / 255.0F, 0.485F, 0.229F};
  for (const RowKernels* kernels : VectorKernels()) {
    for (int count = 1; count < 200; ++count) {
      const auto size = static_cast<std::size_t>(count);
      std::vector<std::int16_t> top(size);
      std::vector<std::int16_t> bottom(size);
      for (auto& value : top) value = static_cast<std::int16_t>(pixel(random));
      for (auto& value : bottom) value = static_cast<std::int16_t>(pixel(random));
      const int share = std::uniform_int_distribution(0, 2048)(random);
      const std::int16_t weights[] = {static_cast<std::int16_t>(share), static_cast<std::int16_t>(2048 - share)};
      std::vector<float> expected(size);
      std::vector<float> actual(size);
      kScalarRowKernels.blend(top.data(), bottom.data(), weights, normalisation, count, expected.data());
      kernels->blend(top.data(), bottom.data(), weights, normalisation, count, actual.data());
      ASSERT_EQ(std::memcmp(actual.data(), expected.data(), size * sizeof(float)), 0) << count;
    }
  }
}

TEST(SelectedIsa, FollowsTheEnvironment) {
  setenv("HRNET_NATIVE_ISA", "scalar", 1);
  EXPECT_EQ(SelectedIsa(), Isa::kScalar);
  setenv("HRNET_NATIVE_ISA", "sse9", 1);
  ExpectError(ErrorCode::kInvalidArgument, "sse9", [] { SelectedIsa(); });
#if defined(__x86_64__)
  setenv("HRNET_NATIVE_ISA", "neon", 1);
  ExpectError(ErrorCode::kUnsupported, "neon", [] { SelectedIsa(); });
#endif
  unsetenv("HRNET_NATIVE_ISA");
}

#if defined(__x86_64__)
TEST(SelectedIsa, IsTheFastestNotTheWidest) {
  if (!CpuHas(Isa::kAvx2)) {
    EXPECT_EQ(SelectedIsa(), Isa::kScalar);
  } else if (!CpuHas(Isa::kAvx512) || __builtin_cpu_is("amdfam19h") != 0) {  // Zen 4 halves what is wider
    EXPECT_EQ(SelectedIsa(), Isa::kAvx2);
  } else {
    EXPECT_EQ(SelectedIsa(), Isa::kAvx512);
  }
  setenv("HRNET_NATIVE_ISA", "avx2", 1);
  if (CpuHas(Isa::kAvx2)) {
    EXPECT_EQ(SelectedIsa(), Isa::kAvx2);
  }
  unsetenv("HRNET_NATIVE_ISA");
}
#endif

}  // namespace
}  // namespace hrnet_native
