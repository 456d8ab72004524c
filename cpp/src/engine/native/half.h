#pragma once

#include <cstdint>

namespace hrnet_native::native {

/// IEEE 754's binary16 as float32, which has all of its values.
float FromHalf(std::uint16_t half);

}  // namespace hrnet_native::native
