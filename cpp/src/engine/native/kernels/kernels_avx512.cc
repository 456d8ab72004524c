#include "engine/native/kernels/arch.h"
#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {

const KernelSet kAvx512Kernels = MakeKernelSet<Avx512>(Isa::kAvx512);

}  // namespace hrnet_native::native
