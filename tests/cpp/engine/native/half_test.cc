#include "engine/native/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace hrnet_native::native {
namespace {

TEST(Half, EveryValueIsWhatTheFormatSays) {
  for (std::uint32_t half = 0; half <= 0xFFFF; ++half) {
    const int exponent = (half >> 10) & 31;
    const int fraction = half & 1023;
    const float value = FromHalf(static_cast<std::uint16_t>(half));
    ASSERT_EQ(std::signbit(value), half >> 15 != 0) << half;
    if (exponent == 31) {
      ASSERT_TRUE(fraction == 0 ? std::isinf(value) : std::isnan(value)) << half;
      continue;
    }
    const double expected = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(std::fabs(static_cast<double>(value)), expected) << half;
  }
}

}  // namespace
}  // namespace hrnet_native::native
