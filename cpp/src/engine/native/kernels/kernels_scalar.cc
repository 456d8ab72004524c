#include "engine/native/kernels/kernel_set.h"

namespace hrnet_native::native {
namespace {

/// What every compiler makes of plain C++: on x86-64 the four lanes that each of its processors has.
struct Scalar : Arch<4, 16> {};

}  // namespace

const KernelSet kScalarKernels = MakeKernelSet<Scalar>(Isa::kScalar);

}  // namespace hrnet_native::native
