#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {
namespace {

/// The vectors of AArch64.
struct Neon : Arch<4, 32> {};

}  // namespace

const KernelSet kNeonKernels = MakeKernelSet<Neon>(Isa::kNeon);

}  // namespace hrnet_native::native
