#include "image/tap_kernels_loops.h"

namespace hrnet_native {

const TapKernels kScalarTapKernels = kLoops;

const TapKernels& TapKernelsFor(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx2 || isa == Isa::kAvx512) return kAvx2TapKernels;
#endif
  static_cast<void>(isa);
  return kScalarTapKernels;
}

}  // namespace hrnet_native
