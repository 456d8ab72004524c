#include "engine/native/kernels/arch.h"
#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {

const KernelSet kAvx2Kernels = MakeKernelSet<Avx2>(Isa::kAvx2);

}  // namespace hrnet_native::native
