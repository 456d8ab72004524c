#pragma once

#include "engine/native/kernels/vec.h"

namespace hrnet_native::native {

/// An instruction set as the kernels see it. All kernels are templates of one: files that are compiled for different
/// sets then share no function of which the linker could keep the wrong one.
template <int Lanes, int Registers>
struct Arch {
  static constexpr int kLanes = Lanes;
  static constexpr int kRegisters = Registers;
  using Vec = typename VecOf<Lanes>::Type;
};

/// What every compiler makes of plain C++: on x86-64 the four lanes that each of its processors has.
struct Scalar : Arch<4, 16> {};

/// AVX2 and FMA.
struct Avx2 : Arch<8, 16> {};

/// AVX-512 F, BW, DQ and VL.
struct Avx512 : Arch<16, 32> {};

/// The vectors of AArch64.
struct Neon : Arch<4, 32> {};

}  // namespace hrnet_native::native
