#pragma once

namespace hrnet_native::native {

/// What a layer does to its sums.
enum class Activation { kNone, kRelu, kSigmoid };

}  // namespace hrnet_native::native
