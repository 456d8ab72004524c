#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {
namespace {

/// AVX2 and FMA.
struct Avx2 : Arch<8, 16> {};

}  // namespace

const KernelSet kAvx2Kernels = MakeKernelSet<Avx2>(Isa::kAvx2);

}  // namespace hrnet_native::native
