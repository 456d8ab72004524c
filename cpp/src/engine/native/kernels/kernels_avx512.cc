#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {
namespace {

/// AVX-512 F, BW, DQ and VL.
struct Avx512 : Arch<16, 32> {};

}  // namespace

const KernelSet kAvx512Kernels = MakeKernelSet<Avx512>(Isa::kAvx512);

}  // namespace hrnet_native::native
