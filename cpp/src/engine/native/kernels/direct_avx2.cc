#include "engine/native/kernels/arch.h"
#include "engine/native/kernels/direct.h"

namespace hrnet_native::native {

template void DirectKernel<Avx2>(const DirectArgs& args, Range pixels, Range groups);

}  // namespace hrnet_native::native
