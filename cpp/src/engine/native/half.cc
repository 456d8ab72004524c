#include "engine/native/half.h"

#include <cstring>

namespace hrnet_native::native {

float FromHalf(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t magnitude = half & 0x7FFFU;
  std::uint32_t bits = 0;
  if (magnitude < 0x0400U) {  // zero, or without a leading one: multiples of 2^-24
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    std::memcpy(&bits, &value, sizeof bits);
  } else {
    constexpr std::uint32_t kBias = (127U - 15U) << 23;
    bits = (magnitude << 13) + kBias;
    if (magnitude >= 0x7C00U) bits += kBias;  // infinite, or not a number
  }
  bits |= sign;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace hrnet_native::native
