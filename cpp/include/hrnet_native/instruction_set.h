#pragma once

#include "hrnet_native/export.h"

namespace hrnet_native {

/// The instruction set that kernels run on: "scalar", "avx2", "avx512" or "neon"; the fastest for this CPU, or the one
/// that HRNET_NATIVE_ISA names. Throws Error kInvalidArgument or kUnsupported if that is none, or not this CPU's.
HRNET_NATIVE_EXPORT const char* InstructionSet();

}  // namespace hrnet_native
