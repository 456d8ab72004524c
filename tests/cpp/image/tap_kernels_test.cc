#include "image/tap_kernels.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "image/tap_axis.h"

namespace hrnet_native {
namespace {

template <typename Value>
std::vector<Value> Noise(std::mt19937& random, std::size_t size, int least, int most) {
  std::vector<Value> values(size);
  for (Value& value : values) value = static_cast<Value>(std::uniform_int_distribution<int>(least, most)(random));
  return values;
}

template <typename Value>
void ExpectSame(const std::vector<Value>& actual, const std::vector<Value>& expected) {
  ASSERT_EQ(std::memcmp(actual.data(), expected.data(), actual.size() * sizeof(Value)), 0);
}

class TapKernelsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (&best_ == &kScalarTapKernels) GTEST_SKIP() << "this CPU runs the scalar kernels only";
  }

  const TapKernels& scalar_ = kScalarTapKernels;
  const TapKernels& best_ = TapKernelsFor(SelectedIsa());
  const Normalisation normalisation_{1.0F / 255.0F, 0.485F, 0.229F};
  std::mt19937 random_{3};
};

TEST_F(TapKernelsTest, ColumnsEqualScalar) {
  for (int round = 0; round < 200; ++round) {
    const int source = std::uniform_int_distribution(1, 500)(random_);
    const int target = std::uniform_int_distribution(1, 300)(random_);
    const auto row = Noise<std::uint8_t>(random_, static_cast<std::size_t>(source) * 3, 0, 255);
    const AxisSpan span{source, target, 0, target};
    const std::size_t values = static_cast<std::size_t>(target) * 3;
    for (const auto& axis : {Cv2LanczosAxis(span), PilFilterAxis(span, Interpolation::kBicubic)}) {
      std::vector<std::int32_t> expected(values);
      std::vector<std::int32_t> actual(values);
      scalar_.columns(row.data(), TapsOf(axis), {expected.data(), target});
      best_.columns(row.data(), TapsOf(axis), {actual.data(), target});
      ExpectSame(actual, expected);
    }
    if (source < target) continue;
    const TapAxis<float> area = Cv2AreaAxis(span);
    std::vector<float> expected(values);
    std::vector<float> actual(values);
    scalar_.columns_float(row.data(), TapsOf(area), {expected.data(), target});
    best_.columns_float(row.data(), TapsOf(area), {actual.data(), target});
    ExpectSame(actual, expected);
  }
}

TEST_F(TapKernelsTest, RowsEqualScalar) {
  constexpr int kTaps = 5;
  for (int count = 1; count < 100; ++count) {
    const auto size = static_cast<std::size_t>(count);
    std::vector<std::vector<std::int32_t>> whole;
    std::vector<std::vector<float>> floats;
    std::vector<std::vector<std::uint8_t>> bytes;
    const std::int32_t* whole_rows[kTaps];
    const float* float_rows[kTaps];
    const std::uint8_t* byte_rows[kTaps];
    for (int i = 0; i < kTaps; ++i) {
      whole.push_back(Noise<std::int32_t>(random_, size, -60000, 600000));
      floats.push_back(Noise<float>(random_, size, 0, 255));
      bytes.push_back(Noise<std::uint8_t>(random_, size, 0, 255));
    }
    for (std::size_t i = 0; i < kTaps; ++i) {
      whole_rows[i] = whole[i].data();
      float_rows[i] = floats[i].data();
      byte_rows[i] = bytes[i].data();
    }
    const std::int32_t weights[kTaps] = {-150, 600, 1300, 500, -202};
    const std::int32_t fine_weights[kTaps] = {-150000, 1600000, 2100000, 800000, -155696};
    const float float_weights[kTaps] = {0.1F, 0.3F, 0.3F, 0.25F, 0.05F};
    std::vector<std::int32_t> sums[2] = {std::vector<std::int32_t>(size), std::vector<std::int32_t>(size)};
    std::vector<float> float_sums[2] = {std::vector<float>(size), std::vector<float>(size)};
    std::vector<std::uint8_t> rounded[2] = {std::vector<std::uint8_t>(size), std::vector<std::uint8_t>(size)};
    const TapKernels* kernels[2] = {&scalar_, &best_};
    for (std::size_t k = 0; k < 2; ++k) {
      kernels[k]->rows_of_bytes(byte_rows, fine_weights, kTaps, count, sums[k].data(), rounded[k].data());
      kernels[k]->rows(whole_rows, weights, kTaps, count, sums[k].data());
      kernels[k]->rows_float(float_rows, float_weights, kTaps, count, float_sums[k].data());
    }
    ExpectSame(rounded[1], rounded[0]);
    ExpectSame(sums[1], sums[0]);
    ExpectSame(float_sums[1], float_sums[0]);
    for (const Rounding rounding : {Rounding::kNone, Rounding::kShift22, Rounding::kQuarter, Rounding::kScaled}) {
      std::vector<float> out[2] = {std::vector<float>(size), std::vector<float>(size)};
      for (std::size_t k = 0; k < 2; ++k) {
        kernels[k]->finish(sums[0].data(), rounding, 1e-6F, normalisation_, count, out[k].data());
      }
      ExpectSame(out[1], out[0]);
    }
    std::vector<float> out[2] = {std::vector<float>(size), std::vector<float>(size)};
    for (std::size_t k = 0; k < 2; ++k) {
      kernels[k]->finish_float(float_sums[0].data(), normalisation_, count, out[k].data());
      kernels[k]->round(sums[k].data(), count);
    }
    ExpectSame(out[1], out[0]);
    ExpectSame(sums[1], sums[0]);
  }
}

}  // namespace
}  // namespace hrnet_native
