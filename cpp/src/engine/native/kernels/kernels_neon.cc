#include "engine/native/kernels/arch.h"
#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {

const KernelSet kNeonKernels = MakeKernelSet<Neon>(Isa::kNeon);

}  // namespace hrnet_native::native
