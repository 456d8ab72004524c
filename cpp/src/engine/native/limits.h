#pragma once

namespace hrnet_native::native {

/// Most rows, columns or channels of anything: far beyond any image network, and small enough that products of a few of
/// them fit 64 bits.
constexpr int kMaxSide = 1 << 16;

}  // namespace hrnet_native::native
