// Compiled for AVX2; called only after a CPU test.
#include "image/tap_kernels_loops.h"

namespace hrnet_native {

const TapKernels kAvx2TapKernels = kLoops;

}  // namespace hrnet_native
