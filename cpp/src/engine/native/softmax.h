#pragma once

#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// Softmax over the channels of maps of one pixel, summed in double: it is a thousand values once, and the scores are
/// what users compare.
void Softmax(const MapView& source, const MapView& destination, int channels, int lanes, int batch);

}  // namespace hrnet_native::native
