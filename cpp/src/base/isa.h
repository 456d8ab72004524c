#pragma once

namespace hrnet_native {

/// Instruction sets that kernels are written for, each including the ones before it on its architecture.
enum class Isa { kScalar, kAvx2, kAvx512, kNeon };

/// Whether this CPU has an instruction set.
bool CpuHas(Isa isa);

/// Whether this is an x86-64 CPU with AVX, for which there are no kernels of our own, but Paddle's.
bool CpuHasAvx();

/// The fastest instruction set of this CPU, or the one that HRNET_NATIVE_ISA (scalar, avx2, avx512, neon) names.
/// Throws Error: kInvalidArgument for an unknown word, kUnsupported for one that this CPU lacks.
Isa SelectedIsa();

}  // namespace hrnet_native
