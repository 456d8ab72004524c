#pragma once

#include "paddle/phi/common/place.h"

namespace hrnet_native {

/// Throws if Paddle's kernels do not run on this GPU. A Paddle without machine code for it launches nothing and reports
/// nothing: what was in the memory before is the answer. Paddle must have made a predictor on this GPU.
void RequireKernels(const phi::Place& gpu);

}  // namespace hrnet_native
