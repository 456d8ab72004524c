#include "base/histogram.h"

#include <gtest/gtest.h>

namespace hrnet_native {
namespace {

TEST(Histogram, QuantilesAreWithinAnEighthOfAPowerOfTwo) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0U);
  for (std::uint64_t ns = 1; ns <= 100'000; ++ns) histogram.Add(ns);
  for (const double fraction : {0.1, 0.5, 0.9, 0.99, 1.0}) {
    const double expected = fraction * 100'000;
    EXPECT_NEAR(static_cast<double>(histogram.Quantile(fraction)), expected, 0.0625 * expected);
  }
  EXPECT_EQ(histogram.count(), 100'000U);
  EXPECT_EQ(histogram.total_ns(), 5'000'050'000U);
}

TEST(Histogram, ValuesOfEverySizeHaveABucket) {
  for (unsigned power = 0; power < 64; ++power) {
    Histogram histogram;
    histogram.Add(std::uint64_t{1} << power);
    const double expected = static_cast<double>(std::uint64_t{1} << (power < 42 ? power : 42));
    EXPECT_NEAR(static_cast<double>(histogram.Quantile(0.5)), expected, 0.0625 * expected);
  }
}

}  // namespace
}  // namespace hrnet_native
