#include "engine/native/kernels/arch.h"
#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {

const KernelSet kScalarKernels = MakeKernelSet<Scalar>(Isa::kScalar);

}  // namespace hrnet_native::native
