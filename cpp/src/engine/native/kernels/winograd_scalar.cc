#include "engine/native/kernels/arch.h"
#include "engine/native/kernels/winograd.h"

namespace hrnet_native::native {

template void WinogradKernel<Scalar>(WinogradForm form, const WinogradArgs& args, Range tiles, Range groups,
                                     void* scratch);

}  // namespace hrnet_native::native
